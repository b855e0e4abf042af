/* SPDX-License-Identifier: BSD-2-Clause */
/** The parts of sip_server_show(), for the folder: res_sip/show.h. */
#pragma once

#include "server/modules/registry.h"
#include "server/show/gather.h"

#include "res_sip/show.h"

/* What a view works with. */
struct sip_show {
	struct sip_server *server;
	const struct sip_show_query *query;
	const struct sip_show_sink *sink;
};

/** 0, or what sip_server_show() returns. */
typedef int sip_show_fn(const struct sip_show *show);

sip_show_fn sip_show_endpoints;
sip_show_fn sip_show_endpoint;
sip_show_fn sip_show_contacts;
sip_show_fn sip_show_contact;
sip_show_fn sip_show_transports;
sip_show_fn sip_show_connections;
sip_show_fn sip_show_modules;
sip_show_fn sip_show_counters;
sip_show_fn sip_show_pool;
sip_show_fn sip_show_works;
sip_show_fn sip_show_transactions;
sip_show_fn sip_show_dialogs;
sip_show_fn sip_show_admission;
sip_show_fn sip_show_sources;
sip_show_fn sip_show_targets;

/** Rows of `show contacts`, for another view that has some: begin the table, then each.
 */
void sip_show_contacts_table(const struct sip_show *show);
void sip_show_contacts_row(const struct sip_show *show, struct sip_str aor,
	const struct ast_sip_contact *contact);

/** The tables of `show transactions`, with those that are wanted (NULL: all). */
int sip_show_gathered(const struct sip_show *show, sip_gather_fn *wanted, void *arg);

/* ---- for the views ---- */

#define SIP_SHOW_CELL 1024 /* bytes of a text, with its NUL; a longer one is cut */

void sip_show_table(const struct sip_show *show, const char *name,
	enum sip_show_shape shape, const struct sip_show_column *columns, size_t count);
void sip_show_row(const struct sip_show *show, const char *const *values);

/** A copy with a NUL behind it; returns `cell`, or NULL for an empty text. */
const char *sip_show_text(char cell[SIP_SHOW_CELL], struct sip_str text);

/** Digits into cell[24]; returns it. */
const char *sip_show_number(char *cell, uint64_t number);

/** `FILE:LINE`; NULL: not from a file. */
const char *sip_show_source(
	char cell[SIP_SHOW_CELL], const struct sip_config_source *source);

/** With commas between. */
const char *sip_show_list(char cell[SIP_SHOW_CELL], const struct sip_config_list *list);

/** A row of a table of pairs. */
void sip_show_pair(const struct sip_show *show, const char *name, uint64_t number);
