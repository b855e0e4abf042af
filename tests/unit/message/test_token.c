/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens, Call-IDs and numbers: RFC 3261 sections 20.8, 20.14, 20.19, 20.21, 25.1. */
#include "res_sip/error.h"
#include "res_sip/field.h"
#include "support/check.h"

/* "alphanum / - . ! % * _ + ` ' ~": every byte, so that none is forgotten. */
TEST(a_token_is_made_of_these_characters_and_no_others)
{
	static const char token[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"-.!%*_+`'~";

	CHECK_INT(sip_token_check(sip_str_of(token)), ==, 0);
	CHECK_INT(sip_token_check(SIP_STR("")), ==, SIP_ESYNTAX);
	for (int c = 0; c < 256; c++) {
		char text[] = { 'a', (char)c, 'b' };
		bool good = c != 0 && strchr(token, c) != NULL;

		CHECK_INT(sip_token_check((struct sip_str){ text, 3 }), ==,
			good ? 0 : SIP_ESYNTAX);
	}
}

static const struct {
	const char *text;
	const char *ids[4];
	int end;
} replies[] = {
	{ "70710@saturn.bell-tel.com, 17320@saturn.bell-tel.com",
		{ "70710@saturn.bell-tel.com", "17320@saturn.bell-tel.com" },
		SIP_EMISSING },
	{ " ,a\t, ,b, ", { "a", "b" }, SIP_EMISSING },
	{ "<a,b>,\"c,d\"", { "<a", "b>", "\"c", "d\"" }, SIP_EMISSING },
	{ "", { NULL }, SIP_EMISSING },
	{ "a, b c", { "a" }, SIP_ESYNTAX },
	{ "a@b@c", { NULL }, SIP_ESYNTAX },
};

TEST(an_in_reply_to_is_split_at_every_comma)
{
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct sip_str rest = sip_str_of(replies[i].text);
		struct sip_str id;
		size_t n = 0;
		int error;

		while ((error = sip_in_reply_to_next(&rest, &id)) == 0) {
			CHECK(n < 4);
			CHECK_STR(id, replies[i].ids[n]);
			n++;
		}
		CHECK_INT(error, ==, replies[i].end);
		CHECK(n == 4 || replies[i].ids[n] == NULL);
	}
}

static const struct {
	const char *text;
	int error;
	uint32_t number;
} numbers[] = {
	{ "0", 0, 0 },
	{ "007", 0, 7 },
	{ "4294967294", 0, 4294967294 },
	{ "4294967295", 0, UINT32_MAX },
	{ "4294967296", 0, UINT32_MAX },
	{ "18446744073709551616", 0, UINT32_MAX },
	{ "", SIP_ESYNTAX, 5 },
	{ "+1", SIP_ESYNTAX, 5 },
	{ "-1", SIP_ESYNTAX, 5 },
	{ " 1", SIP_ESYNTAX, 5 },
	{ "one", SIP_ESYNTAX, 5 },
};

TEST(a_number_that_is_too_large_is_as_large_as_can_be)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uint32_t number = 5;

		CHECK_INT(sip_number_parse(sip_str_of(numbers[i].text), &number), ==,
			numbers[i].error);
		CHECK_INT(number, ==, numbers[i].number);
	}
	CHECK_INT(sip_number_parse(SIP_STR("1 "), &(uint32_t){ 0 }), ==, SIP_ESYNTAX);
}
