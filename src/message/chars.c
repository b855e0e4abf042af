/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of character classes: see chars.h. */
#include "message/chars.h"

#include "message/message_tables.h"

const uint16_t sip_char_table[256] = { SIP_CHAR_TABLE };

_Alignas(16) const uint8_t sip_char_rows[16][16] = { SIP_CHAR_ROWS };

_Static_assert(SIP_CHAR_TOKEN == 1u << CLASS_BIT_TOKEN, "order of classes");
_Static_assert(SIP_CHAR_WORD == 1u << CLASS_BIT_WORD, "order of classes");
_Static_assert(SIP_CHAR_HOST == 1u << CLASS_BIT_HOST, "order of classes");
_Static_assert(SIP_CHAR_USER == 1u << CLASS_BIT_USER, "order of classes");
_Static_assert(SIP_CHAR_PASSWORD == 1u << CLASS_BIT_PASSWORD, "order of classes");
_Static_assert(SIP_CHAR_URI_PARAM == 1u << CLASS_BIT_URI_PARAM, "order of classes");
_Static_assert(SIP_CHAR_URI_HEADER == 1u << CLASS_BIT_URI_HEADER, "order of classes");
_Static_assert(SIP_CHAR_URIC == 1u << CLASS_BIT_URIC, "order of classes");
_Static_assert(SIP_CHAR_GRAPHIC == 1u << CLASS_BIT_GRAPHIC, "order of classes");
_Static_assert(SIP_CHAR_PHONE == 1u << CLASS_BIT_PHONE, "order of classes");
_Static_assert(SIP_CHAR_VALUE == 1u << CLASS_BIT_VALUE, "order of classes");
_Static_assert(SIP_CHAR_SCHEME == 1u << CLASS_BIT_SCHEME, "order of classes");
_Static_assert(SIP_CHAR_RESERVED == 1u << CLASS_BIT_RESERVED, "order of classes");
_Static_assert(SIP_CHAR_DIGIT == 1u << CLASS_BIT_DIGIT, "order of classes");
_Static_assert(SIP_CHAR_ALPHA == 1u << CLASS_BIT_ALPHA, "order of classes");
_Static_assert(SIP_CHAR_DISPLAY == 1u << CLASS_BIT_DISPLAY, "order of classes");

int sip_char_hex(char c)
{
	char lower = sip_char_lower(c);

	if (lower >= '0' && lower <= '9')
		return lower - '0';
	if (lower >= 'a' && lower <= 'f')
		return lower - 'a' + 10;
	return -1;
}
