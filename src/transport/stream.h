/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The receiving side of a connection: bytes go in, frames come out.
 *
 *     sip_stream_add(stream, bytes, len);
 *     while (sip_stream_next(stream, limits, &frame) != SIP_FRAMED_PARTLY)
 *             ...
 *     sip_stream_keep(stream);
 *
 * Bytes are kept only while they are a part of a message: a connection that is idle has
 * no buffer.
 *
 * Threads: the connection's work.
 */
#pragma once

#include "transport/framer.h"

struct sip_stream {
	struct sip_framer framer;
	char *kept; /* malloc()ed; NULL: nothing is kept */
	uint32_t kept_room;
	uint32_t len;      /* bytes at `bytes` */
	const char *bytes; /* `kept`, or what was added */
};

void sip_stream_init(struct sip_stream *stream);
void sip_stream_fini(struct sip_stream *stream);

/** More has come.  Borrows `bytes` until sip_stream_keep().  SIP_EMEMORY: for putting it
 * behind what was kept; the stream can't go on. */
SIP_MUST_USE int sip_stream_add(struct sip_stream *stream, const char *bytes, size_t len);

/** The next frame, borrowed until the next call of any of these.  SIP_FRAMED_PARTLY:
 * there is none yet.  With SIP_FRAMED_BROKEN it is what framer.h says; the stream ends
 * there. */
SIP_MUST_USE enum sip_framed sip_stream_next(struct sip_stream *stream,
	const struct sip_msg_limits *limits, struct sip_str *frame);

/** Keep what is a part of a message, in memory of our own.  SIP_EMEMORY: the stream can't
 * go on. */
SIP_MUST_USE int sip_stream_keep(struct sip_stream *stream);

/** Bytes of memory that it has. */
static inline uint32_t sip_stream_room(const struct sip_stream *stream)
{
	return stream->kept_room;
}

/** It has a part of a message. */
static inline bool sip_stream_waits(const struct sip_stream *stream)
{
	return stream->len > 0;
}
