/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages out of a stream, in pieces of every size. */
#include "support/check.h"

#include "transport/framer.h"

#include <stdlib.h>

#define LIMITS                                                                           \
	{                                                                                \
		.header_bytes = 200, .headers = 256, .body_bytes = 20                    \
	}

#define HEAD "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n"

/* What a stream is cut into, a letter each, and the lengths. */
struct cut {
	char what[32];
	size_t len[32];
	size_t count;
	size_t left;
	uint16_t status;
	const char *reason;
};

static const char letters[] = "?mop!";

static void note(struct cut *cut, enum sip_framed framed, size_t len)
{
	CHECK_INT(cut->count, <, 31);
	cut->what[cut->count] = letters[framed];
	cut->len[cut->count++] = len;
}

/* `step` bytes come at a time, in memory that ends with them. */
static void cut_stream(struct sip_str stream, size_t step, struct cut *cut)
{
	static const struct sip_msg_limits limits = LIMITS;
	struct sip_framer framer;
	size_t begin = 0;
	size_t end = 0;

	*cut = (struct cut){ .count = 0 };
	sip_framer_init(&framer);
	while (end < stream.len) {
		end = end + step < stream.len ? end + step : stream.len;
		for (;;) {
			size_t len = end - begin;
			char *copy = malloc(len > 0 ? len : 1);
			size_t frame = 99999;
			enum sip_framed framed;

			CHECK(copy != NULL);
			if (len > 0)
				memcpy(copy, stream.ptr + begin, len);
			framed = sip_framer_next(&framer, copy, len, &limits, &frame);
			free(copy);
			CHECK_INT(frame, <=, len);
			if (framed == SIP_FRAMED_PARTLY) {
				CHECK_INT(frame, ==, 0);
				break;
			}
			note(cut, framed, frame);
			if (framed == SIP_FRAMED_BROKEN) {
				cut->status = framer.status;
				cut->reason = framer.reason;
				return;
			}
			begin += frame;
		}
	}
	cut->left = end - begin;
}

struct row {
	const char *stream;
	const char *what;
	uint16_t status;
	size_t left;
};

static void check_row(const struct row *row)
{
	struct sip_str stream = sip_str_of(row->stream);

	for (size_t step = 1; step <= stream.len; step++) {
		struct cut cut;

		cut_stream(stream, step, &cut);
		CHECK_STR(sip_str_of(cut.what), row->what);
		CHECK_INT(cut.status, ==, row->status);
		CHECK_INT(cut.left, ==, row->left);
	}
}

TEST(a_stream_is_cut_the_same_whatever_its_pieces)
{
	static const struct row rows[] = {
		{ HEAD "Content-Length: 0\r\n\r\n", "m", 0, 0 },
		{ HEAD "Content-Length: 4\r\n\r\nbody" HEAD "l:0\r\n\r\n", "mm", 0, 0 },
		{ HEAD "Content-Length: 4\r\n\r\nbod", "", 0, sizeof(HEAD) - 1 + 24 },
		{ HEAD "L : 5 \r\n\r\n\r\n\r\nx" HEAD "l: 0\r\n\r\n", "mm", 0, 0 },
		/* The length may stand on a line of its own (7.3.1). */
		{ HEAD "content-length:\r\n\t4\r\n\r\nbody", "m", 0, 0 },
		{ HEAD "Subject: Content-Length: 3\r\n l: 4\r\nl: 0\r\n\r\n", "m", 0, 0 },
		{ HEAD "l: 3\r\nContent-Length: 3\r\n\r\nxyz", "m", 0, 0 },
		{ HEAD "no colon\r\nl: 0\r\n\r\n", "m", 0, 0 },
		/* What keeps a connection alive. */
		{ "\r\n\r\n", "op", 0, 0 },
		{ "\r\n", "o", 0, 0 },
		{ "\r\n\r\n\r\n\r\n\r\n", "opopo", 0, 0 },
		{ "\r\n" HEAD "l: 0\r\n\r\n\r\n" HEAD "l: 0\r\n\r\n\r\n\r\n", "omomop", 0,
			0 },
		{ "\r\n\r", "o", 0, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

TEST(what_has_no_end_that_both_sides_know_is_broken)
{
	static const struct row rows[] = {
		{ HEAD "\r\n", "!", 400, 0 },
		{ HEAD "Content-Length: x\r\n\r\n", "!", 400, 0 },
		{ HEAD "Content-Length: -1\r\n\r\n", "!", 400, 0 },
		{ HEAD "Content-Length:\r\n\r\n", "!", 400, 0 },
		{ HEAD "Content-Length: 4294967296\r\n\r\n", "!", 400, 0 },
		{ HEAD "l: 3\r\nContent-Length: 4\r\n\r\nxyz", "!", 400, 0 },
		{ HEAD "Content-Length: 21\r\n\r\n", "!", 413, 0 },
		{ HEAD "Content-Length: 20\r\n\r\n01234567890123456789", "m", 0, 0 },
		{ "OPTIONS sip:a SIP/2.0\nl: 0\r\n\r\n", "!", 400, 0 },
		{ HEAD "l: 0\r\n\n", "!", 400, 0 },
		{ "\n", "!", 400, 0 },
		{ "\rX", "!", 400, 0 },
		{ HEAD "l: 0\r\n\r\n\r\r\n", "m!", 400, 0 },
		{ "l: 5\r\n\r\nxxxxx", "!", 400, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

/* Exactly as long as the limit is allowed, a byte more is not; nobody waits for the rest
 * of what is too long already. */
TEST(a_header_block_has_its_limit)
{
	char text[512];

	for (size_t len = 195; len <= 205; len++) {
		struct cut cut;
		struct sip_str stream = { text, len };

		memset(text, 'x', sizeof(text));
		memcpy(text, HEAD "l: 0\r\nS: ", sizeof(HEAD "l: 0\r\nS: ") - 1);
		memcpy(text + len - 4, "\r\n\r\n", 4);
		for (size_t step = 1; step <= len; step += 7) {
			cut_stream(stream, step, &cut);
			CHECK_STR(sip_str_of(cut.what), len <= 200 ? "m" : "!");
			CHECK_INT(cut.status, ==, len <= 200 ? 0 : 513);
		}
		cut_stream((struct sip_str){ text, 190 }, 1, &cut);
		CHECK_INT(cut.count, ==, 0);
	}
}

/* A request that can't be framed is answered before its connection ends. */
TEST(a_broken_frame_says_how_long_its_header_block_is)
{
	struct cut cut;

	cut_stream(SIP_STR(HEAD "\r\nrest"), 1000, &cut);
	CHECK_INT(cut.len[0], ==, sizeof(HEAD) - 1 + 2);
	CHECK_STR(sip_str_of(cut.reason), "no Content-Length in a stream");
	cut_stream(SIP_STR(HEAD "l: 99\r\n\r\n"), 1000, &cut);
	CHECK_INT(cut.len[0], ==, sizeof(HEAD) - 1 + 9);
	cut_stream(SIP_STR("OPTIONS\nl: 99\r\n\r\n"), 1000, &cut);
	CHECK_INT(cut.len[0], ==, 0);
}
