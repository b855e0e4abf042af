/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Budgets per source: see budget.h.
 *
 * Four places to a set.  A newcomer takes an empty place, else that of the source that
 * was bad longest ago and does not wait, else that of the one whose wait ends first: so
 * that many sources can push a waiting one out only by waiting themselves.
 *
 * Deeds are remembered by their times, in a ring, so that `limit` of them in `period` is
 * meant literally.
 */
#include "server/admission/budget.h"

#include "base/hash.h"
#include "base/lock.h"
#include "res_sip/error.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define WAYS  4u
#define LOCKS 64u
#define RING  SIP_BUDGET_LIMIT_MAX

/* Doubling ends before it could overflow. */
#define WAITS_MAX 16u

/* What is read without the lock is atomic; see find_waiting(). */
struct place {
	SIP_CACHE_ALIGNED _Atomic uint64_t tag; /* 0: empty */
	_Atomic uint64_t until_us;              /* it waits; 0: never did */
	_Atomic uint64_t told_us;
	/* Under the lock. */
	uint64_t latest_us; /* deed */
	struct sip_budget_source source;
	uint32_t deeds; /* since the last wait */
	uint32_t waits; /* in a row */
	uint64_t ring[RING];
};

struct sip_budget {
	struct sip_hash_key key;
	unsigned sets;
	_Atomic uint64_t idle_from_us;     /* nobody waits from then on; only grows */
	struct sip_leaf_lock locks[LOCKS]; /* each guards every LOCKS-th set */
	struct place *places;
};

int sip_budget_create(struct sip_random *random, unsigned sets, struct sip_budget **out)
{
	struct sip_budget *budget = calloc(1, sizeof(*budget));

	SIP_ASSERT(sets > 0 && (sets & (sets - 1)) == 0);
	if (budget == NULL)
		return SIP_EMEMORY;
	budget->sets = sets;
	budget->places = aligned_alloc(
		SIP_CACHE_LINE, (size_t)sets * WAYS * sizeof(struct place));
	if (budget->places == NULL) {
		free(budget);
		return SIP_EMEMORY;
	}
	memset(budget->places, 0, (size_t)sets * WAYS * sizeof(struct place));
	for (size_t i = 0; i < LOCKS; i++)
		sip_leaf_lock_init(&budget->locks[i]);
	sip_random_bytes(random, &budget->key, sizeof(budget->key));
	*out = budget;
	return 0;
}

void sip_budget_destroy(struct sip_budget **place)
{
	struct sip_budget *budget = *place;

	*place = NULL;
	if (budget == NULL)
		return;
	for (size_t i = 0; i < LOCKS; i++)
		sip_leaf_lock_fini(&budget->locks[i]);
	free(budget->places);
	free(budget);
}

/*
 * Who gets a /64 from his provider has all of its addresses; a link-local prefix is
 * everybody's.  An IPv4 address in IPv6 is that IPv4 address, or all of them would be one
 * source.
 */
static struct sip_str host_bytes(const struct sip_addr *addr)
{
	const struct in6_addr *v6 = &addr->v6.sin6_addr;
	const char *bytes = (const char *)v6;

	if (addr->sa.sa_family != AF_INET6)
		return (struct sip_str){ (const char *)&addr->v4.sin_addr, 4 };
	if (IN6_IS_ADDR_V4MAPPED(v6))
		return (struct sip_str){ bytes + 12, 4 };
	return (struct sip_str){ bytes, IN6_IS_ADDR_LINKLOCAL(v6) ? 16 : 8 };
}

static uint64_t tag_of(
	const struct sip_budget *budget, const struct sip_budget_source *source)
{
	struct sip_str host = host_bytes(&source->addr);
	uint16_t port = source->exact ? sip_addr_port(&source->addr) : 0;
	char bytes[19];

	memcpy(bytes, host.ptr, host.len);
	memcpy(bytes + host.len, &port, sizeof(port));
	bytes[host.len + sizeof(port)] = (char)source->exact;
	return sip_hash(&budget->key, bytes, host.len + sizeof(port) + 1) | 1;
}

static size_t set_of(const struct sip_budget *budget, uint64_t tag)
{
	return (tag >> 8) & (budget->sets - 1);
}

