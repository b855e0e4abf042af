/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nonces: see nonce.h.
 *
 * Counts live in a fixed array of one-line slots, four to a set.  A nonce has its place
 * in one set, by its MAC, where it takes an empty slot or that of the oldest nonce.  A
 * set remembers how new the newest nonce was that it lost, so that a count of 1 is
 * taken for a first use only where no lost nonce can come back as new.  A lost slot
 * costs its owner one round (stale).
 */
#include "server/auth/nonce.h"

#include "base/lock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sets of four slots, 320 bytes each: two slots for each phone, which are memory when
 * they are used first. */
#define SETS_MIN   16384u
#define SETS_MAX   (1u << 20)
#define WAYS       4u
#define LOCKS      256u
#define WINDOW     64u /* counts that may arrive out of order */
#define REMEMBERED 8u
#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* odd, 2^64 by the golden ratio */

/* One cache line. */
struct slot {
	SIP_CACHE_ALIGNED uint64_t window; /* bit i: count `highest - i` was used */
	uint64_t made_ms; /* when the nonce was made, by the wall clock */
	uint32_t highest;
	uint32_t request[REMEMBERED]; /* the last requests, by the low bits of their count
				       */
};

/* What all slots are searched by stands in one line, too. */
struct set {
	SIP_CACHE_ALIGNED uint64_t tag[WAYS]; /* of the nonce of each slot; 0: empty */
	bool lost;                            /* some nonce was put out */
	uint64_t lost_ms;                     /* when the newest of them was made */
	struct slot slot[WAYS];
};

struct sip_nonces {
	struct sip_hash_key key;
	_Atomic uint64_t lifetime_ms;
	uint32_t copies_ms; /* how long copies of a request are about: 64*T1 */
	char opaque[17];
	struct sip_leaf_lock locks[LOCKS]; /* each guards every LOCKS-th set */
	void *memory;                      /* the sets lie in it, aligned */
	struct set *sets;
	size_t set_count;                          /* a power of two */
	SIP_CACHE_ALIGNED _Atomic uint64_t serial; /* of the next nonce */
};

void sip_nonces_set_lifetime(struct sip_nonces *nonces, uint32_t lifetime_s)
{
	/* relaxed: a nonce more or less is taken */
	atomic_store_explicit(
		&nonces->lifetime_ms, lifetime_s * UINT64_C(1000), memory_order_relaxed);
}

static size_t sets_for(size_t phones)
{
	size_t count = SETS_MIN;

	while (count < SETS_MAX && count * WAYS < 2 * phones)
		count *= 2;
	return count;
}

static int create_sets(struct sip_nonces *nonces, size_t phones)
{
	uintptr_t at;

	nonces->set_count = sets_for(phones);
	nonces->memory = calloc(nonces->set_count + 1, sizeof(struct set));
	if (nonces->memory == NULL)
		return SIP_EMEMORY;
	at = (uintptr_t)nonces->memory;
	at = (at + SIP_CACHE_LINE - 1) / SIP_CACHE_LINE * SIP_CACHE_LINE;
	nonces->sets = (struct set *)at;
	return 0;
}

int sip_nonces_create(struct sip_random *random, size_t phones, uint32_t lifetime_s,
	uint32_t copies_ms, struct sip_nonces **out)
{
	struct sip_nonces *nonces = aligned_alloc(SIP_CACHE_LINE, sizeof(*nonces));

	if (nonces == NULL)
		return SIP_EMEMORY;
	memset(nonces, 0, sizeof(*nonces));
	if (create_sets(nonces, phones) != 0) {
		free(nonces);
		return SIP_EMEMORY;
	}
	for (size_t i = 0; i < LOCKS; i++)
		sip_leaf_lock_init(&nonces->locks[i]);
	sip_random_bytes(random, &nonces->key, sizeof(nonces->key));
	sip_random_hex(random, nonces->opaque, 16);
	sip_nonces_set_lifetime(nonces, lifetime_s);
	nonces->copies_ms = copies_ms;
	*out = nonces;
	return 0;
}

