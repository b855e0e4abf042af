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
static SIP_ALWAYS_INLINE uint64_t digits_of(uint32_t value)
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

/* The value of eight digits as they stand, the first in the highest byte; of anything
 * else one that digits_of() writes differently. */
static uint32_t value_of(uint64_t x)
{
	x = (x & UINT64_C(0x0f0f0f0f0f0f0f0f)) +
		(x >> 6 & UINT64_C(0x0101010101010101)) * 9;
	x = (x | x >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x >> 8) & UINT64_C(0x0000ffff0000ffff);
	return (uint32_t)(x | x >> 16);
}

bool sip_hex_read(const char *text, size_t digits, uint64_t *value)
{
	char all[16] = "0000000000000000";
	uint32_t numbers[2];
	uint64_t eight[2];

	SIP_ASSERT(digits <= sizeof(all));
	memcpy(all + sizeof(all) - digits, text, digits);
	memcpy(eight, all, sizeof(eight));
	numbers[0] = value_of(be64toh(eight[0]));
	numbers[1] = value_of(be64toh(eight[1]));
	*value = (uint64_t)numbers[0] << 32 | numbers[1];
	return digits_of(numbers[0]) == eight[0] && digits_of(numbers[1]) == eight[1];
}

/* Eight digits of either case; *wrong is not 0 once one is none. */
static uint32_t read_eight(const char *text, uint64_t *wrong)
{
	uint64_t eight;
	uint32_t value;

	memcpy(&eight, text, sizeof(eight));
	value = value_of(be64toh(eight));
	/* Letters in small ones. */
	eight |= (eight >> 6 & UINT64_C(0x0101010101010101)) << 5;
	*wrong |= eight ^ digits_of(value);
	return value;
}

bool sip_hex_read_bytes(const char *text, size_t count, uint8_t *bytes)
{
	uint64_t wrong = 0;
	int least = 0;

	for (; count >= 4; count -= 4, text += 8, bytes += 4) {
		uint32_t value = htobe32(read_eight(text, &wrong));

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
