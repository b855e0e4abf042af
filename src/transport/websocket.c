/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of a WebSocket, and messages out of them: see websocket.h.
 *
 * wslay takes frames apart.  What it needs for that is there while a frame is.
 */
#include "transport/websocket.h"

#include "message/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <wslay/wslay.h>

#define FIN 0x80u

/* RFC 6455 5.2: longer payloads have their length in two or eight bytes more. */
#define SHORT_MAX 125u
#define LEN_16    126u
#define LEN_64    127u

#define MASK_LEN 4u

/* The longest reason for the log, with its NUL. */
#define REASON_LEN 128u

struct sip_websocket *sip_websocket_create(const struct sip_config_list *origins)
{
	struct sip_websocket *websocket = calloc(1, sizeof(*websocket));

	if (websocket != NULL)
		websocket->origins = origins;
	return websocket;
}

static void end_frames(struct sip_websocket *websocket)
{
	wslay_frame_context_free(websocket->frames);
	websocket->frames = NULL;
	websocket->fed = websocket->used = 0;
}

void sip_websocket_destroy(struct sip_websocket **place)
{
	struct sip_websocket *websocket = *place;

	*place = NULL;
	if (websocket == NULL)
		return;
	end_frames(websocket);
	free(websocket->answer);
	free(websocket);
}

/* wslay asks for more. */
static ssize_t feed(uint8_t *buf, size_t len, int flags, void *user_data)
{
	struct sip_websocket *websocket = user_data;

	(void)flags;
	if (len > websocket->in_len)
		len = websocket->in_len;
	if (len == 0)
		return -1;
	memcpy(buf, websocket->in, len);
	websocket->in += len;
	websocket->in_len -= len;
	websocket->fed += len;
	return (ssize_t)len;
}

static int begin_frames(struct sip_websocket *websocket)
{
	static const struct wslay_frame_callbacks callbacks = { .recv_callback = feed };

	if (websocket->frames != NULL)
		return SIP_OK;
	return wslay_frame_context_init(&websocket->frames, &callbacks, websocket) == 0
		? SIP_OK
		: SIP_EMEMORY;
}

int sip_websocket_add(struct sip_websocket *websocket, struct sip_stream *stream,
	const char *bytes, size_t len)
{
	SIP_ASSERT(websocket->in_len == 0);
	if (websocket->state == SIP_WEBSOCKET_HANDSHAKE)
		return sip_stream_add(stream, bytes, len);
	websocket->in = bytes;
	websocket->in_len = len;
	return begin_frames(websocket);
}

/* ---- the end ---- */

/* A close frame in the place of control frames. */
static struct sip_str close_frame(
	struct sip_websocket *websocket, uint16_t code, const char *reason)
{
	size_t len = strlen(reason);

	SIP_ASSERT(len + 2 <= SIP_WEBSOCKET_CONTROL_MAX);
	websocket->state = SIP_WEBSOCKET_CLOSED;
	websocket->control[0] = FIN | WSLAY_CONNECTION_CLOSE;
	websocket->control[1] = (uint8_t)(len + 2);
	websocket->control[2] = (uint8_t)(code >> 8);
	websocket->control[3] = (uint8_t)code;
	memcpy(websocket->control + 4, reason, len);
	return (struct sip_str){ (const char *)websocket->control, len + 4 };
}

struct sip_str sip_websocket_close(
	struct sip_websocket *websocket, enum sip_websocket_code code, const char *reason)
{
	return close_frame(websocket, (uint16_t)code, reason);
}

/* RFC 6455 7.1.7 */
static enum sip_framed fail(struct sip_websocket *websocket, enum sip_websocket_code code,
	const char *reason, struct sip_str *text)
{
	websocket->status = (uint16_t)code;
	websocket->reason = reason;
	*text = close_frame(websocket, (uint16_t)code, reason);
	return SIP_FRAMED_BROKEN;
}

/* ---- the handshake ---- */

/* For the log, behind the answer: an origin that is refused is what an operator wants to
 * write down. */
static const char *reason_of(const struct sip_handshake *handshake, char text[REASON_LEN])
{
	if (handshake->status != 403)
		return handshake->reason;
	snprintf(text, REASON_LEN, "websocket_origin= does not name %.*s",
		SIP_STR_ARG(handshake->origin));
	return text;
}