static uint64_t until_of(const struct place *place)
{
	return atomic_load_explicit(&place->until_us, memory_order_relaxed); /* locked */
}

static uint64_t tag_at(const struct place *place)
{
	return atomic_load_explicit(&place->tag, memory_order_relaxed); /* locked */
}

/* a is given up rather than b. */
static bool is_cheaper(const struct place *a, const struct place *b, uint64_t now_us)
{
	bool a_waits = until_of(a) > now_us;
	bool b_waits = until_of(b) > now_us;

	if (a_waits != b_waits)
		return b_waits;
	return a_waits ? until_of(a) < until_of(b) : a->latest_us < b->latest_us;
}

/* The source's place, or the one that it gets.  Locked. */
static struct place *take_place(struct sip_budget *budget, uint64_t tag,
	const struct sip_budget_source *source, uint64_t now_us)
{
	struct place *set = &budget->places[set_of(budget, tag) * WAYS];
	struct place *chosen = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (tag_at(&set[i]) == tag)
			return &set[i];
		/* An empty one was bad at time 0. */
		if (is_cheaper(&set[i], chosen, now_us))
			chosen = &set[i];
	}
	/* Release, all three: a reader that sees the new wait sees the new tag too; with
	 * find_waiting(). */
	atomic_store_explicit(&chosen->tag, 0, memory_order_release);
	atomic_store_explicit(&chosen->until_us, 0, memory_order_release);
	atomic_store_explicit(&chosen->told_us, 0, memory_order_relaxed);
	chosen->latest_us = 0;
	chosen->source = *source;
	chosen->deeds = 0;
	chosen->waits = 0;
	atomic_store_explicit(&chosen->tag, tag, memory_order_release);
	return chosen;
}

/* Old sins are forgotten: deeds after a period without any, waits after the longest one.
 */
static void age(struct place *place, const struct sip_budget_rule *rule, uint64_t now_us)
{
	uint64_t until_us = until_of(place);

	if (now_us - place->latest_us > rule->period_us)
		place->deeds = 0;
	if (now_us > until_us && now_us - until_us > rule->max_wait_us)
		place->waits = 0;
}

static uint64_t begin_to_wait(struct sip_budget *budget, struct place *place,
	const struct sip_budget_rule *rule, uint64_t now_us)
{
	uint64_t wait_us = rule->first_wait_us << place->waits;
	uint64_t until_us;
	uint64_t idle_us;

	if (wait_us > rule->max_wait_us)
		wait_us = rule->max_wait_us;
	if (place->waits < WAITS_MAX)
		place->waits++;
	place->deeds = 0;
	until_us = now_us + wait_us;
	/* Release: with find_waiting(). */
	atomic_store_explicit(&place->until_us, until_us, memory_order_release);
	/* Relaxed: it only grows; partner: sip_budget_idle(). */
	idle_us = atomic_load_explicit(&budget->idle_from_us, memory_order_relaxed);
	while (idle_us < until_us &&
		!atomic_compare_exchange_weak_explicit(&budget->idle_from_us, &idle_us,
			until_us, memory_order_relaxed, memory_order_relaxed))
		;
	return wait_us;
}

/* Locked. */
static bool spend(struct sip_budget *budget, struct place *place,
	const struct sip_budget_rule *rule, uint64_t now_us, uint64_t *wait_us)
{
	uint64_t first_us;

	if (until_of(place) > now_us)
		return false;
	/* Threads read the clock now and then, so theirs differ a little. */
	if (now_us < place->latest_us)
		now_us = place->latest_us;
	age(place, rule, now_us);
	place->ring[place->deeds % RING] = now_us;
	place->deeds++;
	place->latest_us = now_us;
	if (place->deeds < rule->limit)
		return false;
	first_us = place->ring[(place->deeds - rule->limit) % RING];
	if (now_us - first_us > rule->period_us)
		return false;
	*wait_us = begin_to_wait(budget, place, rule, now_us);
	return true;
}

bool sip_budget_spend(struct sip_budget *budget, const struct sip_budget_source *source,
	const struct sip_budget_rule *rule, uint64_t now_us, uint64_t *wait_us)
{
	struct sip_leaf_lock *lock;
	uint64_t tag;
	bool waits;

	SIP_ASSERT(rule->limit <= SIP_BUDGET_LIMIT_MAX);
	if (rule->limit == 0)
		return false;
	tag = tag_of(budget, source);
	lock = &budget->locks[set_of(budget, tag) % LOCKS];
	sip_leaf_lock(lock);
	waits = spend(
		budget, take_place(budget, tag, source, now_us), rule, now_us, wait_us);
	sip_leaf_unlock(lock);
	return waits;
}

