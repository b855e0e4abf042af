/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages out of files, made what they were on the wire. */
#include "explain_mend.h"
#include "support/check.h"

#define HEAD "OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\n"

static const struct {
	const char *file;
	const char *wire;
	const char *remarks;
} cases[] = {
	/* What is right stays. */
	{ HEAD "Content-Length: 2\r\n\r\nab", HEAD "Content-Length: 2\r\n\r\nab", "" },
	{ HEAD "\r\nab\n", HEAD "\r\nab\n", "" },
	/* Line ends. */
	{ "OPTIONS sip:a SIP/2.0\nCSeq: 1 OPTIONS\n\n", HEAD "\r\n",
		"plain line feeds are made CRLF\n" },
	{ "OPTIONS sip:a SIP/2.0\nCSeq: 1 OPTIONS\nl: 6\n\na\nb\n",
		HEAD "l: 6\r\n\r\na\r\nb\r\n", "plain line feeds are made CRLF\n" },
	/* The end of the header. */
	{ HEAD, HEAD "\r\n", "no empty line ends the header: one is added\n" },
	{ "OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS", HEAD "\r\n",
		"no empty line ends the header: one is added\n" },
	/* The length, and the line feed that an editor adds. */
	{ HEAD "Content-Length: 7\r\n\r\nab", HEAD "Content-Length: 2\r\n\r\nab",
		"Content-Length is 7 and the body has 2 bytes: made right\n" },
	{ HEAD "content-length : 2\r\n\r\nab\n", HEAD "content-length : 2\r\n\r\nab",
		"" },
	{ HEAD "Content-Length: 0\r\n\r\n\r\n", HEAD "Content-Length: 0\r\n\r\n", "" },
	{ HEAD "Content-Length: x\r\n\r\nab", HEAD "Content-Length: x\r\n\r\nab", "" },
	/* What the trace writes above. */
	{ "2026-07-01T10:00:00.000000Z <- udp 192.0.2.1:5060 from 192.0.2.7:5060\n"
	  "server transaction OPTIONS 1 z9hG4bK7\n" HEAD "\r\n",
		HEAD "\r\n", "2 lines above the message are left out\n" },
	/* No message at all. */
	{ "", "", "" },
	{ "\n", "\n", "" },
	{ "hello\nworld\n\n", "hello\nworld\n\n", "" },
	{ "SIP/2.0 200 OK\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n", "" },
	{ "X sip:a SIP/2.0", "X sip:a SIP/2.0\r\n\r\n",
		"no empty line ends the header: one is added\n" },
};

TEST(messages_out_of_files_are_mended_and_it_is_said_how)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text wire = { 0 };
		struct text remarks = { 0 };

		explain_mend(sip_str_of(cases[i].file), &wire, &remarks);

		CHECK(!wire.failed && !remarks.failed);
		CHECK_STR(
			((struct sip_str){ wire.ptr != NULL ? wire.ptr : "", wire.len }),
			cases[i].wire);
		CHECK_STR(((struct sip_str){
				  remarks.ptr != NULL ? remarks.ptr : "", remarks.len }),
			cases[i].remarks);
		text_fini(&wire);
		text_fini(&remarks);
	}
}
