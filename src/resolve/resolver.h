/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The resolver's parts: who waits, and what is asked for them.
 *
 * What waits belongs to the turn of one work, the resolver's, and needs no lock: an
 * answer, a deadline and a new ask come there as tasks and timers.
 */
#pragma once

#include "base/lock.h"
#include "resolve/cache.h"
#include "resolve/health.h"
#include "resolve/walk.h"

#define RESOLVER_BUCKETS 64

/** Of one ask. */
#define RESOLVER_LOOKS_MAX 32

struct sip_resolver {
	struct sip_resolver_config config;
	struct sip_hash_key key;
	struct cache *cache;
	struct health health;
	_Atomic unsigned asks; /* not freed yet */
	_Atomic bool stopping;
	_Atomic unsigned queries; /* written in turn */

	/* In turn. */
	struct ast_sip_work *work;
	struct sip_task stop;
	bool stopped;
	struct sip_list waiting;                   /* struct sip_ask */
	struct sip_list queried[RESOLVER_BUCKETS]; /* struct lookup, by its key */
};

void resolver_count(struct sip_resolver *resolver, enum sip_counter counter);

void resolver_push(
	struct sip_resolver *resolver, struct ast_sip_work *work, struct sip_task *task);

struct cache_key resolver_key(
	const struct sip_resolver *resolver, struct sip_str name, enum sip_dns_type type);

/** The walk's targets as they are handed out: those that have failed of late are last. */
void resolver_choose(struct sip_resolver *resolver, const struct walk *walk,
	struct sip_targets *targets);

/* ---- lookups: queries under way, each shared by all who wait for it ---- */

struct lookup;

/* One that an ask waits for, or has. */
struct look {
	struct sip_list link; /* of the lookup's waiting, while it has one */
	struct sip_ask *ask;
	struct lookup *lookup; /* NULL: there is a result */
	uint64_t id;           /* of name and type */
	int result;
	struct sip_dns_answer *answer; /* a reference */
};

/** In turn: wait for the answer to `key`.  0: look->lookup is set, or there is an answer
 * already; SIP_EBUSY, SIP_EMEMORY, SIP_ESTATE. */
SIP_MUST_USE int lookup_join(
	struct sip_resolver *resolver, const struct cache_key *key, struct look *look);

/** In turn: wait no more. */
void lookup_leave(struct look *look);

/** In turn: an answer beyond its time, referenced; NULL: there is none. */
SIP_MUST_USE struct sip_dns_answer *lookup_stale(const struct lookup *lookup);

/* ---- asks ---- */

/** In turn: some of its looks have a result. */
void ask_go_on(struct sip_ask *ask);

/** In turn: end all that wait, with SIP_ESTATE. */
void asks_stop(struct sip_resolver *resolver);

/** Begin to wait.  0; SIP_EBUSY, SIP_EMEMORY, SIP_ESTATE. */
SIP_MUST_USE int ask_begin(struct sip_resolver *resolver, const struct plan *plan,
	const struct sip_asker *asker, struct sip_ask **ask);
