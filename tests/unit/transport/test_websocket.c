/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames and messages of a WebSocket, in pieces of every size: RFC 6455, RFC 7118. */
#include "websocket_peer.h"

#include "transport/websocket.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const named[] = { "http://localhost" };
static const struct sip_config_list origins = { named, 1 };

/* What came out, a letter each, and the texts one behind the other. */
struct said {
	char what[128];
	char text[8192];
	size_t count;
	size_t len;
};

static const char letters[] = { [SIP_FRAMED_MESSAGE] = 'm',
	[SIP_FRAMED_PONG] = 'o',
	[SIP_FRAMED_PING] = 'p',
	[SIP_FRAMED_BROKEN] = '!',
	[SIP_FRAMED_SAY] = 's',
	[SIP_FRAMED_ENDED] = 'e' };

struct peer {
	struct sip_websocket *websocket;
	struct sip_stream stream;
	struct said said;
};

static struct sip_msg_limits limits;

static void open_peer(struct peer *peer)
{
	memset(peer, 0, sizeof(*peer));
	limits = (struct sip_msg_limits){
		.header_bytes = 3000, .headers = 256, .body_bytes = 3000
	};
	sip_stream_init(&peer->stream);
	peer->websocket = sip_websocket_create(&origins);
	CHECK(peer->websocket != NULL);
}

static void close_peer(struct peer *peer)
{
	sip_websocket_destroy(&peer->websocket);
	sip_stream_fini(&peer->stream);
}

/* Bytes that have come, in memory that ends with them.  False: it is over. */
static bool give(struct peer *peer, const void *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);
	struct said *said = &peer->said;
	enum sip_framed framed;

	CHECK(copy != NULL);
	memcpy(copy, bytes, len);
	CHECK_INT(sip_websocket_add(peer->websocket, &peer->stream, copy, len), ==, 0);
	do {
		struct sip_str text;

		framed = sip_websocket_next(
			peer->websocket, &peer->stream, &limits, &text);
		if (framed == SIP_FRAMED_PARTLY)
			break;
		CHECK_INT(said->count, <, sizeof(said->what) - 1);
		CHECK_INT(said->len + text.len, <, sizeof(said->text));
		said->what[said->count++] = letters[framed];
		if (text.len > 0)
			memcpy(said->text + said->len, text.ptr, text.len);
		said->len += text.len;
	} while (framed != SIP_FRAMED_BROKEN && framed != SIP_FRAMED_ENDED);
	CHECK_INT(sip_stream_keep(&peer->stream), ==, 0);
	free(copy);
	return framed == SIP_FRAMED_PARTLY;
}

/* `step` bytes at a time. */
static void give_pieces(struct peer *peer, const void *bytes, size_t len, size_t step)
{
	for (size_t at = 0; at < len; at += step) {
		if (!give(peer, (const char *)bytes + at,
			    len - at < step ? len - at : step))
			return;
	}
}

static void open_to_frames(struct peer *peer)
{
	open_peer(peer);
	CHECK(give(peer, WS_HANDSHAKE, sizeof(WS_HANDSHAKE) - 1));
	CHECK_STR(sip_str_of(peer->said.what), "s");
	peer->said = (struct said){ .count = 0 };
}

static void check_said(struct peer *peer, const char *what, const void *text, size_t len)
{
	CHECK_STR(sip_str_of(peer->said.what), what);
	CHECK_INT(peer->said.len, ==, len);
	CHECK(memcmp(peer->said.text, text, len) == 0);
}

#define CHECK_SAID(peer, what, text) check_said(peer, what, text, sizeof(text) - 1)

/* Nothing is kept. */
static void check_idle(const struct peer *peer)
{
	CHECK(peer->websocket->frames == NULL);
	CHECK(peer->websocket->answer == NULL);
	CHECK_INT(sip_stream_room(&peer->stream), ==, 0);
	CHECK(!sip_websocket_waits(peer->websocket, &peer->stream));
}

/* ---- the handshake ---- */

TEST(a_handshake_in_pieces_of_any_size_is_answered_once)
{
	for (size_t step = 1; step < sizeof(WS_HANDSHAKE); step++) {
		struct peer peer;

		open_peer(&peer);
		give_pieces(&peer, WS_HANDSHAKE, sizeof(WS_HANDSHAKE) - 1, step);
		CHECK_SAID(&peer, "s", WS_ANSWER);
		CHECK_INT(peer.websocket->state, ==, SIP_WEBSOCKET_OPEN);
		check_idle(&peer);
		close_peer(&peer);
	}
}

