/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing messages. */
#include "message/builder.h"

#include "message_fixture.h"
#include "support/check.h"

static struct sip_str written(const struct sip_builder *b)
{
	return (struct sip_str){ b->buf, b->len };
}

TEST(pieces_are_written_one_behind_the_other)
{
	char buf[128];
	struct sip_builder b;
	const uint8_t bytes[] = { 0x00, 0x9f, 0xff };

	sip_builder_init(&b, buf, sizeof(buf));
	sip_put(&b, SIP_STR("a"));
	sip_put(&b, (struct sip_str){ NULL, 0 });
	sip_put_char(&b, '-');
	sip_put_number(&b, 0);
	sip_put_char(&b, ' ');
	sip_put_number(&b, UINT64_MAX);
	sip_put_char(&b, ' ');
	sip_put_hex(&b, bytes, sizeof(bytes));

	CHECK_INT(b.error, ==, 0);
	CHECK_STR(written(&b), "a-0 18446744073709551615 009fff");
}

TEST(a_header_field_is_a_line)
{
	char buf[128];
	struct sip_builder b;

	sip_builder_init(&b, buf, sizeof(buf));
	sip_put_header(&b, SIP_STR("Subject"), SIP_STR("a b"));
	sip_put_header(&b, SIP_STR("X"), SIP_STR(""));

	CHECK_INT(b.error, ==, 0);
	CHECK_STR(written(&b), "Subject: a b\r\nX: \r\n");
}

static const struct {
	struct sip_str name, value;
} injections[] = {
	{ { "A", 1 }, { "x\r\nB: y", 7 } },
	{ { "A", 1 }, { "x\n", 2 } },
	{ { "A", 1 }, { "\r", 1 } },
	{ { "A", 1 }, { "x\0y", 3 } },
	{ { "A: b\r\nC", 7 }, { "x", 1 } },
	{ { "A B", 3 }, { "x", 1 } },
	{ { "", 0 }, { "x", 1 } },
	{ { "A:", 2 }, { "x", 1 } },
};

TEST(nothing_can_be_injected)
{
	for (size_t i = 0; i < sizeof(injections) / sizeof(injections[0]); i++) {
		char buf[128];
		struct sip_builder b;

		sip_builder_init(&b, buf, sizeof(buf));
		sip_put_header(&b, injections[i].name, injections[i].value);

		CHECK_INT(b.error, ==, SIP_EINVALID);
	}
}

/* Text is looked at by words of the machine first. */
TEST(nothing_can_be_injected_at_any_place)
{
	for (int c = 0; c < 256; c++) {
		for (size_t at = 0; at < 20; at++) {
			char text[20];
			char buf[32];
			struct sip_builder b;

			memset(text, at % 2 == 0 ? '\t' : 'a', sizeof(text));
			text[at] = (char)c;
			sip_builder_init(&b, buf, sizeof(buf));
			sip_put_clean(&b, (struct sip_str){ text, sizeof(text) });

			CHECK_INT(b.error, ==,
				c == '\r' || c == '\n' || c == 0 ? SIP_EINVALID : 0);
		}
	}
}

TEST(quotes_and_backslashes_are_escaped_and_line_ends_refused)
{
	char buf[64];
	struct sip_builder b;

	sip_builder_init(&b, buf, sizeof(buf));
	sip_put_quoted(&b, SIP_STR("a\"b\\c"));
	sip_put_quoted(&b, SIP_STR(""));
	sip_put_quoted(&b, SIP_STR("\"\""));
	CHECK_INT(b.error, ==, 0);
	CHECK_STR(written(&b), "\"a\\\"b\\\\c\"\"\"\"\\\"\\\"\"");

	sip_put_quoted(&b, SIP_STR("a\nb"));
	CHECK_INT(b.error, ==, SIP_EINVALID);
}

TEST(the_first_error_stays_and_nothing_is_written_after_it)
{
	char buf[8] = "0123456";
	struct sip_builder b;

	sip_builder_init(&b, buf, 4);
	sip_put(&b, SIP_STR("abcd"));
	CHECK_INT(b.error, ==, 0);
	sip_put_char(&b, 'e');
	CHECK_INT(b.error, ==, SIP_ESPACE);
	sip_put_clean(&b, SIP_STR("\n"));
	sip_put_number(&b, 1);

	CHECK_INT(b.error, ==, SIP_ESPACE);
	CHECK_INT(b.len, ==, 4);
	CHECK_STR(((struct sip_str){ buf, 7 }), "abcd456");
}

TEST(an_error_leaves_no_half_of_a_piece)
{
	char buf[8];
	struct sip_builder b;

	sip_builder_init(&b, buf, 5);
	sip_put(&b, SIP_STR("abc"));
	sip_put(&b, SIP_STR("def"));
	sip_put(&b, SIP_STR("g"));

	CHECK_INT(b.error, ==, SIP_ESPACE);
	CHECK_STR(written(&b), "abc");
}

/* RFC 3261 8.2.6.2: "The Via header field values in the response MUST equal the Via
 * header field values in the request and MUST maintain the same ordering." */
TEST(fields_are_copied_in_order_under_their_long_names)
{
	struct message_fixture f;
	char buf[256];
	struct sip_builder b;

	message_fixture_with(&f,
		"v: SIP/2.0/TCP b , SIP/2.0/TCP c\r\nX-y: z\r\nVIA : SIP/2.0/UDP\r\n d\r\n");
	sip_builder_init(&b, buf, sizeof(buf));
	sip_put_copied(&b, &f.msg, SIP_HDR_VIA);
	sip_put_copied(&b, &f.msg, SIP_HDR_OTHER);
	sip_put_copied(&b, &f.msg, SIP_HDR_SUBJECT);

	CHECK_INT(b.error, ==, 0);
	CHECK_STR(written(&b),
		"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"
		"Via: SIP/2.0/TCP b , SIP/2.0/TCP c\r\n"
		"Via: SIP/2.0/UDP   d\r\n"
		"X-y: z\r\n");
	message_fixture_fini(&f);
}

TEST(a_field_as_it_came_is_a_line_or_nothing)
{
	char buf[12];
	struct sip_builder b;

	sip_builder_init(&b, buf, sizeof(buf));
	sip_put_same(&b, SIP_STR("To: "), SIP_STR(""));
	sip_put_same(&b, SIP_STR("To: "), SIP_STR("<s:a>!"));
	CHECK_INT(b.error, ==, 0);
	CHECK_STR(((struct sip_str){ buf, b.len }), "To: <s:a>!\r\n");

	sip_builder_init(&b, buf, sizeof(buf));
	sip_put_same(&b, SIP_STR("To: "), SIP_STR("<s:a>!!"));
	CHECK_INT(b.error, ==, SIP_ESPACE);
	CHECK_INT(b.len, ==, 0);
}
