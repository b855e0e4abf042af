/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream, behind a byte that says how it is cut into pieces: the frames are the same as
 * those of the stream in one piece, they come as soon as they are whole, and a message in
 * one that the parser takes is as long as the frame.
 */
#include "require.h"
#include "transport/framer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HDRS 256

static const struct sip_msg_limits limits = {
	.header_bytes = 2048, .headers = HDRS, .body_bytes = 1024
};

static void parse(const char *text, size_t len)
{
	static char copy[4096 + SIP_MSG_PADDING];
	struct sip_hdr hdrs[HDRS];
	struct sip_msg msg = {
		.text = copy, .len = (uint32_t)len, .hdrs = hdrs, .hdr_room = HDRS
	};

	memcpy(copy, text, len);
	memset(copy + len, 0, SIP_MSG_PADDING);
	if (sip_msg_parse(&msg, &limits) == 0)
		REQUIRE(msg.len == len);
}

/* The frame at `begin`, of a stream that comes `step` bytes at a time from `come` on;
 * nothing more is given than has come. */
static enum sip_framed next(const char *stream, size_t size, size_t begin, size_t *come,
	size_t step, struct sip_framer *framer, size_t *frame)
{
	for (;;) {
		size_t len = *come - begin;
		char *piece = malloc(len + 1);
		enum sip_framed framed;

		REQUIRE(piece != NULL);
		if (len > 0)
			memcpy(piece, stream + begin, len);
		framed = sip_framer_next(framer, piece, len, &limits, frame);
		free(piece);
		REQUIRE(*frame <= len);
		if (framed != SIP_FRAMED_PARTLY || *come == size)
			return framed;
		/* All of it was looked at, or it waits for bytes that it knows the number
		 * of. */
		REQUIRE(framer->wanted > len || framer->seen == len ||
			(len == 1 && stream[begin] == '\r') || len == 0);
		*come = size - *come < step ? size : *come + step;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_framer whole;
	struct sip_framer pieces;
	const char *stream = (const char *)data + 1;
	size_t begin = 0;
	size_t come_whole;
	size_t come = 0;
	enum sip_framed framed = SIP_FRAMED_MESSAGE;

	if (size < 2 || size > 8192)
		return 0;
	size--;
	come_whole = size;
	sip_framer_init(&whole);
	sip_framer_init(&pieces);
	while (framed != SIP_FRAMED_PARTLY && framed != SIP_FRAMED_BROKEN) {
		size_t frame;
		size_t other;

		framed = next(stream, size, begin, &come_whole, 1, &whole, &frame);
		if (come < begin)
			come = begin;
		REQUIRE(next(stream, size, begin, &come, data[0] % 64 + 1, &pieces,
				&other) == framed);
		REQUIRE(other == frame);
		REQUIRE(whole.status == pieces.status);
		if (framed == SIP_FRAMED_MESSAGE)
			parse(stream + begin, frame);
		begin += frame;
	}
	return 0;
}