TEST(what_is_no_handshake_is_refused_as_soon_as_that_is_seen)
{
	static const struct {
		const char *text;
		size_t len; /* 0: it is a string */
		unsigned status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 426 },
		{ "\x16\x03\x01\x02\x00\x01", 6, 400 },
		{ "\0", 1, 400 },
		{ "GET / HTTP/1.1\n", 0, 400 },
		{ "GET / HTTP/1.1\rX", 0, 400 },
		{ "GET / HTTP/1.1\r\nA: \x01", 0, 400 },
		{ "\r\n", 0, 400 },
		{ WS_HANDSHAKE "\x81", 0, 400 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len = cases[i].len > 0 ? cases[i].len : strlen(cases[i].text);
		struct peer peer;

		open_peer(&peer);
		CHECK(!give(&peer, cases[i].text, len));
		CHECK_STR(sip_str_of(peer.said.what), "!");
		CHECK_INT(peer.websocket->status, ==, cases[i].status);
		CHECK(strncmp(peer.said.text, "HTTP/1.1 4", 10) == 0);
		CHECK_INT(peer.websocket->state, ==, SIP_WEBSOCKET_CLOSED);
		close_peer(&peer);
	}
}

TEST(the_origin_that_is_refused_is_told_as_far_as_there_is_room)
{
	char text[1024];
	char page[512];
	struct peer peer;
	int len;

	memset(page, 'a', sizeof(page));
	page[sizeof(page) - 1] = '\0';
	len = snprintf(text, sizeof(text),
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: "
		"13\r\nOrigin: http://%s\r\n\r\n",
		page);
	open_peer(&peer);
	CHECK(!give(&peer, text, (size_t)len));
	CHECK_INT(peer.websocket->status, ==, 403);
	CHECK_INT(strlen(peer.websocket->reason), ==, 127);
	CHECK(strncmp(peer.websocket->reason,
		      "websocket_origin= does not name http://aaaa", 43) == 0);
	close_peer(&peer);
}

TEST(a_header_block_without_end_is_refused_at_eight_kilobytes)
{
	struct peer peer;
	char line[100];

	memset(line, 'a', sizeof(line));
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	open_peer(&peer);
	for (unsigned i = 0; i < 81; i++)
		CHECK(give(&peer, line, sizeof(line)));
	CHECK(!give(&peer, line, sizeof(line)));
	CHECK_INT(peer.websocket->status, ==, 431);
	close_peer(&peer);
}

/* ---- messages ---- */

TEST(messages_whole_and_in_fragments_come_out_whatever_the_pieces)
{
	static const char wanted[] = "onetwothree";
	uint8_t bytes[256];
	size_t len = 0;

	len += ws_frame(bytes + len, WS_TEXT, "one", 3);
	len += ws_frame(bytes + len, WS_TEXT_BEGINS, "", 0);
	len += ws_frame(bytes + len, WS_MORE, "t", 1);
	len += ws_frame(bytes + len, WS_PONG, "between", 7);
	len += ws_frame(bytes + len, WS_MORE, "w", 1);
	len += ws_frame(bytes + len, WS_LAST, "o", 1);
	len += ws_frame(bytes + len, WS_BINARY, "three", 5);
	for (size_t step = 1; step <= len; step++) {
		struct peer peer;

		open_to_frames(&peer);
		give_pieces(&peer, bytes, len, step);
		CHECK_SAID(&peer, "mmm", wanted);
		check_idle(&peer);
		close_peer(&peer);
	}
}

TEST(lengths_of_each_form_are_read)
{
	static const size_t lens[] = { 0, 1, 125, 126, 4091, 4092, 4093, 5000 };
	static uint8_t bytes[8192];
	static char text[5000];

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		size_t len = ws_frame(bytes, WS_TEXT, text, lens[i]);
		struct peer peer;

		open_to_frames(&peer);
		CHECK(give(&peer, bytes, len));
		check_said(&peer, lens[i] > 0 ? "m" : "o", text, lens[i]);
		check_idle(&peer);
		close_peer(&peer);
	}
}

