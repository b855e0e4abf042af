/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as hex digits: hex.h. */
#include "base/hex.h"

int sip_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void sip_hex_write(char *text, uint64_t value, size_t digits)
{
	for (size_t i = digits; i-- > 0; value >>= 4)
		text[i] = "0123456789abcdef"[value & 15];
}

bool sip_hex_read(const char *text, size_t digits, uint64_t *value)
{
	SIP_ASSERT(digits <= 16);
	*value = 0;
	for (size_t i = 0; i < digits; i++) {
		int digit = sip_hex_digit(text[i]);

		if (digit < 0 || (text[i] >= 'A' && text[i] <= 'F'))
			return false;
		*value = *value << 4 | (uint64_t)digit;
	}
	return true;
}
