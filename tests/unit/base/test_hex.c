/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as hex digits. */
#include "base/hex.h"

#include "support/check.h"

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