void sip_nonces_destroy(struct sip_nonces **place)
{
	struct sip_nonces *nonces = *place;

	*place = NULL;
	if (nonces == NULL)
		return;
	for (size_t i = 0; i < LOCKS; i++)
		sip_leaf_lock_fini(&nonces->locks[i]);
	free(nonces->memory);
	free(nonces);
}

const char *sip_nonces_opaque(const struct sip_nonces *nonces)
{
	return nonces->opaque;
}

static struct sip_nonce_origin origin_of(const struct sip_nonces *nonces,
	struct sip_str realm, const struct sip_addr *source)
{
	return (struct sip_nonce_origin){ &nonces->key, realm, source };
}

void sip_nonce_write(struct sip_nonces *nonces, uint64_t wall_ms, struct sip_str realm,
	const struct sip_addr *source, char *text)
{
	const struct sip_nonce_origin origin = origin_of(nonces, realm, source);

	/* relaxed: each has another, that is all */
	sip_nonce_compose(&origin, wall_ms,
		atomic_fetch_add_explicit(&nonces->serial, 1, memory_order_relaxed),
		text);
}

bool sip_nonce_is_ours(const struct sip_nonces *nonces, struct sip_str nonce,
	struct sip_str realm, const struct sip_addr *source)
{
	const struct sip_nonce_origin origin = origin_of(nonces, realm, source);
	uint64_t mac;

	return sip_nonce_prove(&origin, nonce, &mac);
}

/* When it was made, and its tag; false: it is not ours, of this run, for this realm and
 * address. */
static bool read_ours(const struct sip_nonces *nonces, const struct sip_nonce_use *use,
	uint64_t *made, uint64_t *tag)
{
	const struct sip_nonce_origin origin = origin_of(nonces, use->realm, use->source);

	if (!sip_nonce_prove(&origin, use->nonce, tag) ||
		!sip_nonce_time(use->nonce, made))
		return false;
	*tag |= 1; /* never 0 */
	return true;
}

/* Its set, by the last digits of its MAC. */
static size_t place_of(const struct sip_nonces *nonces, struct sip_str nonce)
{
	uint64_t digits;

	memcpy(&digits, nonce.ptr + SIP_NONCE_LEN - sizeof(digits), sizeof(digits));
	return (digits * MULTIPLIER >> 40) & (nonces->set_count - 1);
}

static uint64_t age_ms(const struct sip_nonce_use *use, uint64_t made)
{
	return sip_nonce_age(made, use->wall_ms);
}

static uint64_t lifetime_ms(const struct sip_nonces *nonces)
{
	/* relaxed: as in sip_nonces_set_lifetime() */
	return atomic_load_explicit(&nonces->lifetime_ms, memory_order_relaxed);
}

/* Where a nonce that is not there goes: an empty slot, else that of the oldest. */
static size_t choose(const struct set *set)
{
	size_t oldest = 0;

	for (size_t i = 0; i < WAYS; i++) {
		if (set->tag[i] == 0)
			return i;
		if (set->slot[oldest].made_ms > set->slot[i].made_ms)
			oldest = i;
	}
	return oldest;
}

/* A slot for it; NULL: there is none that it may take. */
static struct slot *take_slot(struct set *set, uint64_t made_ms, uint64_t tag)
{
	size_t at = choose(set);
	struct slot *slot = &set->slot[at];

	if (set->lost && made_ms <= set->lost_ms)
		return NULL;
	if (set->tag[at] != 0) {
		/* Older than what it would put out: the newer one stays safe. */
		if (made_ms <= slot->made_ms)
			return NULL;
		if (!set->lost || slot->made_ms > set->lost_ms)
			set->lost_ms = slot->made_ms;
		set->lost = true;
	}
	set->tag[at] = tag;
	*slot = (struct slot){ .made_ms = made_ms };
	return slot;
}

/* The first time that this nonce is seen, or its slot was lost. */
static enum ast_sip_nonce_verdict first_use(
	struct set *set, const struct sip_nonce_use *use, uint64_t made_ms, uint64_t tag)
{
	struct slot *slot = take_slot(set, made_ms, tag);

