/* SPDX-License-Identifier: BSD-2-Clause */
/* Collecting cells, then printing them at the width of the widest. */
#include "table.h"

#include <stdlib.h>

#define GAP 2
#define WIDEST                                                                           \
	120      /* columns of a terminal; a cell wider than that is alone on its line */
#define INDENT 4 /* of what goes on below */

static char *visible_copy(const char *value)
{
	struct text text = { 0 };

	text_add_visible(&text, sip_str_of(value == NULL ? "" : value));
	text_add(&text, (struct sip_str){ "", 1 });
	if (text.failed) {
		text_fini(&text);
		return NULL;
	}
	return text.ptr;
}

static void add_cell(struct table *table, const char *value)
{
	if (table->count == table->room) {
		size_t room = table->room == 0 ? 64 : table->room * 2;
		char **cells = realloc(table->cells, room * sizeof(*cells));

		if (cells == NULL) {
			table->failed = true;
			return;
		}
		table->cells = cells;
		table->room = room;
	}
	table->cells[table->count] = visible_copy(value);
	if (table->cells[table->count] == NULL)
		table->failed = true;
	else
		table->count++;
}

void table_shape(struct table *table, size_t columns)
{
	table->columns = columns;
}

void table_columns(struct table *table, const char *const *names, size_t count)
{
	table_shape(table, count);
	table_row(table, names, count);
}

void table_row(struct table *table, const char *const *values, size_t count)
{
	for (size_t i = 0; i < table->columns && !table->failed; i++)
		add_cell(table, i < count ? values[i] : "");
}

/* In characters, as a terminal counts them. */
static size_t width_of(const char *cell)
{
	size_t width = 0;

	for (; *cell != '\0'; cell++)
		width += ((unsigned char)*cell & 0xc0) != 0x80;
	return width;
}

static void add_spaces(struct text *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_add(text, SIP_STR(" "));
}

/* The columns that still fit on a line that begins with `first`; the first behind them.
 */
static size_t line_end(const struct table *table, const size_t *widths, size_t first)
{
	size_t used = (first > 0 ? INDENT : 0) + widths[first];
	size_t end = first + 1;

	while (end < table->columns && used + GAP + widths[end] <= WIDEST)
		used += GAP + widths[end++];
	return end;
}

/* Of a row the columns from `first` to `end`. */
static void print_line(const char *const *cells, const size_t *widths, size_t first,
	size_t end, struct text *text)
{
	size_t filled = end;

	/* No spaces in front of nothing. */
	while (filled > first && cells[filled - 1][0] == '\0')
		filled--;
	if (filled == first && first > 0)
		return;
	add_spaces(text, first > 0 ? INDENT : 0);
	for (size_t i = first; i < filled; i++) {
		text_add(text, sip_str_of(cells[i]));
		if (i + 1 < filled)
			add_spaces(text, widths[i] + GAP - width_of(cells[i]));
	}
	text_add(text, SIP_STR("\n"));
}

static void print_row(
	const struct table *table, size_t row, const size_t *widths, struct text *text)
{
	const char *const *cells = (const char *const *)&table
					   ->cells[row * table->columns];
	size_t end;

	for (size_t first = 0; first < table->columns; first = end) {
		end = line_end(table, widths, first);
		print_line(cells, widths, first, end, text);
	}
}

void table_print(const struct table *table, struct text *text)
{
	size_t *widths;

	if (table->columns == 0)
		return;
	widths = calloc(table->columns, sizeof(*widths));
	if (widths == NULL || table->failed) {
		text->failed = true;
		free(widths);
		return;
	}
	for (size_t i = 0; i < table->count; i++) {
		size_t width = width_of(table->cells[i]);

		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
	for (size_t row = 0; row < table->count / table->columns; row++)
		print_row(table, row, widths, text);
	free(widths);
}

void table_fini(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){ 0 };
}