TEST(a_part_of_a_frame_is_waited_for)
{
	uint8_t bytes[64];
	size_t len = ws_frame(bytes, WS_TEXT, "hello", 5);

	for (size_t part = 1; part < len; part++) {
		struct peer peer;

		open_to_frames(&peer);
		CHECK(give(&peer, bytes, part));
		CHECK_INT(peer.said.count, ==, 0);
		CHECK(sip_websocket_waits(peer.websocket, &peer.stream));
		close_peer(&peer);
	}
}

/* RFC 5626 3.5.1 */
TEST(line_ends_keep_a_connection_open)
{
	uint8_t bytes[64];
	size_t len = ws_frame(bytes, WS_TEXT, "\r\n\r\n", 4);
	struct peer peer;

	len += ws_frame(bytes + len, WS_BINARY, "\r\n", 2);
	open_to_frames(&peer);
	CHECK(give(&peer, bytes, len));
	CHECK_STR(sip_str_of(peer.said.what), "po");
	close_peer(&peer);
}

TEST(a_ping_is_answered_with_its_own_words)
{
	uint8_t bytes[256];
	char words[125];
	size_t len = ws_frame(bytes, WS_PING, "abc", 3);
	struct peer peer;

	memset(words, 'w', sizeof(words));
	len += ws_frame(bytes + len, WS_PING, words, sizeof(words));
	for (size_t step = 1; step <= len; step++) {
		open_to_frames(&peer);
		give_pieces(&peer, bytes, len, step);
		CHECK_STR(sip_str_of(peer.said.what), "ss");
		CHECK_INT(peer.said.len, ==, 5 + 127);
		CHECK(memcmp(peer.said.text,
			      "\x8a\x03"
			      "abc\x8a\x7d"
			      "www",
			      10) == 0);
		check_idle(&peer);
		close_peer(&peer);
	}
}

/* ---- the end ---- */

TEST(a_close_frame_is_answered_with_its_code)
{
	uint8_t bytes[64];
	size_t len = ws_frame(bytes, WS_CLOSE,
		"\x03\xe8"
		"bye",
		5);
	struct peer peer;

	open_to_frames(&peer);
	CHECK(!give(&peer, bytes, len));
	CHECK_SAID(&peer, "e", "\x88\x02\x03\xe8");
	CHECK_INT(peer.websocket->state, ==, SIP_WEBSOCKET_CLOSED);
	close_peer(&peer);

	len = ws_frame(bytes, WS_CLOSE, "", 0);
	open_to_frames(&peer);
	CHECK(!give(&peer, bytes, len));
	CHECK_SAID(&peer, "e", "\x88\0");
	close_peer(&peer);
}

