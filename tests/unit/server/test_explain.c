/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a dry run says (res_sip/explain.h), and that nothing comes of it: every
 * explanation of these tests is made with the checks of support/explained.h.
 */
#include "support/check.h"
#include "support/explained.h"

#include <stdio.h>
#include <string.h>

#define CONTACT "Max-Forwards: 70\nContact: <sip:6001@192.0.2.1:5060>\n"

/* Where the sections of the usual configuration would stand. */
static void with_lines(struct sip_config *config)
{
	static struct sip_endpoint_config endpoints[3];
	static struct sip_aor_config aors[3];
	static struct sip_auth_config auths[2];
	static struct sip_identify_config identify;

	memcpy(endpoints, config->endpoint, sizeof(endpoints));
	memcpy(aors, config->aor, sizeof(aors));
	memcpy(auths, config->auth, sizeof(auths));
	identify = config->identify[0];
	for (uint32_t i = 0; i < 3; i++) {
		endpoints[i].source = (struct sip_config_source){ "sip.conf", 10 + i };
		aors[i].source = (struct sip_config_source){ "sip.conf", 20 + i };
	}
	for (uint32_t i = 0; i < 2; i++)
		auths[i].source = (struct sip_config_source){ "sip.conf", 30 + i };
	identify.source = (struct sip_config_source){ "sip.conf", 40 };
	config->global.source = (struct sip_config_source){ "sip.conf", 1 };
	config->endpoint = endpoints;
	config->aor = aors;
	config->auth = auths;
	config->identify = &identify;
}

static struct world *world_with_lines(void)
{
	return world_create(&(struct world_options){ .configure = with_lines });
}

TEST(an_unknown_user_is_challenged_like_anybody)
{
	struct world *w = world_with_lines();
	struct explained *e = EXPLAIN(w, .method = "REGISTER", .from = "6777");

	CHECK_VERDICT(e, "parse", "request");
	CHECK_VERDICT(e, "work", "new");
	CHECK_VERDICT(e, "match", "none");
	CHECK_VERDICT(e, "route", "ours");
	CHECK_SAYS(e, "route", "is ours: domain=example.org (sip.conf:1)");
	CHECK_VERDICT(e, "identify", "unknown");
	CHECK_SAYS(e, "identify", "ip: 192.0.2.1:5060 is in no match= of an identify");
	CHECK_SAYS(e, "identify",
		"username: no endpoint 6777@example.org\n"
		"username: no endpoint 6777\n");
	CHECK_VERDICT(e, "authenticate", "challenged");
	CHECK_SAYS(e, "authenticate", "no credentials");
	CHECK_SAYS(e, "respond", "SIP/2.0 401 Unauthorized -> 192.0.2.1:5060");
	CHECK(strstr(explained_message(e, "SIP/2.0 401"), "WWW-Authenticate: Digest ") !=
		NULL);
	CHECK(explained_step(e, "serve")[0] == '\0');

	explained_free(&e);
	world_destroy(&w);
}

TEST(a_known_user_without_credentials_is_told_which_section_decides)
{
	struct world *w = world_with_lines();
	struct explained *e = EXPLAIN(w, .method = "REGISTER");

	CHECK_VERDICT(e, "identify", "6001");
	CHECK_SAYS(e, "identify", "username: endpoint 6001 (sip.conf:10)");
	CHECK_VERDICT(e, "authenticate", "challenged");
	CHECK_SAYS(e, "authenticate", "no credentials for realm example.org");
	CHECK_SAYS(e, "authenticate", "realm example.org (default_realm=");

	explained_free(&e);
	world_destroy(&w);
}

/* "A wrong password must be explained without revealing the right one." */
TEST(a_wrong_password_is_explained_and_the_right_one_is_nowhere)
{
	struct world *w = world_with_lines();
	struct explained *e = EXPLAIN_AS(w, .method = "REGISTER", .password = "guessed");

	CHECK_VERDICT(e, "authenticate", "challenged");
	CHECK_SAYS(e, "authenticate", "credentials of 6001 in Authorization");
	CHECK_SAYS(e, "authenticate", "wrong password");
	CHECK_SAYS(e, "authenticate", "(sip.conf:30)");
	CHECK_SAYS(e, "authenticate", "would log: notice authentication: failed login");
	for (size_t i = 0; i < e->explanation->step_count; i++)
		CHECK(strstr(explained_step(e, e->explanation->step[i].name),
			      "secret1") == NULL);

	explained_free(&e);
	world_destroy(&w);
}

