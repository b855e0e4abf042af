/* SPDX-License-Identifier: BSD-2-Clause */
/* The registrar: who may register what.  Quotes: RFC 3261 section 10.3. */
#include "unit/modules/registrar_fixture.h"

#define CONTACT "Contact: <sip:6001@198.51.100.7:5062>\n"

/* First, while the limit of lines a second is not used up. */
TEST(a_refusal_is_logged_with_what_an_operator_needs)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	CHECK(fake.service->on_rx_request(
		fake_request(&(struct fake_message){ .to = "<sip:6002@example.com>" })));
	CHECK_INT(fake.log_lines, ==, 1);
	CHECK(strstr(fake.log,
		      "registrar: refused source=198.51.100.7:5062 endpoint=6001 "
		      "to=sip:6002@example.com status=403 reason=Forbidden") != NULL);
	registrar_end();
}

/* "The registrar inspects the Request-URI to determine whether it has access to bindings
 * for the domain identified in the Request-URI.  If not, ... the server SHOULD forward
 * the request" */
TEST(only_register_for_our_domains_is_taken)
{
	struct ast_sip_endpoint phone = { 0 };
	struct fake_message foreign = { .uri = "sip:example.org" };
	struct fake_message invite = { .method = "INVITE" };
	struct fake_message with_user = { .uri = "sip:6001@example.com" };

	registrar_begin(&phone);
	CHECK(!fake.service->claims(fake_request(&foreign)));
	CHECK(!fake.service->on_rx_request(fake_request(&foreign)));
	CHECK(!fake.service->on_rx_request(fake_request(&invite)));
	CHECK_INT(fake.responses, ==, 0);
	CHECK(fake.service->claims(fake_request(&with_user)));
	CHECK(fake.service->on_rx_request(fake_request(&with_user)));
	CHECK_INT(fake.response.status, ==, 200);
	registrar_end();
}

TEST(a_binding_goes_to_the_location)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	CHECK_INT(registrar_answers(CONTACT "User-Agent: phone\n"), ==, 200);

	const struct ast_sip_registration *change = &fake.registration.change;
	CHECK_INT(fake.registration.calls, ==, 1);
	CHECK_STR(sip_str_of(change->aor), "6001");
	CHECK_INT(change->count, ==, 1);
	CHECK_INT(change->remove_all, ==, false);
	CHECK_INT(change->cseq, ==, 1);
	CHECK_INT(change->max_contacts, ==, 5);
	CHECK_INT(change->remove_existing, ==, false);
	CHECK_STR(change->call_id, "call@phone");
	CHECK_STR(change->branch, "z9hG4bK1");
	CHECK_STR(change->user_agent, "phone");
	CHECK(sip_flow_equal(&change->flow, &fake.flow));
	CHECK_STR(fake.registration.binding[0].uri, "sip:6001@198.51.100.7:5062");
	CHECK_INT(fake.registration.binding[0].expires_s, ==, 3600);
	CHECK_INT(fake.registration.binding[0].q, ==, 1000);
	registrar_end();
}

static const struct {
	const char *to;
	int status;
} tos[] = {
	{ "<sip:6001@example.com>", 200 },
	{ "<sip:6001@192.0.2.1>", 200 },
	{ "<sips:6001@example.com>", 400 }, /* its Contact is none */
	{ "<tel:6001>", 200 },
	{ "<sip:6002@example.com>", 403 }, /* another's */
	{ "<sip:6009@example.com>", 404 }, /* nobody's */
	{ "<sip:6001@example.org>",
		404 }, /* "not valid for the domain in the Request-URI" */
	{ "<sip:no-contacts@example.com>", 403 },
	/* 10.2: "MUST be a SIP or SIPS URI" (RFC 4475 3.3.4) */
	{ "<mailto:6001@example.com>", 400 },
	{ "<urn:service:sos>", 400 },
};

