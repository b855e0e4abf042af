/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of a configuration file without their comments.
 *
 * `;` begins a comment that ends with the line, `;--` one that ends with `--;` (they
 * nest), `\;` is a semicolon.  `;---` is a line of decoration, not the beginning of a
 * block.
 */
#pragma once

#include "problems.h"

struct line_reader {
	struct problems *problems;
	const char *file;
	struct sip_str rest; /* of the file */
	uint32_t line;       /* number of the last line that was read */
	unsigned depth;      /* of block comments */
	struct position block_at;
	/* The last line: as it stands in the file, or what is left of it. */
	const char *text;
	size_t len;
	uint32_t column;         /* of its first byte */
	const uint32_t *columns; /* of each; NULL: one behind the other */
	/* Of those that something is cut out of. */
	char *left;
	uint32_t *left_columns;
	size_t room;
};

void line_reader_init(struct line_reader *reader, struct problems *problems,
	const char *file, struct sip_str text);

/* The next line, trimmed, as `text`; false: the file is over. */
bool line_next(struct line_reader *reader);

/* Where byte `at` of the line stood. */
struct position line_position(const struct line_reader *reader, size_t at);
