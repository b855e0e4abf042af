/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The location store: AOR -> contacts, in memory (public side: res_sip/location.h).
 *
 * A hash of thousands of shards.  A writer holds its shard's leaf lock for one
 * whole REGISTER's change; readers use RCU.  Expiries are due times in a queue
 * of their shard; a group of shards has one work and one timer.
 *
 * Threads: any.
 */
#pragma once

#include "base/hash.h"
#include "res_sip/location.h"
#include "work/pool.h"

struct sip_location;

struct sip_location_config {
	struct sip_pool *pool; /* for the expiry timers */
	struct sip_clock *clock;
	struct sip_random *random;
	uint64_t max_contacts; /* 0: no maximum */
	uint32_t t1_ms;        /* a removed binding is remembered for 64*T1 */
	/* A contact came, changed or went (of its own or by expiry); NULL: none.  No lock
	 * is held. */
	void (*changed)(void *arg, const char *aor, const struct ast_sip_contact *contact,
		const char
			*what /* `added`, `refreshed`, `removed`, `expired`, `lost` */);
	void *changed_arg;
	/* A registered contact is at `now`; `before`: until now it was there, NULL: it is
	 * new.  Told where one comes or moves, not where it is only refreshed; NULL: to
	 * nobody.  No lock is held. */
	void (*moved)(void *arg, const char *aor, const struct sip_flow *before,
		const struct sip_flow *now);
	/* A registered contact is reached by a connection from now on: have
	 * sip_location_lose() called with `mark` when it ends.  False: it has ended.
	 * NULL: contacts outlive their connections. */
	bool (*tie)(void *arg, const struct sip_flow *flow, uint64_t mark);
	void *moved_arg; /* of both */
	/* It is time to ask a contact whether it is there; returns in how many
	 * milliseconds again, 0: never.  No lock is held; a turn of one of the location's
	 * works.  NULL: none is asked. */
	uint32_t (*ask)(
		void *arg, struct sip_str aor, const struct ast_sip_contact *contact);
	void *ask_arg;
};

SIP_MUST_USE int sip_location_create(
	const struct sip_location_config *config, struct sip_location **location);

/** After the pool stopped. */
void sip_location_destroy(struct sip_location **location);

/** From now on; those that are there stay.  0: no maximum. */
void sip_location_set_max(struct sip_location *location, uint64_t max_contacts);

/** In four steps, have the bindings of an AOR come from memory; between each two that
 * takes a while.  `hash` is the name's. */
uint64_t sip_location_hash(const struct sip_location *location, struct sip_str aor);
void sip_location_prefetch_shard(const struct sip_location *location, uint64_t hash);
void sip_location_prefetch_slot(const struct sip_location *location, uint64_t hash);
void sip_location_prefetch_record(const struct sip_location *location, uint64_t hash);
void sip_location_prefetch_contact(const struct sip_location *location, uint64_t hash);

/** The static contacts of an AOR, from the configuration, each asked every
 * `ask_every_s` seconds (0: never); one that was among them before is the same object.
 * 0, SIP_EMEMORY. */
SIP_MUST_USE int sip_location_set_static(struct sip_location *location,
	struct sip_str aor, const struct sip_str *uris, size_t count,
	uint32_t ask_every_s);

/**
 * What came of asking `contact`, or one of the same URI and flow that has taken its
 * place.
 *
 * Returns what was known before; AST_SIP_NOT_ASKED: it is gone, or at another flow by
 * now, and nothing was changed.
 */
enum ast_sip_reachability sip_location_answered(struct sip_location *location,
	struct sip_str aor, const struct ast_sip_contact *contact,
	enum ast_sip_reachability what, uint32_t rtt_us);

/**
 * The connection of `flow` has ended: who was registered by it can't be reached any more,
 * and is not found from now on.  One that has registered by another one meanwhile stays.
 * `mark`: what the location's `tie` was told.
 *
 * Where it went is remembered until the contact would have expired: who comes back in
 * mid-call is followed (config.moved).  Out of memory: the contact stays until then.
 */
void sip_location_lose(
	struct sip_location *location, const struct sip_flow *flow, uint64_t mark);

/** What res_sip/location.h says, for this store. */
SIP_MUST_USE int sip_location_find(struct sip_location *location, struct sip_str aor,
	struct ast_sip_contacts *found);
enum ast_sip_register_result sip_location_register(struct sip_location *location,
	const struct ast_sip_registration *change, struct ast_sip_contacts *now);

/** What sip_location_register() would say, and what `now` would be; nothing changes. */
enum ast_sip_register_result sip_location_rehearse(struct sip_location *location,
	const struct ast_sip_registration *change, struct ast_sip_contacts *now);

/** Every contact, for the console; each referenced while `visit` runs. */
void sip_location_each(struct sip_location *location,
	void (*visit)(
		void *arg, struct sip_str aor, const struct ast_sip_contact *contact),
	void *arg);

uint64_t sip_location_count(const struct sip_location *location);
