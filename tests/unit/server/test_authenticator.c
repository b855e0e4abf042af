/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The methods around an authenticator, with one of the test's own.  Quotes: the contract
 * of the design's methods (docs), and res_sip/authenticator.h.
 */
#include "support/alloc_fail.h"
#include "support/ask.h"
#include "support/check.h"

#include "base/slab.h"

#include <stdio.h>
#include <string.h>

static struct {
	int required;
	int failure;       /* what authenticate says */
	bool busy;         /* and that it can't tell */
	int no_challenge;  /* what get_authentication_credentials() says */
	const char *nonce; /* and with which; NULL: one of the core's */
	unsigned asked;
	struct sip_rx_data *waiting; /* of authenticate_request_later() */
} does;

static int requires(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	CHECK(endpoint != NULL && rdata != NULL);
	return does.required;
}

static int authenticate(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	CHECK(endpoint != NULL && ast_sip_current_request() == rdata);
	does.asked++;
	if (does.busy)
		CHECK_INT(ast_sip_respond_busy(rdata), ==, 0);
	return does.failure;
}

static int credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	CHECK(endpoint != NULL && challenge->realm == NULL && challenge->nonce == NULL);
	challenge->realm = "test";
	challenge->nonce = does.nonce;
	return does.no_challenge;
}

static int later(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	CHECK(endpoint != NULL);
	does.asked++;
	does.waiting = rdata;
	return does.failure;
}

static struct ast_sip_authenticator at_once = { requires, authenticate, credentials, NULL,
	false };
static struct ast_sip_authenticator in_time = { requires, NULL, credentials, later,
	false };

static enum ast_sip_check_auth_result checked;

/* Answers with what a further check gives. */
static bool check_again(struct sip_rx_data *rdata)
{
	struct ast_sip_endpoint *endpoint = ast_sip_request_endpoint(rdata);

	checked = ast_sip_check_authentication(endpoint, rdata);
	CHECK_INT(ast_sip_check_authentication(endpoint, rdata), ==, checked);
	CHECK_INT(
		ast_sip_respond(rdata, ast_sip_request_trusted(rdata) ? 200 : 299, NULL),
		==, 0);
	return true;
}

static struct sip_service checker = { .name = "checker", .on_rx_request = check_again };

static void prepare(struct ast_sip_authenticator *authenticator)
{
	memset(&does, 0, sizeof(does));
	does.required = 1;
	CHECK_INT(ast_sip_register_authenticator(authenticator), ==, 0);
	CHECK_INT(ast_sip_register_service(&checker), ==, 0);
}

static void prepare_at_once(void)
{
	prepare(&at_once);
}

static void prepare_in_time(void)
{
	prepare(&in_time);
}

static struct world *world_at_once(void)
{
	return world_create(&(struct world_options){ .prepare = prepare_at_once });
}

static struct world *world_in_time(void)
{
	return world_create(&(struct world_options){ .prepare = prepare_in_time });
}

/* Each of them is written with a backslash before it. */
TEST(a_nonce_of_quotes_finds_room_in_the_challenge)
{
	static char quotes[4000];
	struct world *w = world_at_once();

	memset(quotes, '"', sizeof(quotes) - 1);
	does.failure = -1;
	does.nonce = quotes;
	CHECK_INT(ASK(w, .method = "OPTIONS"), ==, 401);
	world_destroy(&w);
}

/* Nobody knows whether his password is wrong. */
TEST(an_authenticator_that_can_not_tell_answers_by_itself)
{
	struct world *w = world_at_once();

	does.failure = -1;
	does.busy = true;
	CHECK_INT(ASK(w, .method = "FROB", .nonce = "n"), ==, 503);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 "), ==, 1);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_FAILED), ==, 0);
	does.busy = false;
	CHECK_INT(ASK(w, .method = "FROB", .nonce = "n", .call_id = "other"), ==, 401);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_FAILED), ==, 1);
	world_destroy(&w);
}