	if (slot == NULL)
		return AST_SIP_NONCE_STALE;
	if (use->count != 1) {
		/* Its first use was lost, or is late.  Spent from now on: a request that
		 * was told so must not be served when it comes again. */
		slot->highest = UINT32_MAX;
		slot->window = UINT64_MAX;
		return AST_SIP_NONCE_STALE;
	}
	slot->highest = 1;
	slot->window = 1;
	slot->request[1 % REMEMBERED] = (uint32_t)use->request | 1;
	return AST_SIP_NONCE_GOOD;
}

/* 0: nothing is remembered. */
static uint32_t request_of(const struct sip_nonce_use *use)
{
	return (uint32_t)use->request | 1;
}

/* This count was used by this request; `back`: how far below the highest it is. */
static bool was_used_so(
	const struct slot *slot, const struct sip_nonce_use *use, uint32_t back)
{
	return (slot->window >> back & 1) != 0 &&
		slot->request[use->count % REMEMBERED] == request_of(use);
}

static enum ast_sip_nonce_verdict next_use(
	struct slot *slot, const struct sip_nonce_use *use)
{
	if (use->count > slot->highest) {
		uint32_t step = use->count - slot->highest;

		slot->window = step < WINDOW ? slot->window << step | 1 : 1;
		slot->highest = use->count;
	} else {
		uint32_t back = slot->highest - use->count;

		if (back >= WINDOW)
			return AST_SIP_NONCE_STALE;
		if (slot->window >> back & 1)
			return was_used_so(slot, use, back) ? AST_SIP_NONCE_COPY
							    : AST_SIP_NONCE_STALE;
		slot->window |= UINT64_C(1) << back;
	}
	slot->request[use->count % REMEMBERED] = request_of(use);
	return AST_SIP_NONCE_GOOD;
}

/* Of a nonce that has expired: a copy of what was served before gets the same answer,
 * and everything else is stale. */
static enum ast_sip_nonce_verdict late_use(
	const struct slot *slot, const struct sip_nonce_use *use)
{
	if (slot == NULL || use->count > slot->highest ||
		slot->highest - use->count >= WINDOW ||
		!was_used_so(slot, use, slot->highest - use->count))
		return AST_SIP_NONCE_STALE;
	return AST_SIP_NONCE_COPY;
}

static struct slot *find_slot(struct set *set, uint64_t tag)
{
	for (size_t i = 0; i < WAYS; i++) {
		if (set->tag[i] == tag)
			return &set->slot[i];
	}
	return NULL;
}

static enum ast_sip_nonce_verdict use_of_set(struct set *set,
	const struct sip_nonce_use *use, uint64_t made, uint64_t tag, bool expired)
{
	struct slot *slot = find_slot(set, tag);

	if (expired)
		return late_use(slot, use);
	return slot != NULL ? next_use(slot, use) : first_use(set, use, made, tag);
}

void sip_nonce_prefetch(const struct sip_nonces *nonces, struct sip_str nonce)
{
	if (nonce.len == SIP_NONCE_LEN)
		sip_prefetch(&nonces->sets[place_of(nonces, nonce)], sizeof(struct set));
}

enum ast_sip_nonce_verdict sip_nonce_judge(
	struct sip_nonces *nonces, const struct sip_nonce_use *use)
{
	const uint64_t lifetime = lifetime_ms(nonces);
	enum ast_sip_nonce_verdict verdict;
	uint64_t made;
	uint64_t tag;
	size_t place;

	if (use->count == 0 || !read_ours(nonces, use, &made, &tag) ||
		age_ms(use, made) > lifetime + nonces->copies_ms)
		return AST_SIP_NONCE_STALE;
	place = place_of(nonces, use->nonce);
	sip_leaf_lock(&nonces->locks[place % LOCKS]);
	verdict = use_of_set(
		&nonces->sets[place], use, made, tag, age_ms(use, made) > lifetime);
	sip_leaf_unlock(&nonces->locks[place % LOCKS]);
	return verdict;
}

