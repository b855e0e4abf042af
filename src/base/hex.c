/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as hex digits: hex.h. */
#include "base/hex.h"

#include <endian.h>
#include <string.h>

/* One more than the value of each digit; 0: no digit. */
static const unsigned char values[256] = {
	['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16,
	['A'] = 11,
	['B'] = 12,
	['C'] = 13,
	['D'] = 14,
	['E'] = 15,
	['F'] = 16,
};

int sip_hex_digit(char c)
{
	return values[(unsigned char)c] - 1;
}

/* Eight digits, as they lie in memory: each nibble in a byte of its own first. */
static uint64_t digits_of(uint32_t value)
{
	uint64_t x = value;
	uint64_t letters;

	x = (x & 0xffff0000) << 16 | (x & 0xffff);
	x = (x & UINT64_C(0x0000ff000000ff00)) << 8 | (x & UINT64_C(0x000000ff000000ff));
	x = (x & UINT64_C(0x00f000f000f000f0)) << 4 | (x & UINT64_C(0x000f000f000f000f));
	/* Bytes from 10 on reach 16 with 6 more. */
	letters = (x + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
	return htobe64(x + UINT64_C(0x3030303030303030) + letters * ('a' - '0' - 10));
}

void sip_hex_write(char *text, uint64_t value, size_t digits)
{
	uint64_t all[2] = { digits_of((uint32_t)(value >> 32)),
		digits_of((uint32_t)value) };

	SIP_ASSERT(digits <= sizeof(all));
	/* As nearly always; of that many memcpy() is no call. */
	if (SIP_LIKELY(digits == sizeof(all)))
		memcpy(text, all, sizeof(all));
	else
		memcpy(text, (char *)all + sizeof(all) - digits, digits);
}

void sip_hex_write_bytes(char *text, const uint8_t *bytes, size_t count)
{
	for (; count >= 4; count -= 4, bytes += 4, text += 8) {
		uint32_t four;
		uint64_t digits;

		memcpy(&four, bytes, sizeof(four));
		digits = digits_of(be32toh(four));
		memcpy(text, &digits, sizeof(digits));
	}
	for (size_t i = 0; i < count; i++)
		sip_hex_write(text + 2 * i, bytes[i], 2);
}

/* The value that eight digits stand for, if they are digits. */
static uint32_t value_of(uint64_t digits)
{
	uint64_t x = be64toh(digits);

	x = (x & UINT64_C(0x0f0f0f0f0f0f0f0f)) +
		(x >> 6 & UINT64_C(0x0101010101010101)) * 9;
	x = (x | x >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x >> 8) & UINT64_C(0x0000ffff0000ffff);
	return (uint32_t)(x | x >> 16);
}

bool sip_hex_read(const char *text, size_t digits, uint64_t *value)
{
	char all[16] = "0000000000000000";
	uint64_t high;
	uint64_t low;

	SIP_ASSERT(digits <= sizeof(all));
	memcpy(all + sizeof(all) - digits, text, digits);
	memcpy(&high, all, sizeof(high));
	memcpy(&low, all + sizeof(high), sizeof(low));
	*value = (uint64_t)value_of(high) << 32 | value_of(low);
	/* They are digits if they are what would be written for it. */
	return digits_of(value_of(high)) == high && digits_of(value_of(low)) == low;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight digits at once, as they lie in memory; *wrong is not 0 once one is none.  A byte
 * that says something else when it is written again was no digit. */
static uint32_t value_of(const char *text, uint64_t *wrong)
{
	uint64_t x;
	uint64_t letters;
	uint64_t lower;

	memcpy(&x, text, sizeof(x));
	x = be64toh(x);
	letters = x >> 6 & EACH(1);
	lower = x | letters << 5;
	x = (x & EACH(0xf)) + letters * 9;
	letters = (x + EACH(6)) >> 4 & EACH(1);
	*wrong |= (x & EACH(0xf0)) |
		(lower ^ (x + EACH('0') + letters * ('a' - '0' - 10)));
	x = (x | x >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x >> 8) & UINT64_C(0x0000ffff0000ffff);
	return (uint32_t)(x | x >> 16);
}

bool sip_hex_read_bytes(const char *text, size_t count, uint8_t *bytes)
{
	uint64_t wrong = 0;
	int least = 0;

	for (; count >= 4; count -= 4, text += 8, bytes += 4) {
		uint32_t value = htobe32(value_of(text, &wrong));

		memcpy(bytes, &value, sizeof(value));
	}
	for (size_t i = 0; i < count; i++) {
		int high = sip_hex_digit(text[2 * i]);
		int low = sip_hex_digit(text[2 * i + 1]);

		least |= high | low; /* below 0 once one is */
		bytes[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
	}
	return wrong == 0 && least >= 0;
}
