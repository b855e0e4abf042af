/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests that come together, for which what they need is looked up ahead.
 *
 * What comes of that is time; that it reads nothing beyond the texts of peers the
 * sanitizers see.
 */
#include "support/check.h"
#include "support/served.h"
#include "support/wire.h"

#include <stdio.h>

#define ROOM 1024

struct asked {
	const char *method;
	const char *uri;
	const char *from;
	const char *to;
	const char *more; /* lines of its header */
};

static struct sip_str write_request(
	char *text, const struct asked *asked, unsigned number)
{
	int len = snprintf(text, ROOM,
		"%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%u\r\n"
		"From: <%s>;tag=1\r\nTo: <%s>\r\nCall-ID: c%u\r\nCSeq: 1 %s\r\n%s\r\n",
		asked->method, asked->uri, number, asked->from, asked->to, number,
		asked->method, asked->more);

	return (struct sip_str){ text, (size_t)len };
}

TEST(each_of_many_requests_that_come_together_is_answered)
{
	static const struct asked all[] = {
		{ "OPTIONS", "sip:127.0.0.1", "sip:a@b", "sip:127.0.0.1", "" },
		{ "OPTIONS", "sip:u@127.0.0.1", "sips:a@b", "sip:u@127.0.0.1", "" },
		{ "OPTIONS", "sip:u@127.0.0.1", "tel:1", "tel:1", "" },
		{ "OPTIONS", "sip:u@127.0.0.1", "x:y", "sip:b", "" },
		{ "OPTIONS", "sip:u@127.0.0.1", "x:", "sip:b", "" },
		{ "MESSAGE", "tel:12", "sip:b", "tel:12", "" },
		{ "REGISTER", "sip:127.0.0.1", "sip:a@b", "sip:a@b", "" },
		{ "REGISTER", "sip:127.0.0.1", "sip:a@b", "sips:a@127.0.0.1",
			"Authorization: Digest\r\n" },
		{ "REGISTER", "sip:127.0.0.1", "sip:a@b", "tel:1",
			"Authorization: Digest a=b, nonce=\"1\"\r\n" },
		{ "REGISTER", "sip:127.0.0.1", "sip:a@b", "x:y",
			"Authorization: Digest a=b,\r\n" },
		{ "REGISTER", "sip:127.0.0.1", "sip:a@b", "sip:a@127.0.0.1",
			"Authorization: Digest a=b,nonce=\"\xff\xff\xff\xff\xff\xff\xff\xff"
			"0123456789012345678901234567890123456789012345678\"\r\n" },
	};
	enum { COUNT = sizeof(all) / sizeof(all[0]), TIMES = 8 };
	static char texts[COUNT * TIMES][ROOM];
	struct sip_str batch[COUNT * TIMES];
	struct sip_addr from = wire_addr("192.0.2.1:5060");
	char error[SIP_SERVER_ERROR_LEN];
	struct served served;

	served_create(&served, "SIP/2.0 ");
	CHECK_INT(sip_server_start(served.server, error), ==, 0);
	/* More than are looked at ahead. */
	for (unsigned i = 0; i < COUNT * TIMES; i++)
		batch[i] = write_request(texts[i], &all[i % COUNT], i);
	CHECK_INT(sip_transport_inject_batch(served.server->transport, served.listener,
			  &from, batch, COUNT * TIMES, 0),
		==, 0);

	CHECK_INT(served_wait(COUNT * TIMES), ==, COUNT * TIMES);
	sip_server_stop(served.server);
	sip_server_destroy(&served.server);
}
