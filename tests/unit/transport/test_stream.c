/* SPDX-License-Identifier: BSD-2-Clause */
/* What a stream keeps of what has come, and for how long. */
#include "support/check.h"

#include "transport/stream.h"

#include <string.h>

static const struct sip_msg_limits *limits(void)
{
	static struct sip_msg_limits all;

	all = SIP_MSG_LIMITS_DEFAULT;
	return &all;
}

static const char ONE[] = "OPTIONS sip:a SIP/2.0\r\nl: 3\r\n\r\none";
static const char TWO[] = "OPTIONS sip:b SIP/2.0\r\nl: 0\r\n\r\n";

#define CHECK_FRAME(stream, kind, text)                                                  \
	do {                                                                             \
		struct sip_str frame;                                                    \
                                                                                         \
		CHECK_INT(sip_stream_next(stream, limits(), &frame), ==, kind);          \
		CHECK_STR(frame, text);                                                  \
	} while (0)

TEST(what_is_whole_is_not_kept)
{
	struct sip_stream stream;

	sip_stream_init(&stream);
	CHECK_INT(sip_stream_add(&stream, ONE, strlen(ONE)), ==, 0);
	CHECK_FRAME(&stream, SIP_FRAMED_MESSAGE, ONE);
	CHECK_FRAME(&stream, SIP_FRAMED_PARTLY, "");
	CHECK_INT(sip_stream_keep(&stream), ==, 0);

	CHECK_INT(sip_stream_room(&stream), ==, 0);
	CHECK(!sip_stream_waits(&stream));
	sip_stream_fini(&stream);
}

TEST(pieces_of_any_length_make_the_same_messages)
{
	char text[sizeof(ONE) + sizeof(TWO)];

	strcpy(text, ONE);
	strcat(text, TWO);
	for (size_t piece = 1; piece <= strlen(text); piece++) {
		struct sip_stream stream;
		char made[sizeof(text)] = "";
		unsigned count = 0;

		sip_stream_init(&stream);
		for (size_t at = 0; at < strlen(text); at += piece) {
			size_t left = strlen(text) - at;
			struct sip_str frame;

			CHECK_INT(sip_stream_add(&stream, text + at,
					  left < piece ? left : piece),
				==, 0);
			while (sip_stream_next(&stream, limits(), &frame) ==
				SIP_FRAMED_MESSAGE) {
				strncat(made, frame.ptr, frame.len);
				count++;
			}
			CHECK_INT(sip_stream_keep(&stream), ==, 0);
		}
		CHECK_INT(count, ==, 2);
		CHECK_STR(sip_str_of(made), text);
		CHECK_INT(sip_stream_room(&stream), ==, 0);
		sip_stream_fini(&stream);
	}
}

TEST(a_part_stays_where_it_was_put_though_the_callers_memory_changes)
{
	struct sip_stream stream;
	char bytes[64] = "OPTIONS sip:a SIP/2.0\r\nl: 3\r\n";

	sip_stream_init(&stream);
	CHECK_INT(sip_stream_add(&stream, bytes, strlen(bytes)), ==, 0);
	CHECK_FRAME(&stream, SIP_FRAMED_PARTLY, "");
	CHECK_INT(sip_stream_keep(&stream), ==, 0);
	memset(bytes, 'x', sizeof(bytes));
	CHECK(sip_stream_waits(&stream));
	CHECK_INT(sip_stream_add(&stream, "\r\none", 5), ==, 0);

	CHECK_FRAME(&stream, SIP_FRAMED_MESSAGE, ONE);
	CHECK_INT(sip_stream_keep(&stream), ==, 0);
	CHECK_INT(sip_stream_room(&stream), ==, 0);
	sip_stream_fini(&stream);
}

TEST(what_is_broken_says_why)
{
	struct sip_stream stream;
	const char *text = "OPTIONS sip:a SIP/2.0\r\nl: 99999999\r\n\r\n";

	sip_stream_init(&stream);
	CHECK_INT(sip_stream_add(&stream, text, strlen(text)), ==, 0);
	CHECK_FRAME(&stream, SIP_FRAMED_BROKEN, text);
	CHECK_INT(stream.framer.status, ==, 413);
	sip_stream_fini(&stream);
}
