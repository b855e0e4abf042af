/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Messages out of a stream of bytes (RFC 3261 sections 7.5 and 18.3).
 *
 * The empty line ends the header block, Content-Length says what belongs to the message
 * behind it, and between messages stand line ends that keep the connection alive
 * (RFC 5626 section 3.5.1).  Where a line ends is what the parser says (message/index.h):
 * a message that both understand has one length.
 *
 * Nothing is looked at twice: a peer that sends a byte at a time costs a byte at a time.
 *
 * Threads: the connection's work.
 */
#pragma once

#include "base/compiler.h"
#include "message/message.h"

enum sip_framed {
	SIP_FRAMED_PARTLY, /* more has to come */
	SIP_FRAMED_MESSAGE,
	SIP_FRAMED_PONG,   /* a line end: of a peer that was asked, an answer */
	SIP_FRAMED_PING,   /* the second line end in a row: to be answered with one */
	SIP_FRAMED_BROKEN, /* where the next message begins can't be told any more */
	SIP_FRAMED_SAY,    /* these two come of websocket.h only */
	SIP_FRAMED_ENDED,
};

struct sip_framer {
	uint32_t seen;     /* bytes of the frame that were looked at */
	uint32_t line;     /* where the line begins that has not ended yet */
	uint32_t head_len; /* with the empty line; 0: it has not come */
	uint32_t wanted;   /* bytes of the whole message; 0: not known yet */
	bool line_end;     /* the frame before this one was a line end */
	/* After SIP_FRAMED_BROKEN. */
	uint16_t status; /* 400, 413 or 513 */
	const char *reason;
};

/** For the first byte of a connection. */
void sip_framer_init(struct sip_framer *framer);

/**
 * What `text` begins with: all `len` bytes that have come since the end of the frame
 * before.
 *
 * *frame is how many bytes it takes; the framer is ready for the next one then.  With
 * SIP_FRAMED_PARTLY it is 0; call again with the same bytes and more behind them. With
 * SIP_FRAMED_BROKEN it is the header block where that is whole, so that a request can be
 * answered before the connection is closed, else 0; nothing may be called any more.
 *
 * Broken is: a line feed without its carriage return, or a carriage return alone before a
 * message (400); no Content-Length, which a stream can't do without, one that is no
 * number, or two that differ (400); a body (413) or a header block (513) beyond `limits`.
 */
SIP_MUST_USE enum sip_framed sip_framer_next(struct sip_framer *framer, const char *text,
	size_t len, const struct sip_msg_limits *limits, size_t *frame);
