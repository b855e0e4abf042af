/* SPDX-License-Identifier: BSD-2-Clause */
/* What may stand in the place of the word that is being typed. */
#include "complete.h"
#include "support/check.h"
#include "syntaxes.h"

static const struct syntax run = { .name = "run", .options = { { "--user", "NAME" } } };
static const struct syntax *const all[] = { &run, &syntax_show, &syntax_module_load,
	&syntax_module_unload, &syntax_trace };

struct row {
	const char *words[5];
	const char *offered; /* lines */
	const char *names;
	const char *folder;
};

static void check_row(const struct row *row)
{
	struct text out = { 0 };
	struct completion completion = { .out = &out };
	unsigned count = 0;

	while (count < 5 && row->words[count] != NULL)
		count++;
	complete_words(all, 5, row->words, count, &completion);
	CHECK(!out.failed);
	CHECK_STR(
		((struct sip_str){ out.len != 0 ? out.ptr : "", out.len }), row->offered);
	CHECK_STR(sip_str_of(completion.names), row->names);
	CHECK_STR(sip_str_of(completion.folder), row->folder);
	text_fini(&out);
}

TEST(words_options_and_names_are_offered_where_they_may_stand)
{
	static const struct row rows[] = {
		{ { "" }, "run\nshow\nmodule\nmodule\ntrace\n", NULL, NULL },
		{ { "r" }, "run\n", NULL, NULL },
		{ { "x" }, "", NULL, NULL },
		{ { "module", "" }, "load\nunload\n", NULL, NULL },
		{ { "module", "u" }, "unload\n", NULL, NULL },
		{ { "module", "unload", "" }, "", "modules", NULL },
		{ { "module", "unload", "x", "" }, "", NULL, NULL },
		{ { "show", "en" }, "endpoints\nendpoint\n", NULL, NULL },
		{ { "show", "endpoint", "60" }, "", "endpoints", NULL },
		{ { "show", "contact", "" }, "", "contacts", NULL },
		{ { "show", "contacts", "" }, "", NULL, NULL },
		{ { "show", "pool", "--" }, "--json\n--limit\n", NULL, NULL },
		{ { "trace", "--p" }, "--pcap\n", NULL, NULL },
		{ { "trace", "--endpoint", "" }, "", "endpoints", NULL },
		{ { "trace", "--pcap", "" }, "", NULL, NULL },
		{ { "-c", "dir", "ru" }, "run\n", NULL, "dir" },
		{ { "show", "-c", "" }, "", NULL, NULL },
		{ { "run", "-" }, "-c\n--user\n", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}