static enum sip_framed answer(struct sip_websocket *websocket,
	const struct sip_handshake *handshake, struct sip_str *text)
{
	*text = (struct sip_str){ NULL, 0 };
	websocket->answer = malloc(SIP_HANDSHAKE_ANSWER_LEN + REASON_LEN);
	if (websocket->answer != NULL)
		*text = (struct sip_str){ websocket->answer,
			sip_handshake_answer(handshake, websocket->answer) };
	if (text->len > 0 && handshake->status == 101) {
		websocket->state = SIP_WEBSOCKET_OPEN;
		return SIP_FRAMED_SAY;
	}
	websocket->state = SIP_WEBSOCKET_CLOSED;
	websocket->status = text->len > 0 ? handshake->status : 500;
	websocket->reason = text->len > 0
		? reason_of(handshake, websocket->answer + SIP_HANDSHAKE_ANSWER_LEN)
		: "no memory";
	return SIP_FRAMED_BROKEN;
}

static bool is_of_a_line(char c)
{
	return (unsigned char)c >= ' ' || c == '\t' || c == '\r';
}

/* How long the header block is; 0: it has not ended; SIZE_MAX: it is none. */
static size_t head_len(struct sip_websocket *websocket, const char *text, uint32_t len)
{
	while (websocket->seen < len) {
		uint32_t at = websocket->seen++;

		if (at > 0 && (text[at - 1] == '\r') != (text[at] == '\n'))
			return SIZE_MAX;
		if (text[at] != '\n' && !is_of_a_line(text[at]))
			return SIZE_MAX;
		if (text[at] != '\n')
			continue;
		if (at == 0)
			return SIZE_MAX;
		if (at - websocket->line == 1)
			return at + 1;
		websocket->line = at + 1;
	}
	return 0;
}

static enum sip_framed shake_hands(
	struct sip_websocket *websocket, struct sip_stream *stream, struct sip_str *text)
{
	uint32_t most = stream->len < SIP_HANDSHAKE_MAX ? stream->len : SIP_HANDSHAKE_MAX;
	size_t len = head_len(websocket, stream->bytes, most);
	struct sip_handshake handshake = { .status = 400 };
	enum sip_framed framed;

	if (len == 0 && most < SIP_HANDSHAKE_MAX)
		return SIP_FRAMED_PARTLY;
	if (len == SIZE_MAX) {
		handshake.reason = "This is not a header block of HTTP.";
	} else if (len == 0) {
		handshake.status = 431;
		handshake.reason = "The header block is too long.";
	} else if (len != stream->len) {
		/* RFC 6455 4.1: "the client MUST wait for a response" */
		handshake.reason = "Something stands behind the header block.";
	} else {
		sip_handshake_read((struct sip_str){ stream->bytes, len },
			websocket->origins, &handshake);
	}
	framed = answer(websocket, &handshake, text);
	sip_stream_fini(stream);
	return framed;
}

/* ---- frames ---- */

static unsigned frame_head_len(const struct wslay_frame_iocb *frame)
{
	unsigned more = frame->payload_length > UINT16_MAX ? 8
		: frame->payload_length > SHORT_MAX        ? 2
							   : 0;

	return 2 + more + MASK_LEN;
}

static bool is_data(uint8_t opcode)
{
	return opcode == WSLAY_TEXT_FRAME || opcode == WSLAY_BINARY_FRAME;
}

/* Why a frame that begins so can't be, or NULL. */
static const char *fault_of(
	const struct sip_websocket *websocket, const struct wslay_frame_iocb *frame)
{
	uint8_t opcode = frame->opcode;

	if (frame->rsv != 0)
		return "a reserved bit is set"; /* RFC 6455 5.2 */
	if (!frame->mask)
		return "a frame has no mask"; /* RFC 6455 5.1 */
	if (is_data(opcode))
		return websocket->message == 0 ? NULL : "a message in another one";
	if (opcode == WSLAY_CONTINUATION_FRAME)
		return websocket->message != 0 ? NULL : "a continuation of nothing";
	if (opcode != WSLAY_CONNECTION_CLOSE && opcode != WSLAY_PING &&
		opcode != WSLAY_PONG)
		return "an unknown opcode";
	return NULL;
}