/* The place of a source that waits, *until_us its end; NULL: it does not. */
static struct place *find_waiting(const struct sip_budget *budget,
	const struct sip_budget_source *source, uint64_t now_us, uint64_t *until_us)
{
	uint64_t tag = tag_of(budget, source);
	struct place *set = &budget->places[set_of(budget, tag) * WAYS];

	for (size_t i = 0; i < WAYS; i++) {
		/* Acquire: the wait is that tag's if the tag is still there behind it;
		 * with take_place(), which takes the tag away first. */
		if (atomic_load_explicit(&set[i].tag, memory_order_acquire) != tag)
			continue;
		*until_us = atomic_load_explicit(&set[i].until_us, memory_order_acquire);
		if (*until_us > now_us &&
			atomic_load_explicit(&set[i].tag, memory_order_acquire) == tag)
			return &set[i];
	}
	return NULL;
}

uint64_t sip_budget_wait_us(const struct sip_budget *budget,
	const struct sip_budget_source *source, uint64_t now_us)
{
	uint64_t until_us;

	if (sip_budget_idle(budget, now_us) ||
		find_waiting(budget, source, now_us, &until_us) == NULL)
		return 0;
	return until_us - now_us;
}

bool sip_budget_idle(const struct sip_budget *budget, uint64_t now_us)
{
	/* Relaxed: with begin_to_wait(); a wait that is seen late begins late. */
	return now_us >=
		atomic_load_explicit(&budget->idle_from_us, memory_order_relaxed);
}

bool sip_budget_may_tell(struct sip_budget *budget,
	const struct sip_budget_source *source, uint64_t now_us, uint64_t interval_us)
{
	uint64_t until_us;
	struct place *place = find_waiting(budget, source, now_us, &until_us);
	uint64_t told_us;

	if (place == NULL)
		return false;
	/* Relaxed: orders nothing else; of several who ask at once one may tell. */
	told_us = atomic_load_explicit(&place->told_us, memory_order_relaxed);
	if (told_us != 0 && now_us < told_us + interval_us)
		return false;
	return atomic_compare_exchange_strong_explicit(&place->told_us, &told_us, now_us,
		memory_order_relaxed, memory_order_relaxed);
}

static int longest_first(const void *left, const void *right)
{
	const struct sip_budget_entry *a = left;
	const struct sip_budget_entry *b = right;

	if (a->wait_us != b->wait_us)
		return a->wait_us < b->wait_us ? 1 : -1;
	return a->deeds < b->deeds ? 1 : a->deeds > b->deeds ? -1 : 0;
}

/* Into the list of the `room` that come first; the last one goes. */
static void keep(struct sip_budget_entry *entries, size_t *count, size_t room,
	const struct sip_budget_entry *entry)
{
	size_t at;

	if (*count == room && longest_first(entry, &entries[room - 1]) >= 0)
		return;
	at = *count < room ? (*count)++ : room - 1;
	while (at > 0 && longest_first(entry, &entries[at - 1]) < 0) {
		entries[at] = entries[at - 1];
		at--;
	}
	entries[at] = *entry;
}

size_t sip_budget_list(struct sip_budget *budget, uint64_t now_us,
	struct sip_budget_entry *entries, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; room > 0 && i < (size_t)budget->sets * WAYS; i++) {
		struct sip_leaf_lock *lock = &budget->locks[i / WAYS % LOCKS];
		const struct place *place = &budget->places[i];
		struct sip_budget_entry entry;
		uint64_t until_us;
		bool used;

		sip_leaf_lock(lock);
		used = tag_at(place) != 0;
		until_us = until_of(place);
		entry = (struct sip_budget_entry){
			.source = place->source,
			.deeds = place->deeds,
			.waits = place->waits,
			.wait_us = until_us > now_us ? until_us - now_us : 0,
		};
		sip_leaf_unlock(lock);
		if (used)
			keep(entries, &count, room, &entry);
	}
	return count;
}
