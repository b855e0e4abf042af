/* SPDX-License-Identifier: BSD-2-Clause */
/* OPTIONS for the server itself: RFC 3261 section 11. */
#include "support/check.h"

#include "unit/modules/fake_core.h"

extern const struct ast_sip_module_file ast_sip_module_file;

/* True: taken. */
static bool serve(const char *method, const char *uri, const char *headers)
{
	struct sip_rx_data *rdata = fake_request(&(struct fake_message){
		.method = method, .uri = uri, .headers = headers });

	CHECK_INT(fake.service->claims(rdata), ==,
		fake.service->on_rx_request(rdata) ? true : false);
	return fake.responses > 0;
}

TEST(options_for_the_server_gets_its_capabilities)
{
	fake_begin(&ast_sip_module_file);

	CHECK(serve("OPTIONS", "sip:example.com", NULL));

	CHECK_INT(fake.response.status, ==, 200);
	CHECK(fake_has_header("Accept: application/sdp"));
	CHECK(fake_has_header("Accept-Encoding: identity"));
	CHECK(fake_has_header("Accept-Language: en"));
	CHECK(fake_has_header("Supported: path"));
	fake_end(&ast_sip_module_file);
}

TEST(options_for_somebody_else_is_left_to_others)
{
	fake_begin(&ast_sip_module_file);

	CHECK(!serve("OPTIONS", "sip:6001@example.com", "Max-Forwards: 70\n"));
	CHECK(!serve("OPTIONS", "sip:example.org", "Max-Forwards: 70\n"));
	CHECK(!serve("OPTIONS", "sip:192.0.2.1:5070", NULL));
	CHECK(!serve("INVITE", "sip:example.com", NULL));
	CHECK(!serve("INVITE", "sip:6001@example.com", "Max-Forwards: 0\n"));
	fake_end(&ast_sip_module_file);
}

/* RFC 3261 section 16.3: "If the request was for OPTIONS, the element MAY act as the
 * final recipient" */
TEST(options_that_may_go_no_further_is_answered)
{
	fake_begin(&ast_sip_module_file);

	CHECK(serve("OPTIONS", "sip:6001@example.com", "Max-Forwards: 0\n"));

	CHECK_INT(fake.response.status, ==, 200);
	fake_end(&ast_sip_module_file);
}
