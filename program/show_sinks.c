/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of an answer, as they come.
 *
 * As text a table is kept until it is whole, for the widths of its columns.  As JSON an
 * answer is an object with an array of objects for each table, or an object for a table
 * of pairs.
 */
#include "show_sinks.h"

#include "json.h"

#include <assert.h>

/* ---- JSON ---- */

static void add_value(
	struct text *out, const struct sip_show_column *column, const char *value)
{
	if (value == NULL) {
		text_add(out, SIP_STR("null"));
		return;
	}
	switch (column->kind) {
	case SIP_SHOW_NUMBER: json_add_number(out, value); break;
	case SIP_SHOW_LIST: json_add_list(out, value); break;
	case SIP_SHOW_FLAG:
		text_add(out,
			strcmp(value, "yes") == 0 ? SIP_STR("true") : SIP_STR("false"));
		break;
	default: json_add_string(out, sip_str_of(value)); break;
	}
}

static void end_json_table(const struct show_writer *writer)
{
	text_add(writer->out,
		writer->shape == SIP_SHOW_PAIRS ? SIP_STR("}") : SIP_STR("]"));
}

static void begin_json_table(struct show_writer *writer, const char *name)
{
	text_add(writer->out, writer->tables == 0 ? SIP_STR("{") : SIP_STR(","));
	json_add_key(writer->out, name);
	text_add(writer->out,
		writer->shape == SIP_SHOW_PAIRS ? SIP_STR("{") : SIP_STR("["));
}

static void add_json_object(struct show_writer *writer, const char *const *values)
{
	struct text *out = writer->out;

	for (size_t i = 0; i < writer->column_count; i++) {
		text_add(out, i == 0 ? SIP_STR("{") : SIP_STR(","));
		json_add_key(out, writer->columns[i].name);
		add_value(out, &writer->columns[i], values[i]);
	}
	text_add(out, SIP_STR("}"));
}

static void add_json_row(struct show_writer *writer, const char *const *values)
{
	if (writer->rows != 0)
		text_add(writer->out, SIP_STR(","));
	text_add(writer->out, SIP_STR("\n"));
	if (writer->shape == SIP_SHOW_PAIRS) {
		json_add_key(writer->out, values[0]);
		add_value(writer->out, &writer->columns[1], values[1]);
	} else {
		add_json_object(writer, values);
	}
}

/* ---- text ---- */

static void end_text_table(struct show_writer *writer)
{
	table_print(&writer->table, writer->out);
	table_fini(&writer->table);
}

static void begin_text_table(struct show_writer *writer, const char *name)
{
	const char *names[SHOW_MOST_COLUMNS];

	if (writer->tables != 0)
		text_add(writer->out, SIP_STR("\n"));
	if (writer->headings)
		text_format(writer->out, "%s:\n", name);
	if (writer->shape == SIP_SHOW_RECORDS) {
		table_shape(&writer->table, 2);
		return;
	}
	for (size_t i = 0; i < writer->column_count; i++)
		names[i] = writer->columns[i].name;
	table_columns(&writer->table, names, writer->column_count);
}

static const char *value_text(const char *value)
{
	return value != NULL && value[0] != '\0' ? value : "-";
}

static void add_text_row(struct show_writer *writer, const char *const *values)
{
	const char *shown[SHOW_MOST_COLUMNS];

	if (writer->shape != SIP_SHOW_RECORDS) {
		for (size_t i = 0; i < writer->column_count; i++)
			shown[i] = value_text(values[i]);
		table_row(&writer->table, shown, writer->column_count);
		return;
	}
	/* A line for each value that is there, and an empty one between two records. */
	if (writer->rows != 0)
		table_row(&writer->table, NULL, 0);
	for (size_t i = 0; i < writer->column_count; i++) {
		if (values[i] == NULL)
			continue;
		shown[0] = writer->columns[i].name;
		shown[1] = value_text(values[i]);
		table_row(&writer->table, shown, 2);
	}
}

/* ---- both ---- */

static void end_table(struct show_writer *writer)
{
	if (writer->tables == 0)
		return;
	if (writer->json)
		end_json_table(writer);
	else
		end_text_table(writer);
}

static void on_table(void *arg, const char *name, enum sip_show_shape shape,
	const struct sip_show_column *columns, size_t count)
{
	struct show_writer *writer = arg;

	assert(count <= SHOW_MOST_COLUMNS);
	end_table(writer);
	writer->shape = shape;
	writer->columns = columns;
	writer->column_count = count;
	writer->rows = 0;
	if (writer->json)
		begin_json_table(writer, name);
	else
		begin_text_table(writer, name);
	writer->tables++;
}

static void on_row(void *arg, const char *const *values)
{
	struct show_writer *writer = arg;

	if (writer->json)
		add_json_row(writer, values);
	else
		add_text_row(writer, values);
	writer->rows++;
}

struct sip_show_sink show_writer_sink(struct show_writer *writer)
{
	return (struct sip_show_sink){ writer, on_table, on_row };
}

void show_writer_end(struct show_writer *writer)
{
	end_table(writer);
	if (writer->json)
		text_add(writer->out,
			writer->tables == 0 ? SIP_STR("{}\n") : SIP_STR("}\n"));
	writer->tables = 0;
}
