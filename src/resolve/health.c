/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See health.h.  A mark is one word: 24 bits of the target's hash, and 40 bits of its end
 * in milliseconds, which are 34 years.  Nothing else hangs on a mark, so that all
 * accesses are relaxed.  Two targets of one tag in one set share a mark: one in 16
 * million pairs, and what comes of it is an order.
 */
#include "resolve/health.h"

#define END_BITS 40
#define END_MASK ((UINT64_C(1) << END_BITS) - 1)

void health_init(struct health *health, struct sip_random *random)
{
	sip_random_bytes(random, &health->key, sizeof(health->key));
	atomic_init(&health->until_us, 0);
	for (size_t set = 0; set < HEALTH_SETS; set++)
		for (size_t way = 0; way < HEALTH_WAYS; way++)
			atomic_init(&health->mark[set][way], 0);
}

static uint64_t hash_of(const struct health *health, const struct sip_target *target)
{
	const uint8_t kind = (uint8_t)target->kind;
	const uint16_t port = sip_addr_port(&target->addr);
	const struct sip_addr *addr = &target->addr;
	const struct sip_str parts[] = {
		{ (const char *)&kind, sizeof(kind) },
		{ (const char *)&port, sizeof(port) },
		addr->sa.sa_family == AF_INET
			? (struct sip_str){ (const char *)&addr->v4.sin_addr, 4 }
			: (struct sip_str){ (const char *)&addr->v6.sin6_addr, 16 },
	};

	return sip_hash_parts(&health->key, parts, sizeof(parts) / sizeof(parts[0]));
}

static _Atomic uint64_t *set_of(struct health *health, uint64_t hash)
{
	return health->mark[hash % HEALTH_SETS];
}

static bool is_tagged(uint64_t mark, uint64_t hash)
{
	return mark != 0 && (mark ^ hash) >> END_BITS == 0;
}

static bool is_over(uint64_t mark, uint64_t now_us)
{
	return (mark & END_MASK) <= now_us / 1000;
}

static void raise_end(struct health *health, uint64_t until_us)
{
	uint64_t before = atomic_load_explicit(&health->until_us, memory_order_relaxed);

	while (before < until_us &&
		!atomic_compare_exchange_weak_explicit(&health->until_us, &before,
			until_us, memory_order_relaxed, memory_order_relaxed))
		;
}

void health_failed(struct health *health, const struct sip_target *target,
	uint64_t now_us, uint64_t until_us)
{
	uint64_t hash = hash_of(health, target);
	uint64_t mark = (hash & ~END_MASK) | (until_us / 1000 & END_MASK);
	_Atomic uint64_t *set = set_of(health, hash);
	size_t chosen = 0;
	uint64_t ends = UINT64_MAX;

	for (size_t way = 0; way < HEALTH_WAYS; way++) {
		uint64_t old = atomic_load_explicit(&set[way], memory_order_relaxed);

		if (is_tagged(old, hash)) {
			chosen = way;
			break;
		}
		if ((is_over(old, now_us) ? 0 : old & END_MASK) < ends) {
			ends = is_over(old, now_us) ? 0 : old & END_MASK;
			chosen = way;
		}
	}
	atomic_store_explicit(&set[chosen], mark, memory_order_relaxed);
	raise_end(health, until_us);
}

void health_answered(struct health *health, const struct sip_target *target)
{
	uint64_t hash = hash_of(health, target);
	_Atomic uint64_t *set = set_of(health, hash);

	for (size_t way = 0; way < HEALTH_WAYS; way++)
		if (is_tagged(
			    atomic_load_explicit(&set[way], memory_order_relaxed), hash))
			atomic_store_explicit(&set[way], 0, memory_order_relaxed);
}

uint64_t health_left_us(
	struct health *health, const struct sip_target *target, uint64_t now_us)
{
	uint64_t hash;
	_Atomic uint64_t *set;

	if (SIP_LIKELY(now_us >=
		    atomic_load_explicit(&health->until_us, memory_order_relaxed)))
		return 0;
	hash = hash_of(health, target);
	set = set_of(health, hash);
	for (size_t way = 0; way < HEALTH_WAYS; way++) {
		uint64_t mark = atomic_load_explicit(&set[way], memory_order_relaxed);

		if (is_tagged(mark, hash) && !is_over(mark, now_us))
			return (mark & END_MASK) * 1000 - now_us;
	}
	return 0;
}

bool health_is_bad(
	struct health *health, const struct sip_target *target, uint64_t now_us)
{
	return health_left_us(health, target, now_us) > 0;
}
