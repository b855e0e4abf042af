/* SPDX-License-Identifier: BSD-2-Clause */
/* Via: RFC 3261 section 20.42, RFC 3581. */
#include "res_sip/error.h"
#include "res_sip/message.h"
#include "support/check.h"

static const struct {
	const char *text, *transport, *host;
	uint16_t port;
	const char *branch, *received, *params;
	bool rport;
} good[] = {
	{ "SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7", "UDP",
		"erlang.bell-telephone.com", 5060, "z9hG4bK87asdks7", NULL,
		"branch=z9hG4bK87asdks7", false },
	{ "SIP/2.0/UDP 192.0.2.1:5060 ;received=192.0.2.207 ;branch=z9hG4bK77asjd", "UDP",
		"192.0.2.1", 5060, "z9hG4bK77asjd", "192.0.2.207",
		"received=192.0.2.207 ;branch=z9hG4bK77asjd", false },
	{ "SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 "
	  ";branch=z9hG4bKa7c6a8dlze.1",
		"UDP", "first.example.com", 4000, "z9hG4bKa7c6a8dlze.1", NULL,
		"ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1", false },
	{ "SIP/2.0/TLS [2001:db8::9:1]:5061;received=[2001:db8::9:255];branch=z9hG4bKas3",
		"TLS", "[2001:db8::9:1]", 5061, "z9hG4bKas3", "[2001:db8::9:255]",
		"received=[2001:db8::9:255];branch=z9hG4bKas3", false },
	/* via-received has no brackets in the grammar. */
	{ "SIP/2.0/UDP [::1];received=2001:db8::1", "UDP", "[::1]", 0, NULL,
		"2001:db8::1", "received=2001:db8::1", false },
	{ "SIP/2.0/UDP h;rport", "UDP", "h", 0, NULL, NULL, "rport", true },
	{ "SIP/2.0/UDP h;Rport=5060;BRANCH=a", "UDP", "h", 0, "a", NULL,
		"Rport=5060;BRANCH=a", true },
	{ "SIP/2.0/TCP h", "TCP", "h", 0, NULL, NULL, NULL, false },
	{ " SIP/2.0/WSS h.invalid ", "WSS", "h.invalid", 0, NULL, NULL, NULL, false },
	{ "SIP/7.0/UDP c.example.com;branch=a", "UDP", "c.example.com", 0, "a", NULL,
		"branch=a", false },
	{ "SIP/2.0/UDP h;x=\"a;branch=b\"", "UDP", "h", 0, NULL, NULL, "x=\"a;branch=b\"",
		false },
};

TEST(a_via_is_taken_apart)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct sip_via via;

		CHECK_INT(sip_via_parse(sip_str_of(good[i].text), &via), ==, 0);
		CHECK_STR(via.transport, good[i].transport);
		CHECK_STR(via.host, good[i].host);
		CHECK_INT(via.port, ==, good[i].port);
		CHECK_STR(via.branch, good[i].branch);
		CHECK_STR(via.received, good[i].received);
		CHECK_STR(via.params, good[i].params);
		CHECK_INT(via.rport, ==, good[i].rport);
	}
}

TEST(what_is_no_via_is_refused)
{
	static const char *const bad[] = { "", "SIP/2.0", "SIP/2.0/", "SIP/2.0/UDP",
		"SIP/2.0/UDP ", "SIP/2.0/UDPh", "/2.0/UDP h", "SIP//UDP h",
		"SIP/2.0/UDP h:", "SIP/2.0/UDP h:0", "SIP/2.0/UDP h:70000",
		"SIP/2.0/UDP h;", "SIP/2.0/UDP h;;", "SIP/2.0/UDP h;branch",
		"SIP/2.0/UDP h;branch=", "SIP/2.0/UDP h;branch=a;branch=a",
		"SIP/2.0/UDP h;received", "SIP/2.0/UDP h;received=a;received=b",
		"SIP/2.0/UDP h x", "SIP/2.0/UDP h,", "SIP/2.0/UDP h, SIP/2.0/UDP i",
		"SIP/2.0/UDP h;x=\"", "SIP/2.0/UDP h;x=\"\\", "SIP/2.0/UDP [::1",
		"SIP/2.0/UDP 192.0.2.15;;,;,," };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sip_via via;

		if (sip_via_parse(sip_str_of(bad[i]), &via) != SIP_ESYNTAX)
			check_failed(__FILE__, __LINE__, "\"%s\" was accepted", bad[i]);
	}
}
