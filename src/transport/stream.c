/* SPDX-License-Identifier: BSD-2-Clause */
/* The receiving side of a connection: see stream.h. */
#include "transport/stream.h"

#include <stdlib.h>
#include <string.h>

/* A message of ordinary size fits without growing. */
#define KEPT_MIN 2048u

void sip_stream_init(struct sip_stream *stream)
{
	*stream = (struct sip_stream){ .kept = NULL };
	sip_framer_init(&stream->framer);
}

void sip_stream_fini(struct sip_stream *stream)
{
	free(stream->kept);
	stream->kept = NULL;
	stream->kept_room = stream->len = 0;
}

/* Room for `len` bytes; what is there stays. */
static int make_room(struct sip_stream *stream, size_t len)
{
	size_t room = stream->kept_room > 0 ? stream->kept_room : KEPT_MIN;
	char *kept;

	if (len <= stream->kept_room)
		return SIP_OK;
	while (room < len)
		room *= 2;
	kept = realloc(stream->kept, room);
	if (kept == NULL)
		return SIP_EMEMORY;
	stream->kept = kept;
	stream->kept_room = (uint32_t)room;
	return SIP_OK;
}

int sip_stream_add(struct sip_stream *stream, const char *bytes, size_t len)
{
	SIP_ASSERT(stream->len == 0 || stream->bytes == stream->kept);
	SIP_ASSERT(len < UINT32_MAX / 4 - stream->len);
	if (stream->len == 0) {
		stream->bytes = bytes;
		stream->len = (uint32_t)len;
		return SIP_OK;
	}
	if (make_room(stream, stream->len + len) != SIP_OK)
		return SIP_EMEMORY;
	memcpy(stream->kept + stream->len, bytes, len);
	stream->bytes = stream->kept;
	stream->len += (uint32_t)len;
	return SIP_OK;
}

enum sip_framed sip_stream_next(struct sip_stream *stream,
	const struct sip_msg_limits *limits, struct sip_str *frame)
{
	size_t len;
	enum sip_framed framed = sip_framer_next(
		&stream->framer, stream->bytes, stream->len, limits, &len);

	*frame = (struct sip_str){ stream->bytes, len };
	stream->bytes += len;
	stream->len -= (uint32_t)len;
	return framed;
}

int sip_stream_keep(struct sip_stream *stream)
{
	if (stream->len == 0) {
		sip_stream_fini(stream);
		return SIP_OK;
	}
	/* Where the bytes are in it already it has the room for them. */
	if (make_room(stream, stream->len) != SIP_OK)
		return SIP_EMEMORY;
	if (stream->bytes != stream->kept)
		memmove(stream->kept, stream->bytes, stream->len);
	stream->bytes = stream->kept;
	return SIP_OK;
}
