/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages for tests: see message_fixture.h. */
#include "message_fixture.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

static void *must(void *block)
{
	CHECK(block != NULL);
	return block;
}

void message_fixture_init_with(struct message_fixture *f, struct sip_str text,
	const struct sip_msg_limits *limits, uint16_t hdr_room,
	const struct sip_parser *parser)
{
	memset(f, 0x5a, sizeof(*f)); /* what the parser leaves unset shows */
	f->block = must(malloc(text.len + SIP_MSG_PADDING));
	memcpy(f->block, text.ptr, text.len);
	/* Behind the end stands what a parser that looks there would take for more
	 * fields. */
	memset(f->block + text.len, '\n', SIP_MSG_PADDING);
	f->msg.text = f->block;
	f->msg.len = (uint32_t)text.len;
	f->msg.hdrs = f->hdrs;
	f->msg.hdr_room = hdr_room;
	f->error = sip_msg_parse_with(&f->msg, limits, parser);
}

void message_fixture_init(struct message_fixture *f, struct sip_str text)
{
	const struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;

	message_fixture_init_with(f, text, &limits, FIXTURE_HDRS, sip_parser_best());
}

void message_fixture_fini(struct message_fixture *f)
{
	free(f->block);
	f->block = NULL;
}

void message_fixture_with(struct message_fixture *f, const char *extra)
{
	static const char head[] = "OPTIONS sip:bob@example.com SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"
				   "From: <sip:alice@example.com>;tag=1\r\n"
				   "To: <sip:bob@example.com>\r\n"
				   "Call-ID: a@192.0.2.1\r\n"
				   "CSeq: 7 OPTIONS\r\n";
	char text[8192];
	int len = snprintf(text, sizeof(text), "%s%s\r\n", head, extra);

	CHECK(len >= 0 && (size_t)len < sizeof(text));
	message_fixture_init(f, (struct sip_str){ text, (size_t)len });
}

struct sip_str message_fixture_read(const char *directory, const char *name)
{
	char path[4096];
	FILE *file;
	char *text = must(malloc(65536));
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = must(fopen(path, "rb"));
	len = fread(text, 1, 65536, file);
	fclose(file);
	return (struct sip_str){ text, len };
}
