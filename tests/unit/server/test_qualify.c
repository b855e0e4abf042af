/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keep-alive: qualify_frequency, qualify_timeout, qualify_2xx_only.  Quotes: RFC 3261
 * section 11, and docs/decisions/018-asking-contacts.md.
 */
#include "support/ask.h"
#include "support/check.h"

#include "server/contacts/qualify.h"
#include "server/serving.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHONE   "203.0.113.7:41234" /* where the NAT has it */
#define CONTACT "sip:6001@10.0.0.7:5060"

static struct sip_aor_config *aor_6001(struct sip_config *config)
{
	return &((struct sip_aor_config *)(uintptr_t)config->aor)[0];
}

static void each_half_minute(struct sip_config *config)
{
	aor_6001(config)->qualify_frequency = 30;
}

static void only_2xx(struct sip_config *config)
{
	aor_6001(config)->qualify_frequency = 30;
	aor_6001(config)->qualify_2xx_only = true;
}

/* 6001 registers from behind a NAT: its Contact is nobody's way to it. */
static void register_phone(struct world *w, unsigned cseq, const char *peer)
{
	char extra[256];

	snprintf(extra, sizeof(extra),
		"Max-Forwards: 70\nContact: <" CONTACT ">\nExpires: 3600\n");
	CHECK_INT(ASK_AS(w, .method = "REGISTER", .call_id = "registration", .cseq = cseq,
			  .peer = peer, .via = "10.0.0.7:5060;rport", .extra = extra),
		==, 200);
	wire_clear(&w->wire);
}

static struct world *world_with_phone(void (*configure)(struct sip_config *config))
{
	struct world *w = world_create(&(struct world_options){ .configure = configure });

	register_phone(w, 1, PHONE);
	return w;
}

/* Until it is asked the next time. */
static const struct wire_message *next_question(struct world *w)
{
	wire_clear(&w->wire);
	for (unsigned i = 0; i < 310 && wire_count(&w->wire, "OPTIONS") == 0; i++)
		wire_forward_ms(&w->wire, 100);
	return wire_last(&w->wire, "OPTIONS");
}

static void answer(struct world *w, const char *peer, int code)
{
	wire_receive(&w->wire, peer,
		response_text(wire_last(&w->wire, "OPTIONS"), code, "phone", ""));
}

static enum ast_sip_reachability state_of(struct world *w, uint32_t *rtt_us)
{
	struct ast_sip_contacts found;
	enum ast_sip_reachability state;

	CHECK_INT(sip_location_find(w->server->location, SIP_STR("6001"), &found), ==, 0);
	CHECK_INT(found.count, ==, 1);
	state = ast_sip_contact_reachability(found.contact[0], rtt_us);
	ast_sip_contacts_release(&found);
	return state;
}

/* "a state change is one log line".  The first test, for lines are limited. */
TEST(a_change_is_one_line_and_no_change_is_none)
{
	struct world *w = world_with_phone(each_half_minute);

	keep_log();
	for (unsigned i = 0; i < 3; i++) {
		next_question(w);
		wire_forward_ms(&w->wire, 3001);
	}
	CHECK_INT(logged("contact unreachable aor=6001 uri=" CONTACT " source=" PHONE
			 " reason=no answer"),
		==, 1);
	for (unsigned i = 0; i < 3; i++) {
		next_question(w);
		wire_forward_ms(&w->wire, 5);
		answer(w, PHONE, 200);
	}
	CHECK_INT(logged("contact reachable aor=6001 uri=" CONTACT " source=" PHONE
			 " rtt_ms="),
		==, 1);
	CHECK_INT(logged("location:"), ==, 2);
	world_stop(&w);
}

/* "OPTIONS sent from the socket that the phone registered on", to where it registered
 * from; the URI is the one that it registered. */
TEST(a_phone_is_asked_on_the_way_that_it_registered_on)
{
	struct world *w = world_with_phone(each_half_minute);
	const struct wire_message *question = next_question(w);
	struct sip_addr phone = wire_addr(PHONE);

	CHECK(sip_addr_equal(&question->flow.peer, &phone));
	CHECK_INT(question->flow.listener, ==, w->wire.listener->number);
	CHECK(strstr(question->text,
		      "OPTIONS " CONTACT
		      " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;") == question->text);
	CHECK(strstr(question->text, "\r\nFrom: <sip:example.org>;tag=") != NULL);
	CHECK(strstr(question->text, "\r\nTo: <" CONTACT ">\r\n") != NULL);
	CHECK(strstr(question->text, "\r\nMax-Forwards: 70\r\n") != NULL);
	world_stop(&w);
}

TEST(an_answer_gives_the_round_trip_time)
{
	struct world *w = world_with_phone(each_half_minute);
	uint32_t rtt_us;

	next_question(w);
	wire_forward_ms(&w->wire, 23);
	answer(w, PHONE, 200);
	CHECK_INT(state_of(w, &rtt_us), ==, AST_SIP_REACHABLE);
	CHECK_INT(rtt_us, ==, 23000);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_QUALIFY_SENT), ==, 1);
	world_stop(&w);
}

