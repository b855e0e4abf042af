/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources that wait: "five wrong passwords in ten seconds and that source waits; never
 * the user alone, or anybody could lock him out".  A source address can be forged, so
 * each consequence is tested from the victim's side too.
 */
#include "support/ask.h"
#include "support/check.h"

#include "res_sip/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTACKER  "198.51.100.66:5060"
#define SAME_HOST "198.51.100.66:5071"
#define NAT_PHONE "203.0.113.7:5060"
#define NAT_OTHER "203.0.113.7:5061"

static unsigned asked;

/* A REGISTER with another Call-ID each time. */
static int try(struct world *w, const char *peer, const char *user, const char *password,
	const char *nonce)
{
	char call_id[32];

	snprintf(call_id, sizeof(call_id), "try-%u", asked++);
	return ASK(w, .method = "REGISTER", .peer = peer, .from = user, .user = user,
		.password = password, .nonce = nonce, .call_id = call_id);
}

/* A nonce for that user, from a challenge. */
static const char *nonce_for(struct world *w, const char *peer, const char *user)
{
	CHECK_INT(try(w, peer, user, "", NULL), ==, 401);
	return challenge_nonce(w, "WWW-Authenticate");
}

/* Five wrong passwords by who reads the challenges there. */
static void fail_five_times(struct world *w, const char *peer, const char *user)
{
	for (unsigned i = 0; i < 5; i++)
		CHECK_INT(try(w, peer, user, "wrong", take_nonce(w, peer)), ==, 401);
}

TEST(after_five_wrong_passwords_the_source_waits_and_is_told_so_once_in_a_second)
{
	struct world *w = world_create(NULL);

	fail_five_times(w, ATTACKER, "6001");
	CHECK_INT(try(w, ATTACKER, "6001", "secret1", NULL), ==, 503);
	CHECK_INT(atoi(answered(w, "Retry-After")), ==, 10);
	CHECK_INT(try(w, SAME_HOST, "6001", "secret1", NULL), ==, 0);
	wire_forward_ms(&w->wire, 1000);
	CHECK_INT(try(w, SAME_HOST, "6001", "secret1", NULL), ==, 503);
	CHECK_INT(counted(w, SIP_COUNT_SOURCES_WAITING), ==, 1);
	CHECK_INT(counted(w, SIP_COUNT_SOURCE_REFUSED), ==, 2);
	CHECK_INT(counted(w, SIP_COUNT_SOURCE_DROPPED), ==, 1);
	wire_forward_ms(&w->wire, 9001);
	CHECK_INT(try(w, ATTACKER, "6001", "secret1", take_nonce(w, ATTACKER)), ==, 200);
	world_destroy(&w);
}

TEST(the_user_does_not_wait_elsewhere)
{
	struct world *w = world_create(NULL);

	fail_five_times(w, ATTACKER, "6001");
	CHECK_INT(try(w, STRANGER, "6001", "secret1", take_nonce(w, STRANGER)), ==, 200);
	world_destroy(&w);
}

TEST(five_users_that_do_not_exist_make_a_source_wait_as_well)
{
	struct world *w = world_create(NULL);

	fail_five_times(w, ATTACKER, "nobody");
	CHECK_INT(try(w, ATTACKER, "nobody", "x", NULL), ==, 503);
	world_destroy(&w);
}

/* A right password in between does not buy guesses: who has an account is no better. */
TEST(a_right_password_does_not_make_good_for_wrong_ones)
{
	struct world *w = world_create(NULL);

	for (unsigned i = 0; i < 4; i++)
		try(w, ATTACKER, "6001", "wrong", take_nonce(w, ATTACKER));
	CHECK_INT(try(w, ATTACKER, "6002", "secret2", take_nonce(w, ATTACKER)), ==, 200);
	try(w, ATTACKER, "6001", "wrong", take_nonce(w, ATTACKER));
	CHECK_INT(try(w, ATTACKER, "6001", "wrong", NULL), ==, 503);
	world_destroy(&w);
}

/* Forged: the nonces were given to the attacker, whose datagrams bear the victim's
 * address. */
TEST(nobody_is_locked_out_by_who_forges_his_address)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, ATTACKER);

	for (unsigned i = 0; i < 50; i++)
		CHECK_INT(try(w, STRANGER, "6001", "wrong", nonce), ==, 401);
	CHECK_INT(counted(w, SIP_COUNT_SOURCES_WAITING), ==, 0);
	CHECK_INT(try(w, STRANGER, "6001", "secret1", take_nonce(w, STRANGER)), ==, 200);
	world_destroy(&w);
}

