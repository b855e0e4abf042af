/* SPDX-License-Identifier: BSD-2-Clause */
/* Which targets a URI leads to, and in which order.  Quotes: RFC 3263 section 4. */
#include "resolve_fixture.h"

#include "res_sip/error.h"

#include <stdio.h>
#include <string.h>

static const char *const nothing[] = { NULL };

static const char *const zone[] = {
	/* All of it. */
	"full.test 300 NAPTR 50 50 s SIPS+D2T _sips._tcp.full.test",
	"full.test 300 NAPTR 90 50 s SIP+D2T _sip._tcp.full.test",
	"full.test 300 NAPTR 100 50 s SIP+D2U _sip._udp.full.test",
	"_sips._tcp.full.test 300 SRV 0 1 5071 a.full.test",
	"_sip._tcp.full.test 300 SRV 0 1 5070 a.full.test",
	"_sip._udp.full.test 300 SRV 2 1 5064 b.full.test",
	"_sip._udp.full.test 300 SRV 1 1 5063 a.full.test",
	"a.full.test 300 A 192.0.2.1",
	"b.full.test 300 A 192.0.2.2",
	"full.test 300 A 192.0.2.80",
	/* NAPTR records of one order, then another. */
	"equal.test 300 NAPTR 10 20 s SIP+D2T _sip._tcp.full.test",
	"equal.test 300 NAPTR 10 10 s SIP+D2U _sip._udp.full.test",
	"equal.test 300 NAPTR 20 10 s SIPS+D2T _sips._tcp.full.test",
	/* WebSocket and flag a. */
	"web.test 300 NAPTR 10 10 a SIPS+D2W b.full.test",
	"web.test 300 NAPTR 20 10 a SIP+D2W a.full.test",
	/* SRV without NAPTR, for UDP and TCP. */
	"srv.test 300 A 192.0.2.80",
	"_sip._udp.srv.test 300 SRV 0 0 5064 a.full.test",
	"_sip._tcp.srv.test 300 SRV 0 0 5065 b.full.test",
	/* NAPTR that leads to nothing. */
	"lost.test 300 NAPTR 10 10 s SIP+D2U _sip._udp.nowhere.test",
	"lost.test 300 A 192.0.2.3",
	/* A service that is said not to be there. */
	"closed.test 300 A 192.0.2.80",
	"_sip._udp.closed.test 300 SRV 0 0 0 .",
	/* SRV to an address, and one host twice. */
	"_sip._udp.odd.test 300 SRV 1 0 5060 192.0.2.7",
	"_sip._udp.odd.test 300 SRV 2 0 5060 a.full.test",
	"_sip._udp.odd.test 300 SRV 3 0 5060 a.full.test",
	"_sip._udp.odd.test 300 SRV 4 0 5060 phone.invalid",
	/* Addresses of both families. */
	"both.test 300 A 192.0.2.11",
	"both.test 300 A 192.0.2.12",
	"both.test 300 A 192.0.2.13",
	"both.test 300 AAAA 2001:db8::11",
	"both.test 300 AAAA fe80::12",
	"v6.test 300 AAAA 2001:db8::6",
	NULL,
};

