/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server shows, as text for people or as JSON for programs. */
#pragma once

#include "table.h"

#include <res_sip/show.h>

#define SHOW_MOST_COLUMNS 32

/*
 *     struct show_writer writer = { .out = &text, .json = wants_json };
 *     const struct sip_show_sink sink = show_writer_sink(&writer);
 *     ... sip_server_show(..., &sink) ...
 *     show_writer_end(&writer);
 */
struct show_writer {
	struct text *out;
	bool json;
	bool headings; /* as text: each table has its name above it */
	/* The writer's own. */
	struct table table;
	enum sip_show_shape shape;
	const struct sip_show_column *columns;
	size_t column_count;
	size_t tables; /* so far */
	size_t rows;   /* of this table so far */
};

struct sip_show_sink show_writer_sink(struct show_writer *writer);

/* Write what is still kept, and give the writer's memory back. */
void show_writer_end(struct show_writer *writer);
