/* SPDX-License-Identifier: BSD-2-Clause */
/* Edit distance: optimal string alignment, three rows of the table at a time. */
#include "nearest.h"

#include <limits.h>

#define LONGEST 64

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

static bool swapped(struct sip_str a, size_t i, struct sip_str b, size_t j)
{
	return i > 1 && j > 1 && lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
		lower(a.ptr[i - 2]) == lower(b.ptr[j - 1]);
}

unsigned edit_distance(struct sip_str a, struct sip_str b)
{
	unsigned rows[3][LONGEST + 1];

	if (a.len > LONGEST || b.len > LONGEST)
		return UINT_MAX;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3];
		const unsigned *above2 = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned changed = lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]);

			row[j] = min3(
				above[j] + 1, row[j - 1] + 1, above[j - 1] + changed);
			if (swapped(a, i, b, j) && above2[j - 2] + 1 < row[j])
				row[j] = above2[j - 2] + 1;
		}
	}
	return rows[a.len % 3][b.len];
}

void nearest_init(struct nearest *nearest, struct sip_str word)
{
	nearest->word = word;
	nearest->name = NULL;
	nearest->distance = UINT_MAX;
}

static bool starts_with(const char *name, struct sip_str word)
{
	struct sip_str head = sip_str_of(name);

	if (head.len < word.len)
		return false;
	head.len = word.len;
	return sip_str_equal_nocase(head, word);
}

void nearest_try(struct nearest *nearest, const char *name)
{
	struct sip_str text = sip_str_of(name);
	size_t most = 1 + nearest->word.len / 4; /* beyond that it is another word */
	unsigned distance;

	/* Half a word may be meant as a whole one. */
	if (nearest->word.len >= 3 && starts_with(name, nearest->word))
		distance = 1;
	else if (text.len > nearest->word.len + most ||
		nearest->word.len > text.len + most)
		return;
	else
		distance = edit_distance(nearest->word, text);
	if (distance > most || distance >= nearest->distance ||
		distance >= nearest->word.len)
		return;
	nearest->distance = distance;
	nearest->name = name;
}
