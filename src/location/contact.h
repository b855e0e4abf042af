/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * One binding in one block of memory: the public fields, its texts behind them.
 *
 * Four kinds share the struct: registered, static (it never expires), removed
 * (expires_s is 0: it is only remembered, until expires_at_us, so that a late copy of
 * an older REGISTER does not bring it back), and among the removed those that were lost
 * with their connection (they have a flow: where they were).
 *
 * Threads: immutable, but for the count and what asking it has told (ask.h), which are
 * atomic.
 */
#pragma once

#include "base/clock.h"
#include "location/agent.h"
#include "res_sip/location.h"

/* What all contacts of a location share. */
struct contact_kind {
	const struct sip_clock *clock;
	_Atomic uint64_t blocks; /* that exist, shown or not */
	struct agents agents;
};

struct contact {
	struct ast_sip_contact public; /* first: the public pointer is this one */
	uint64_t branch_hash;          /* of the REGISTER's topmost Via */
	struct contact_kind *kind;
	_Atomic uint32_t refs;
	_Atomic uint32_t asked;  /* what came of it: ask.h */
	_Atomic uint32_t ask_ds; /* when it is asked next: tenths of a second; 0: never */
	char text[];
};

/** Copy `values` with its texts; one reference.  `before`: one whose place it takes,
 * which has mostly the same User-Agent; NULL: none.  NULL: out of memory. */
SIP_MUST_USE struct contact *contact_create(struct contact_kind *kind,
	const struct ast_sip_contact *values, uint64_t branch_hash,
	const struct contact *before);

void contact_ref(struct contact *contact);
void contact_unref(struct contact *contact);

static inline bool contact_is_static(const struct contact *contact)
{
	return contact->public.expires_at_us == SIP_NEVER;
}

static inline bool contact_is_asked(const struct contact *contact)
{
	/* relaxed: it is one value */
	return atomic_load_explicit(&contact->ask_ds, memory_order_relaxed) != 0;
}

static inline bool contact_is_removed(const struct contact *contact)
{
	return contact->public.expires_s == 0;
}

/* No REGISTER has removed it, so none is older than that. */
static inline bool contact_is_lost(const struct contact *contact)
{
	return contact_is_removed(contact) && contact->public.flow.listener != 0;
}

static inline bool contact_is_due(const struct contact *contact, uint64_t now_us)
{
	return contact->public.expires_at_us <= now_us;
}