/* `stale=true` says that the password was right: that would be the way around. */
TEST(passwords_can_not_be_guessed_with_nonces_that_are_not_ours)
{
	struct world *w = world_create(NULL);
	const char *nonce = take_nonce(w, STRANGER);

	CHECK_INT(try(w, ATTACKER, "6001", "secret1", nonce), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), "stale=true") != NULL);
	for (unsigned i = 0; i < 5; i++)
		try(w, ATTACKER, "6001", "wrong", nonce);
	CHECK_INT(try(w, ATTACKER, "6001", "secret1", nonce), ==, 401);
	CHECK(strstr(answered(w, "WWW-Authenticate"), "stale=true") == NULL);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_UNJUDGED), ==, 1);
	/* An honest phone has lost one round. */
	CHECK_INT(try(w, ATTACKER, "6001", "secret1", take_nonce(w, ATTACKER)), ==, 200);
	world_destroy(&w);
}

/* Many phones behind one NAT, one of them with a wrong password. */
TEST(a_phone_that_is_registered_goes_on_while_its_address_waits)
{
	struct world *w = world_create(NULL);

	world_register(w, "6002", "secret2", NAT_PHONE);
	fail_five_times(w, NAT_OTHER, "6001");
	CHECK_INT(try(w, NAT_OTHER, "6001", "wrong", NULL), ==, 503);
	CHECK_INT(try(w, NAT_PHONE, "6002", "secret2", nonce_for(w, NAT_PHONE, "6002")),
		==, 200);
	/* As somebody else it is nobody. */
	CHECK_INT(try(w, NAT_PHONE, "6001", "wrong", NULL), ==, 0);
	world_destroy(&w);
}

TEST(a_registered_phone_waits_for_its_own_wrong_passwords)
{
	struct world *w = world_create(NULL);

	world_register(w, "6002", "secret2", NAT_PHONE);
	fail_five_times(w, NAT_OTHER, "6001");
	for (unsigned i = 0; i < 5; i++) {
		CHECK_INT(try(w, NAT_PHONE, "6002", "wrong",
				  nonce_for(w, NAT_PHONE, "6002")),
			==, 401);
	}
	CHECK_INT(counted(w, SIP_COUNT_SOURCES_WAITING), ==, 2);
	wire_forward_ms(&w->wire, 1000);
	CHECK_INT(try(w, NAT_PHONE, "6002", "secret2", NULL), ==, 503);
	world_destroy(&w);
}

/* A trunk that is known by its address is asked for no password. */
TEST(an_endpoint_known_by_address_does_not_wait_for_others_there)
{
	struct world *w = world_create(&(struct world_options){
		.modules = (const char *const[]){ "res_sip_endpoint_identifier_user",
			"res_sip_endpoint_identifier_ip", "res_sip_authenticator_digest",
			"res_sip_registrar", "res_sip_options", "res_sip_proxy",
			NULL } });
	const char *peer = "192.0.2.99:5071";

	for (unsigned i = 0; i < 5; i++) {
		CHECK_INT(try(w, peer, "6001", "wrong", nonce_for(w, peer, "6001")), ==,
			401);
	}
	CHECK_INT(counted(w, SIP_COUNT_SOURCES_WAITING), ==, 1);
	CHECK_INT(ASK(w, .from = "trunk", .peer = TRUNK), ==, 200);
	world_destroy(&w);
}

static void with_number(struct sip_config *config)
{
	static const char *const numbers[] = { "112" };

	config->global.emergency_numbers = (struct sip_config_list){ numbers, 1 };
}

TEST(emergency_calls_pass_while_the_source_waits)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = with_number });

	fail_five_times(w, ATTACKER, "6001");
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "urn:service:sos.fire",
			  .to = "urn:service:sos", .peer = ATTACKER, .call_id = "a"),
		==, 407);
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:112@example.org",
			  .peer = ATTACKER, .call_id = "b"),
		==, 407);
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:113@example.org",
			  .peer = ATTACKER, .call_id = "c"),
		==, 503);
	world_destroy(&w);
}

static void without_limit(struct sip_config *config)
{
	config->global.failed_logins = 0;
}

/* `failed_logins=0` */
TEST(nobody_waits_where_it_is_switched_off)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = without_limit });

	for (unsigned i = 0; i < 4; i++)
		fail_five_times(w, ATTACKER, "6001");
	CHECK_INT(try(w, ATTACKER, "6001", "secret1", take_nonce(w, ATTACKER)), ==, 200);
	world_destroy(&w);
}

