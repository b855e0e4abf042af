/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters and headers of a URI one by one, and texts compared with their escapes.
 */
#pragma once

#include "message/scan.h"

/** The next `name=value` before `separator` or the end.  False: no more. */
bool sip_uri_part_next(struct sip_scan *scan, enum sip_char_class class, char separator,
	struct sip_param *part);

/**
 * Same text, where %-escapes are whole: "Characters other than those in the "reserved"
 * set are equivalent to their "%" HEX HEX encoding" (RFC 3261 section 19.1.4).
 */
bool sip_uri_text_equal(struct sip_str a, struct sip_str b);
bool sip_uri_text_equal_nocase(struct sip_str a, struct sip_str b);