/* A 403 would be the end for a phone that has only not been asked yet. */
TEST(who_can_not_be_challenged_for_want_of_memory_is_not_refused)
{
	unsigned long number = 3; /* the first are the request's own */
	bool failed = true;

	sip_slab_plain = true;
	while (failed) {
		struct world *w = world_at_once();
		int code;

		does.failure = -1;
		alloc_fail_at(++number);
		code = ASK(w, .method = "FROB");
		failed = alloc_fail_seen() >= number;
		alloc_fail_at(0);
		CHECK_INT(code, !=, 403);
		CHECK_INT(ASK(w, .method = "FROB", .call_id = "other"), ==, 401);
		world_destroy(&w);
	}
	sip_slab_plain = false;
	CHECK_INT(number, >, 4);
}

/* "A service that checks again within the same request gets the first result." */
TEST(a_service_that_checks_again_gets_the_first_result)
{
	struct world *w = world_at_once();

	CHECK_INT(ASK(w, .method = "FROB"), ==, 200);
	CHECK_INT(checked, ==, AST_SIP_AUTHENTICATION_SUCCESS);
	CHECK_INT(does.asked, ==, 1);
	does.required = 0;
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299); /* nothing was proved */
	CHECK_INT(checked, ==, AST_SIP_AUTHENTICATION_NOT_REQUIRED);
	CHECK_INT(does.asked, ==, 1);
	world_destroy(&w);
}

/* "a wrong password that is challenged again is CHALLENGE_SENT"; "credentials were wrong
 * and no challenge could be made or sent" is FAILED: 403. */
TEST(a_failure_is_challenged_and_403_where_there_is_nothing_to_challenge_with)
{
	struct world *w = world_at_once();

	does.failure = -1;
	CHECK_INT(ASK(w, .method = "FROB"), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), "realm=\"test\", nonce=\"") !=
		NULL);
	does.no_challenge = -1;
	CHECK_INT(ASK(w, .method = "FROB"), ==, 403);
	world_destroy(&w);
}

/* "it challenges the request that the running task is serving, and fails (-1, logged)
 * where there is none" */
