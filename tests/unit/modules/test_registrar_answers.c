/* SPDX-License-Identifier: BSD-2-Clause */
/* The registrar: its 200.  Quotes: RFC 3261 section 10.3. */
#include "unit/modules/registrar_fixture.h"

#include <stdio.h>

#define SECOND UINT64_C(1000000)

/* What the location holds at second 1000: the binding of this request, made then for 3600
 * s ... */
static const struct ast_sip_contact own = {
	.uri = { "sip:6001@198.51.100.7:5062", 26 },
	.call_id = { "call@phone", 10 },
	.cseq = 1,
	.q = 1000,
	.expires_s = 3600,
	.expires_at_us = 4600 * SECOND,
};
/* ... and one of another phone, with half a second more than 1800 left. */
static const struct ast_sip_contact other = {
	.uri = { "sip:6001@[2001:db8::9]", 22 },
	.params = { "reg-id=1", 8 },
	.call_id = { "else@where", 10 },
	.cseq = 1,
	.q = 250,
	.expires_s = 3600,
	.expires_at_us = 2800 * SECOND + SECOND / 2,
};

static void hold_both(void)
{
	fake.contact[0] = own;
	fake.contact[1] = other;
	fake.contacts = 2;
	fake.now_us = 1000 * SECOND;
}

/* "The response MUST contain Contact header field values enumerating all current
 * bindings.  Each Contact value MUST feature an "expires" parameter" */
TEST(all_bindings_are_listed)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	hold_both();
	CHECK_INT(registrar_answers("Contact: <sip:6001@198.51.100.7:5062>\n"), ==, 200);
	CHECK_STR(sip_str_of(fake.response.headers),
		"Contact: <sip:6001@198.51.100.7:5062>;expires=3600\n"
		"Contact: <sip:6001@[2001:db8::9]>;reg-id=1;q=0.25;expires=1801\n");
	registrar_end();
}

TEST(a_copy_gets_the_same_bytes_later)
{
	struct ast_sip_endpoint phone = { 0 };
	struct fake_response first;

	registrar_begin(&phone);
	hold_both();
	CHECK_INT(registrar_answers("Contact: <sip:6001@198.51.100.7:5062>\n"), ==, 200);
	first = fake.response;
	fake.now_us += 3 * SECOND + 1;
	fake.register_result = AST_SIP_REGISTER_COPY;
	CHECK_INT(registrar_answers("Contact: <sip:6001@198.51.100.7:5062>\n"), ==, 200);
	CHECK_STR(sip_str_of(fake.response.headers), first.headers);
	registrar_end();
}

TEST(a_query_tells_what_is_left)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	hold_both();
	fake.now_us = 1010 * SECOND;
	CHECK(fake.service->on_rx_request(
		fake_request(&(struct fake_message){ .cseq = 2 })));
	CHECK_STR(sip_str_of(fake.response.headers),
		"Contact: <sip:6001@198.51.100.7:5062>;expires=3590\n"
		"Contact: <sip:6001@[2001:db8::9]>;reg-id=1;q=0.25;expires=1791\n");
	registrar_end();
}

TEST(without_bindings_the_list_is_empty)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	CHECK_INT(registrar_answers("Contact: *\nExpires: 0\n"), ==, 200);
	CHECK_STR(sip_str_of(fake.response.headers), "");
	registrar_end();
}

static const struct {
	uint32_t thousandths;
	const char *text;
} preferences[] = {
	{ 0, ";q=0" },
	{ 1, ";q=0.001" },
	{ 10, ";q=0.01" },
	{ 500, ";q=0.5" },
	{ 755, ";q=0.755" },
	{ 999, ";q=0.999" },
	{ 1000, "" },
};

TEST(preferences_are_written_as_they_were_meant)
{
	for (size_t i = 0; i < sizeof(preferences) / sizeof(preferences[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };
		char line[128];
		registrar_begin(&phone);
		fake.contact[0] = own;
		fake.contact[0].q = preferences[i].thousandths;
		fake.contacts = 1;
		snprintf(line, sizeof(line),
			"Contact: <sip:6001@198.51.100.7:5062>%s;expires=3600",
			preferences[i].text);
		CHECK_INT(registrar_answers("Contact: <sip:6001@198.51.100.7:5062>\n"),
			==, 200);
		CHECK(fake_has_header(line));
		registrar_end();
	}
}

TEST(a_long_contact_is_listed_whole)
{
	struct ast_sip_endpoint phone = { 0 };
	char params[600];
	char line[800];

	registrar_begin(&phone);
	memset(params, 'p', sizeof(params));
	fake.contact[0] = own;
	fake.contact[0].params = (struct sip_str){ params, sizeof(params) };
	fake.contact[0].expires_s = UINT32_MAX;
	fake.contacts = 1;
	snprintf(line, sizeof(line),
		"Contact: <sip:6001@198.51.100.7:5062>;%.600s;expires=4294967295",
		params);
	CHECK_INT(registrar_answers("Contact: <sip:6001@198.51.100.7:5062>\n"), ==, 200);
	CHECK(fake_has_header(line));
	registrar_end();
}

/* Half a list would tell a phone that its binding is gone, and a 500 that it never was:
 * "a particular REGISTER request is either processed completely or not at all" (10.2). */
TEST(a_list_that_does_not_fit_is_no_list)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	hold_both();
	fake.headers_fail = true;
	CHECK_INT(registrar_answers("Contact: <sip:6001@198.51.100.7:5062>\n"), ==, 0);
	CHECK_INT(fake.responses, ==, 0);
	registrar_end();
}

/* RFC 5627 section 5.3: of every contact with an instance, for who knows what they are.
 */
TEST(gruus_are_given_to_who_asks_for_them)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	hold_both();
	fake.contact[0].params = SIP_STR("+sip.instance=\"<urn:uuid:1>\"");
	CHECK_INT(registrar_answers("Contact: <sip:6001@198.51.100.7:5062>\n"
				    "Supported: path, gruu\n"),
		==, 200);
	CHECK_STR(sip_str_of(fake.response.headers),
		"Contact: <sip:6001@198.51.100.7:5062>;+sip.instance=\"<urn:uuid:1>\";"
		"expires=3600;pub-gruu=\"public of 6001 at example.com\";"
		"temp-gruu=\"temporary of 6001 at example.com\"\n"
		"Contact: <sip:6001@[2001:db8::9]>;reg-id=1;q=0.25;expires=1801\n");
	registrar_end();
}
