/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeping and printing what a decoder found: see decoded.h. */
#include "decoded.h"

void keep(struct decoded *decoded, struct sip_str slice)
{
	REQUIRE(is_inside(slice, decoded->text));
	REQUIRE(decoded->slices < DECODED_SLICES);
	decoded->slice[decoded->slices++] = slice;
}

void keep_number(struct decoded *decoded, uint64_t number)
{
	REQUIRE(decoded->numbers < DECODED_NUMBERS);
	decoded->number[decoded->numbers++] = number;
}

void print(struct decoded *decoded, const char *words)
{
	sip_put(&decoded->print, sip_str_of(words));
}

void print_str(struct decoded *decoded, struct sip_str text)
{
	sip_put(&decoded->print, text);
}

void print_number(struct decoded *decoded, uint64_t number)
{
	sip_put_number(&decoded->print, number);
}

void print_behind(struct decoded *decoded, const char *before, struct sip_str text)
{
	if (text.len == 0)
		return;
	print(decoded, before);
	print_str(decoded, text);
}

void print_quoted_param(
	struct decoded *decoded, const char *name, struct sip_str value, size_t *count)
{
	if (value.ptr == NULL)
		return;
	print(decoded, (*count)++ == 0 ? "" : ", ");
	print(decoded, name);
	print(decoded, "=\"");
	print_str(decoded, value);
	print(decoded, "\"");
}
