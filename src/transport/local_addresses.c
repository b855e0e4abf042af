/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The set of local addresses: a sorted array that is replaced whole (RCU).
 */
#include "transport/local_addresses.h"

#include "base/rcu.h"

#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AGAIN_US 1000000

/* IPv4 addresses are kept as ::ffff:a.b.c.d, which no interface has as IPv6. */
struct key {
	uint8_t bytes[16];
};

struct sip_local_set {
	struct sip_rcu_head rcu;
	size_t count;
	struct key keys[];
};

static bool key_of(const struct sockaddr *sa, struct key *key)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	/* Copied, for a struct sockaddr need not be aligned for what it really is. */
	if (sa != NULL && sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		memcpy(key->bytes, mapped, sizeof(mapped));
		memcpy(key->bytes + sizeof(mapped), &v4.sin_addr, sizeof(v4.sin_addr));
		return true;
	}
	if (sa != NULL && sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof(v6));
		memcpy(key->bytes, &v6.sin6_addr, sizeof(key->bytes));
		return true;
	}
	return false;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

static void free_set(struct sip_rcu_head *head)
{
	free(SIP_CONTAINER(head, struct sip_local_set, rcu));
}

static struct sip_local_set *make_set(const struct ifaddrs *all)
{
	struct sip_local_set *set;
	size_t room = 0;

	for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next)
		room++;
	set = malloc(sizeof(*set) + room * sizeof(struct key));
	if (set == NULL)
		return NULL;
	set->count = 0;
	for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next) {
		if (key_of(at->ifa_addr, &set->keys[set->count]))
			set->count++;
	}
	qsort(set->keys, set->count, sizeof(struct key), compare);
	return set;
}

static void replace_set(struct sip_local_addresses *locals)
{
	struct sip_local_set *old;
	struct sip_local_set *set;
	struct ifaddrs *all;

	/* Without memory the set stays as it is; the next miss tries again. */
	if (getifaddrs(&all) != 0)
		return;
	set = make_set(all);
	freeifaddrs(all);
	if (set == NULL)
		return;
	old = atomic_exchange(&locals->set, set);
	if (old != NULL)
		sip_rcu_defer(&old->rcu, free_set);
}

/* True for one caller a second. */
static bool may_look(struct sip_local_addresses *locals, uint64_t now_us)
{
	uint64_t looked_us = atomic_load(&locals->looked_us);

	if (looked_us != 0 && now_us - looked_us < LOOK_AGAIN_US)
		return false;
	return atomic_compare_exchange_strong(&locals->looked_us, &looked_us, now_us);
}

static bool is_in_set(struct sip_local_addresses *locals, const struct key *key)
{
	const struct sip_local_set *set;
	bool found;

	sip_rcu_read_begin();
	set = sip_rcu_read(&locals->set);
	found = set != NULL &&
		bsearch(key, set->keys, set->count, sizeof(*key), compare) != NULL;
	sip_rcu_read_end();
	return found;
}

void sip_local_addresses_init(struct sip_local_addresses *locals)
{
	atomic_init(&locals->set, NULL);
	atomic_init(&locals->looked_us, 0);
}

void sip_local_addresses_fini(struct sip_local_addresses *locals)
{
	struct sip_local_set *set = atomic_exchange(&locals->set, NULL);

	if (atomic_load(&locals->looked_us) != 0)
		sip_rcu_barrier();
	free(set);
}

bool sip_local_addresses_has(
	struct sip_local_addresses *locals, const struct sip_addr *addr, uint64_t now_us)
{
	struct key key;

	/* The whole of 127/8 leads here, though the loopback interface names one address
	 * of it. */
	if (addr->sa.sa_family == AF_INET &&
		ntohl(addr->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
		return true;
	if (!key_of(&addr->sa, &key))
		return false;
	if (is_in_set(locals, &key))
		return true;
	if (!may_look(locals, now_us))
		return false;
	replace_set(locals);
	return is_in_set(locals, &key);
}
