/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registering with a whole server.  Quotes: RFC 3261 section 10.3, and the rules of this
 * server, `Registering` and `Stateless and stateful`.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTACT(n) "Max-Forwards: 70\nContact: <sip:6001@192.0.2.1:507" #n ">\n"
#define NOTHING    "Max-Forwards: 70\n"
#define STAR       "Max-Forwards: 70\nContact: *\nExpires: 0\n"

static int bind_contact(struct world *w, unsigned cseq, const char *extra)
{
	return ASK_AS(w, .method = "REGISTER", .cseq = cseq, .extra = extra);
}

static size_t contacts(const struct world *w)
{
	size_t count = 0;

	for (const char *at = said(w, "SIP/2.0");
		(at = strstr(at, "\r\nContact:")) != NULL; at++)
		count++;
	return count;
}

/* 10.3 step 8: "The response MUST contain Contact header field values enumerating all
 * current bindings.  Each Contact value MUST feature an "expires" parameter" */
TEST(the_answer_lists_all_bindings_with_their_expires)
{
	struct world *w = world_create(NULL);

	CHECK_INT(bind_contact(w, 1, CONTACT(1) "Expires: 600\n"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "Contact")),
		"<sip:6001@192.0.2.1:5071>;expires=600");
	CHECK_INT(bind_contact(w, 2, CONTACT(2)), ==, 200);
	CHECK_INT(contacts(w), ==, 2);
	CHECK(strstr(said(w, "SIP/2.0"), "5072>;expires=3600") != NULL);
	CHECK_INT(counted(w, SIP_COUNT_REGISTRATIONS), ==, 2);
	world_destroy(&w);
}

/* 10.3 step 6: "If not [any Contact], skip to the last step": a query. */
TEST(a_register_without_contact_asks_for_the_bindings)
{
	struct world *w = world_create(NULL);

	CHECK_INT(bind_contact(w, 1, NOTHING), ==, 200);
	CHECK_INT(contacts(w), ==, 0);
	CHECK_INT(bind_contact(w, 2, CONTACT(1)), ==, 200);
	CHECK_INT(bind_contact(w, 3, NOTHING), ==, 200);
	CHECK_INT(contacts(w), ==, 1);
	world_destroy(&w);
}

/* "lose the 200, repeat the datagram seven times: seven identical 200s (the same bytes
 * ...)" */
TEST(seven_copies_of_a_register_get_seven_identical_answers)
{
	struct world *w = world_create(NULL);
	struct ask what = {
		.method = "REGISTER", .branch = "same", .cseq = 2, .extra = CONTACT(1)
	};
	char *first;

	what.nonce = take_nonce(w, NULL);
	CHECK_INT(ask(w, &what), ==, 200);
	first = strdup(said(w, "SIP/2.0 200"));
	CHECK(first != NULL && strstr(first, "Date:") == NULL);
	for (int i = 0; i < 7; i++) {
		wire_forward_ms(&w->wire, 900);
		CHECK_INT(ask(w, &what), ==, 200);
		CHECK_STR(sip_str_of(said(w, "SIP/2.0 200")), first);
	}
	CHECK_INT(counted(w, SIP_COUNT_REGISTRATIONS), ==, 1);
	free(first);
	world_destroy(&w);
}

/* 10.3 step 7: "If the Call-ID value ... agrees and the CSeq is lower: ... the update
 * MUST be aborted and the request fails"; the rules: 500, "and nothing changes (10.3; all
 * contacts of a request or none)". */
