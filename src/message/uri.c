/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * URIs as text and as parts (RFC 3261 sections 19.1.1 and 19.1.2; RFC 3966).
 *
 * Elsewhere: reading one (uri_scan.h), and when two are the same (uri_compare.c).
 */
#include "res_sip/uri.h"

#include "base/compiler.h"
#include "base/cut.h"
#include "message/message.h"
#include "message/scan.h"
#include "message/uri_parts.h"
#include "message/uri_scan.h"

bool sip_uri_part_next(struct sip_scan *scan, enum sip_char_class class, char separator,
	struct sip_param *part)
{
	if (sip_scan_at_end(scan))
		return false;
	part->name = sip_scan_run(scan, class);
	part->value = (struct sip_str){ NULL, 0 };
	if (sip_scan_take(scan, '='))
		part->value = sip_scan_run(scan, class);
	return sip_scan_take(scan, separator) || sip_scan_at_end(scan);
}

int sip_uri_parse(struct sip_str text, struct sip_uri *uri)
{
	*uri = (struct sip_uri){ 0 };
	return text.len == 0 ? SIP_ESYNTAX : scan_uri(text, uri);
}

/* What begins with another letter is another name, unless it is escaped. */
static bool is_named(struct sip_str found, struct sip_str name)
{
	if (SIP_LIKELY(found.len > 0 && name.len > 0 &&
		    ((found.ptr[0] ^ name.ptr[0]) | 0x20) != 0x20 &&
		    found.ptr[0] != '%' && name.ptr[0] != '%'))
		return false;
	return sip_uri_text_equal_nocase(found, name);
}

bool sip_uri_param(const struct sip_uri *uri, struct sip_str name, struct sip_str *value)
{
	struct sip_str rest = uri->params;

	/* It was parsed: each part is a name, and may have a value. */
	while (rest.len > 0) {
		struct sip_str part = sip_str_cut(&rest, ';');
		struct sip_str found = sip_str_cut(&part, '=');

		if (!is_named(found, name))
			continue;
		if (value != NULL)
			*value = part.len > 0 ? part : (struct sip_str){ NULL, 0 };
		return true;
	}
	return false;
}

int sip_uri_unescape(struct sip_str text, char *buf, size_t size, struct sip_str *out)
{
	size_t len = 0;

	*out = text;
	if (sip_str_find(text, '%') == SIZE_MAX)
		return 0;
	if (!escapes_are_whole(text))
		return SIP_ESYNTAX;
	for (size_t i = 0; i < text.len; i++) {
		int c = (uint8_t)text.ptr[i];
		if (c == '%') {
			c = sip_char_hex(text.ptr[i + 1]) << 4 |
				sip_char_hex(text.ptr[i + 2]);
			i += 2;
			/* RFC 4475 3.1.1.4: nothing may be cut short by it. */
			if (c == 0)
				return SIP_ESYNTAX;
		}
		if (len == size)
			return SIP_ESPACE;
		buf[len++] = (char)c;
	}
	*out = (struct sip_str){ buf, len };
	return 0;
}

bool sip_uri_is_sips(struct sip_str uri)
{
	return uri.len > 5 && uri.ptr[4] == ':' &&
		sip_scan_word_is((struct sip_str){ uri.ptr, 4 }, "sips", 4);
}

uint16_t sip_uri_port(const struct sip_uri *uri)
{
	if (uri->port != 0)
		return uri->port;
	return uri->scheme == SIP_URI_SIPS ? 5061 : 5060;
}
