/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A budget per source: so many bad deeds in so much time, then the source waits.
 *
 * A source is an IPv4 address, or the first 64 bits of an IPv6 address (of a link-local
 * one all of them); with `exact` it is that address and port.  The table has a fixed
 * size, its places are found by a keyed hash, and what is in them ages by itself:
 * nobody has to look after it.  Each wait in a row is twice as long as the one before.
 *
 * What a deed is, and what waiting means, is the caller's: sources.h.
 *
 * Threads: any.
 */
#pragma once

#include "base/random.h"
#include "res_sip/flow.h"

#define SIP_BUDGET_LIMIT_MAX 16

struct sip_budget;

struct sip_budget_rule {
	uint32_t limit; /* deeds, at most SIP_BUDGET_LIMIT_MAX; 0: nobody ever waits */
	uint64_t period_us;
	uint64_t first_wait_us;
	uint64_t max_wait_us;
};

struct sip_budget_source {
	struct sip_addr addr; /* without a port where it is not exact */
	bool exact;
};

/** Room for 4 * `sets` sources; a power of two.  0, SIP_EMEMORY. */
SIP_MUST_USE int sip_budget_create(
	struct sip_random *random, unsigned sets, struct sip_budget **budget);
void sip_budget_destroy(struct sip_budget **budget);

/**
 * One more deed.  True: with it the source begins to wait, for *wait_us.  Deeds of one
 * that waits already do not count.
 */
bool sip_budget_spend(struct sip_budget *budget, const struct sip_budget_source *source,
	const struct sip_budget_rule *rule, uint64_t now_us, uint64_t *wait_us);

/** For how long it still waits; 0: it does not.  Takes no lock. */
uint64_t sip_budget_wait_us(const struct sip_budget *budget,
	const struct sip_budget_source *source, uint64_t now_us);

/** Nobody waits: one look, for the path of every message.  May say false wrongly. */
bool sip_budget_idle(const struct sip_budget *budget, uint64_t now_us);

/** One that waits is to be told so now: true once in `interval_us`. */
bool sip_budget_may_tell(struct sip_budget *budget,
	const struct sip_budget_source *source, uint64_t now_us, uint64_t interval_us);

/* What is known of a source. */
struct sip_budget_entry {
	struct sip_budget_source source;
	uint32_t deeds;   /* since the last wait */
	uint32_t waits;   /* in a row */
	uint64_t wait_us; /* still; 0: it does not wait */
};

/** Those in the table, at most `room`, the longest waiting first; returns how many. */
size_t sip_budget_list(struct sip_budget *budget, uint64_t now_us,
	struct sip_budget_entry *entries, size_t room);
