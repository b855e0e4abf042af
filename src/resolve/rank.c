/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Destination address selection as one number, whose higher bits are the earlier rules:
 *
 *      31          30          29         28-20       19-16         15-0
 *      usable (1)  scope (2)   label (5)  precedence  scope         common prefix (9)
 *                                         (6)         turned over   of IPv6
 *                                                     (8)
 *
 * Two families never have the same precedence, so that rule 9 compares addresses of one.
 */
#include "resolve/rank.h"

#include "base/compiler.h"

#define USABLE     (UINT32_C(1) << 31)
#define SAME_SCOPE (UINT32_C(1) << 30)
#define SAME_LABEL (UINT32_C(1) << 29)
#define LINK_LOCAL 2u
#define SITE_LOCAL 5u
#define GLOBAL     14u
/* An interface identifier says nothing about the way (RFC 6724 section 2.2). */
#define PREFIX_BITS_MAX 64u

/* RFC 6724 section 2.1. */
static const struct policy {
	uint8_t prefix[16];
	uint8_t bits;
	uint8_t precedence;
	uint8_t label;
} policies[] = {
	{ { [15] = 1 }, 128, 50, 0 },
	{ { [10] = 0xff, [11] = 0xff }, 96, 35, 4 },
	{ { 0 }, 96, 1, 3 },
	{ { 0x20, 0x01 }, 32, 5, 5 },
	{ { 0x20, 0x02 }, 16, 30, 2 },
	{ { 0x3f, 0xfe }, 16, 1, 12 },
	{ { 0xfe, 0xc0 }, 10, 1, 11 },
	{ { 0xfc }, 7, 3, 13 },
	{ { 0 }, 0, 40, 1 },
};

/* IPv4 as the mapped address that it stands for in the table. */
static void bytes_of(const struct sip_addr *addr, uint8_t bytes[16])
{
	if (addr->sa.sa_family == AF_INET6) {
		memcpy(bytes, &addr->v6.sin6_addr, 16);
		return;
	}
	memset(bytes, 0, 10);
	memset(bytes + 10, 0xff, 2);
	memcpy(bytes + 12, &addr->v4.sin_addr, 4);
}

static uint32_t common_bits(const uint8_t a[16], const uint8_t b[16])
{
	uint32_t bits = 0;

	while (bits < 128) {
		uint8_t mask = (uint8_t)(0x80 >> bits % 8);

		if (((a[bits / 8] ^ b[bits / 8]) & mask) != 0)
			break;
		bits++;
	}
	return bits;
}

static const struct policy *policy_of(const uint8_t bytes[16])
{
	const struct policy *policy = policies;

	while (common_bits(bytes, policy->prefix) < policy->bits)
		policy++;
	return policy;
}

/* RFC 6724 sections 3.1 and 3.2; private IPv4 addresses are global there. */
static uint32_t scope_of(const uint8_t bytes[16])
{
	static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t loopback[16] = { [15] = 1 };

	if (common_bits(bytes, mapped) >= 96)
		return bytes[12] == 127 || (bytes[12] == 169 && bytes[13] == 254)
			? LINK_LOCAL
			: GLOBAL;
	if (bytes[0] == 0xff)
		return bytes[1] & 0x0f;
	if (memcmp(bytes, loopback, 16) == 0 ||
		(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80))
		return LINK_LOCAL;
	return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0xc0 ? SITE_LOCAL : GLOBAL;
}

uint32_t rank_of(const struct sip_addr *to, const struct sip_addr *from)
{
	uint8_t there[16];
	uint8_t here[16];
	const struct policy *policy;
	uint32_t rank;

	bytes_of(to, there);
	policy = policy_of(there);
	rank = (uint32_t)policy->precedence << 20 | (15 - scope_of(there)) << 16;
	if (from == NULL)
		return rank;
	bytes_of(from, here);
	rank |= USABLE;
	if (scope_of(here) == scope_of(there))
		rank |= SAME_SCOPE;
	if (policy_of(here)->label == policy->label)
		rank |= SAME_LABEL;
	if (to->sa.sa_family == AF_INET6) {
		uint32_t bits = common_bits(there, here);

		rank |= bits < PREFIX_BITS_MAX ? bits : PREFIX_BITS_MAX;
	}
	return rank;
}

bool rank_is_usable(uint32_t rank)
{
	return (rank & USABLE) != 0;
}