static const struct {
	const char *uri;
	const char *targets;
} table[] = {
	/* "If the TARGET is a numeric IP address ... SHOULD use UDP for a SIP URI, TCP
	 * for SIPS" */
	{ "sip:192.0.2.9", "udp 192.0.2.9:5060" },
	{ "sip:192.0.2.9:5070", "udp 192.0.2.9:5070" },
	{ "sips:192.0.2.9", "tls 192.0.2.9:5061" },
	{ "sip:[2001:db8::9]:5070;transport=tcp", "tcp [2001:db8::9]:5070" },
	{ "sip:192.0.2.9;transport=TLS", "tls 192.0.2.9:5061" },
	{ "sip:192.0.2.9;transport=ws", "ws 192.0.2.9:80" },
	{ "sips:192.0.2.9;transport=ws", "wss 192.0.2.9:443" },
	{ "sips:192.0.2.9;transport=tcp", "tls 192.0.2.9:5061" },
	{ "sips:192.0.2.9;transport=udp", "value not allowed" },
	{ "sip:192.0.2.9;transport=sctp", "value not allowed" },
	{ "sip:1.2.3", "syntax error" },
	/* "if the TARGET was not a numeric IP address, but a port is present ... A or
	 * AAAA" */
	{ "sip:full.test:5090", "udp 192.0.2.80:5090" },
	{ "sips:full.test:5090", "tls 192.0.2.80:5090" },
	{ "sip:full.test:5090;transport=tcp", "tcp 192.0.2.80:5090" },
	/* "if a transport protocol is specified explicitly": no NAPTR. */
	{ "sip:full.test;transport=tcp", "tcp 192.0.2.1:5070" },
	{ "sip:FULL.Test.;transport=udp", "udp 192.0.2.1:5063, udp 192.0.2.2:5064" },
	{ "sip:full.test;transport=ws", "ws 192.0.2.80:80" },
	{ "sips:full.test;transport=tcp", "tls 192.0.2.1:5071" },
	/* "the client ... performs a NAPTR query" */
	{ "sip:full.test", "tls 192.0.2.1:5071" },
	{ "sips:full.test", "tls 192.0.2.1:5071" },
	{ "sip:equal.test",
		"udp 192.0.2.1:5063, udp 192.0.2.2:5064, tcp 192.0.2.1:5070" },
	{ "sips:equal.test", "tls 192.0.2.1:5071" },
	{ "sip:web.test", "wss 192.0.2.2:443" },
	/* "If no NAPTR records are found, the client constructs SRV queries for those
	 * transport protocols it supports" */
	{ "sip:srv.test", "udp 192.0.2.1:5064, tcp 192.0.2.2:5065" },
	{ "sips:srv.test", "tls 192.0.2.80:5061" },
	{ "sip:lost.test", "udp 192.0.2.3:5060" },
	/* RFC 2782: "A Target of "." means that the service is decidedly not available"
	 */
	{ "sip:closed.test;transport=udp", "not found" },
	{ "sip:odd.test;transport=udp", "udp 192.0.2.7:5060, udp 192.0.2.1:5060" },
	/* RFC 6724 and RFC 8305: the best first, then in turn. */
	{ "sip:both.test:5060",
		"udp [2001:db8::11]:5060, udp 192.0.2.11:5060, udp [fe80::12]:5060, "
		"udp 192.0.2.12:5060, udp 192.0.2.13:5060" },
	{ "sip:v6.test", "udp [2001:db8::6]:5060" },
	{ "sip:nowhere.test", "not found" },
	/* RFC 7118 section 5. */
	{ "sip:df7jal23ls0d.invalid;transport=ws", "not found" },
	{ "sip:DF7JAL23LS0D.INVALID.", "not found" },
};

TEST(a_uri_leads_to_its_targets_in_order)
{
	struct resolve_fixture f;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		resolve_setup(&f, zone);

		CHECK_STR(resolve_all(&f, table[i].uri), table[i].targets);

		/* The same from the cache, at once. */
		f.dns.asked = 0;
		CHECK_STR(resolve_all(&f, table[i].uri), table[i].targets);
		CHECK_INT(f.dns.asked, ==, 0);
		resolve_teardown(&f);
	}
}

TEST(nobody_is_asked_about_addresses_and_names_in_invalid)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);

	CHECK_STR(resolve_all(&f, "sip:192.0.2.9"), "udp 192.0.2.9:5060");
	CHECK_STR(resolve_all(&f, "sip:x.invalid"), "not found");
	CHECK_STR(resolve_all(&f, "sip:invalid"), "not found");
	CHECK_INT(f.dns.asked, ==, 0);

	CHECK_STR(resolve_all(&f, "sip:xinvalid"), "not found");
	CHECK_INT(f.dns.asked, >, 0);
	resolve_teardown(&f);
}

/* What is asked, and when: each look-up once, no family without a listener. */
TEST(only_what_is_needed_is_asked)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);

	memset(f.families, SIP_FAMILY_IPV4, sizeof(f.families));
	CHECK_STR(resolve_all(&f, "sip:srv.test"),
		"udp 192.0.2.1:5064, tcp 192.0.2.2:5065");
	CHECK_STR(sip_str_of(f.dns.asked_for),
		"NAPTR srv.test\nSRV _sip._udp.srv.test\nSRV _sip._tcp.srv.test\n"
		"A a.full.test\nA b.full.test\n");

	f.dns.asked_for[0] = '\0';
	CHECK_STR(resolve_all(&f, "sip:web.test"), "wss 192.0.2.2:443");
	CHECK_STR(sip_str_of(f.dns.asked_for), "NAPTR web.test\n");
	resolve_teardown(&f);
}

TEST(naptr_of_a_transport_without_a_listener_is_passed_over)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);

	f.families[SIP_TLS] = 0;
	CHECK_STR(resolve_all(&f, "sip:full.test"), "tcp 192.0.2.1:5070");
	f.families[SIP_TCP] = 0;
	CHECK_STR(resolve_all(&f, "sip:full.test"),
		"udp 192.0.2.1:5063, udp 192.0.2.2:5064");
	resolve_teardown(&f);
}

