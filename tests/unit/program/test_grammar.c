/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections, options, comments and templates, from text. */
#include "reading.h"

TEST(an_option_may_be_written_in_several_ways)
{
	static const char *const texts[] = {
		"[a]\naors=6001\n",
		"[a]\naors = 6001\n",
		"[a]\naors => 6001\n",
		"[a]\n\t aors\t=\t6001 \t\n",
		"[a]\r\naors=6001\r\n",
		"[a]\naors=6001",
		"\xef\xbb\xbf[a]\naors=6001\n",
		"[ a ]\nAORS=6001;comment\n",
		"[a];comment\naors=6001 ; comment\n",
		";comment\n[a]\n;--- decoration ---\naors=6001\n",
		"[a]\n;-- comment --;aors=6001\n",
		"[a]\naors;-- comment --;=6001\n",
		"[a]\n;-- outer ;-- inner --; outer --;aors=6001\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		READING(r);

		read_tree_of(&r, texts[i]);

		CHECK_CLEAN(&r);
		CHECK_INT(r.settings.tree.count, ==, 1);
		CHECK_STR(sip_str_of(r.settings.tree.sections[0]->name), "a");
		CHECK_STR(sip_str_of(value_of(&r, 0, "aors")), "6001");
		reading_fini(&r);
	}
}

TEST(a_block_comment_may_hold_another_and_whole_lines)
{
	READING(r);

	read_tree_of(&r, "[a]\n;-- outer\n;-- inner --;\n[b]\n--;x=1\n");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.tree.count, ==, 1);
	CHECK_STR(sip_str_of(value_of(&r, 0, "x")), "1");
	reading_fini(&r);
}

TEST(a_semicolon_is_written_with_a_backslash)
{
	READING(r);

	read_tree_of(&r, "[a]\ncontact=sip:a@b\\;transport=udp ; comment\n");

	CHECK_STR(sip_str_of(value_of(&r, 0, "contact")), "sip:a@b;transport=udp");
	reading_fini(&r);
}

TEST(a_line_may_be_very_long)
{
	READING(r);
	size_t len = 1000000;
	char *text = store_alloc(&r.store, len + 16);

	memcpy(text, "[a]\nx=", 6);
	memset(text + 6, 'v', len);
	read_tree_of(&r, text);

	CHECK_CLEAN(&r);
	CHECK_INT(strlen(value_of(&r, 0, "x")), ==, len);
	reading_fini(&r);
}

TEST(the_later_of_two_values_holds)
{
	READING(r);

	read_tree_of(&r, "[a]\nx=1\nx=2\n");

	CHECK_STR(sip_str_of(value_of(&r, 0, "x")), "2");
	reading_fini(&r);
}

TEST(a_section_begins_with_the_options_of_its_templates)
{
	READING(r);

	read_tree_of(&r, "[t1](!)\nx=1\ny=1\nz=1\n[t2](!)\ny=2\n[a](t1,t2)\nz=3\n");

	CHECK_CLEAN(&r);
	CHECK(r.settings.tree.sections[0]->is_template);
	CHECK(!r.settings.tree.sections[2]->is_template);
	CHECK_STR(sip_str_of(value_of(&r, 2, "x")), "1");
	CHECK_STR(sip_str_of(value_of(&r, 2, "y")), "2");
	CHECK_STR(sip_str_of(value_of(&r, 2, "z")), "3");
	reading_fini(&r);
}

TEST(a_template_may_be_made_of_others)
{
	READING(r);

	read_tree_of(&r, "[t1](!)\nx=1\n[t2](!,t1)\ny=2\n[a](t2)\n");

	CHECK_CLEAN(&r);
	CHECK(r.settings.tree.sections[1]->is_template);
	CHECK_STR(sip_str_of(value_of(&r, 2, "x")), "1");
	CHECK_STR(sip_str_of(value_of(&r, 2, "y")), "2");
	reading_fini(&r);
}

TEST(a_plus_goes_on_with_the_section_above)
{
	READING(r);

	read_tree_of(&r, "[a]\nx=1\n[b]\n[a](+)\ny=2\n");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.tree.count, ==, 2);
	CHECK_STR(sip_str_of(value_of(&r, 0, "x")), "1");
	CHECK_STR(sip_str_of(value_of(&r, 0, "y")), "2");
	reading_fini(&r);
}