/* Why a nonce that is not ours is not. */
static void tell_foreign(const struct sip_nonce_use *use, uint64_t started_ms, char *why)
{
	uint64_t made;

	if (!sip_nonce_time(use->nonce, &made))
		snprintf(why, SIP_NONCE_WHY_LEN, "this server makes no such nonce");
	else if (made < started_ms)
		snprintf(why, SIP_NONCE_WHY_LEN,
			"it was made before this server was started");
	else
		snprintf(why, SIP_NONCE_WHY_LEN,
			"it was made for another source address than this request has, "
			"for another realm, or by another server");
}

/* What the counts say; `set` is a copy. */
static enum ast_sip_nonce_verdict tell_count(struct set *set,
	const struct sip_nonce_use *use, uint64_t made, uint64_t tag, char *why)
{
	const struct slot *slot = find_slot(set, tag);
	bool known = slot != NULL;
	uint32_t highest = known ? slot->highest : 0;
	enum ast_sip_nonce_verdict verdict = use_of_set(set, use, made, tag, false);

	if (verdict == AST_SIP_NONCE_GOOD)
		snprintf(why, SIP_NONCE_WHY_LEN, "count %u was not used before",
			use->count);
	else if (verdict == AST_SIP_NONCE_COPY)
		snprintf(why, SIP_NONCE_WHY_LEN,
			"count %u was used by this same request: it is a copy",
			use->count);
	else if (!known)
		snprintf(why, SIP_NONCE_WHY_LEN,
			"its counts are not known here any more (nc=%u comes first)",
			use->count);
	else if (highest == UINT32_MAX)
		snprintf(why, SIP_NONCE_WHY_LEN,
			"another count than 1 was used first, which spends it");
	else if (highest - use->count >= WINDOW)
		snprintf(why, SIP_NONCE_WHY_LEN,
			"count %u is too far below the highest one used, %u", use->count,
			highest);
	else
		snprintf(why, SIP_NONCE_WHY_LEN,
			"count %u was used before, for another request: a replay, or a "
			"phone that does not count",
			use->count);
	return verdict;
}

/* What is said of a nonce that has expired. */
static enum ast_sip_nonce_verdict tell_expired(const struct sip_nonces *nonces,
	struct set *set, const struct sip_nonce_use *use, uint64_t age, uint64_t tag,
	char *why)
{
	const uint64_t lifetime = lifetime_ms(nonces);

	if (age <= lifetime + nonces->copies_ms &&
		late_use(find_slot(set, tag), use) == AST_SIP_NONCE_COPY) {
		snprintf(why, SIP_NONCE_WHY_LEN,
			"it has expired, but count %u was used by this same request: it "
			"is a copy",
			use->count);
		return AST_SIP_NONCE_COPY;
	}
	snprintf(why, SIP_NONCE_WHY_LEN,
		"it is %" PRIu64 " s old, and holds for %" PRIu64 " s (nonce_lifetime=)",
		age / 1000, lifetime / 1000);
	return AST_SIP_NONCE_STALE;
}

enum ast_sip_nonce_verdict sip_nonce_rehearse(struct sip_nonces *nonces,
	const struct sip_nonce_use *use, uint64_t started_ms, char *why)
{
	struct set copy;
	uint64_t made;
	uint64_t tag;
	size_t place;

	if (use->count == 0) {
		snprintf(why, SIP_NONCE_WHY_LEN, "its nc is not eight hex digits, or 0");
		return AST_SIP_NONCE_STALE;
	}
	if (!read_ours(nonces, use, &made, &tag)) {
		tell_foreign(use, started_ms, why);
		return AST_SIP_NONCE_STALE;
	}
	place = place_of(nonces, use->nonce);
	sip_leaf_lock(&nonces->locks[place % LOCKS]);
	copy = nonces->sets[place];
	sip_leaf_unlock(&nonces->locks[place % LOCKS]);
	if (age_ms(use, made) > lifetime_ms(nonces))
		return tell_expired(nonces, &copy, use, age_ms(use, made), tag, why);
	return tell_count(&copy, use, made, tag, why);
}
