/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Challenges and nonces.  Quotes: the rules of this server (docs), RFC 3261 section 22,
 * RFC 7616, RFC 8760.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count(const char *text, const char *part)
{
	size_t found = 0;

	for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
		found++;
	return found;
}

/* 22.3: "If, when processing a request, the UAS ... 401"; "407 when the request is not
 * REGISTER, a FORWARD service is loaded, and the Request-URI is not ours or has a user
 * part that no LOCAL service claims; else 401." */
TEST(what_is_for_us_is_challenged_401_and_what_goes_on_407)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .method = "OPTIONS", .uri = "sip:127.0.0.1"), ==, 401);
	CHECK_INT(ASK(w, .method = "REGISTER"), ==, 401);
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:6002@example.org"), ==, 407);
	CHECK(answered(w, "Proxy-Authenticate")[0] != '\0');
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:x@other.example"), ==, 407);
	CHECK_INT(ASK(w, .method = "OPTIONS", .uri = "sip:other.example"), ==, 407);
	CHECK_INT(ASK(w, .method = "REGISTER", .uri = "sip:other.example"), ==, 401);
	world_destroy(&w);
}

/* "a FORWARD service is loaded" */
TEST(without_a_forward_service_every_challenge_is_401)
{
	static const char *const modules[] = { "res_sip_endpoint_identifier_user",
		"res_sip_authenticator_digest", "res_sip_options", NULL };
	struct world *w = world_create(&(struct world_options){ .modules = modules });

	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:x@other.example"), ==, 401);
	world_destroy(&w);
}

static void three_algorithms(struct sip_config *config)
{
	static const char *const names[] = { "SHA-512-256", "SHA-256", "MD5" };

	config->global.default_auth_algorithms_uas = (struct sip_config_list){ names, 3 };
}

/* RFC 8760 2.3: "one header field per algorithm, best first" */
TEST(each_algorithm_has_a_field_of_its_own_best_first_with_one_nonce)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = three_algorithms });
	const char *text;
	const char *nonce;

	nonce = take_nonce(w, NULL);
	CHECK_INT(ASK(w, .method = "OPTIONS"), ==, 401);
	text = said(w, "SIP/2.0 401");
	CHECK_INT(count(text, "WWW-Authenticate: Digest realm=\"example.org\", nonce="),
		==, 3);
	CHECK(strstr(text, "SHA-512-256") < strstr(text, "algorithm=SHA-256"));
	CHECK(strstr(text, "algorithm=SHA-256") < strstr(text, "algorithm=MD5"));
	CHECK_INT(ASK(w, .nonce = nonce, .algorithm = "SHA-256"), ==, 200);
	CHECK_INT(
		ASK(w, .nonce = nonce, .algorithm = "MD5", .nc = 2, .cseq = 2), ==, 200);
	world_destroy(&w);
}

static char long_realm[1200];

static void a_long_realm(struct sip_config *config)
{
	three_algorithms(config);
	memset(long_realm, 'r', sizeof(long_realm) - 1);
	config->global.default_realm = long_realm;
}

TEST(a_realm_of_any_length_finds_room_in_the_challenge)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = a_long_realm });

	CHECK_INT(ASK(w, .method = "OPTIONS"), ==, 401);
	CHECK_INT(count(said(w, "SIP/2.0 401"), long_realm), ==, 3);
	world_destroy(&w);
}

/* The text of a 401 with the nonce's digits made equal. */
static char *without_nonce(const char *text)
{
	char *copy = strdup(text);
	char *nonce;

	CHECK(copy != NULL);
	nonce = strstr(copy, "nonce=\"");
	CHECK(nonce != NULL);
	memset(nonce + 7, 'n', strcspn(nonce + 7, "\""));
	return copy;
}

/* "so that known and unknown users see the same bytes but the nonce" */
TEST(known_and_unknown_users_get_the_same_bytes_but_the_nonce)
{
	struct world *w = world_create(NULL);
	char *known;
	char *unknown;

	/* The tag of the answer is a hash of what both have alike. */
	CHECK_INT(ASK(w, .from = "6001", .branch = "x", .to = "sip:t"), ==, 401);
	known = without_nonce(said(w, "SIP/2.0 401"));
	CHECK_INT(ASK(w, .from = "6777", .branch = "x", .to = "sip:t"), ==, 401);
	unknown = without_nonce(said(w, "SIP/2.0 401"));
	memcpy(strstr(unknown, "6777"), "6001", 4);
	CHECK_STR(sip_str_of(unknown), known);
	free(known);
	free(unknown);
	world_destroy(&w);
}

/* 22.1: "a UAS MUST NOT attempt to challenge an ACK"; CANCEL "cannot be challenged". */
TEST(ack_and_cancel_are_never_challenged)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .method = "ACK", .uri = "sip:6002@example.org"), ==, 0);
	CHECK_INT(w->wire.count, ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_STRAY_ACKS), ==, 1);
	CHECK_INT(ASK(w, .method = "CANCEL", .uri = "sip:6002@example.org"), ==, 481);
	world_destroy(&w);
}

/* "Credentials are looked for in both fields, by realm" */
TEST(credentials_are_found_in_both_fields_by_realm)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, NULL);

	CHECK_INT(ASK(w, .nonce = nonce), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .nc = 2, .cseq = 2, .proxy = true), ==, 200);
	CHECK_INT(
		ASK(w, .nonce = nonce, .nc = 3, .cseq = 3, .proxy = true,
			.extra =
				"Max-Forwards: 70\n"
				"Proxy-Authorization: Digest username=\"x\", realm=\"theirs\", "
				"nonce=\"n\", uri=\"sip:x\", response=\"00\"\n"
				"Authorization: Bearer abcdef\n"),
		==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .nc = 4, .cseq = 4, .realm = "theirs"), ==, 401);
	world_destroy(&w);
}