TEST(an_endpoint_registers_its_own_aors)
{
	for (size_t i = 0; i < sizeof(tos) / sizeof(tos[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };
		registrar_begin(&phone);
		CHECK(fake.service->on_rx_request(fake_request(
			&(struct fake_message){ .to = tos[i].to, .headers = CONTACT })));
		CHECK_INT(fake.response.status, ==, tos[i].status);
		CHECK_INT(fake.registration.calls, ==, tos[i].status == 200);
		registrar_end();
	}
}

/* Its bindings are as private as the right to change them. */
TEST(another_endpoints_bindings_can_not_be_read)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	CHECK(fake.service->on_rx_request(
		fake_request(&(struct fake_message){ .to = "<sip:6002@example.com>" })));
	CHECK_INT(fake.response.status, ==, 403);
	CHECK_INT(fake.registration.calls, ==, 0);
	registrar_end();
}

TEST(nobody_registers_without_being_somebody)
{
	static const char *const aors[] = { "6001" };
	struct ast_sip_endpoint phone = { 0 };
	struct ast_sip_endpoint artificial = {
		.options = { .name = "6001", .aors = { aors, 1 } }, .artificial = true
	};
	struct ast_sip_endpoint anonymous = { .options = { .name = "anonymous",
						      .aors = { aors, 1 } } };
	struct ast_sip_endpoint *senders[] = { NULL, &artificial, &anonymous };

	for (size_t i = 0; i < 3; i++) {
		registrar_begin(&phone);
		fake.authenticated = AST_SIP_AUTHENTICATION_NOT_REQUIRED;
		fake.request_endpoint = senders[i];
		CHECK_INT(registrar_answers(CONTACT), ==, 403);
		CHECK_INT(fake.registration.calls, ==, 0);
		registrar_end();
	}
}

/* A From without `auth=` behind it is believed: rules of who may do what. */
TEST(an_endpoint_without_a_secret_registers)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	fake.authenticated = AST_SIP_AUTHENTICATION_NOT_REQUIRED;
	CHECK_INT(registrar_answers(CONTACT), ==, 200);
	registrar_end();
}

TEST(what_was_not_authenticated_changes_nothing)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	fake.authenticated = AST_SIP_AUTHENTICATION_FAILED;
	CHECK_INT(registrar_answers(CONTACT), ==, 403);
	fake.authenticated = AST_SIP_AUTHENTICATION_CHALLENGE_SENT;
	CHECK_INT(registrar_answers(CONTACT), ==, 0); /* the challenge is the answer */
	CHECK_INT(fake.registration.calls, ==, 0);
	registrar_end();
}

static const struct {
	enum ast_sip_register_result result;
	int status;
} results[] = {
	{ AST_SIP_REGISTER_DONE, 200 },
	{ AST_SIP_REGISTER_COPY, 200 },
	{ AST_SIP_REGISTER_OLD,
		500 }, /* "the update MUST be aborted and the request fails" */
	{ AST_SIP_REGISTER_TOO_MANY, 403 },
	{ AST_SIP_REGISTER_MEMORY, 503 },
};

TEST(the_answer_tells_what_the_location_said)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		struct ast_sip_endpoint phone = { 0 };
		registrar_begin(&phone);
		fake.register_result = results[i].result;
		CHECK_INT(registrar_answers(CONTACT), ==, results[i].status);
		CHECK_INT(fake.responses, ==, 1);
		registrar_end();
	}
}

TEST(a_contact_is_reached_where_it_came_from_unless_told_otherwise)
{
	struct ast_sip_endpoint phone = { 0 };

	registrar_begin(&phone);
	phone.options.rewrite_contact = false;
	CHECK_INT(registrar_answers(CONTACT), ==, 200);
	CHECK_INT(fake.registration.change.flow.listener, ==, 0);
	/* Behind a WebSocket there is no other way: RFC 7118 section 5. */
	fake.flow.kind = SIP_WSS;
	CHECK_INT(registrar_answers(CONTACT), ==, 200);
	CHECK_INT(fake.registration.change.flow.listener, ==, 1);
	registrar_end();
}