TEST(a_plus_with_an_option_chooses_among_sections_of_one_name)
{
	READING(r);

	read_tree_of(&r, "[a]\ntype=aor\n[a]\ntype=auth\n[a](+type=aor)\nx=1\n");

	CHECK_CLEAN(&r);
	CHECK_STR(sip_str_of(value_of(&r, 0, "x")), "1");
	CHECK(value_of(&r, 1, "x") == NULL);
	reading_fini(&r);
}

TEST(a_section_may_go_on_with_itself_as_its_template)
{
	READING(r);

	read_tree_of(&r, "[a]\nx=1\ny=2\n[a](+,a)\n");

	CHECK_INT(r.settings.tree.sections[0]->count, ==, 4);
	reading_fini(&r);
}

TEST(each_mistake_is_told_at_its_line_and_column)
{
	static const struct {
		const char *text;
		uint32_t line;
		uint32_t column;
		const char *part;
	} rows[] = {
		{ "[a\nx=1\n", 1, 1, "`]` is missing" },
		{ "\n []\n", 2, 2, "no name" },
		{ "[a](\n", 1, 4, "`)` is missing" },
		{ "[a] b\n", 1, 5, "only `(...)`" },
		{ "[a](!,)\n", 1, 7, "is missing here" },
		{ "[a](nope)\n", 1, 5, "no section [nope] above" },
		{ "[phone](!)\n[a](!, phne)\n", 2, 8, "did you mean [phone]?" },
		{ "[a](+)\n", 1, 1, "none of that name" },
		{ "[a]\n[a]\n[a](+)\n", 3, 1, "several sections [a]" },
		{ "[a]\n[a](+type)\n", 2, 6, "followed by nothing" },
		{ "x=1\n", 1, 1, "before the first [section]" },
		{ "[a]\n  x\n", 2, 3, "neither a [section] nor" },
		{ "[a]\n=1\n", 2, 1, "name is missing" },
		{ "[a]\n+=1\n", 2, 1, "name is missing" },
		{ "[a]\n  ;-- x\n\n", 2, 3, "does not end" },
		{ "[a]\nx=a\rb\n", 2, 4, "control character (0x0d)" },
		{ "[a]\nx=\033[1m\n", 2, 3, "control character (0x1b)" },
		{ "[a]\n#exec /bin/true\n", 2, 1, "#exec is refused" },
		{ "[a]\n#includ x\n", 2, 1, "unknown directive #includ" },
		{ "[a]\n#include\n", 2, 1, "#include of what?" },
		{ "[a]\n#include \"\"\n", 2, 1, "#include of what?" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_tree_of(&r, rows[i].text);

		CHECK_PROBLEM(
			&r, PROBLEM_ERROR, rows[i].line, rows[i].column, rows[i].part);
		CHECK_INT(r.problems.count, ==, 1);
		reading_fini(&r);
	}
}

TEST(a_section_that_doubles_itself_comes_to_an_end)
{
	READING(r);
	char text[1024] = "[a]\nx=1\n";

	for (int i = 0; i < 60; i++)
		strcat(text, "[a](+,a)\n");
	read_tree_of(&r, text);

	CHECK(find_problem(&r, "more than 100000 options") != NULL);
	CHECK_INT(r.settings.tree.sections[0]->count, <=, 100000);
	reading_fini(&r);
}

TEST(a_nul_byte_is_a_mistake)
{
	READING(r);

	tree_read_text(&r.settings.tree, "x", SIP_STR("[a]\nx=1\0002\n"));

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 2, 4, "control character (0x00)");
	reading_fini(&r);
}

TEST(places_behind_a_comment_and_an_escape_are_right)
{
	READING(r);
	const struct entry *entry;

	read_tree_of(&r, "[a]\n;-- c --; na\\;me = va\n");
	entry = r.settings.tree.sections[0]->members[0].entry;

	CHECK_INT(entry->at.column, ==, 11);
	CHECK_INT(entry->value_column, ==, 20);
	CHECK_STR(sip_str_of(entry->name), "na;me");
	reading_fini(&r);
}

TEST(every_mistake_of_a_file_is_told)
{
	READING(r);

	read_tree_of(&r, "x=1\n[a](b)\ny\n[c\n");

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 1, 1, "before the first");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 2, 5, "no section [b]");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, 1, "neither");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 4, 1, "`]`");
	reading_fini(&r);
}