TEST(a_lower_cseq_of_the_same_call_id_is_refused_and_changes_nothing)
{
	struct world *w = world_create(NULL);

	keep_log();
	CHECK_INT(bind_contact(w, 5, CONTACT(1) "Expires: 600\n"), ==, 200);
	CHECK_INT(bind_contact(w, 4, CONTACT(1) CONTACT(2) "Expires: 900\n"), ==, 500);
	CHECK_INT(bind_contact(w, 6, NOTHING), ==, 200);
	CHECK_INT(contacts(w), ==, 1);
	CHECK(strstr(answered(w, "Contact"), "expires=600") != NULL);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* 10.3 step 6: "If the request has additional Contact fields or an expiration time other
 * than zero, the request is invalid, and the server MUST return a 400" */
TEST(a_star_stands_alone_with_expires_0_and_removes_everything)
{
	struct world *w = world_create(NULL);

	keep_log();
	CHECK_INT(bind_contact(w, 1, CONTACT(1)), ==, 200);
	CHECK_INT(bind_contact(w, 2, "Contact: *\nExpires: 60\n"), ==, 400);
	CHECK_INT(bind_contact(w, 3, "Contact: *\n"), ==, 400);
	CHECK_INT(bind_contact(w, 4, CONTACT(2) "Contact: *\nExpires: 0\n"), ==, 400);
	CHECK_INT(bind_contact(w, 5, STAR), ==, 200);
	CHECK_INT(contacts(w), ==, 0);
	CHECK_INT(bind_contact(w, 6, NOTHING), ==, 200);
	CHECK_INT(contacts(w), ==, 0);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* 10.3 step 7: "the registrar MAY reject the registration with a response of 423
 * (Interval Too Brief).  This response MUST contain a Min-Expires header field" */
TEST(too_brief_an_interval_is_answered_423_with_min_expires)
{
	struct world *w = world_create(NULL);

	keep_log();
	CHECK_INT(bind_contact(w, 1, CONTACT(1) "Expires: 59\n"), ==, 423);
	CHECK_STR(sip_str_of(answered(w, "Min-Expires")), "60");
	CHECK_INT(bind_contact(w, 2, CONTACT(1) "Expires: 60\n"), ==, 200);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* The world's phones may have three. */
TEST(above_max_contacts_is_403_and_changes_nothing)
{
	struct world *w = world_create(NULL);

	keep_log();
	CHECK_INT(
		bind_contact(w, 1, CONTACT(1) CONTACT(2) CONTACT(3) CONTACT(4)), ==, 403);
	CHECK_INT(bind_contact(w, 2, CONTACT(1) CONTACT(2) CONTACT(3)), ==, 200);
	CHECK_INT(bind_contact(w, 3, CONTACT(4)), ==, 403);
	CHECK_INT(bind_contact(w, 4, NOTHING), ==, 200);
	CHECK_INT(contacts(w), ==, 3);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

static void no_contacts(struct sip_config *config)
{
	static struct sip_aor_config aors[3];

	memcpy(aors, config->aor, sizeof(aors));
	aors[0].max_contacts = 0;
	config->aor = aors;
}

/* "`max_contacts=0` (res_pjsip's default) answers 403" */
TEST(max_contacts_0_is_403)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = no_contacts });

	keep_log();
	CHECK_INT(bind_contact(w, 1, CONTACT(1)), ==, 403);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "A removed binding keeps Call-ID, CSeq and branch for 64*T1 ...: a REGISTER that is not
 * newer changes nothing, so that a late copy does not bring it back." */
TEST(a_late_copy_does_not_bring_a_removed_binding_back)
{
	struct world *w = world_create(NULL);
	struct ask late = {
		.method = "REGISTER", .branch = "late", .cseq = 2, .extra = CONTACT(1)
	};

	keep_log();
	late.nonce = take_nonce(w, NULL);
	CHECK_INT(ask(w, &late), ==, 200);
	CHECK_INT(bind_contact(w, 3, CONTACT(1) "Expires: 0\n"), ==, 200);
	CHECK_INT(contacts(w), ==, 0);
	wire_forward_ms(&w->wire, 31 * 1000);
	CHECK_INT(ask(w, &late), ==, 500);
	CHECK_INT(bind_contact(w, 4, NOTHING), ==, 200);
	CHECK_INT(contacts(w), ==, 0);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "Only an endpoint whose `aors=` names it may change or read its bindings; another
 * authenticated endpoint gets 403, an AOR that does not exist 404, both only after
 * authentication." */
TEST(a_foreign_aor_is_403_and_an_unknown_one_404_after_authentication_only)
{
	struct world *w = world_create(NULL);

	keep_log();
	CHECK_INT(ASK(w, .method = "REGISTER", .to = "sip:6002@example.org"), ==, 401);
	CHECK_INT(ASK(w, .method = "REGISTER", .to = "sip:6777@example.org"), ==, 401);
	CHECK_INT(ASK_AS(w, .method = "REGISTER", .to = "sip:6002@example.org"), ==, 403);
	CHECK_INT(ASK_AS(w, .method = "REGISTER", .to = "sip:6777@example.org"), ==, 404);
	CHECK_INT(
		ASK_AS(w, .method = "REGISTER", .to = "sip:6001@other.example"), ==, 404);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

static void with_anonymous(struct sip_config *config)
{
	static struct sip_endpoint_config endpoints[4];
	static const char *const aors[] = { "6001" };

	memcpy(endpoints, config->endpoint, 3 * sizeof(endpoints[0]));
	sip_endpoint_config_init(&endpoints[3]);
	endpoints[3].name = "anonymous";
	endpoints[3].aors = (struct sip_config_list){ aors, 1 };
	config->endpoint = endpoints;
	config->endpoint_count = 4;
}

/* "A REGISTER is never given to `anonymous`: what no other identifier knows is challenged
 * through the artificial endpoint." */
TEST(anonymous_never_registers)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = with_anonymous });

	CHECK_INT(ASK(w, .method = "REGISTER", .from = "6777",
			  .to = "sip:6001@example.org", .extra = CONTACT(1)),
		==, 401);
	CHECK_INT(ASK(w, .method = "REGISTER", .from = "anonymous",
			  .to = "sip:6001@example.org", .extra = CONTACT(1)),
		==, 401);
	CHECK_INT(counted(w, SIP_COUNT_REGISTRATIONS), ==, 0);
	world_destroy(&w);
}

/* "A Contact that is this server is refused." */
TEST(a_contact_that_is_this_server_is_refused)
{
	struct world *w = world_create(NULL);

	keep_log();
	CHECK_INT(bind_contact(w, 1, "Contact: <sip:6001@127.0.0.1:5060>\n"), ==, 403);
	CHECK_INT(bind_contact(w, 2, "Contact: <sip:6001@example.org>\n"), ==, 403);
	CHECK_INT(bind_contact(w, 3, "Contact: <sip:6001@127.0.0.1:5099>\n"), ==, 200);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* 10.3 step 2: "MUST process the Require header field values" */
TEST(an_unknown_option_in_require_is_420_with_unsupported)
{
	struct world *w = world_create(NULL);

	CHECK_INT(bind_contact(w, 1,
			  CONTACT(1) "Require: wings, path, outbound, gruu, sec-agree\n"),
		==, 420);
	CHECK_STR(sip_str_of(answered(w, "Unsupported")), "wings, sec-agree");
	world_destroy(&w);
}

/* 10.3 step 8: "expires ... as granted"; a binding goes when its time is over. */
TEST(a_binding_ends_when_its_time_is_over)
{
	struct world *w = world_create(NULL);

	CHECK_INT(bind_contact(w, 1, CONTACT(1) "Expires: 100\n"), ==, 200);
	wire_forward_ms(&w->wire, 99 * 1000);
	CHECK_INT(bind_contact(w, 2, NOTHING), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "Contact")),
		"<sip:6001@192.0.2.1:5071>;expires=1");
	wire_forward_ms(&w->wire, 2 * 1000);
	CHECK_INT(bind_contact(w, 3, NOTHING), ==, 200);
	CHECK_INT(contacts(w), ==, 0);
	world_destroy(&w);
}