TEST(a_user_name_that_no_auth_section_has_is_named)
{
	struct world *w = world_with_lines();
	struct explained *e = EXPLAIN_AS(w, .method = "REGISTER", .user = "6002");

	CHECK_VERDICT(e, "identify", "6001");
	CHECK_VERDICT(e, "authenticate", "challenged");
	CHECK_SAYS(e, "authenticate", "username=\"6002\"");
	CHECK_SAYS(e, "authenticate", "unknown user");

	explained_free(&e);
	world_destroy(&w);
}

TEST(a_stale_nonce_says_why_it_is_stale)
{
	struct world *w = world_with_lines();
	const char *nonce = take_nonce(w, NULL);
	struct explained *e;

	e = EXPLAIN(w, .method = "REGISTER", .nonce = nonce, .peer = "192.0.2.55:5060");
	CHECK_SAYS(
		e, "authenticate", "the nonce is stale: it was made for another source");
	CHECK_SAYS(e, "authenticate", "stale=true");
	CHECK(strstr(explained_message(e, "SIP/2.0 401"), "stale=true") != NULL);
	explained_free(&e);

	wire_forward_ms(&w->wire, 301 * 1000);
	e = EXPLAIN(w, .method = "REGISTER", .nonce = nonce);
	CHECK_SAYS(e, "authenticate",
		"the nonce is stale: it is 301 s old, and holds for 300 s");
	explained_free(&e);

	e = EXPLAIN(w, .method = "REGISTER", .nonce = "AAAAAAB0000aaaaaaaaaaa");
	CHECK_SAYS(e, "authenticate", "before this server was started");
	explained_free(&e);

	e = EXPLAIN(w, .method = "REGISTER", .nonce = "other");
	CHECK_SAYS(e, "authenticate", "this server makes no such nonce");
	explained_free(&e);
	world_destroy(&w);
}

TEST(a_replay_is_known_and_a_copy_is_not_one)
{
	struct world *w = world_with_lines();
	struct ask what = { .method = "REGISTER", .branch = "b", .extra = CONTACT };
	struct explained *e;

	what.nonce = take_nonce(w, NULL);
	CHECK_INT(ask(w, &what), ==, 200);
	e = explain(w, &what);
	CHECK_VERDICT(e, "authenticate", "passed");
	CHECK_SAYS(e, "authenticate", "was used by this same request");
	explained_free(&e);

	what.call_id = "another";
	e = explain(w, &what);
	CHECK_VERDICT(e, "authenticate", "challenged");
	CHECK_SAYS(e, "authenticate", "count 1 was used before, for another request");
	explained_free(&e);
	world_destroy(&w);
}

TEST(a_register_that_would_be_accepted_changes_nothing_and_uses_up_nothing)
{
	struct world *w = world_with_lines();
	struct ask what = { .method = "REGISTER", .extra = CONTACT "Expires: 600\n" };
	struct explained *e;

	what.nonce = take_nonce(w, NULL);
	e = explain(w, &what);
	CHECK_VERDICT(e, "authenticate", "passed");
	CHECK_VERDICT(e, "serve", "taken by registrar");
	CHECK_SAYS(e, "serve", "aor 6001 of the To field (sip.conf:20)");
	CHECK_SAYS(e, "serve",
		"endpoint 6001 may register it: aors= names it (sip.conf:10)");
	CHECK_SAYS(e, "serve", "<sip:6001@192.0.2.1:5060> for 600 s");
	CHECK(strstr(explained_message(e, "SIP/2.0 200"),
		      "Contact: <sip:6001@192.0.2.1:5060>;expires=600") != NULL);
	explained_free(&e);

	/* The same count, of another request: it would be a replay. */
	what.call_id = "real";
	CHECK_INT(ask(w, &what), ==, 200);
	CHECK_INT(sip_location_count(w->server->location), ==, 1);
	world_destroy(&w);
}

TEST(a_register_of_somebody_elses_aor_names_both)
{
	struct world *w = world_with_lines();
	struct explained *e = EXPLAIN_AS(
		w, .method = "REGISTER", .to = "sip:6002@example.org", .extra = CONTACT);

	CHECK_VERDICT(e, "serve", "taken by registrar");
	CHECK_SAYS(e, "serve", "aor 6002 of the To field (sip.conf:21)");
	CHECK_SAYS(e, "serve",
		"endpoint 6001 may not register it: aors= does not name 6002 "
		"(sip.conf:10)");
	CHECK_SAYS(e, "respond", "SIP/2.0 403 Forbidden");
	explained_free(&e);

	e = EXPLAIN_AS(
		w, .method = "REGISTER", .to = "sip:6777@example.org", .extra = CONTACT);
	CHECK_SAYS(e, "serve", "no aor has the name of the To field");
	CHECK_SAYS(e, "respond", "SIP/2.0 404 Not Found");
	explained_free(&e);
	world_destroy(&w);
}