TEST(there_is_nothing_to_challenge_outside_of_a_request)
{
	struct ast_sip_digest_challenge_data challenge = { .realm = "r" };
	struct world *w = world_at_once();

	keep_log();
	CHECK_INT(ast_sip_challenge_request(&challenge), ==, -1);
	CHECK_INT(logged("no request is being served here"), ==, 1);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

static bool challenge_itself(struct sip_rx_data *rdata)
{
	struct ast_sip_digest_challenge_data bad = { .realm = "a\r\nb" };
	struct ast_sip_digest_challenge_data good = { .realm = "a \"b\"",
		.nonce = "n1",
		.opaque = "o1",
		.domain = "sip:d",
		.algorithms = "SHA-256, MD5",
		.stale = 1 };

	(void)rdata;
	CHECK_INT(ast_sip_challenge_request(&(struct ast_sip_digest_challenge_data){ 0 }),
		==, -1);
	CHECK_INT(ast_sip_challenge_request(&bad), ==, -1);
	CHECK_INT(ast_sip_challenge_request(&good), ==, 0);
	CHECK_INT(ast_sip_challenge_request(&good), ==, -1);
	return true;
}

/* "`ast_sip_challenge_request()` sends 401, as the seed says"; the data's own fields
 * count. */
TEST(a_service_challenges_with_data_of_its_own)
{
	struct sip_service service = { .name = "own", .on_rx_request = challenge_itself };
	struct world *w = world_at_once();

	ast_sip_unregister_service(&checker);
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	keep_log();
	CHECK_INT(ASK(w, .method = "FROB"), ==, 401);
	CHECK_INT(w->wire.count, ==, 1);
	CHECK_STR(sip_str_of(answered(w, "WWW-Authenticate")),
		"Digest realm=\"a \\\"b\\\"\", domain=\"sip:d\", nonce=\"n1\", opaque=\"o1\", "
		"algorithm=SHA-256, qop=\"auth\", stale=true");
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "one at a time; a second is refused (-1, logged)"; "a callback is missing" */
TEST(a_second_authenticator_is_refused_and_a_half_one_too)
{
	struct ast_sip_authenticator half = { .requires_authentication = requires,
		.get_authentication_credentials = credentials };
	struct world *w = world_at_once();

	keep_log();
	CHECK_INT(ast_sip_register_authenticator(&in_time), ==, -1);
	CHECK_INT(ast_sip_register_authenticator(&at_once), ==, -1);
	ast_sip_unregister_authenticator(&at_once);
	CHECK_INT(ast_sip_register_authenticator(&half), ==, -1);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 503);
	CHECK_INT(ast_sip_register_authenticator(&at_once), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 200);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "-1: no authenticator, or it has nothing to challenge with." */
TEST(the_credentials_to_challenge_with_come_from_the_authenticator)
{
	struct ast_sip_digest_challenge_data data;
	struct world *w = world_at_once();
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("6001");

	CHECK_INT(ast_sip_get_authentication_credentials(endpoint, &data), ==, 0);
	CHECK_STR(sip_str_of(data.realm), "test");
	ast_sip_unregister_authenticator(&at_once);
	CHECK_INT(ast_sip_get_authentication_credentials(endpoint, &data), ==, -1);
	ast_sip_endpoint_unref(endpoint);
	world_destroy(&w);
}

/* "`struct ast_sip_authenticator` has an optional asynchronous callback": "resuming
 * happens exactly once and comes as a task on the work" */
TEST(an_authenticator_may_answer_later_and_copies_are_absorbed)
{
	struct world *w = world_in_time();

	CHECK_INT(ASK(w, .method = "FROB", .branch = "a"), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB", .branch = "a"), ==, 0);
	CHECK_INT(does.asked, ==, 1);
	wire_clear(&w->wire);
	ast_sip_authentication_done(does.waiting, 0);
	CHECK_INT(w->wire.count, ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_INT(checked, ==, AST_SIP_AUTHENTICATION_SUCCESS);
	world_destroy(&w);
}

TEST(an_authenticator_may_say_no_later_or_at_once)
{
	struct world *w = world_in_time();

	CHECK_INT(ASK(w, .method = "INVITE"), ==, 100);
	ast_sip_authentication_done(does.waiting, -1);
	keep_log();
	ast_sip_authentication_done(does.waiting, 0); /* once */
	CHECK_INT(logged("a result was given twice"), ==, 1);
	sip_log_set_sink(NULL, NULL);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 401"), ==, 1);
	does.failure = -1;
	CHECK_INT(ASK(w, .method = "FROB", .call_id = "b"), ==, 401);
	world_destroy(&w);
}

/* 9.2: it was cancelled meanwhile, and must not ring any more. */
TEST(an_invite_that_is_cancelled_while_it_is_authenticated_goes_no_further)
{
	struct world *w = world_in_time();

	CHECK_INT(ASK(w, .method = "INVITE", .branch = "i"), ==, 100);
	ASK(w, .method = "CANCEL", .branch = "i");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	wire_clear(&w->wire);
	ast_sip_authentication_done(does.waiting, 0);
	wire_settle(&w->wire);
	CHECK_INT(w->wire.count, ==, 0);
	world_destroy(&w);
}

/* "each LATER has a deadline" */
TEST(an_authenticator_that_takes_too_long_is_too_late)
{
	struct world *w = world_in_time();

	keep_log();
	CHECK_INT(ASK(w, .method = "FROB"), ==, 0);
	wire_forward_ms(&w->wire, 200 * 1000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 1);
	wire_clear(&w->wire);
	ast_sip_authentication_done(does.waiting, 0);
	wire_settle(&w->wire);
	CHECK_INT(w->wire.count, ==, 0);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}