/* "any final answer counts as reachable" */
TEST(any_final_answer_shows_that_somebody_is_there)
{
	static const int codes[] = { 200, 302, 401, 404, 481, 503, 603 };
	struct world *w = world_with_phone(each_half_minute);

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		next_question(w);
		wire_forward_ms(&w->wire, 3001);
		CHECK_INT(state_of(w, NULL), ==, AST_SIP_UNREACHABLE);
		next_question(w);
		answer(w, PHONE, 180);
		CHECK_INT(state_of(w, NULL), ==, AST_SIP_UNREACHABLE);
		answer(w, PHONE, codes[i]);
		CHECK_INT(state_of(w, NULL), ==, AST_SIP_REACHABLE);
	}
	world_stop(&w);
}

TEST(with_2xx_only_nothing_else_does)
{
	struct world *w = world_with_phone(only_2xx);

	next_question(w);
	answer(w, PHONE, 404);
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_UNREACHABLE);
	next_question(w);
	answer(w, PHONE, 202);
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_REACHABLE);
	world_stop(&w);
}

/* qualify_timeout: to the millisecond; a lost datagram is sent again meanwhile (timer E).
 */
TEST(without_an_answer_it_is_unreachable_after_the_timeout)
{
	struct world *w = world_with_phone(each_half_minute);

	next_question(w);
	wire_forward_ms(&w->wire, 2999);
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_REACHABLE);
	CHECK_INT(wire_count(&w->wire, "OPTIONS"), ==, 3);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_UNREACHABLE);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	/* Too late: it counts the next time. */
	answer(w, PHONE, 200);
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_UNREACHABLE);
	world_stop(&w);
}

TEST(an_icmp_error_says_so_at_once)
{
	struct world *w = world_with_phone(each_half_minute);
	const struct wire_message *question = next_question(w);

	sip_receive_failed(w->server, &question->flow, sip_str_of(question->text), 111);
	wire_settle(&w->wire);
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_UNREACHABLE);
	world_stop(&w);
}

/* "A phone that re-registers is reachable at once." */
TEST(a_phone_that_registers_again_is_reachable_at_once_and_asked_where_it_is_now)
{
	struct world *w = world_with_phone(each_half_minute);
	struct sip_addr moved = wire_addr("203.0.113.7:52345");

	next_question(w);
	wire_forward_ms(&w->wire, 3001);
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_UNREACHABLE);
	register_phone(w, 2, "203.0.113.7:52345");
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_REACHABLE);
	CHECK(sip_addr_equal(&next_question(w)->flow.peer, &moved));
	world_stop(&w);
}

/* What was asked at the old address says nothing about the new one. */
TEST(silence_at_the_old_address_does_not_make_the_new_one_unreachable)
{
	struct world *w = world_with_phone(each_half_minute);

	next_question(w);
	register_phone(w, 2, "203.0.113.7:52345");
	wire_forward_ms(&w->wire, 3001);
	CHECK_INT(state_of(w, NULL), ==, AST_SIP_REACHABLE);
	world_stop(&w);
}

#define MANY 6000

static void many(struct sip_config *config)
{
	static char text[MANY][32];
	static const char *uris[MANY];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text[i], sizeof(text[i]), "sip:a@10.1.%u.%u", i / 250,
			i % 250 + 1);
		uris[i] = text[i];
	}
	aor_6001(config)->contact = (struct sip_config_list){ uris, MANY };
	aor_6001(config)->qualify_frequency = 4;
}

/* "a cap in flight": 6000 contacts that never answer, 1500 due each second, wait 3 s. */
TEST(never_more_than_the_maximum_wait_for_an_answer)
{
	struct world *w = world_create(&(struct world_options){ .configure = many });
	uint32_t most = 0;

	for (unsigned i = 0; i < 80; i++) {
		uint32_t now;

		wire_forward_ms(&w->wire, 100);
		wire_clear(&w->wire);
		now = atomic_load(&w->server->asking);
		most = now > most ? now : most;
		CHECK_INT(now, <=, SIP_QUALIFY_MAX);
		CHECK_INT(sip_txns_count(w->server->txns), ==, now);
	}
	CHECK_INT(most, ==, SIP_QUALIFY_MAX);
	CHECK(counted(w, SIP_COUNT_QUALIFY_DEFERRED) > 0);
	/* The others are asked as soon as there is room: 2048 in 3 s. */
	CHECK(counted(w, SIP_COUNT_QUALIFY_SENT) > 2 * SIP_QUALIFY_MAX);
	world_stop(&w);
}

/* A reload changes the contacts first, then the settings: a contact that is due between
 * the two has settings that say nothing of it. */
TEST(a_contact_that_is_due_during_a_reload_is_asked_after_it)
{
	struct world *w = world_with_phone(each_half_minute);

	CHECK_INT(world_reload(w, NULL), ==, 0);
	atomic_store(&w->server->reloading, true);
	wire_forward_ms(&w->wire, 31000);
	CHECK_INT(wire_count(&w->wire, "OPTIONS"), ==, 0);
	CHECK_INT(world_reload(w, each_half_minute), ==, 0);
	CHECK(!atomic_load(&w->server->reloading));
	next_question(w);
	world_stop(&w);
}

TEST(stopping_in_the_middle_leaves_nothing)
{
	struct world *w = world_with_phone(each_half_minute);

	next_question(w);
	CHECK_INT(atomic_load(&w->server->asking), ==, 1);
	sip_server_stop(w->server);
	CHECK_INT(atomic_load(&w->server->asking), ==, 0);
	world_stop(&w);
}
