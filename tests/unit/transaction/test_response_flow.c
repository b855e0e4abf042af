/* SPDX-License-Identifier: BSD-2-Clause */
/* Where responses go.  Quotes: RFC 3261 section 18.2.2. */
#include "support/check.h"

#include "base/slab.h"
#include "transaction/txn.h"

#include <stdio.h>

static struct sip_addr addr_of(const char *text)
{
	struct sip_addr addr;

	CHECK_INT(sip_addr_parse(sip_str_of(text), 0, &addr), ==, 0);
	return addr;
}

/* The response's peer for a request with that Via that came from `peer`. */
static const char *goes_to(
	enum sip_transport_kind kind, const char *via, const char *peer, char *text)
{
	struct sip_slab *slab = sip_slab_create("rx", SIP_RX_SLAB_LEN, 0);
	struct sip_flow flow = {
		.listener = 3,
		.connection = kind == SIP_UDP ? 0 : 7,
		.kind = kind,
		.local = addr_of("192.0.2.1:5060"),
		.peer = addr_of(peer),
	};
	struct sip_rx_data *rdata;
	struct sip_flow answer;
	char request[512];
	int len = snprintf(request, sizeof(request),
		"OPTIONS sip:a@b SIP/2.0\r\nVia: %s\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 7\r\n"
		"Content-Length: 0\r\n\r\n",
		via);

	CHECK(slab != NULL);
	rdata = sip_rx_data_create(slab, request, (size_t)len, &flow, 0);
	CHECK(rdata != NULL);
	CHECK_INT(sip_rx_data_parse(rdata, &SIP_MSG_LIMITS_DEFAULT), ==, 0);
	sip_response_flow(rdata, &answer);
	CHECK_INT(answer.listener, ==, 3);
	CHECK_INT(answer.connection, ==, flow.connection);
	CHECK_INT(answer.kind, ==, kind);
	CHECK(sip_addr_equal(&answer.local, &flow.local));
	sip_addr_text(&answer.peer, text);
	sip_rx_data_unref(&rdata);
	sip_slab_destroy(&slab);
	return text;
}

static const struct {
	enum sip_transport_kind kind;
	const char *via;
	const char *peer;
	const char *wanted;
} cases[] = {
	/* "to the address in the "received" parameter, using the port indicated in the
	 * "sent-by" value, or using port 5060 if none is specified explicitly" */
	{ SIP_UDP, "SIP/2.0/UDP 198.51.100.1:5070;branch=z9hG4bK1", "203.0.113.9:40000",
		"203.0.113.9:5070" },
	{ SIP_UDP, "SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK1", "203.0.113.9:40000",
		"203.0.113.9:5060" },
	{ SIP_UDP, "SIP/2.0/UDP host.invalid:5071;branch=z9hG4bK1", "203.0.113.9:40000",
		"203.0.113.9:5071" },
	{ SIP_UDP, "SIP/2.0/UDP [2001:db8::9]:5072;branch=z9hG4bK1",
		"[2001:db8::7]:40000", "[2001:db8::7]:5072" },
	/* RFC 3581 4: to the address in received and the port in rport, which are the
	   source's. */
	{ SIP_UDP, "SIP/2.0/UDP 198.51.100.1:5070;branch=z9hG4bK1;rport",
		"203.0.113.9:40000", "203.0.113.9:40000" },
	{ SIP_UDP, "SIP/2.0/UDP 198.51.100.1:5070;rport=1;branch=z9hG4bK1",
		"203.0.113.9:40000", "203.0.113.9:40000" },
	/* What a peer writes into received is not where it sent from. */
	{ SIP_UDP, "SIP/2.0/UDP 198.51.100.1:5070;received=192.0.2.77;branch=z9hG4bK1",
		"203.0.113.9:40000", "203.0.113.9:5070" },
	/* A maddr would have a stranger's datagram answered to somebody else: as if it
	 * were not there. */
	{ SIP_UDP, "SIP/2.0/UDP h:5070;maddr=198.51.100.5;branch=z9hG4bK1",
		"203.0.113.9:40000", "203.0.113.9:5070" },
	{ SIP_UDP, "SIP/2.0/UDP h;maddr=198.51.100.5;rport;branch=z9hG4bK1",
		"203.0.113.9:40000", "203.0.113.9:40000" },
	{ SIP_UDP, "SIP/2.0/UDP h;maddr=224.0.1.75;rport;branch=z9hG4bK1",
		"203.0.113.9:40000", "203.0.113.9:40000" },
	{ SIP_UDP, "SIP/2.0/UDP h;maddr=[ff02::1];rport;branch=z9hG4bK1",
		"[2001:db8::7]:40000", "[2001:db8::7]:40000" },
	/* "MUST be sent using the existing connection to the source of the original
	   request" */
	{ SIP_TCP, "SIP/2.0/TCP h:5070;maddr=198.51.100.5;branch=z9hG4bK1",
		"203.0.113.9:40000", "203.0.113.9:40000" },
};

TEST(responses_go_by_the_top_via)
{
	char text[SIP_ADDR_TEXT_LEN];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *is = goes_to(
			cases[i].kind, cases[i].via, cases[i].peer, text);

		if (strcmp(is, cases[i].wanted) != 0)
			check_failed(__FILE__, __LINE__,
				"%s from %s goes to %s, wanted %s", cases[i].via,
				cases[i].peer, is, cases[i].wanted);
	}
}