/* The head of a frame is known.  PARTLY: it can go on. */
static enum sip_framed begin_frame(struct sip_websocket *websocket,
	const struct sip_stream *stream, const struct sip_msg_limits *limits,
	const struct wslay_frame_iocb *frame, struct sip_str *text)
{
	uint64_t most = (uint64_t)limits->header_bytes + limits->body_bytes;
	const char *fault = fault_of(websocket, frame);

	if (fault != NULL)
		return fail(websocket, SIP_WEBSOCKET_PROTOCOL_ERROR, fault, text);
	if (!wslay_is_ctrl_frame(frame->opcode) &&
		frame->payload_length + stream->len > most)
		return fail(websocket, SIP_WEBSOCKET_TOO_BIG, "the message is too long",
			text);
	websocket->in_frame = true;
	websocket->frame_at = 0;
	websocket->used += frame_head_len(frame);
	if (is_data(frame->opcode))
		websocket->message = frame->opcode;
	else if (wslay_is_ctrl_frame(frame->opcode))
		websocket->control_len = 0;
	return SIP_FRAMED_PARTLY;
}

/* RFC 6455 7.4 */
static bool is_code(unsigned code)
{
	return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
		(code >= 3000 && code <= 4999);
}

/* RFC 6455 5.5.1: it is answered with its own code. */
static enum sip_framed take_close(struct sip_websocket *websocket, struct sip_str *text)
{
	const uint8_t *payload = websocket->control + 2;
	size_t len = websocket->control_len;
	unsigned code = len >= 2 ? (unsigned)payload[0] << 8 | payload[1] : 0;

	if (len == 1 || (len >= 2 && !is_code(code)))
		return fail(websocket, SIP_WEBSOCKET_PROTOCOL_ERROR,
			"the code of a close frame", text);
	if (len > 2 &&
		!sip_is_utf8((struct sip_str){ (const char *)payload + 2, len - 2 }))
		return fail(websocket, SIP_WEBSOCKET_NO_TEXT,
			"the reason of a close frame is not UTF-8", text);
	*text = close_frame(websocket, (uint16_t)code, "");
	if (len == 0) {
		websocket->control[1] = 0;
		text->len = 2;
	}
	return SIP_FRAMED_ENDED;
}

/* A piece of a control frame, whose length wslay has checked. */
static enum sip_framed take_control(struct sip_websocket *websocket,
	const struct wslay_frame_iocb *frame, struct sip_str *text)
{
	SIP_ASSERT(
		websocket->control_len + frame->data_length <= SIP_WEBSOCKET_CONTROL_MAX);
	if (frame->data_length > 0)
		memcpy(websocket->control + 2 + websocket->control_len, frame->data,
			frame->data_length);
	websocket->control_len += (uint8_t)frame->data_length;
	if (websocket->in_frame || frame->opcode == WSLAY_PONG)
		return SIP_FRAMED_PARTLY;
	if (frame->opcode == WSLAY_CONNECTION_CLOSE)
		return take_close(websocket, text);
	/* RFC 6455 5.5.3: "identical Application data" */
	websocket->control[0] = FIN | WSLAY_PONG;
	websocket->control[1] = websocket->control_len;
	*text = (struct sip_str){ (const char *)websocket->control,
		2u + websocket->control_len };
	return SIP_FRAMED_SAY;
}

/* A message is whole. */
static enum sip_framed deliver(struct sip_websocket *websocket, struct sip_str *text)
{
	bool is_text = websocket->message == WSLAY_TEXT_FRAME;

	websocket->message = 0;
	websocket->handed = true;
	/* RFC 6455 8.1 */
	if (is_text && !sip_is_utf8(*text))
		return fail(websocket, SIP_WEBSOCKET_NO_TEXT,
			"a text message is not UTF-8", text);
	if (sip_str_equal(*text, SIP_STR("\r\n\r\n")))
		return SIP_FRAMED_PING;
	return sip_str_trim(*text).len == 0 ? SIP_FRAMED_PONG : SIP_FRAMED_MESSAGE;
}

/* Put a piece behind what the stream has. */
static int keep_piece(struct sip_stream *stream, const struct wslay_frame_iocb *frame)
{
	if (sip_stream_add(stream, (const char *)frame->data, frame->data_length) !=
		SIP_OK)
		return SIP_EMEMORY;
	return stream->bytes == stream->kept ? SIP_OK : sip_stream_keep(stream);
}