TEST(what_no_frame_may_be_ends_it_with_a_code)
{
	static const struct {
		const char *frames;
		size_t len;
		unsigned code;
	} cases[] = {
		/* No mask: RFC 6455 5.1. */
		{ "\x81\x01x", 3, 1002 },
		/* Reserved bits, opcodes: 5.2. */
		{ "\xc1\x81\0\0\0\0x", 7, 1002 },
		{ "\xa1\x81\0\0\0\0x", 7, 1002 },
		{ "\x91\x81\0\0\0\0x", 7, 1002 },
		{ "\x83\x81\0\0\0\0x", 7, 1002 },
		{ "\x8b\x81\0\0\0\0x", 7, 1002 },
		/* Lengths in a longer form than they need: 5.2. */
		{ "\x81\xfe\0\x7d\0\0\0\0x", 9, 1002 },
		{ "\x81\xff\0\0\0\0\0\0\xff\xff\0\0\0\0x", 15, 1002 },
		{ "\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0x", 15, 1002 },
		/* Control frames: 5.5. */
		{ "\x89\xfe\0\x7e\0\0\0\0x", 9, 1002 },
		{ "\x09\x81\0\0\0\0x", 7, 1002 },
		/* Fragments: 5.4. */
		{ "\x80\x81\0\0\0\0x", 7, 1002 },
		{ "\x01\x81\0\0\0\0x\x81\x81\0\0\0\0y", 14, 1002 },
		/* Text: 8.1. */
		{ "\x81\x81\0\0\0\0\xff", 7, 1007 },
		{ "\x01\x81\0\0\0\0\xc3\x80\x81\0\0\0\0(", 14, 1007 },
		/* More than a message may have. */
		{ "\x81\xfe\x17\x71\0\0\0\0x", 9, 1009 },
		{ "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0x", 15, 1009 },
		{ "\x01\x81\0\0\0\0x\x80\xfe\x17\x70\0\0\0\0x", 16, 1009 },
		/* Codes: 5.5.1, 7.4. */
		{ "\x88\x81\0\0\0\0x", 7, 1002 },
		{ "\x88\x82\0\0\0\0\x03\xed", 8, 1002 },
		{ "\x88\x82\0\0\0\0\x00\x00", 8, 1002 },
		{ "\x88\x83\0\0\0\0\x03\xe8\xff", 9, 1007 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct peer peer;
		const uint8_t *close;

		open_to_frames(&peer);
		CHECK(!give(&peer, cases[i].frames, cases[i].len));
		CHECK_STR(sip_str_of(peer.said.what), "!");
		close = (const uint8_t *)peer.said.text;
		CHECK_INT(close[0], ==, 0x88);
		CHECK_INT(close[1], ==, peer.said.len - 2);
		CHECK_INT(close[2] << 8 | close[3], ==, cases[i].code);
		CHECK_INT(peer.websocket->status, ==, cases[i].code);
		CHECK_STR(((struct sip_str){ peer.said.text + 4, peer.said.len - 4 }),
			peer.websocket->reason);
		close_peer(&peer);
	}
}

/* A message of 6,000 bytes is as long as both limits together. */
TEST(a_message_in_fragments_of_a_byte_is_as_long_as_one_may_be)
{
	static uint8_t bytes[7];
	struct peer peer;

	open_to_frames(&peer);
	CHECK(give(&peer, bytes, ws_frame(bytes, WS_TEXT_BEGINS, "x", 1)));
	for (unsigned i = 1; i < 5999; i++)
		CHECK(give(&peer, bytes, ws_frame(bytes, WS_MORE, "x", 1)));
	CHECK_INT(sip_stream_room(&peer.stream), ==, 8192);
	CHECK(give(&peer, bytes, ws_frame(bytes, WS_LAST, "x", 1)));
	CHECK_STR(sip_str_of(peer.said.what), "m");
	CHECK_INT(peer.said.len, ==, 6000);
	check_idle(&peer);
	close_peer(&peer);
}

/* A reload has made it longer than one may be: what is behind it has no bound then. */
TEST(a_message_that_has_become_too_long_is_not_gone_on_with)
{
	static uint8_t bytes[2000 + WS_HEAD_MAX];
	static const char text[2000];
	struct peer peer;

	open_to_frames(&peer);
	CHECK(give(&peer, bytes, ws_frame(bytes, WS_TEXT_BEGINS, text, sizeof(text))));
	limits.header_bytes = limits.body_bytes = 500;
	CHECK(!give(&peer, bytes, ws_frame(bytes, WS_MORE, "x", 1)));
	CHECK_INT(peer.websocket->status, ==, SIP_WEBSOCKET_TOO_BIG);
	close_peer(&peer);
}

/* ---- what we say ---- */

TEST(what_we_say_has_no_mask_and_is_binary_where_it_is_no_text)
{
	static char text[70000];
	uint8_t head[SIP_WEBSOCKET_HEAD_MAX];
	struct sip_str ping = sip_websocket_ping();

	memset(text, 'x', sizeof(text));
	CHECK_INT(sip_websocket_head((struct sip_str){ text, 125 }, head), ==, 2);
	CHECK(memcmp(head, "\x81\x7d", 2) == 0);
	CHECK_INT(sip_websocket_head((struct sip_str){ text, 126 }, head), ==, 4);
	CHECK(memcmp(head, "\x81\x7e\0\x7e", 4) == 0);
	CHECK_INT(sip_websocket_head((struct sip_str){ text, 65535 }, head), ==, 4);
	CHECK(memcmp(head, "\x81\x7e\xff\xff", 4) == 0);
	CHECK_INT(sip_websocket_head((struct sip_str){ text, 70000 }, head), ==, 10);
	CHECK(memcmp(head, "\x81\x7f\0\0\0\0\0\x01\x11\x70", 10) == 0);
	CHECK_INT(sip_websocket_head(SIP_STR("\xff"), head), ==, 2);
	CHECK(memcmp(head, "\x82\x01", 2) == 0);
	CHECK_INT(ping.len, ==, 2);
	CHECK(memcmp(ping.ptr, "\x89\0", 2) == 0);
}
