/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of options, and what is told about each verdict. */
#include "options.h"
#include "reading.h"
#include "types.h"

TEST(each_table_has_each_name_once)
{
	const struct section_type *type;

	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		for (size_t j = 0; type->options != NULL && j < type->options->count; j++)
			CHECK(option_find(
				      type->options, type->options->options[j].name) ==
				&type->options->options[j]);
	}
}

TEST(each_row_says_what_its_verdict_needs)
{
	const struct section_type *type;

	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		for (size_t j = 0; type->options != NULL && j < type->options->count;
			j++) {
			const struct option *option = &type->options->options[j];

			CHECK(option->verdict != OPTION_HONOURED ||
				option->read != NULL || type->add == NULL);
			CHECK(option->read == NULL || option->help != NULL);
			CHECK(option->verdict != OPTION_NO_MEANING ||
				option->note != NULL);
			CHECK((option->verdict != OPTION_REFUSED &&
				      option->verdict != OPTION_DIFFERENT) ||
				option->note != NULL);
			CHECK(option->max >= option->min);
		}
	}
}

/* What promises protection that is not given keeps the server from starting. */
TEST(promises_of_protection_are_refused)
{
	static const char *const rows[][3] = {
		{ "endpoint", "media_encryption", "sdes" },
		{ "endpoint", "media_encryption", "dtls" },
		{ "endpoint", "webrtc", "yes" },
		{ "endpoint", "stir_shaken", "true" },
		{ "endpoint", "allow_transfer", "no" },
		{ "transport", "allow_wildcard_certs", "yes" },
		{ "identify", "transport", "udp" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_text_of(&r,
			store_format(&r.store, "[a]\ntype=%s\n%s=%s\n", rows[i][0],
				rows[i][1], rows[i][2]));

		CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, 1, "refused");
		reading_fini(&r);
	}
}

TEST(a_value_that_promises_nothing_is_not_refused)
{
	static const char *const rows[][3] = {
		{ "endpoint", "acl", "" },
		{ "endpoint", "media_encryption", "no" },
		{ "endpoint", "webrtc", "false" },
		{ "endpoint", "allow_transfer", "yes" },
		{ "transport", "verify_client", "0" },
		{ "transport", "tos", "0" },
		{ "aor", "remove_unavailable", "no" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_text_of(&r,
			store_format(&r.store, "[a]\ntype=%s\n%s=%s\n", rows[i][0],
				rows[i][1], rows[i][2]));

		for (size_t j = 0; j < r.problems.count; j++)
			CHECK(r.problems.items[j].at.line != 3);
		reading_fini(&r);
	}
}

TEST(options_of_other_verdicts_are_told_and_let_pass)
{
	static const struct {
		const char *type;
		const char *option;
		enum severity severity;
		const char *part;
	} rows[] = {
		{ "endpoint", "allow", PROBLEM_NOTICE, "no meaning here" },
		{ "endpoint", "context", PROBLEM_NOTICE, "no meaning here" },
		{ "endpoint", "outbound_auth", PROBLEM_WARNING, "not yet" },
		{ "endpoint", "send_pai", PROBLEM_WARNING, "not yet" },
		{ "aor", "remove_unavailable", PROBLEM_WARNING, "not yet" },
		{ "auth", "nonce_lifetime", PROBLEM_NOTICE, "[global] nonce_lifetime=" },
		{ "transport", "allow_reload", PROBLEM_WARNING, "not yet" },
		{ "transport", "async_operations", PROBLEM_NOTICE, "no meaning" },
		{ "identify", "match_header", PROBLEM_WARNING, "not yet" },
		{ "global", "debug", PROBLEM_NOTICE, "res_sip trace" },
		{ "global", "default_from_user", PROBLEM_WARNING, "not yet" },
		{ "system", "threadpool_max_size", PROBLEM_NOTICE, "servants=" },
		{ "system", "compact_headers", PROBLEM_WARNING, "not yet" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_text_of(&r,
			store_format(&r.store, "[a]\ntype=%s\n%s=yes\n", rows[i].type,
				rows[i].option));

		CHECK_PROBLEM(&r, rows[i].severity, 3, 1, rows[i].part);
		reading_fini(&r);
	}
}

TEST(what_a_section_overrides_in_its_template_is_not_held_against_it)
{
	READING(r);

	read_text_of(&r,
		"[t](!)\ntype=endpoint\nmedia_encryption=sdes\n"
		"[a](t)\nmedia_encryption=no\n");

	CHECK(find_problem(&r, "media_encryption") == NULL);
	reading_fini(&r);
}

TEST(an_unknown_option_is_told_with_the_nearest_or_with_its_type)
{
	static const struct {
		const char *text;
		const char *part;
	} rows[] = {
		{ "[a]\ntype=endpoint\naor=6001\n",
			"no option `aor`; did you mean `aors`?" },
		{ "[a]\ntype=aor\nmaxcontacts=1\n", "did you mean `max_contacts`?" },
		{ "[a]\ntype=aor\nzzzzzzzz=1\n", "no option `zzzzzzzz`" },
		{ "[a]\ntype=endpoint\nmax_contacts=1\n", "it is one of type=aor" },
		{ "[a]\ntype=aor\ntyp=1\n", "did you mean `type`?" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_text_of(&r, rows[i].text);

		CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, 1, rows[i].part);
		reading_fini(&r);
	}
}

/* "the section loads with a "not yet" warning, its options are known by name too" */
TEST(a_slip_in_a_section_of_later_work_is_found)
{
	static const char *const types[] = { "registration", "resource_list",
		"outbound-publish", "contact", "subscription_persistence",
		"inbound-publication", "asterisk-publication", "wizard" };
	READING(r);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		reading_init(&r);
		read_text_of(&r,
			store_format(&r.store, "[a]\ntype=%s\nno_such_option=1\n@own=1\n",
				types[i]));

		CHECK_PROBLEM(&r, PROBLEM_WARNING, 1, 1, "not yet possible");
		CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, 1, "has no option `no_such_option`");
		CHECK(find_problem(&r, "@own") == NULL);
		reading_fini(&r);
	}
	reading_init(&r);
	read_text_of(&r, "[a]\ntype=registration\nserver_ury=sip:192.0.2.1\n");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, 1, "did you mean `server_uri`?");
	reading_fini(&r);
}