TEST(what_has_no_listener_is_not_supported)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);

	memset(f.families, 0, sizeof(f.families));
	f.families[SIP_TLS] = SIP_FAMILY_IPV4;
	CHECK_STR(resolve_all(&f, "sip:192.0.2.1"), "not supported");
	CHECK_STR(resolve_all(&f, "sips:[2001:db8::1]"), "not supported");
	CHECK_STR(resolve_all(&f, "sip:full.test;transport=tcp"), "not supported");
	CHECK_STR(resolve_all(&f, "sip:full.test"), "tls 192.0.2.1:5071");
	/* No NAPTR that says TLS. */
	CHECK_STR(resolve_all(&f, "sip:srv.test"), "not supported");
	resolve_teardown(&f);
}

TEST(without_udp_tcp_is_the_usual_transport)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);

	f.families[SIP_UDP] = 0;
	CHECK_STR(resolve_all(&f, "sip:192.0.2.1"), "tcp 192.0.2.1:5060");
	CHECK_STR(resolve_all(&f, "sip:srv.test"), "tcp 192.0.2.2:5065");
	CHECK_STR(resolve_all(&f, "sip:v6.test"), "tcp [2001:db8::6]:5060");
	resolve_teardown(&f);
}

static const char *const weighted[] = {
	"_sip._udp.w.test 300 SRV 0 0 1 a.w.test",
	"_sip._udp.w.test 300 SRV 0 10 2 a.w.test",
	"_sip._udp.w.test 300 SRV 0 30 3 a.w.test",
	"_sip._udp.w.test 300 SRV 1 0 4 a.w.test",
	"a.w.test 300 A 192.0.2.1",
	NULL,
};

/* RFC 2782: chances in proportion to the weights, "a very small chance" for none; 41
 * numbers are drawn from here, one of which is the first record's. */
TEST(srv_weights_are_chances)
{
	struct resolve_fixture f;
	unsigned first[5] = { 0 };
	resolve_setup(&f, weighted);

	for (unsigned i = 0; i < 4100; i++) {
		resolve_ask(&f, "sip:w.test;transport=udp");
		CHECK_INT(f.targets.count, ==, 4);
		CHECK_INT(sip_addr_port(&f.targets.target[3].addr), ==, 4);
		first[sip_addr_port(&f.targets.target[0].addr)]++;
	}
	/* Ten standard deviations, and not all the same. */
	CHECK(first[1] > 0 && first[1] < 200);
	CHECK(first[2] > 700 && first[2] < 1300);
	CHECK(first[3] > 2700 && first[3] < 3300);
	CHECK_INT(first[1] + first[2] + first[3], ==, 4100);
	resolve_teardown(&f);
}

TEST(the_same_seed_draws_the_same_order)
{
	struct resolve_fixture f;
	unsigned order[2][20];

	for (int run = 0; run < 2; run++) {
		resolve_setup(&f, weighted);
		for (int i = 0; i < 20; i++) {
			resolve_ask(&f, "sip:w.test;transport=udp");
			order[run][i] = sip_addr_port(&f.targets.target[0].addr);
		}
		resolve_teardown(&f);
	}
	CHECK(memcmp(order[0], order[1], sizeof(order[0])) == 0);
}

TEST(targets_are_bounded)
{
	static const char *lines[41];
	static char text[40][64];
	struct resolve_fixture f;

	for (int i = 0; i < 40; i++) {
		snprintf(text[i], sizeof(text[i]), "many.test 300 A 192.0.2.%d", i + 1);
		lines[i] = text[i];
	}
	resolve_setup(&f, lines);

	resolve_ask(&f, "sip:many.test:5060");
	CHECK_INT(f.targets.count, ==, SIP_TARGETS_MAX);
	resolve_teardown(&f);
}

TEST(without_an_asker_only_what_is_known_is_answered)
{
	struct resolve_fixture f;
	struct sip_resolve_request request = {
		.scheme = SIP_URI_SIP, .host = SIP_STR("v6.test"), .port = 5060
	};
	resolve_setup(&f, zone);
	memcpy(request.families, f.families, sizeof(f.families));

	CHECK_INT(sip_resolve(f.resolver, &request, NULL, &f.targets, NULL), ==,
		SIP_EMISSING);
	CHECK_INT(f.dns.asked, ==, 0);
	resolve_ask(&f, "sip:v6.test:5060");
	CHECK_INT(sip_resolve(f.resolver, &request, NULL, &f.targets, NULL), ==, 0);
	resolve_teardown(&f);
}

TEST(a_name_without_records_is_not_found)
{
	struct resolve_fixture f;
	resolve_setup(&f, nothing);

	CHECK_STR(resolve_all(&f, "sip:example.test"), "not found");
	CHECK_STR(sip_str_of(f.dns.asked_for),
		"NAPTR example.test\nSRV _sip._udp.example.test\n"
		"SRV _sip._tcp.example.test\nAAAA example.test\nA example.test\n");
	resolve_teardown(&f);
}
