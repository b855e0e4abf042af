/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A change of one address of record, worked out aside before it is made.
 *
 * A plan starts from the record as it is, and says for each contact what becomes
 * of it.  From it come the next record, and, once that is in its place, what to
 * tell about it.  Nothing of it is seen until then.
 *
 * Threads: belongs to the one that makes it.
 */
#pragma once

#include "location/record.h"
#include "res_sip/uri.h"

struct plan_entry {
	struct contact *before; /* borrowed from the record; NULL: it comes new */
	struct contact *after;  /* NULL: it goes; else a reference of the plan's */
	const char *what; /* `added`, `refreshed`, `removed`, `expired`; NULL: nothing to
			     tell */
	const struct ast_sip_binding
		*binding; /* of the REGISTER, that changes it; NULL: none */
	uint64_t rank;    /* the lower, the earlier among those of one q */
	bool parsed;
	bool valid; /* once parsed: `uri` holds the URI of `before` or of the binding */
	struct sip_uri uri;
};

#define PLAN_ENTRIES 4 /* most phones have one contact */

struct plan {
	struct record *record; /* what it starts from, referenced; NULL: no record */
	uint64_t now_us;
	struct plan_entry *entry;
	uint32_t count;
	uint32_t room;
	bool changed; /* the next record differs from this one */
	struct plan_entry few[PLAN_ENTRIES];
};

/**
 * Start from `record` (its reference is taken, also on failure), with room for `more`
 * contacts. What is due by now is planned to go.  SIP_EMEMORY.
 */
SIP_MUST_USE int plan_init(
	struct plan *plan, struct record *record, uint32_t more, uint64_t now_us);
void plan_fini(struct plan *plan);

/** A contact that is not there yet; there is room for it (asserted). */
struct plan_entry *plan_add(struct plan *plan);

/** Takes the reference of `after`, which may be NULL. */
void plan_set(struct plan *plan, struct plan_entry *entry, struct contact *after,
	const char *what);

/** A registered contact that is there when the plan is made; not a static or a removed
 * one. */
bool plan_is_live(const struct contact *contact);

/** The record after the change; *after NULL: nothing is left of it.  SIP_EMEMORY. */
SIP_MUST_USE int plan_record(
	struct plan *plan, struct sip_str aor, uint32_t hash, struct record **after);

/** How many registered contacts more there are after it. */
int64_t plan_growth(const struct plan *plan);
