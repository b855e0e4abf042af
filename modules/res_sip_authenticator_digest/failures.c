/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of limits, by a keyed hash of the source. */
#include "failures.h"

#include <res_sip/error.h>

#include <string.h>
#include <sys/random.h>

void failures_init(struct failures *failures)
{
	*failures = (struct failures){ .key = 0 };
	/* Without it places can be guessed, and nothing worse. */
	SIP_IGNORE(getrandom(&failures->key, sizeof(failures->key), 0) < 0);
}

/* A /32, or a /64. */
static uint64_t network_of(const struct sip_addr *source)
{
	uint64_t network = 0;

	if (source->sa.sa_family == AF_INET)
		return source->v4.sin_addr.s_addr;
	memcpy(&network, &source->v6.sin6_addr, sizeof(network));
	return network;
}

/* splitmix64's last steps, from a secret beginning. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

struct sip_log_limit *failures_limit(
	struct failures *failures, const struct sip_addr *source, bool proven)
{
	uint64_t place;

	if (!proven)
		return &failures->unproven;
	place = mix(mix(network_of(source) ^ failures->key) + failures->key);
	return &failures->proven[place % FAILURE_PLACES];
}