TEST(one_line_is_logged_when_a_source_begins_to_wait)
{
	struct world *w = world_create(NULL);

	keep_log();
	fail_five_times(w, ATTACKER, "6001");
	for (unsigned i = 0; i < 20; i++)
		try(w, ATTACKER, "6001", "wrong", NULL);
	CHECK_INT(logged("admission: source waits source=198.51.100.66 seconds=10 "), ==,
		1);
	world_destroy(&w);
}

#define GARBAGE                                                                          \
	"OPTIONS sip:127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKg\n"    \
	"From: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: g\nCSeq: 1 OPTIONS\n"            \
	"Max-Forwards: many\n\n"

/* Garbage can be forged: it may cost the victim nothing that is good. */
TEST(a_source_of_garbage_is_not_answered_and_its_good_requests_are)
{
	struct world *w = world_create(NULL);

	keep_log();
	for (unsigned i = 0; i < 40; i++)
		wire_receive(&w->wire, STRANGER, GARBAGE);
	CHECK_INT(logged("notice admission: garbage is ignored source=192.0.2."), ==, 1);
	CHECK_INT(logged("seconds=10, source not proven"), ==, 1);
	sip_log_set_sink(NULL, NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 400"), ==, 16);
	CHECK_INT(counted(w, SIP_COUNT_RX_BAD_IGNORED), ==, 24);
	CHECK_INT(try(w, STRANGER, "6001", "secret1", take_nonce(w, STRANGER)), ==, 200);
	wire_receive(&w->wire, ATTACKER, GARBAGE);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 400"), ==, 1);
	wire_clear(&w->wire);
	wire_forward_ms(&w->wire, 10000);
	wire_receive(&w->wire, STRANGER, GARBAGE);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 400"), ==, 1);
	world_destroy(&w);
}

static struct {
	size_t count;
	char text[512];
} rows;

static void table(void *arg, const char *name, enum sip_show_shape shape,
	const struct sip_show_column *columns, size_t count)
{
	(void)arg;
	(void)name;
	(void)shape;
	(void)columns;
	rows.count = 0;
	CHECK_INT(count, ==, 5);
}

static void row(void *arg, const char *const *values)
{
	(void)arg;
	if (rows.count++ == 0)
		snprintf(rows.text, sizeof(rows.text), "%s|%s|%s|%s|%s", values[0],
			values[1], values[2], values[3], values[4]);
}

TEST(the_console_shows_who_waits)
{
	static const struct sip_show_sink sink = { .table = table, .row = row };
	static const struct sip_show_query query = { .what = "sources" };
	struct world *w = world_create(NULL);

	fail_five_times(w, ATTACKER, "6001");
	wire_receive(&w->wire, STRANGER, GARBAGE);
	CHECK_INT(sip_server_show(w->server, &query, &sink), ==, 0);
	CHECK_INT(rows.count, ==, 2);
	CHECK(strcmp(rows.text, "198.51.100.66|failed login|0|1|10") == 0);
	world_destroy(&w);
}

/* An INVITE for help, by who has a nonce for it from there. */
static int call_for_help(struct world *w, const char *peer, const char *password)
{
	struct ask call = { .method = "INVITE",
		.uri = "urn:service:sos",
		.from = "6001",
		.user = "6001",
		.password = password,
		.proxy = true,
		.peer = peer };
	char call_id[2][32];

	for (unsigned i = 0; i < 2; i++)
		snprintf(call_id[i], sizeof(call_id[i]), "help-%u", asked++);
	call.call_id = call_id[0];
	CHECK_INT(ask(w, &call), ==, 407);
	call.call_id = call_id[1];
	call.nonce = challenge_nonce(w, "Proxy-Authenticate");
	return ask(w, &call);
}

TEST(emergency_calls_are_no_way_to_guess_passwords)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = with_number });

	/* A phone at the same address, which has done nothing wrong. */
	world_register(w, "6001", "secret1", SAME_HOST);
	fail_five_times(w, ATTACKER, "6002");
	CHECK_INT(ASK(w, .method = "REGISTER", .uri = "sip:112@example.org",
			  .peer = ATTACKER, .call_id = "number"),
		==, 503);
	for (unsigned i = 0; i < 5; i++)
		CHECK_INT(call_for_help(w, ATTACKER, "wrong"), ==, 407);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_UNJUDGED), ==, 0);
	CHECK_INT(call_for_help(w, ATTACKER, "secret1"), ==, 407);
	CHECK_INT(counted(w, SIP_COUNT_AUTH_UNJUDGED), >, 0);
	CHECK_INT(call_for_help(w, SAME_HOST, "secret1"), !=, 407);
	wire_forward_ms(&w->wire, 10000);
	CHECK_INT(call_for_help(w, ATTACKER, "secret1"), !=, 407);
	world_destroy(&w);
}
