/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as values and as text. */
#include "support/check.h"

#include "res_sip/error.h"
#include "res_sip/flow.h"

#include <arpa/inet.h>
#include <stdio.h>

static struct sip_addr addr_of(const char *text)
{
	struct sip_addr addr = { 0 };

	CHECK_INT(sip_addr_parse(sip_str_of(text), 5060, &addr), ==, 0);
	return addr;
}

TEST(an_address_is_written_as_it_was_read)
{
	static const struct {
		const char *text;
		const char *host;
		const char *all;
	} table[] = {
		{ "192.0.2.1", "192.0.2.1", "192.0.2.1:5060" },
		{ "192.0.2.1:5070", "192.0.2.1", "192.0.2.1:5070" },
		{ "255.255.255.255:65535", "255.255.255.255", "255.255.255.255:65535" },
		{ "0.0.0.0:0", "0.0.0.0", "0.0.0.0:0" },
		{ "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5060" },
		{ "[2001:db8::1]", "[2001:db8::1]", "[2001:db8::1]:5060" },
		{ "[2001:db8::1]:5061", "[2001:db8::1]", "[2001:db8::1]:5061" },
		{ "[2001:0DB8:0:0:0:0:0:1]:1", "[2001:db8::1]", "[2001:db8::1]:1" },
		{ "::", "[::]", "[::]:5060" },
		{ "::ffff:192.0.2.1", "[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]:5060" },
		{ "[fe80::1%3]:5060", "[fe80::1%3]", "[fe80::1%3]:5060" },
		{ "fe80::1%3", "[fe80::1%3]", "[fe80::1%3]:5060" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sip_addr addr = addr_of(table[i].text);
		char text[SIP_ADDR_TEXT_LEN];

		CHECK_STR(sip_str_of(sip_addr_host_text(&addr, text)), table[i].host);
		CHECK_STR(sip_str_of(sip_addr_text(&addr, text)), table[i].all);
	}
}

TEST(the_longest_address_fits_its_text)
{
	struct sip_addr addr = addr_of(
		"[1234:1234:1234:1234:1234:1234:255.255.255.255%4294967295]:65535");
	char text[SIP_ADDR_TEXT_LEN];

	CHECK_STR(sip_str_of(sip_addr_text(&addr, text)),
		"[1234:1234:1234:1234:1234:1234:ffff:ffff%4294967295]:65535");
}

TEST(what_is_no_address_is_refused_and_leaves_the_old_one)
{
	static const char *const table[] = {
		"",
		" ",
		":",
		"::1]",
		"[",
		"]",
		"[]",
		"[]:5060",
		"[::1",
		"[::1]5060",
		"[::1]:",
		"[::1]:65536",
		"[::1]:5060x",
		"[::1]x",
		"[192.0.2.1]",
		"[::1%]",
		"[::1%eth0]",
		"[::1%4294967296]",
		"192.0.2.1:",
		"192.0.2.1:65536",
		"192.0.2.1:-1",
		"192.0.2.1:5060 ",
		" 192.0.2.1",
		"192.0.2",
		"192.0.2.256",
		"192.0.2.1.1",
		"192.0.2.01x",
		"192.0.2.01",
		"192.0.02.1",
		"00.0.2.1",
		"192.0.2.",
		".192.0.2",
		"192..2.1",
		"192.0.2.0001",
		"192.0.2.1000",
		"1920.0.2.1",
		"example.com",
		"example.com:5060",
		"1:2:3:4:5:6:7:8:9",
		"12345::1",
		":::",
		"192.0.2.1%3",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd",
	};
	struct sip_addr before = addr_of("192.0.2.7:7");

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sip_addr addr = before;

		CHECK_INT(sip_addr_parse(sip_str_of(table[i]), 5060, &addr), ==,
			SIP_ESYNTAX);
		CHECK(sip_addr_equal(&addr, &before));
	}
	CHECK_INT(
		sip_addr_parse((struct sip_str){ NULL, 0 }, 1, &before), ==, SIP_ESYNTAX);
	CHECK_INT(sip_addr_parse(SIP_STR("192.0.2.1\0"), 1, &before), ==, SIP_ESYNTAX);
	CHECK_INT(sip_addr_parse(SIP_STR("::1\0x"), 1, &before), ==, SIP_ESYNTAX);
}

/* Of the texts of up to eleven of the characters that are of interest: those that come of
 * a good one by a step or two. */
TEST(of_ipv4_is_taken_what_the_system_takes)
{
	static const char chars[] = "0129.5x";
	uint32_t random = 1;
	unsigned taken = 0;

	for (unsigned i = 0; i < 200000; i++) {
		char text[16] = "10.205.0.199";
		struct sip_addr addr;
		struct in_addr wanted;
		bool good;

		for (unsigned n = 0; n < i % 4; n++) {
			random = random * 1664525 + 1013904223;
			text[(random >> 24) % 13] = chars[(random >> 16) % 7];
		}
		good = inet_pton(AF_INET, text, &wanted) == 1;

		CHECK_INT(sip_addr_parse(sip_str_of(text), 0, &addr) == 0, ==, good);
		CHECK(!good || addr.v4.sin_addr.s_addr == wanted.s_addr);
		taken += good;
	}
	CHECK_INT(taken, >, 50000);
	CHECK_INT(taken, <, 199999);
}

TEST(what_begins_like_ipv4_leaves_nothing_behind)
{
	struct sip_addr addr = addr_of("[12:34::1]:5060");

	CHECK_INT(addr.sa.sa_family, ==, AF_INET6);
	CHECK_INT(addr.v6.sin6_flowinfo, ==, 0);
}

