/* SPDX-License-Identifier: BSD-2-Clause */
/* Which messages a trace shows: of a server that has phones 6001 and 6002. */
#include "support/check.h"
#include "support/two_phones.h"
#include "syntaxes.h"
#include "trace_filter.h"

#include <res_sip/server.h>

#define TRUNK   "192.0.2.10:5060" /* 6001 is known by this address */
#define PHONE   "192.0.2.20:5070" /* where 6002 has its contact */
#define STRANGE "203.0.113.9:5060"

struct filtering {
	struct sip_server *server;
	struct trace_filter filter;
	char shown[64]; /* the first letters of what was shown */
};

static bool read_options(struct filtering *f, const char *const *words, char *error)
{
	static const struct syntax *const syntaxes[] = { &syntax_trace };
	struct arguments arguments;
	int count = 0;

	while (words[count] != NULL)
		count++;
	CHECK(syntax_read(syntaxes, 1, words, count, &arguments, error));
	return trace_filter_init(&f->filter, &arguments, error);
}

/* What `res_sip trace ...` with these words would show. */
#define FILTERING(name, ...)                                                             \
	struct filtering name = { .shown = "" };                                         \
	filtering_begin(&name, (const char *const[]){ "trace", __VA_ARGS__, NULL })

static void filtering_begin(struct filtering *f, const char *const *words)
{
	char error[SYNTAX_ERROR_LEN];

	CHECK_INT(two_phones_create(&f->server), ==, SIP_OK);
	CHECK(read_options(f, words, error));
}

static void filtering_end(struct filtering *f)
{
	trace_filter_fini(&f->filter);
	sip_server_destroy(&f->server);
}

static void show(void *arg, const struct trace_record *record, struct sip_str message)
{
	struct filtering *f = arg;

	(void)record;
	strncat(f->shown, message.ptr, 1);
}

/* A message whose first letter is `mark`. */
static void message(struct filtering *f, char mark, const char *call_id, const char *peer)
{
	struct trace_record record = { .what = TRACE_MESSAGE, .wall_us = 1 };
	struct text text = { 0 };

	CHECK_INT(sip_addr_parse(sip_str_of(peer), 0, &record.peer), ==, SIP_OK);
	record.local = record.peer;
	text_format(&text, "%c sip:x SIP/2.0\r\nCall-ID: %s\r\n\r\n", mark, call_id);
	CHECK(!text.failed);
	trace_filter_take(
		&f->filter, &record, (struct sip_str){ text.ptr, text.len }, show, f);
	text_fini(&text);
}

static void tell(struct filtering *f, enum trace_what what, const char *text)
{
	struct trace_record record = { .what = what };

	trace_filter_take(&f->filter, &record, sip_str_of(text), show, f);
}

TEST(without_filters_all_is_shown)
{
	FILTERING(f, "--");
	message(&f, '1', "a", STRANGE);
	tell(&f, TRACE_ENDPOINT, "a\n6001");
	message(&f, '2', "", PHONE);

	CHECK_STR(sip_str_of(f.shown), "12");
	filtering_end(&f);
}

TEST(an_address_and_a_call_id_both_have_to_fit)
{
	FILTERING(f, "--ip", "192.0.2.0/24", "--call-id", "a");
	message(&f, '1', "a", STRANGE);
	message(&f, '2', "b", TRUNK);
	message(&f, '3', "a", TRUNK);

	CHECK_STR(sip_str_of(f.shown), "3");
	filtering_end(&f);
}

/* The first INVITE came before anybody knew whose it is. */
TEST(a_caller_s_first_message_is_shown_once_he_is_identified)
{
	FILTERING(f, "--endpoint", "6001");
	message(&f, '1', "a", STRANGE);
	message(&f, '2', "b", STRANGE);
	CHECK_STR(sip_str_of(f.shown), "");
	tell(&f, TRACE_ENDPOINT, "a\n6001");
	tell(&f, TRACE_ENDPOINT, "b\n6002");
	message(&f, '3', "a", STRANGE);

	CHECK_STR(sip_str_of(f.shown), "13");
	filtering_end(&f);
}

TEST(a_call_is_the_callee_s_when_its_aor_is_looked_up)
{
	FILTERING(f, "--endpoint", "6002");
	message(&f, '1', "a", STRANGE);
	tell(&f, TRACE_ENDPOINT, "a\n6001");
	tell(&f, TRACE_AOR, "a\n6002");
	message(&f, '2', "a", STRANGE);

	CHECK_STR(sip_str_of(f.shown), "12");
	filtering_end(&f);
}

/* A trace that begins in the middle of a call has nobody to tell it whose call it is. */
TEST(a_message_from_where_the_endpoint_is_makes_the_call_its_own)
{
	FILTERING(f, "--endpoint", "6002");
	message(&f, '1', "a", STRANGE);
	message(&f, '2', "b", STRANGE);
	message(&f, '3', "a", PHONE);
	message(&f, '4', "a", STRANGE);

	CHECK_STR(sip_str_of(f.shown), "134");
	filtering_end(&f);
}

TEST(a_message_to_the_address_of_an_identify_section_makes_the_call_its_own)
{
	FILTERING(f, "--endpoint", "6001");
	message(&f, '1', "a", TRUNK);
	message(&f, '2', "b", PHONE);

	CHECK_STR(sip_str_of(f.shown), "1");
	filtering_end(&f);
}

TEST(an_endpoint_and_an_address_both_have_to_fit)
{
	FILTERING(f, "--endpoint", "6001", "--ip", "192.0.2.20");
	message(&f, '1', "a", PHONE);
	message(&f, '2', "a", TRUNK);
	message(&f, '3', "a", PHONE);
	message(&f, '4', "b", PHONE);

	CHECK_STR(sip_str_of(f.shown), "13");
	filtering_end(&f);
}

TEST(a_filter_that_fits_nothing_is_refused_in_words)
{
	static const struct {
		const char *words[4];
		const char *error;
	} rows[] = {
		{ { "trace", "--endpoint", "6003" }, "there is no endpoint 6003" },
		{ { "trace", "--ip", "example.com" },
			"example.com is no address or network such as 192.0.2.1, "
			"192.0.2.0/24 or [2001:db8::1]:5060" },
	};
	struct filtering f = { .shown = "" };

	CHECK_INT(two_phones_create(&f.server), ==, SIP_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char error[SYNTAX_ERROR_LEN];

		CHECK(!read_options(&f, rows[i].words, error));
		CHECK_STR(sip_str_of(error), rows[i].error);
	}
	sip_server_destroy(&f.server);
}
