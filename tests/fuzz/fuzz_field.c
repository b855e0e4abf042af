/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One decoder of a header field, which the build names (FUZZ_FIELD): what it finds lies
 * in its text, and what is printed from it decodes to the same.  A text ends where its
 * block does, so that the sanitizer sees who reads behind it, an empty one too.
 */
#include "decoded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Longer than any print: a value is printed once, and a few words around it. */
#define PRINT_MAX (4 * 65536)

static const struct field_row *find_row(void)
{
	static const struct field_row *const tables[] = { rows_basic, rows_content,
		rows_remark, rows_session };

	const struct field_row *found = NULL;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct field_row *row = tables[i]; row->name != NULL; row++) {
			if (strcmp(row->name, FUZZ_FIELD) == 0)
				found = row;
		}
	}
	REQUIRE(found != NULL);
	return found;
}

static int decode(
	const struct field_row *row, struct sip_str text, struct decoded *d, char *buf)
{
	*d = (struct decoded){ .text = text };
	sip_builder_init(&d->print, buf, PRINT_MAX);
	return row->decode(text, d);
}

static void require_same(const struct decoded *a, const struct decoded *b)
{
	REQUIRE(a->slices == b->slices && a->numbers == b->numbers);
	for (size_t i = 0; i < a->slices; i++)
		REQUIRE(same_text(a->slice[i], b->slice[i]));
	for (size_t i = 0; i < a->numbers; i++)
		REQUIRE(a->number[i] == b->number[i]);
	REQUIRE(a->print.len == b->print.len &&
		memcmp(a->print.buf, b->print.buf, a->print.len) == 0);
}

static void print_and_decode(const struct field_row *row, const struct decoded *first)
{
	static char buf[PRINT_MAX];
	static struct decoded second;
	size_t len = first->print.len;
	char *copy = malloc(len + 1);

	REQUIRE(copy != NULL && first->print.error == 0);
	memcpy(copy + 1, first->print.buf, len);
	REQUIRE(decode(row, (struct sip_str){ copy + 1, len }, &second, buf) == 0);
	require_same(first, &second);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct field_row *row;
	static char buf[PRINT_MAX];
	static struct decoded decoded;
	char *copy = malloc(size + 1);
	struct sip_str text = { copy + 1, size };

	if (row == NULL)
		row = find_row();
	REQUIRE(copy != NULL);
	for (size_t i = 0; i < size; i++)
		copy[1 + i] = (char)data[i];
	if (decode(row, text, &decoded, buf) == 0) {
		REQUIRE(row->id == SIP_HDR_OTHER || sip_field_check(row->id, text) == 0);
		print_and_decode(row, &decoded);
	}
	free(copy);
	return 0;
}
