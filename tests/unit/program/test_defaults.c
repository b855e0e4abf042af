/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds where nothing is said, as it is shown. */
#include "options_page.h"
#include "reading.h"
#include "support/alloc_fail.h"
#include "value_text.h"
#include "values.h"

#include <limits.h>
#include <stdio.h>

/* The default of one option, as shown. */
static const char *shown(struct reading *r, const char *type_name, const char *name)
{
	const struct section_type *type = type_find(type_name);

	return option_text(&r->store, option_find(type->options, name),
		type_defaults(&r->settings, type));
}

TEST(each_value_that_is_read_can_be_shown)
{
	const struct section_type *type;

	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		for (size_t j = 0; type->options != NULL && j < type->options->count;
			j++) {
			const struct option *option = &type->options->options[j];

			if (option->read != NULL && !option_text_knows(option->read))
				check_failed(__FILE__, __LINE__,
					"value_text.c has no row for what reads %s",
					option->name);
		}
	}
}

TEST(defaults_are_those_that_the_server_begins_with)
{
	static const char *const rows[][3] = {
		{ "endpoint", "rewrite_contact", "yes" },
		{ "endpoint", "trust_id_inbound", "no" },
		{ "endpoint", "identify_by", "username,ip,certificate" },
		{ "endpoint", "aors", "none: it registers nothing" },
		{ "aor", "maximum_expiration", "7200" },
		{ "aor", "contact", "none" },
		{ "auth", "auth_type", "digest" },
		{ "transport", "protocol", "udp" },
		{ "identify", "match", "none" },
		{ "global", "max_forwards", "70" },
		{ "global", "authentication", "required" },
		{ "global", "log_level", "notice" },
		{ "global", "control_socket", "`res_sip.sock`" },
		{ "system", "timer_b", "32000" },
	};
	READING(r);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(sip_str_of(shown(&r, rows[i][0], rows[i][1])), rows[i][2]);
	reading_fini(&r);
}

/* The same function shows what was read. */
TEST(what_a_section_says_is_shown_in_the_place_of_the_default)
{
	READING(r);
	const struct option_table *table = &endpoint_options;
	const void *endpoint;

	read_text_of(&r,
		"[a]\ntype=endpoint\nrewrite_contact=no\naors=x,y\nidentify_by=ip\n"
		"from_user=\n");
	endpoint = &r.settings.endpoints[0];

	CHECK_STR(sip_str_of(option_text(
			  &r.store, option_find(table, "rewrite_contact"), endpoint)),
		"no");
	CHECK_STR(sip_str_of(option_text(&r.store, option_find(table, "aors"), endpoint)),
		"x,y");
	CHECK_STR(sip_str_of(option_text(
			  &r.store, option_find(table, "identify_by"), endpoint)),
		"ip");
	CHECK_STR(sip_str_of(option_text(
			  &r.store, option_find(table, "from_user"), endpoint)),
		"empty");
	reading_fini(&r);
}

TEST(an_option_whose_value_is_not_looked_at_has_none)
{
	READING(r);

	CHECK(shown(&r, "endpoint", "dtmf_mode") == NULL);
	CHECK(shown(&r, "endpoint", "media_encryption") == NULL);
	reading_fini(&r);
}

TEST(a_default_that_is_said_to_be_another_than_res_pjsip_s_is)
{
	const struct section_type *type;
	READING(r);

	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		for (size_t j = 0; type->options != NULL && j < type->options->count;
			j++) {
			const struct option *option = &type->options->options[j];

			if (option->theirs == NULL)
				continue;
			CHECK(!option->ours);
			CHECK(strcmp(option->theirs,
				      shown(&r, type->name, option->name)) != 0);
		}
	}
	reading_fini(&r);
}

/* "Every option that res_pjsip documents is in one table", and every one in the page. */
TEST(the_page_has_every_option_of_every_type)
{
	const struct section_type *type;
	struct text text = { 0 };
	READING(r);

	options_page(&r.settings, &text);
	text_add(&text, (struct sip_str){ "", 1 });

	CHECK(!text.failed);
	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		CHECK(strstr(text.ptr,
			      store_format(&r.store,
				      type->add != NULL ? "## type=%s\n" : "| `%s` | ",
				      type->name)) != NULL);
		for (size_t j = 0; type->options != NULL && j < type->options->count; j++)
			CHECK(strstr(text.ptr,
				      store_format(&r.store, "`%s`",
					      type->options->options[j].name)) != NULL);
	}
	text_fini(&text);
	reading_fini(&r);
}

TEST(the_page_says_verdict_default_and_meaning)
{
	static const char *const rows[] = {
		"| `rewrite_contact` | differs | yes (res_pjsip: no) | A registered phone",
		"| `max_contacts` | honoured | 0 | How many contacts",
		"From 0 to 1000. |",
		"| `media_encryption` | refused | no | Media does not pass",
		"| `domain` | honoured, ours | none: only our addresses are ours |",
		"**No meaning**, for no media passes through this server: `allow`, ",
		"**Not yet**: ",
		"| `registration` | not yet | ",
	};
	struct text text = { 0 };
	READING(r);

	options_page(&r.settings, &text);
	text_add(&text, (struct sip_str){ "", 1 });

	CHECK(!text.failed);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strstr(text.ptr, rows[i]) == NULL)
			check_failed(__FILE__, __LINE__, "the page lacks %s", rows[i]);
	}
	text_fini(&text);
	reading_fini(&r);
}

/* A running server shows it: the text of each part must not hold all those before. */
TEST(a_long_list_takes_as_much_memory_as_it_is_long)
{
	const struct section_type *type = type_find("endpoint");
	struct sip_config_list list = { 0 };
	const char *text;

	READING(r);
	for (size_t i = 0; i < 3000; i++)
		list_add(&r.store, &list, "a-rather-long-name-of-an-aor");
	struct sip_endpoint_config *endpoint = type_defaults(&r.settings, type);
	endpoint->aors = list;

	alloc_fail_at(ULONG_MAX); /* counted only */
	text = option_text(&r.store, option_find(type->options, "aors"), endpoint);

	CHECK_INT(strlen(text), ==, 3000 * 29 - 1);
	CHECK_INT(alloc_fail_seen(), <, 3);
	alloc_fail_at(0);
	reading_fini(&r);
}
