/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of text with their columns under each other.  What does not fit into 120 columns
 * goes on below, indented, in the headings and in each row alike.
 */
#pragma once

#include "text.h"

struct table {
	size_t columns;
	char **cells; /* row by row, the headings first */
	size_t count;
	size_t room;
	bool failed; /* out of memory */
};

/* Begin with that many columns, without headings or with them. */
void table_shape(struct table *table, size_t columns);
void table_columns(struct table *table, const char *const *names, size_t count);

/* A row; cells that are missing are empty. */
void table_row(struct table *table, const char *const *values, size_t count);

/* Append the table to `text`; what peers wrote in it becomes visible. */
void table_print(const struct table *table, struct text *text);

void table_fini(struct table *table);