TEST(a_call_to_a_registered_phone_shows_where_it_goes)
{
	struct world *w = world_with_lines();
	struct explained *e;

	world_register(w, "6002", "secret2", "192.0.2.2:5070");
	e = EXPLAIN_AS(w, .method = "INVITE", .uri = "sip:6002@example.org",
		.extra = CONTACT, .proxy = true);
	CHECK_VERDICT(e, "serve", "taken by proxy");
	CHECK_SAYS(e, "serve", "aor 6002 (sip.conf:21)");
	CHECK_SAYS(e, "serve", "sip:6002@192.0.2.2:5070");
	CHECK_SAYS(e, "serve", "flow 192.0.2.2:5070");
	CHECK_SAYS(e, "serve", "Record-Route: yes");
	CHECK_SAYS(e, "respond", "SIP/2.0 100 Trying -> 192.0.2.1:5060");
	CHECK_SAYS(
		e, "respond", "INVITE sip:6002@192.0.2.2:5070 SIP/2.0 -> 192.0.2.2:5070");
	CHECK(strstr(explained_message(e, "INVITE"), "Record-Route: ") != NULL);
	CHECK(strstr(explained_message(e, "INVITE"), "Proxy-Authorization") == NULL);
	CHECK_INT(e->explanation->message_count, ==, 2);
	explained_free(&e);
	world_destroy(&w);
}

TEST(a_call_to_nobody_says_why_nobody_is_there)
{
	struct world *w = world_with_lines();
	struct explained *e;

	e = EXPLAIN_AS(
		w, .method = "INVITE", .uri = "sip:6002@example.org", .extra = CONTACT);
	CHECK_SAYS(e, "serve", "aor 6002 has no contact: nothing is registered");
	CHECK_SAYS(e, "serve", "(sip.conf:21)");
	CHECK_SAYS(e, "respond", "SIP/2.0 480 ");
	explained_free(&e);

	e = EXPLAIN_AS(
		w, .method = "INVITE", .uri = "sip:6777@example.org", .extra = CONTACT);
	CHECK_SAYS(e, "serve", "no aor has the name 6777@example.org or 6777");
	CHECK_SAYS(e, "respond", "SIP/2.0 404 Not Found");
	explained_free(&e);
	world_destroy(&w);
}

TEST(a_foreign_domain_is_for_those_who_proved_who_they_are)
{
	struct world *w = world_with_lines();
	struct explained *e;

	e = EXPLAIN_AS(w, .method = "MESSAGE", .uri = "sip:a@192.0.2.200");
	CHECK_VERDICT(e, "route", "foreign");
	CHECK_SAYS(e, "respond", "MESSAGE sip:a@192.0.2.200 SIP/2.0 -> 192.0.2.200:5060");
	explained_free(&e);

	e = EXPLAIN(w, .method = "MESSAGE", .uri = "sip:a@192.0.2.200", .from = "open");
	CHECK_VERDICT(e, "authenticate", "not needed");
	CHECK_SAYS(e, "authenticate", "endpoint open has no auth=");
	CHECK_SAYS(e, "authenticate", "may not send to other domains");
	CHECK_SAYS(e, "serve", "another domain is not for this sender");
	CHECK_SAYS(e, "respond", "SIP/2.0 403 Forbidden");
	explained_free(&e);

	e = EXPLAIN(w, .method = "MESSAGE", .uri = "sip:a@192.0.2.200", .from = "open",
		.peer = TRUNK);
	CHECK_SAYS(e, "identify", "identify section open (sip.conf:40)");
	CHECK_SAYS(e, "authenticate", "it was identified by what proves it");
	CHECK_SAYS(e, "respond", "MESSAGE sip:a@192.0.2.200 SIP/2.0 -> 192.0.2.200:5060");
	explained_free(&e);
	world_destroy(&w);
}

/* "five wrong passwords in ten seconds and that source waits" */
TEST(a_source_that_waits_is_told_so_and_failures_of_a_dry_run_do_not_count)
{
	struct world *w = world_with_lines();
	struct explained *e;

	keep_log();
	for (int i = 0; i < 9; i++) {
		e = EXPLAIN_AS(w, .method = "REGISTER", .password = "guessed");
		CHECK_VERDICT(e, "admit", "let in");
		CHECK_SAYS(e, "authenticate",
			"it counts against its source: after 5 within");
		explained_free(&e);
	}
	for (int i = 0; i < 5; i++)
		ASK_AS(w, .method = "REGISTER", .password = "guessed");
	e = EXPLAIN(w, .method = "REGISTER");
	CHECK_VERDICT(e, "admit", "refused");
	CHECK_SAYS(e, "admit", "its source has failed to log in too often");
	CHECK_SAYS(e, "admit", "(sip.conf:1)");
	CHECK_SAYS(e, "respond", "SIP/2.0 503 ");
	explained_free(&e);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}
