/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdp.h"

#include <stdio.h>

struct description {
	char *text;
	size_t size;
	size_t len; /* size or more: there was no room */
	unsigned media;
};

static void put(struct description *d, const char *before, struct sip_str line)
{
	if (d->len < d->size)
		d->len += (size_t)snprintf(d->text + d->len, d->size - d->len,
			"%s%.*s\r\n", before, SIP_STR_ARG(line));
}

/* Every medium has its place in an answer; port 0 declines it (RFC 3264 section 6). */
static void put_medium(struct description *d, struct sip_str line, const char *direction)
{
	char text[512];
	char start[64];
	char kind[16];
	char protocol[16];
	unsigned port;
	int codecs = 0;

	snprintf(text, sizeof(text), "%.*s", SIP_STR_ARG(line));
	if (line.len >= sizeof(text) ||
		sscanf(text, "m=%15s %u %15s %n", kind, &port, protocol, &codecs) != 3)
		return;
	if (port != 0 && sip_str_equal(sip_str_of(protocol), SIP_STR("RTP/AVP")))
		port = 40000;
	else
		port = 0;
	snprintf(start, sizeof(start), "m=%s %u %s ", kind, port, protocol);
	put(d, start, sip_str_of(text + codecs));
	put(d, "a=", sip_str_of(direction));
	d->media += port != 0;
}

struct sip_str sdp_like(struct sip_str other, unsigned version, const char *direction,
	char *text, size_t size)
{
	struct description d = { .text = text, .size = size };
	char origin[64];
	size_t end;

	snprintf(origin, sizeof(origin), "o=- 1 %u IN IP4 127.0.0.1", version);
	put(&d, "v=0\r\n", sip_str_of(origin));
	put(&d, "s=-\r\nc=IN IP4 127.0.0.1\r\n", SIP_STR("t=0 0"));
	for (; other.len > 0; other.ptr += end, other.len -= end) {
		struct sip_str line = other;

		end = sip_str_find(other, '\n');
		end = end == SIZE_MAX ? other.len : end + 1;
		line.len = end;
		line = sip_str_trim(line);
		if (sip_str_starts(line, SIP_STR("m=")))
			put_medium(&d, line, direction);
		else if (sip_str_starts(line, SIP_STR("a=rtpmap:")) ||
			sip_str_starts(line, SIP_STR("a=fmtp:")))
			put(&d, "", line);
	}
	if (d.len >= d.size || d.media == 0)
		return (struct sip_str){ NULL, 0 };
	return (struct sip_str){ d.text, d.len };
}
