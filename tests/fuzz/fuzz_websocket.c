/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a browser says, behind a byte that says how it is cut into pieces: whatever the
 * pieces, the same comes out as of all in one; what is answered is of HTTP or a frame;
 * and nothing is kept where nothing is a part of something.
 *
 * FUZZ_OPEN is 1: frames, behind a handshake; 0: the handshake itself.
 */
#include "base/hash.h"
#include "require.h"
#include "transport/websocket.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char handshake[] =
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Protocol: sip\r\n\r\n";

static const char *const named[] = { "https://a" };
static const struct sip_config_list origins = { named, 1 };
static const struct sip_msg_limits limits = {
	.header_bytes = 2048, .headers = 256, .body_bytes = 1024
};

struct outcome {
	uint64_t sum; /* of all that came out */
	uint32_t count;
	enum sip_websocket_state state;
	uint16_t status;
};

static void add(struct outcome *outcome, const void *bytes, size_t len)
{
	struct sip_hash_key key = { { outcome->sum, len } };

	outcome->sum = sip_hash(&key, bytes, len);
}

static void check_said(enum sip_framed framed, struct sip_str text)
{
	bool http = text.len > 9 && memcmp(text.ptr, "HTTP/1.1 ", 9) == 0;

	if (framed == SIP_FRAMED_MESSAGE)
		REQUIRE(text.len > 0 &&
			text.len <= limits.header_bytes + limits.body_bytes);
	if (framed == SIP_FRAMED_SAY || framed == SIP_FRAMED_ENDED ||
		framed == SIP_FRAMED_BROKEN)
		REQUIRE(http ||
			(text.len >= 2 && text.len <= 127 &&
				(size_t)(uint8_t)text.ptr[1] == text.len - 2));
}

/* All of one piece; false: it is over. */
static bool take_all(struct sip_websocket *websocket, struct sip_stream *stream,
	struct outcome *outcome)
{
	for (;;) {
		struct sip_str text;
		enum sip_framed framed = sip_websocket_next(
			websocket, stream, &limits, &text);
		uint8_t kind = (uint8_t)framed;

		if (framed == SIP_FRAMED_PARTLY)
			return true;
		check_said(framed, text);
		outcome->count++;
		add(outcome, &kind, 1);
		add(outcome, text.ptr, text.len);
		if (framed == SIP_FRAMED_BROKEN || framed == SIP_FRAMED_ENDED)
			return false;
	}
}

static bool give(struct sip_websocket *websocket, struct sip_stream *stream,
	const void *bytes, size_t len, struct outcome *outcome)
{
	char *piece = malloc(len + 1);
	bool goes_on;

	REQUIRE(piece != NULL);
	memcpy(piece, bytes, len);
	REQUIRE(sip_websocket_add(websocket, stream, piece, len) == 0);
	goes_on = take_all(websocket, stream, outcome);
	REQUIRE(sip_stream_keep(stream) == 0);
	free(piece);
	if (goes_on && !sip_websocket_waits(websocket, stream))
		REQUIRE(sip_stream_room(stream) == 0);
	return goes_on;
}

static void play(const uint8_t *data, size_t size, size_t step, struct outcome *outcome)
{
	struct sip_websocket *websocket = sip_websocket_create(&origins);
	struct sip_stream stream;
	bool goes_on = true;

	REQUIRE(websocket != NULL);
	sip_stream_init(&stream);
	if (FUZZ_OPEN)
		REQUIRE(give(
			websocket, &stream, handshake, sizeof(handshake) - 1, outcome));
	for (size_t at = 0; at < size && goes_on; at += step)
		goes_on = give(websocket, &stream, data + at,
			size - at < step ? size - at : step, outcome);
	outcome->state = websocket->state;
	outcome->status = websocket->status;
	sip_websocket_destroy(&websocket);
	sip_stream_fini(&stream);
}

/* What stands behind a handshake is refused where it comes with it, and is frames where
 * it comes later: so there is nothing. */
static size_t len_of(const uint8_t *data, size_t size)
{
	const char *end = memmem(data, size, "\r\n\r\n", 4);

	if (FUZZ_OPEN)
		return size;
	if (size >= 2 && memcmp(data, "\r\n", 2) == 0)
		return 2;
	if (end != NULL)
		return (size_t)(end + 4 - (const char *)data);
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole = { .sum = 0 };
	struct outcome pieces = { .sum = 0 };

	if (size < 2 || size > 16384)
		return 0;
	size = len_of(data + 1, size - 1);
	play(data + 1, size, size, &whole);
	play(data + 1, size, data[0] % 64 + 1u, &pieces);
	REQUIRE(whole.count == pieces.count);
	REQUIRE(whole.sum == pieces.sum);
	REQUIRE(whole.state == pieces.state);
	REQUIRE(whole.status == pieces.status);
	return 0;
}