TEST(every_byte_of_an_ipv4_address_has_its_digits)
{
	for (unsigned i = 0; i <= UINT8_MAX; i++) {
		struct sip_addr addr = { .v4 = { .sin_family = AF_INET } };
		char text[SIP_ADDR_TEXT_LEN];
		char wanted[SIP_ADDR_TEXT_LEN];

		addr.v4.sin_addr.s_addr = htonl(i << 24 | i << 8 | (255 - i));
		snprintf(wanted, sizeof(wanted), "%u.0.%u.%u", i, i, 255 - i);

		CHECK_STR(sip_str_of(sip_addr_host_text(&addr, text)), wanted);
	}
}

TEST(only_the_bytes_of_the_text_are_read)
{
	struct sip_addr addr;

	CHECK_INT(sip_addr_parse((struct sip_str){ "192.0.2.123:50609", 9 }, 7, &addr),
		==, 0);

	struct sip_addr wanted = addr_of("192.0.2.1:7");
	CHECK(sip_addr_equal(&addr, &wanted));
}

TEST(an_ipv6_address_that_begins_with_a_number_has_nothing_of_an_ipv4_one)
{
	struct sip_addr addr = addr_of("12::3");

	CHECK_INT(addr.v6.sin6_family, ==, AF_INET6);
	CHECK_INT(addr.v6.sin6_flowinfo, ==, 0);
}

TEST(ports_are_read_and_set_in_both_families)
{
	struct sip_addr v4 = addr_of("192.0.2.1:1");
	struct sip_addr v6 = addr_of("[::1]:2");
	struct sip_addr none = { 0 };

	CHECK_INT(sip_addr_port(&v4), ==, 1);
	CHECK_INT(sip_addr_port(&v6), ==, 2);
	CHECK_INT(sip_addr_port(&none), ==, 0);
	sip_addr_set_port(&v4, 5060);
	sip_addr_set_port(&v6, 65535);
	sip_addr_set_port(&none, 9);
	CHECK_INT(sip_addr_port(&v4), ==, 5060);
	CHECK_INT(sip_addr_port(&v6), ==, 65535);
	CHECK_INT(sip_addr_port(&none), ==, 0);
}

TEST(the_length_is_that_of_the_family)
{
	struct sip_addr v4 = addr_of("192.0.2.1");
	struct sip_addr v6 = addr_of("::1");
	struct sip_addr none = { 0 };

	CHECK_INT(sip_addr_len(&v4), ==, sizeof(struct sockaddr_in));
	CHECK_INT(sip_addr_len(&v6), ==, sizeof(struct sockaddr_in6));
	CHECK_INT(sip_addr_len(&none), ==, 0);
}

TEST(equal_addresses_have_family_address_zone_and_port_in_common)
{
	static const struct {
		const char *a;
		const char *b;
		bool same_host;
		bool equal;
	} table[] = {
		{ "192.0.2.1:1", "192.0.2.1:1", true, true },
		{ "192.0.2.1:1", "192.0.2.1:2", true, false },
		{ "192.0.2.1:1", "192.0.2.2:1", false, false },
		{ "[::1]:1", "[::1]:1", true, true },
		{ "[::1]:1", "[::1]:2", true, false },
		{ "[::1]:1", "[::2]:1", false, false },
		{ "[fe80::1%1]:1", "[fe80::1%2]:1", false, false },
		{ "[::ffff:192.0.2.1]:1", "192.0.2.1:1", false, false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sip_addr a = addr_of(table[i].a);
		struct sip_addr b = addr_of(table[i].b);

		CHECK_INT(sip_addr_same_host(&a, &b), ==, table[i].same_host);
		CHECK_INT(sip_addr_equal(&a, &b), ==, table[i].equal);
	}
}

TEST(an_address_of_no_family_equals_its_like_and_prints_as_none)
{
	struct sip_addr none = { 0 };
	struct sip_addr other = { 0 };
	struct sip_addr v4 = addr_of("0.0.0.0:0");
	char text[SIP_ADDR_TEXT_LEN];

	CHECK(sip_addr_equal(&none, &other));
	CHECK(!sip_addr_equal(&none, &v4));
	CHECK_STR(sip_str_of(sip_addr_text(&none, text)), "none");
	CHECK_STR(sip_str_of(sip_addr_host_text(&none, text)), "none");
}

TEST(flows_are_equal_where_every_part_is)
{
	const struct sip_flow flow = { .listener = 1,
		.kind = SIP_UDP,
		.local = addr_of("192.0.2.1:5060"),
		.peer = addr_of("192.0.2.9:5062") };
	struct sip_flow others[5] = { flow, flow, flow, flow, flow };
	struct sip_flow same = flow;

	others[0].listener = 2;
	others[1].connection = 7;
	others[2].kind = SIP_TCP;
	sip_addr_set_port(&others[3].local, 5061);
	sip_addr_set_port(&others[4].peer, 5061);
	CHECK(sip_flow_equal(&flow, &same));
	for (size_t i = 0; i < 5; i++)
		CHECK(!sip_flow_equal(&flow, &others[i]));
}

TEST(transports_have_the_names_of_the_uri_parameter)
{
	CHECK_STR(sip_str_of(sip_transport_name(SIP_UDP)), "udp");
	CHECK_STR(sip_str_of(sip_transport_name(SIP_TCP)), "tcp");
	CHECK_STR(sip_str_of(sip_transport_name(SIP_TLS)), "tls");
	CHECK_STR(sip_str_of(sip_transport_name(SIP_WS)), "ws");
	CHECK_STR(sip_str_of(sip_transport_name(SIP_WSS)), "wss");
}