TEST(what_is_res_pjsip_s_default_is_not_told)
{
	static const char *const rows[][2] = {
		{ "endpoint", "direct_media=yes" },
		{ "endpoint", "rtp_symmetric=no" },
		{ "endpoint", "dtmf_mode=rfc4733" },
		{ "endpoint", "timers=yes" },
		{ "endpoint", "rewrite_contact=" },
		{ "endpoint", "trust_id_outbound=no" },
		{ "auth", "nonce_lifetime=32" },
		{ "system", "threadpool_max_size=50" },
		{ "global", "default_from_user=asterisk" },
		{ "transport", "tcp_keepalive_idle_time=30" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_text_of(&r,
			store_format(
				&r.store, "[a]\ntype=%s\n%s\n", rows[i][0], rows[i][1]));

		for (size_t j = 0; j < r.problems.count; j++)
			CHECK(r.problems.items[j].at.line != 3 ||
				r.problems.items[j].severity == PROBLEM_ERROR);
		reading_fini(&r);
	}
}

/* "`direct_media=no` gets a warning that media never passes through this server." */
TEST(media_through_this_server_is_warned_of)
{
	READING(r);

	read_text_of(&r, "[a]\ntype=endpoint\ndirect_media=no\n");

	CHECK_PROBLEM(
		&r, PROBLEM_WARNING, 3, 1, "media never passes through this server");
	reading_fini(&r);
}

/* What is said in a hundred sections, or a hundred times in one, is one line. */
TEST(what_repeats_is_told_once)
{
	READING(r);
	size_t told = 0;

	read_text_of(&r,
		"[a]\ntype=endpoint\nset_var=A=1\nset_var=B=2\nset_var=C=3\n"
		"[b]\ntype=endpoint\nset_var=A=1\nset_var=B=2\n");
	problems_sort(&r.problems);

	for (size_t i = 0; i < r.problems.count; i++)
		told += strstr(r.problems.items[i].text, "set_var") != NULL;
	CHECK_INT(told, ==, 1);
	CHECK(find_problem(&r, "set_var")->severity == PROBLEM_NOTICE);
	CHECK_INT(find_problem(&r, "set_var")->more, ==, 1);
	reading_fini(&r);
}

TEST(two_sections_of_one_type_and_name_are_an_error_and_of_two_types_are_none)
{
	static const char *const types[] = { "endpoint", "aor", "domain_alias",
		"registration", "resource_list" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		READING(r);

		read_text_of(&r,
			store_format(&r.store,
				"[a]\ntype=%s\n[a]\ntype=%s\n[a]\ntype=auth\n", types[i],
				types[i]));

		CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, 1, "already");
		for (size_t j = 0; j < r.problems.count; j++)
			CHECK(r.problems.items[j].at.line != 5);
		reading_fini(&r);
	}
}

TEST(types_that_are_not_there_are_told)
{
	static const struct {
		const char *type;
		enum severity severity;
		uint32_t line;
		uint32_t column;
		const char *part;
	} rows[] = {
		{ "phoneprov", PROBLEM_WARNING, 1, 1, "not yet possible" },
		{ "location", PROBLEM_NOTICE, 1, 1, "no meaning here" },
		{ "tn", PROBLEM_ERROR, 1, 1, "refused" },
		{ "endpiont", PROBLEM_ERROR, 2, 6, "did you mean `endpoint`?" },
		{ "zzzzzzzzz", PROBLEM_ERROR, 2, 6, "there is no type" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);

		read_text_of(&r,
			store_format(
				&r.store, "[a]\ntype=%s\nwhatever=1\n", rows[i].type));

		CHECK_PROBLEM(
			&r, rows[i].severity, rows[i].line, rows[i].column, rows[i].part);
		CHECK(find_problem(&r, "whatever") == NULL);
		reading_fini(&r);
	}
}