static enum sip_framed take_data(struct sip_websocket *websocket,
	struct sip_stream *stream, const struct wslay_frame_iocb *frame,
	struct sip_str *text)
{
	bool last = !websocket->in_frame && frame->fin;

	*text = (struct sip_str){ (const char *)frame->data, frame->data_length };
	if (last && stream->len == 0)
		return deliver(websocket, text);
	if (keep_piece(stream, frame) != SIP_OK)
		return fail(websocket, SIP_WEBSOCKET_NO_MEMORY, "no memory", text);
	if (!last)
		return SIP_FRAMED_PARTLY;
	*text = (struct sip_str){ stream->bytes, stream->len };
	return deliver(websocket, text);
}

/* wslay has found a piece of a frame, maybe all of it. */
static enum sip_framed take(struct sip_websocket *websocket, struct sip_stream *stream,
	const struct sip_msg_limits *limits, const struct wslay_frame_iocb *frame,
	struct sip_str *text)
{
	if (!websocket->in_frame &&
		begin_frame(websocket, stream, limits, frame, text) != SIP_FRAMED_PARTLY)
		return SIP_FRAMED_BROKEN;
	websocket->used += frame->data_length;
	websocket->frame_at += frame->data_length;
	websocket->in_frame = websocket->frame_at < frame->payload_length;
	return wslay_is_ctrl_frame(frame->opcode)
		? take_control(websocket, frame, text)
		: take_data(websocket, stream, frame, text);
}

/* What was handed out has been seen. */
static void let_go(struct sip_websocket *websocket, struct sip_stream *stream)
{
	free(websocket->answer);
	websocket->answer = NULL;
	if (websocket->handed)
		sip_stream_fini(stream);
	websocket->handed = false;
}

static enum sip_framed next_frames(struct sip_websocket *websocket,
	struct sip_stream *stream, const struct sip_msg_limits *limits,
	struct sip_str *text)
{
	enum sip_framed framed = SIP_FRAMED_PARTLY;

	while (framed == SIP_FRAMED_PARTLY) {
		struct wslay_frame_iocb frame;
		ssize_t got = wslay_frame_recv(websocket->frames, &frame);

		if (got == WSLAY_ERR_WANT_READ)
			return SIP_FRAMED_PARTLY;
		framed = got >= 0
			? take(websocket, stream, limits, &frame, text)
			: fail(websocket, SIP_WEBSOCKET_PROTOCOL_ERROR,
				  "a control frame too long or in pieces, or a length that "
				  "is none",
				  text);
	}
	return framed;
}

enum sip_framed sip_websocket_next(struct sip_websocket *websocket,
	struct sip_stream *stream, const struct sip_msg_limits *limits,
	struct sip_str *text)
{
	enum sip_framed framed;

	SIP_ASSERT(websocket->state != SIP_WEBSOCKET_CLOSED);
	let_go(websocket, stream);
	*text = (struct sip_str){ NULL, 0 };
	if (websocket->state == SIP_WEBSOCKET_HANDSHAKE)
		return shake_hands(websocket, stream, text);
	if (websocket->frames == NULL)
		return SIP_FRAMED_PARTLY;
	framed = next_frames(websocket, stream, limits, text);
	/* A frame's head that has come in part was fed, and is not used yet. */
	if (framed == SIP_FRAMED_PARTLY && !websocket->in_frame &&
		websocket->fed == websocket->used)
		end_frames(websocket);
	return framed;
}

bool sip_websocket_waits(
	const struct sip_websocket *websocket, const struct sip_stream *stream)
{
	return websocket->frames != NULL || sip_stream_waits(stream);
}

/* ---- what we say ---- */

uint8_t sip_websocket_head(struct sip_str text, uint8_t head[SIP_WEBSOCKET_HEAD_MAX])
{
	uint64_t len = text.len;

	head[0] = (uint8_t)(FIN |
		(unsigned)(sip_is_utf8(text) ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME));
	if (len <= SHORT_MAX) {
		head[1] = (uint8_t)len;
		return 2;
	}
	if (len <= UINT16_MAX) {
		head[1] = LEN_16;
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)len;
		return 4;
	}
	head[1] = LEN_64;
	for (unsigned i = 0; i < 8; i++)
		head[2 + i] = (uint8_t)(len >> (56 - 8 * i));
	return 10;
}

struct sip_str sip_websocket_ping(void)
{
	return SIP_STR("\x89\0");
}
