/* SPDX-License-Identifier: BSD-2-Clause */
/* Declining an offer: RFC 3264 section 6, in the grammar of RFC 4566 section 9. */
#include "session/decline.h"

#include "base/compiler.h"
#include "base/cut.h"

#include <string.h>

static bool is_of_type(struct sip_str line, char type)
{
	return line.len > 2 && line.ptr[0] == type && line.ptr[1] == '=';
}

/* Up to the next space, which goes with it; empty: there is none. */
static struct sip_str take_word(struct sip_str *rest)
{
	const char *end = rest->len > 0 ? memchr(rest->ptr, ' ', rest->len) : NULL;
	struct sip_str word = { rest->ptr, 0 };

	if (end == NULL)
		return word;
	word.len = (size_t)(end - rest->ptr);
	rest->ptr += word.len + 1;
	rest->len -= word.len + 1;
	return word;
}

static void put_line(struct sip_builder *b, struct sip_str line)
{
	sip_put_clean(b, line);
	sip_put(b, SIP_STR("\r\n"));
}

/* "m=" media SP port SP proto 1*(SP fmt); "To reject an offered stream, the port number
 * in the corresponding stream in the answer MUST be set to zero.  Any media formats
 * listed are ignored.  At least one MUST be present". */
static bool put_stream(struct sip_builder *b, struct sip_str line)
{
	struct sip_str media = take_word(&line);
	struct sip_str port = take_word(&line);

	/* proto and formats */
	if (media.len <= strlen("m=") || port.len == 0 || line.len == 0 ||
		memchr(line.ptr, ' ', line.len - 1) == NULL || line.ptr[0] == ' ')
		return false;
	sip_put_clean(b, media);
	sip_put(b, SIP_STR(" 0 "));
	put_line(b, line);
	return true;
}

/* "The 't=' line in the answer MUST equal the value of the 't=' line in the offer."  They
 * are in front of all streams. */
static void put_times(struct sip_builder *b, struct sip_str offer)
{
	struct sip_str line;
	bool any = false;

	while (offer.len > 0) {
		line = sip_str_cut_line(&offer);
		if (is_of_type(line, 'm'))
			break;
		if (!is_of_type(line, 't'))
			continue;
		put_line(b, line);
		any = true;
	}
	if (!any)
		sip_put(b, SIP_STR("t=0 0\r\n"));
}

bool sip_decline(struct sip_builder *b, struct sip_str offer)
{
	struct sip_str line;
	bool any = false;

	sip_put(b,
		SIP_STR("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n"
			"c=IN IP4 0.0.0.0\r\n"));
	put_times(b, offer);
	while (offer.len > 0) {
		line = sip_str_cut_line(&offer);
		if (!is_of_type(line, 'm'))
			continue;
		if (!put_stream(b, line))
			return false;
		any = true;
	}
	return any && b->error == 0;
}