/* "A wrong password is challenged again without `stale`, exactly as an unknown user" */
TEST(a_wrong_password_is_challenged_again_without_stale)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, NULL);

	keep_log();
	CHECK_INT(ASK(w, .nonce = nonce, .password = "wrong"), ==, 401);
	CHECK(strstr(said(w, "SIP/2.0"), "stale") == NULL);
	CHECK_INT(ASK(w, .nonce = nonce, .from = "6777", .user = "6777"), ==, 401);
	CHECK(strstr(said(w, "SIP/2.0"), "stale") == NULL);
	CHECK_INT(logged("failed login source=192.0.2.1:5060 user=6001"), ==, 1);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_FAILED), ==, 2);
	/* Wrong ones do not use the nonce up. */
	CHECK_INT(ASK(w, .nonce = nonce), ==, 200);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "Only the auth sections of the identified endpoint count: 6001 can't come in with
 * 6002's password." */
TEST(one_phone_can_not_come_in_with_the_password_of_another)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, NULL);

	keep_log();
	CHECK_INT(ASK(w, .from = "6001", .user = "6002", .password = "secret2",
			  .nonce = nonce),
		==, 401);
	CHECK_INT(ASK(w, .from = "6002", .user = "6002", .password = "secret2",
			  .nonce = nonce),
		==, 200);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "A count that comes again ... for a different request it is a replay: challenged with
 * stale=true" */
TEST(a_count_that_comes_again_is_good_for_its_copy_and_stale_for_another_request)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, NULL);

	CHECK_INT(ASK(w, .nonce = nonce, .branch = "a"), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .branch = "a"), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .call_id = "another"), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), ", stale=true") != NULL);
	CHECK_INT(ASK(w, .nonce = nonce, .cseq = 2), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), ", stale=true") != NULL);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_REPLAYS), ==, 2);
	world_destroy(&w);
}

/* "a window of 64 per nonce, so that parallel requests may arrive out of order" */
TEST(counts_may_arrive_out_of_order_within_the_window_of_64)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, NULL);

	CHECK_INT(ASK(w, .nonce = nonce, .nc = 1, .cseq = 1), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .nc = 70, .cseq = 70), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .nc = 7, .cseq = 7), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .nc = 69, .cseq = 69), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .nc = 6, .cseq = 6), ==, 401); /* 64 back */
	CHECK(strstr(answered(w, "WWW-Authenticate"), ", stale=true") != NULL);
	world_destroy(&w);
}

/* "Nonces are bound to realm and source address (never the port: NATs rebind)" */
TEST(a_nonce_is_good_from_its_address_at_any_port_and_stale_from_another)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, "192.0.2.1:5060");

	CHECK_INT(ASK(w, .nonce = nonce, .peer = "192.0.2.1:1024"), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .nc = 2, .cseq = 2, .peer = "192.0.2.77:5060"),
		==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), ", stale=true") != NULL);
	world_destroy(&w);
}

/* "Old nonce ...: stale=true"; `nonce_lifetime=` is 300 s. */
TEST(a_nonce_is_stale_after_its_lifetime)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, NULL);

	wire_forward_ms(&w->wire, 299 * 1000);
	CHECK_INT(ASK(w, .nonce = nonce), ==, 200);
	wire_forward_ms(&w->wire, 3 * 1000);
	CHECK_INT(ASK(w, .nonce = nonce, .nc = 2, .cseq = 2), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), ", stale=true") != NULL);
	world_destroy(&w);
}

/* "Old nonce, other address, other run of the server: stale=true" */
TEST(a_nonce_that_is_not_ours_is_stale)
{
	static const char zeros[] =
		"00000000000000000000000000000000000000000000000000000000";
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .nonce = zeros), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), ", stale=true") != NULL);
	CHECK_INT(ASK(w, .nonce = "x"), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), ", stale=true") != NULL);
	world_destroy(&w);
}

/* "Without qop a nonce is good for one request and its copies." */
TEST(without_qop_a_nonce_is_good_for_one_request_and_its_copies)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, NULL);

	CHECK_INT(ASK(w, .nonce = nonce, .no_qop = true, .branch = "a"), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .no_qop = true, .branch = "a"), ==, 200);
	CHECK_INT(ASK(w, .nonce = nonce, .no_qop = true, .cseq = 2), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), ", stale=true") != NULL);
	world_destroy(&w);
}

/* RFC 7616 3.4.1: without qop the response does not cover nc, so anybody could write one
 * there. */
TEST(without_qop_a_written_nonce_count_does_not_bring_a_nonce_back)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, NULL);
	struct ask heard = { .nonce = nonce, .no_qop = true };
	char replay[4096];
	char *end;

	CHECK_INT(ask(w, &heard), ==, 200);
	heard.cseq = 2;
	heard.call_id = "attacker";
	snprintf(replay, sizeof(replay), "%s", ask_text(&heard));
	end = strstr(replay, "algorithm=MD5");
	CHECK(end != NULL);
	memcpy(end, "nc=00000002  ", 13);
	wire_clear(&w->wire);
	wire_receive(&w->wire, STRANGER, replay);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 401"), ==, 1);
	world_destroy(&w);
}
