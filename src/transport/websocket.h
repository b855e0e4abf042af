/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * SIP over WebSocket (RFC 7118, RFC 6455), the server's side: bytes go in, messages come
 * out, and what is to be answered on the way.
 *
 *     HANDSHAKE --101--> OPEN --close--> CLOSED
 *
 * A message is one WebSocket message, and its length is that one's: Content-Length may be
 * left out.  Nothing is kept but what is a part of a message or of a frame: one that is
 * idle is this struct alone.
 *
 * Threads: the connection's work.
 */
#pragma once

#include "transport/stream.h"
#include "transport/websocket_handshake.h"

/* RFC 6455 5.5: a control frame's payload, and what stands before it. */
#define SIP_WEBSOCKET_CONTROL_MAX 125u
#define SIP_WEBSOCKET_HEAD_MAX    10u

/* RFC 6455 7.4.1 */
enum sip_websocket_code {
	SIP_WEBSOCKET_GOING_AWAY = 1001,
	SIP_WEBSOCKET_PROTOCOL_ERROR = 1002,
	SIP_WEBSOCKET_NO_TEXT = 1007,
	SIP_WEBSOCKET_TOO_BIG = 1009,
	SIP_WEBSOCKET_NO_MEMORY = 1011,
};

enum sip_websocket_state {
	SIP_WEBSOCKET_HANDSHAKE,
	SIP_WEBSOCKET_OPEN,
	SIP_WEBSOCKET_CLOSED, /* a close frame, or a refusal, is the last that we say */
};

struct wslay_frame_context;

struct sip_websocket {
	enum sip_websocket_state state;
	const struct sip_config_list *origins; /* borrowed */

	/* Of the handshake. */
	uint32_t seen; /* bytes that were looked at */
	uint32_t line; /* where the line begins that has not ended yet */
	char *answer;  /* malloc()ed; NULL: none is being said */

	/* Of frames. */
	const char *in; /* what has come */
	size_t in_len;
	struct wslay_frame_context *frames; /* NULL: no frame has begun */
	uint64_t fed;                       /* bytes that `frames` was given */
	uint64_t used;                      /* and that were those of frames */
	uint64_t frame_at;                  /* bytes of the frame's payload so far */
	bool in_frame;                      /* its head is known */
	bool handed;     /* what the stream has was handed out, and goes */
	uint8_t message; /* the opcode of the message that has begun; 0: none */
	uint8_t control_len;
	uint8_t control[2 + SIP_WEBSOCKET_CONTROL_MAX]; /* a frame: theirs, then ours */

	/* After SIP_FRAMED_BROKEN. */
	uint16_t status;    /* of HTTP, or why a WebSocket was closed */
	const char *reason; /* for the log */
};

/** NULL: out of memory.  Borrows `origins` to its end. */
SIP_MUST_USE struct sip_websocket *sip_websocket_create(
	const struct sip_config_list *origins);
void sip_websocket_destroy(struct sip_websocket **websocket);

/** More has come.  Borrows `bytes` until sip_websocket_next() has said PARTLY; `stream`
 * is where parts of messages are, the same one in each call.  SIP_EMEMORY: it can't go
 * on. */
SIP_MUST_USE int sip_websocket_add(struct sip_websocket *websocket,
	struct sip_stream *stream, const char *bytes, size_t len);

/**
 * What comes next; *text is borrowed until the next call of any of these.
 *
 * MESSAGE: *text is one, as datagrams are; its bytes may be any.
 * PING: two line ends (RFC 5626 3.5.1), to be answered with one.
 * PONG: an answer, or nothing.
 * SAY: *text are bytes to be sent as they are.
 * ENDED: likewise, and then the connection is to be closed: the peer has asked for that.
 * BROKEN: likewise, where there are any; `status` and `reason` say why.
 * PARTLY: there is no more; stream and connection go on with sip_stream_keep().
 */
SIP_MUST_USE enum sip_framed sip_websocket_next(struct sip_websocket *websocket,
	struct sip_stream *stream, const struct sip_msg_limits *limits,
	struct sip_str *text);

/** Something has begun that is not whole. */
bool sip_websocket_waits(
	const struct sip_websocket *websocket, const struct sip_stream *stream);

/** Write what stands before a message of ours; returns its length. */
uint8_t sip_websocket_head(struct sip_str text, uint8_t head[SIP_WEBSOCKET_HEAD_MAX]);

/** A frame that the peer has to answer. */
struct sip_str sip_websocket_ping(void);

/** The frame that ends an open one, which is closed by that; borrowed until the next call
 * of any of these.  `reason` has at most 123 bytes. */
struct sip_str sip_websocket_close(struct sip_websocket *websocket,
	enum sip_websocket_code code, const char *reason);
