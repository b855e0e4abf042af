/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Call sites of task and timer functions, found by the function and whose it is: what
 * is known of one call of it is known before the next.
 *
 * Threads: any.  Sites live as long as their owner, or the table.
 */
#pragma once

#include "work/owner.h"

struct sip_site_table;

SIP_MUST_USE struct sip_site_table *sip_site_table_create(void);
void sip_site_table_destroy(struct sip_site_table **table);

/** On behalf of the running callback, or of the module that has the function in its code.
 * `what` is static.  Never NULL: functions beyond the table's size share a site. */
struct sip_call_site *sip_site_table_find(
	struct sip_pool *pool, uintptr_t function, const char *what);

/** The same, and something of its owner's that runs there has begun. */
struct sip_call_site *sip_site_table_begin(struct sip_pool *pool, uintptr_t function,
	const char *what, enum sip_pending kind);

/** Nothing of the owner runs or is to come: its sites are gone. */
void sip_site_table_forget(struct sip_site_table *table, const struct sip_owner *owner);

/** See sip_pool_each_site(). */
void sip_site_table_each(struct sip_site_table *table,
	void (*visit)(void *arg, const struct sip_call_site *site), void *arg);
