/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers of several tables, for people and for programs. */
#include "show_sinks.h"
#include "support/check.h"

static const struct sip_show_column thing[] = { { "name", SIP_SHOW_TEXT },
	{ "size kib", SIP_SHOW_NUMBER }, { "is on", SIP_SHOW_FLAG },
	{ "parts", SIP_SHOW_LIST } };
static const struct sip_show_column figure[] = { { "name", SIP_SHOW_TEXT },
	{ "value", SIP_SHOW_NUMBER } };

static void write_all(struct show_writer *writer)
{
	const struct sip_show_sink sink = show_writer_sink(writer);

	sink.table(sink.arg, "things", SIP_SHOW_ROWS, thing, 4);
	sink.row(sink.arg, (const char *const[]){ "a\n", "1", "yes", "x,y" });
	sink.row(sink.arg, (const char *const[]){ "b", NULL, "no", "" });
	sink.table(sink.arg, "figures", SIP_SHOW_PAIRS, figure, 2);
	sink.row(sink.arg, (const char *const[]){ "one.two", "12" });
	sink.row(sink.arg, (const char *const[]){ "long name", "3" });
	sink.table(sink.arg, "none", SIP_SHOW_ROWS, thing, 4);
	sink.table(sink.arg, "records", SIP_SHOW_RECORDS, thing, 4);
	sink.row(sink.arg, (const char *const[]){ "c", NULL, "no", "z" });
	sink.row(sink.arg, (const char *const[]){ "d", "7", NULL, NULL });
	show_writer_end(writer);
}

static void check_written(struct show_writer *writer, const char *wanted)
{
	write_all(writer);
	CHECK(!writer->out->failed);
	CHECK_STR(((struct sip_str){ writer->out->ptr, writer->out->len }), wanted);
	text_fini(writer->out);
}

TEST(json_has_an_array_of_objects_for_each_table_and_an_object_for_pairs)
{
	struct text text = { 0 };
	struct show_writer writer = { .out = &text, .json = true };

	check_written(&writer,
		"{\"things\":[\n"
		"{\"name\":\"a\\u000a\",\"size_kib\":1,\"is_on\":true,\"parts\":[\"x\",\"y\"]},\n"
		"{\"name\":\"b\",\"size_kib\":null,\"is_on\":false,\"parts\":[]}],"
		"\"figures\":{\n"
		"\"one.two\":12,\n"
		"\"long_name\":3},"
		"\"none\":[],"
		"\"records\":[\n"
		"{\"name\":\"c\",\"size_kib\":null,\"is_on\":false,\"parts\":[\"z\"]},\n"
		"{\"name\":\"d\",\"size_kib\":7,\"is_on\":null,\"parts\":null}]}\n");
}

TEST(text_has_tables_under_their_names_and_a_line_for_each_value_of_a_record)
{
	struct text text = { 0 };
	struct show_writer writer = { .out = &text, .headings = true };

	check_written(&writer,
		"things:\n"
		"name  size kib  is on  parts\n"
		"a\\n   1         yes    x,y\n"
		"b     -         no     -\n"
		"\n"
		"figures:\n"
		"name       value\n"
		"one.two    12\n"
		"long name  3\n"
		"\n"
		"none:\n"
		"name  size kib  is on  parts\n"
		"\n"
		"records:\n"
		"name      c\n"
		"is on     no\n"
		"parts     z\n"
		"\n"
		"name      d\n"
		"size kib  7\n");
}

TEST(an_answer_without_tables_is_an_empty_object)
{
	struct text text = { 0 };
	struct show_writer writer = { .out = &text, .json = true };

	show_writer_end(&writer);

	CHECK(!text.failed);
	CHECK_STR(((struct sip_str){ text.ptr, text.len }), "{}\n");
	text_fini(&text);
}
