/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as hex digits. */
#include "base/hex.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

TEST(a_number_is_read_as_it_was_written)
{
	char text[17] = { 0 };
	uint64_t value;

	sip_hex_write(text, 0x0123456789abcdefu, 16);
	CHECK_STR(sip_str_of(text), "0123456789abcdef");
	CHECK(sip_hex_read(text, 16, &value));
	CHECK(value == 0x0123456789abcdefu);
}

TEST(only_the_low_digits_are_written)
{
	char text[3] = { 0 };

	sip_hex_write(text, 0xabc, 2);
	CHECK_STR(sip_str_of(text), "bc");
}

/* Each digit in each place, and each length, against printf. */
TEST(all_digits_are_written_in_all_places)
{
	for (unsigned place = 0; place < 16; place++) {
		for (uint64_t digit = 0; digit < 16; digit++) {
			uint64_t value = digit << 4 * place;
			char expected[17];
			char text[17] = { 0 };

			snprintf(expected, sizeof(expected), "%016llx",
				(unsigned long long)value);
			for (size_t digits = 0; digits <= 16; digits++) {
				sip_hex_write(text, value, digits);
				CHECK_INT(memcmp(text, expected + 16 - digits, digits),
					==, 0);
			}
		}
	}
}

TEST(bytes_are_written_in_their_order)
{
	const uint8_t bytes[] = { 0, 1, 0x7f, 0x80, 0xff, 0xa5, 9, 0x10, 0xab, 0xcd,
		0xef };
	char text[2 * sizeof(bytes) + 1] = { 0 };

	sip_hex_write_bytes(text, bytes, sizeof(bytes));
	CHECK_STR(sip_str_of(text), "00017f80ffa50910abcdef");
	text[0] = 'x';
	sip_hex_write_bytes(text, bytes, 0);
	CHECK_INT(text[0], ==, 'x');
}

TEST(capitals_and_other_characters_are_not_what_was_written)
{
	uint64_t value;

	CHECK(!sip_hex_read("0A", 2, &value));
	CHECK(!sip_hex_read("0g", 2, &value));
	CHECK(!sip_hex_read("-1", 2, &value));
	CHECK(sip_hex_read("", 0, &value));
	CHECK(value == 0);
}

TEST(a_digit_has_either_case)
{
	CHECK_INT(sip_hex_digit('9'), ==, 9);
	CHECK_INT(sip_hex_digit('a'), ==, 10);
	CHECK_INT(sip_hex_digit('F'), ==, 15);
	CHECK_INT(sip_hex_digit('G'), ==, -1);
	CHECK_INT(sip_hex_digit('/'), ==, -1);
	CHECK_INT(sip_hex_digit('`'), ==, -1);
}

TEST(bytes_are_read_of_digits_of_either_case)
{
	uint8_t bytes[4] = { 0 };

	CHECK(sip_hex_read_bytes("00fFaB19", 4, bytes));
	CHECK_INT(bytes[0], ==, 0);
	CHECK_INT(bytes[1], ==, 0xff);
	CHECK_INT(bytes[2], ==, 0xab);
	CHECK_INT(bytes[3], ==, 0x19);
	for (int c = 0; c < 256; c++) {
		char text[] = { '1', (char)c, (char)c, '1' };
		bool digit = c != 0 && strchr("0123456789abcdefABCDEF", c) != NULL;

		CHECK_INT(sip_hex_digit((char)c) >= 0, ==, digit);
		CHECK_INT(sip_hex_read_bytes(text, 1, bytes), ==, digit);
		CHECK_INT(sip_hex_read_bytes(text, 2, bytes), ==, digit);
	}
}

TEST(each_of_many_digits_is_looked_at)
{
	static const char text[] = "0123456789abcdefABCDEF";
	uint8_t wanted[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xab, 0xcd,
		0xef };
	uint8_t bytes[sizeof(wanted) + 1] = { 0 };

	CHECK(sip_hex_read_bytes(text, sizeof(wanted), bytes));
	CHECK(memcmp(bytes, wanted, sizeof(wanted)) == 0);
	CHECK_INT(bytes[sizeof(wanted)], ==, 0);
	for (size_t at = 0; at < 2 * sizeof(wanted); at++) {
		for (int c = 0; c < 256; c++) {
			char other[sizeof(text)];

			memcpy(other, text, sizeof(text));
			other[at] = (char)c;
			CHECK_INT(sip_hex_read_bytes(other, sizeof(wanted), bytes), ==,
				sip_hex_digit((char)c) >= 0);
		}
	}
}
