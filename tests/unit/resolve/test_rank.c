/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of addresses: examples of RFC 6724 section 10.2, and what they leave out. */
#include "support/check.h"

#include "resolve/rank.h"

static uint32_t rank(const char *to, const char *from)
{
	struct sip_addr there;
	struct sip_addr here;

	CHECK_INT(sip_addr_parse(sip_str_of(to), 0, &there), ==, 0);
	if (from == NULL)
		return rank_of(&there, NULL);
	CHECK_INT(sip_addr_parse(sip_str_of(from), 0, &here), ==, 0);
	return rank_of(&there, &here);
}

/* The first is to be tried before the second. */
static const struct {
	const char *to;
	const char *from;
	const char *other_to;
	const char *other_from;
} table[] = {
	/* "prefer matching scope" */
	{ "2001:db8:1::1", "2001:db8:1::2", "198.51.100.121", "169.254.13.78" },
	{ "198.51.100.121", "198.51.100.117", "2001:db8:1::1", "fe80::1" },
	/* "prefer higher precedence" */
	{ "2001:db8:1::1", "2001:db8:1::2", "10.1.2.3", "10.1.2.4" },
	/* "prefer smaller scope" */
	{ "fe80::1", "fe80::2", "2001:db8:1::1", "2001:db8:1::2" },
	/* "prefer matching label": 6to4 */
	{ "2002:c633:6401::1", "2002:c633:6401::2", "2001:db8:1::1",
		"2002:c633:6401::2" },
	/* "prefer higher precedence": 6to4 again */
	{ "2001:db8:1::1", "2001:db8:1::2", "2002:c633:6401::1", "2002:c633:6401::2" },
	/* "avoid unusable destinations" */
	{ "198.51.100.1", "198.51.100.2", "2001:db8::1", NULL },
	/* "use longest matching prefix" */
	{ "2001:db8:1::9", "2001:db8:1::1", "2001:db8:2::9", "2001:db8:1::1" },
	/* Private addresses: label 13 against label 1. */
	{ "fd00::1", "fd00::2", "2001:db8::1", "fd00::2" },
	{ "2001:db8::1", "2001:db8::2", "fd00::1", "fd00::2" },
	/* The loopback's own row. */
	{ "::1", "::1", "127.0.0.1", "127.0.0.1" },
};

TEST(addresses_rank_as_the_rfc_has_them)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint32_t one = rank(table[i].to, table[i].from);
		uint32_t other = rank(table[i].other_to, table[i].other_from);

		CHECK_INT(one, >, other);
	}
}

TEST(ipv4_addresses_of_one_network_rank_the_same)
{
	CHECK_INT(rank("192.0.2.1", "192.0.2.9"), ==, rank("192.0.2.129", "192.0.2.9"));
}

/* An interface identifier that looks like ours is no nearer. */
TEST(prefixes_count_up_to_half_of_an_address)
{
	CHECK_INT(rank("2001:db8::1", "2001:db8::2"), ==,
		rank("2001:db8::8000:0:0:1", "2001:db8::2"));
}

TEST(an_address_without_a_way_is_unusable)
{
	CHECK(!rank_is_usable(rank("2001:db8::1", NULL)));
	CHECK(rank_is_usable(rank("2001:db8::1", "2001:db8::2")));
}
