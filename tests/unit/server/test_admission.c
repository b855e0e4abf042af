/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Admission: who waits, and who is refused.  The limit is a waiting time; a 503 has a
 * spread Retry-After, and is counted by its reason.
 *
 * The server is kept busy by a service whose every request takes a time of the virtual
 * clock.
 */
#include "server/admission/admission.h"
#include "server/admission/refused.h"

#include "support/ask.h"
#include "support/check.h"

#include "res_sip/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS     UINT64_C(1000)
#define SECOND (1000 * MS)

/* The busy service, and what it saw. */
static struct {
	struct world *world;
	uint64_t cost_us;
	uint64_t longest_wait_us;
	uint64_t longest_wait_late_us; /* without the first thousand */
	unsigned served;
	unsigned per_method[32];
	/* Called at each request: what comes meanwhile. */
	void (*meanwhile)(void);
} busy;

static unsigned names; /* of Call-IDs */

static bool serve(struct sip_rx_data *rdata)
{
	struct sip_clock *clock = &busy.world->clock;
	uint64_t wait_us = sip_clock_now_us(clock) - rdata->arrival_us;

	if (wait_us > busy.longest_wait_us)
		busy.longest_wait_us = wait_us;
	if (busy.served > 1000 && wait_us > busy.longest_wait_late_us)
		busy.longest_wait_late_us = wait_us;
	busy.served++;
	busy.per_method[rdata->msg.method]++;
	sip_clock_forward_us(clock, busy.cost_us);
	if (busy.meanwhile != NULL)
		busy.meanwhile();
	return ast_sip_respond(rdata, 200, NULL) == 0;
}

static struct sip_service service = {
	.name = "busy",
	.stage = SIP_STAGE_LOCAL,
	.methods = "OPTIONS, INVITE, REGISTER, MESSAGE",
	.on_rx_request = serve,
};

static void prepare(void)
{
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
}

/* The shorter the limits, the fewer messages it takes to pass them. */
static void short_waits(struct sip_config *config)
{
	config->system.max_wait_invite_ms = 200;
	config->system.max_wait_register_ms = 150;
	config->system.max_wait_other_ms = 100;
}

static void without_password(struct sip_config *config)
{
	short_waits(config);
	config->global.authentication = false;
}

/* A server that has only the busy service. */
static struct world *busy_world(uint64_t cost_us)
{
	memset(&busy, 0, sizeof(busy));
	busy.cost_us = cost_us;
	busy.world = world_create(&(struct world_options){
		.prepare = prepare, .configure = without_password });
	return busy.world;
}

static void arrive_at(struct world *w, unsigned reactor, const char *method,
	const char *peer, unsigned name)
{
	struct sip_addr from = wire_addr(peer);
	char text[1024];
	int len = snprintf(text, sizeof(text),
		"%s sip:example.org SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s;branch=z9hG4bK%u\r\n"
		"From: <sip:open@example.org>;tag=f\r\n"
		"To: <sip:example.org>\r\nCall-ID: busy-%u\r\nCSeq: 1 %s\r\n"
		"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
		method, peer, name, name, method);

	CHECK_INT(sip_transport_inject(w->server->transport, w->wire.listener, &from,
			  (struct sip_str){ text, (size_t)len }, reactor),
		==, 0);
}

/* They arrive now, and are not looked at before the next wire_settle(). */
static void arrive(struct world *w, const char *method, const char *peer, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		arrive_at(w, 0, method, peer, names++);
}

static uint64_t refused(const struct world *w, enum sip_admission_class class)
{
	return counted(w, SIP_COUNT_REFUSED_EMERGENCY + class);
}

static uint64_t dropped(const struct world *w, enum sip_admission_class class)
{
	return counted(w, SIP_COUNT_DROPPED_EMERGENCY + class);
}

TEST(a_burst_is_served_where_the_last_of_it_waits_within_its_limit)
{
	struct world *w = busy_world(MS / 4);

	arrive(w, "MESSAGE", STRANGER, 380);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 380);
	CHECK_INT(counted(w, SIP_COUNT_ADMISSION_WAITED), >, 0);
	CHECK_INT(busy.longest_wait_us, <=, 100 * MS);
	world_destroy(&w);
}

TEST(of_a_larger_burst_everybody_is_served_in_time_or_refused)
{
	struct world *w = busy_world(MS);

	arrive(w, "MESSAGE", STRANGER, 1000);
	wire_settle(&w->wire);
	CHECK_INT(busy.longest_wait_us, <=, 100 * MS);
	CHECK_INT(busy.served, >=, 90);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), ==, refused(w, SIP_CLASS_OTHER));
	CHECK_INT(busy.served + refused(w, SIP_CLASS_OTHER) + dropped(w, SIP_CLASS_OTHER),
		==, 1000);
	world_destroy(&w);
}

static void shorter_for_calls(struct sip_config *config)
{
	without_password(config);
	config->system.max_wait_invite_ms = 30;
}

/* Limits may be in any order. */
TEST(the_last_class_may_wait_longer_than_others)
{
	memset(&busy, 0, sizeof(busy));
	busy.cost_us = MS;
	struct world *w = busy.world = world_create(&(struct world_options){
		.prepare = prepare, .configure = shorter_for_calls });

	arrive(w, "INVITE", STRANGER, 1000);
	wire_settle(&w->wire);
	/* The clock is that of the turn's beginning: one request is served meanwhile. */
	CHECK_INT(busy.longest_wait_us, <=, 30 * MS + busy.cost_us);
	CHECK_INT(busy.served, >, 0);
	CHECK_INT(refused(w, SIP_CLASS_INVITE) + dropped(w, SIP_CLASS_INVITE), >, 0);
	world_destroy(&w);
}

TEST(an_overload_is_one_line_when_it_begins_and_one_when_it_has_ended)
{
	struct world *w = busy_world(MS);
	char totals[80];

	keep_log();
	arrive(w, "MESSAGE", STRANGER, 1000);
	wire_settle(&w->wire);
	CHECK_INT(logged("warning admission: overload begins class=other waited_ms="), ==,
		1);
	wire_forward_ms(&w->wire, 5000);
	arrive(w, "MESSAGE", STRANGER, 1000);
	wire_settle(&w->wire);
	wire_forward_ms(&w->wire, 9000);
	CHECK_INT(logged("overload"), ==, 1);
	wire_forward_ms(&w->wire, 3000);
	snprintf(totals, sizeof(totals), " answered_503=%llu dropped=%llu\n",
		(unsigned long long)refused(w, SIP_CLASS_OTHER),
		(unsigned long long)dropped(w, SIP_CLASS_OTHER));
	CHECK_INT(logged("warning admission: overload ends seconds="), ==, 1);
	CHECK_INT(logged(totals), ==, 1);
	CHECK_INT(logged("overload"), ==, 2);

	arrive(w, "MESSAGE", STRANGER, 1000);
	wire_settle(&w->wire);
	CHECK_INT(logged("overload begins"), ==, 2);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "503, spread Retry-After" */
TEST(retry_after_is_spread_and_the_same_for_each_copy)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = short_waits });
	bool seen[16] = { false };
	unsigned different = 0;

	for (unsigned i = 0; i < 60; i++) {
		const char *text;
		int first = 0;

		for (unsigned copy = 0; copy < 2; copy++) {
			arrive(w, "MESSAGE", STRANGER, 1);
			/* The other copy has the same name. */
			names -= copy == 0;
			sip_clock_forward_us(&w->clock, 150 * MS);
			wire_settle(&w->wire);
			text = world_header(
				wire_last(&w->wire, "SIP/2.0 503"), "Retry-After");
			CHECK_INT(atoi(text), >=, 4);
			CHECK_INT(atoi(text), <=, 15);
			CHECK(copy == 0 || atoi(text) == first);
			first = atoi(text);
		}
		different += !seen[first];
		seen[first] = true;
	}
	CHECK_INT(different, >=, 8);
	world_destroy(&w);
}

/* It would ring a phone for a caller who was sent away.  RFC 3261 17.1.2.2: T4 is the
 * longest that a copy is on its way. */
TEST(a_late_copy_of_what_was_refused_is_refused_though_there_is_room)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = short_waits });

	arrive(w, "INVITE", STRANGER, 1);
	sip_clock_forward_us(&w->clock, 250 * MS);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), ==, 1);

	wire_forward_ms(&w->wire, 4900);
	names--;
	arrive(w, "INVITE", STRANGER, 1);
	arrive(w, "INVITE", STRANGER, 1);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), ==, 2);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 4"), ==, 1);

	wire_forward_ms(&w->wire, 200);
	names -= 2;
	arrive(w, "INVITE", STRANGER, 1);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), ==, 2);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 4"), ==, 2);
	world_destroy(&w);
}

/* One request more than are remembered pushes none out that is younger. */
TEST(of_many_that_were_refused_the_latest_are_remembered)
{
	struct sip_refused refused;
	struct sip_rx_data rdata = { .call_hash = 7 };
	unsigned known = 0;

	CHECK_INT(sip_refused_init(&refused, 1), ==, 0);
	CHECK(sip_refused_none(&refused, SECOND));
	for (uint32_t i = 0; i < 100000; i++) {
		rdata.msg.cseq = i;
		sip_refused_note(&refused, &rdata, SECOND + i * 10);
	}
	CHECK(!sip_refused_none(&refused, 2 * SECOND));
	for (uint32_t i = 0; i < 100000; i++) {
		rdata.msg.cseq = i;
		known += sip_refused_knows(&refused, &rdata, 2 * SECOND);
		CHECK(i < 99990 || sip_refused_knows(&refused, &rdata, 2 * SECOND));
	}
	CHECK_INT(known, >, 30000);
	rdata.call_hash = 8;
	CHECK(!sip_refused_knows(&refused, &rdata, 2 * SECOND));
	CHECK(sip_refused_none(&refused, 8 * SECOND));
	sip_refused_fini(&refused);
}

/* A call may have several early dialogs, of which each counts by itself, too. */
TEST(inside_of_a_call_the_tags_belong_to_the_name)
{
	struct sip_refused refused;
	struct sip_rx_data rdata = { .call_hash = 7,
		.msg = { .from_tag = SIP_STR("a"), .to_tag = SIP_STR("x") } };

	CHECK_INT(sip_refused_init(&refused, 1), ==, 0);
	sip_refused_note(&refused, &rdata, SECOND);
	CHECK(sip_refused_knows(&refused, &rdata, SECOND));
	rdata.msg.to_tag = SIP_STR("y");
	CHECK(!sip_refused_knows(&refused, &rdata, SECOND));
	rdata.msg.from_tag = SIP_STR("x");
	rdata.msg.to_tag = SIP_STR("a");
	CHECK(!sip_refused_knows(&refused, &rdata, SECOND));
	sip_refused_fini(&refused);
}

/* An INVITE for help from an address that is known, and one that answers a challenge. */
static const struct {
	struct ask what;
	bool challenged;
	enum sip_admission_class class;
	unsigned limit_ms;
} cases[] = {
	{ { .method = "INVITE", .uri = "urn:service:sos", .peer = TRUNK }, false,
		SIP_CLASS_EMERGENCY, 450 },
	{ { .method = "INVITE", .uri = "urn:service:sos", .from = "who" }, false,
		SIP_CLASS_INVITE, 300 },
	{ { .method = "OPTIONS" }, false, SIP_CLASS_OPTIONS, 400 },
	{ { .method = "REGISTER" }, true, SIP_CLASS_KNOWN, 350 },
	{ { .method = "MESSAGE" }, true, SIP_CLASS_KNOWN, 350 },
	{ { .method = "REGISTER", .from = "6002", .peer = "192.0.2.2:5070" }, false,
		SIP_CLASS_KNOWN, 350 },
	{ { .method = "REGISTER", .from = "6002", .peer = "192.0.2.2:5071" }, false,
		SIP_CLASS_REGISTER, 250 },
	{ { .method = "REGISTER" }, false, SIP_CLASS_REGISTER, 250 },
	{ { .method = "INVITE" }, false, SIP_CLASS_INVITE, 300 },
	{ { .method = "MESSAGE" }, false, SIP_CLASS_OTHER, 200 },
	{ { .method = "SUBSCRIBE" }, false, SIP_CLASS_OTHER, 200 },
};

/* It arrives now, and is not looked at before the next wire_settle(). */
static void inject(struct world *w, const struct ask *what)
{
	struct sip_addr from = wire_addr(what->peer != NULL ? what->peer : STRANGER);
	char text[8192];
	size_t len = 0;

	for (const char *at = ask_text(what); *at != '\0'; at++) {
		if (*at == '\n')
			text[len++] = '\r';
		text[len++] = *at;
	}
	CHECK_INT(sip_transport_inject(w->server->transport, w->wire.listener, &from,
			  (struct sip_str){ text, len }, 0),
		==, 0);
}

/* It waited in the socket for so long.  The status; 0: there was no answer. */
static int after(struct world *w, const struct ask *what, const char *nonce, uint64_t us)
{
	struct ask it = *what;
	char call_id[32];

	snprintf(call_id, sizeof(call_id), "after-%u", names++);
	it.call_id = call_id;
	it.nonce = nonce;
	wire_clear(&w->wire);
	inject(w, &it);
	sip_clock_forward_us(&w->clock, us);
	wire_settle(&w->wire);
	return said(w, "SIP/2.0 ")[0] != '\0' ? atoi(said(w, "SIP/2.0 ") + 8) : 0;
}

/* "what has waited longer than its class may is refused ...; above twice the limit it is
 * dropped without an answer" */
TEST(each_class_is_refused_at_its_limit_and_dropped_at_twice)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w = world_create(NULL);
		const uint64_t limit_us = cases[i].limit_ms * MS;
		const char *nonce = NULL;
		int status;

		world_register(w, "6002", "secret2", "192.0.2.2:5070");
		if (cases[i].challenged)
			nonce = take_nonce(w, cases[i].what.peer);
		status = after(w, &cases[i].what, nonce, limit_us);
		CHECK(status != 0 && status != 503);
		CHECK_INT(after(w, &cases[i].what, nonce, limit_us + 1), ==, 503);
		CHECK_INT(refused(w, cases[i].class), ==, 1);
		CHECK_INT(after(w, &cases[i].what, nonce, 2 * limit_us), ==, 503);
		CHECK_INT(after(w, &cases[i].what, nonce, 2 * limit_us + 1), ==, 0);
		CHECK_INT(dropped(w, cases[i].class), ==, 1);
		world_destroy(&w);
	}
}

/* "ACK, CANCEL and responses are never refused" */
TEST(a_cancel_is_served_however_late)
{
	struct world *w = world_create(NULL);
	const struct ask cancel = { .method = "CANCEL" };

	CHECK_INT(after(w, &cancel, NULL, 5000 * MS), ==, 481);
	world_destroy(&w);
}

#define CALLEE "192.0.2.2:5070"

static const struct ask invite = { .method = "INVITE",
	.uri = "sip:6001@example.org",
	.from = "open",
	.peer = TRUNK,
	.branch = "invite" };

/* 6001 is called by the trunk, and answers with that. */
static struct world *world_with_call(int code)
{
	struct world *w = world_create(NULL);

	world_register(w, "6001", "secret1", CALLEE);
	CHECK_INT(ask(w, &invite), ==, 100);
	wire_receive(&w->wire, CALLEE,
		response_text(wire_last(&w->wire, "INVITE"), code, "callee",
			"Contact: <sip:6001@192.0.2.2:5070>\n"));
	return w;
}

/* A 503 would end the call for its caller, while the callee's phone rings. */
TEST(a_late_copy_of_what_is_served_goes_to_its_transaction)
{
	struct world *w = world_with_call(180);

	wire_clear(&w->wire);
	inject(w, &invite);
	sip_clock_forward_us(&w->clock, 300 * MS);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), ==, 0);
	CHECK_INT(refused(w, SIP_CLASS_INVITE), ==, 0);
	world_destroy(&w);
}

/* MESSAGE costs nothing, an INVITE to nobody two milliseconds. */
static bool serve_others(struct sip_rx_data *rdata)
{
	if (rdata->msg.method == SIP_INVITE &&
		!sip_str_equal(rdata->msg.request_uri.user, SIP_STR("nobody")))
		return false;
	if (rdata->msg.method == SIP_INVITE)
		sip_clock_forward_us(&busy.world->clock, 2 * MS);
	return ast_sip_respond(rdata, 404, NULL) == 0;
}

static struct sip_service others = {
	.name = "others",
	.stage = SIP_STAGE_LOCAL,
	.methods = "INVITE, MESSAGE",
	.on_rx_request = serve_others,
};

/* 6001 has registered; all places are taken by what arrived before. */
static struct world *full_world(void)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = short_waits });

	world_register(w, "6001", "secret1", CALLEE);
	memset(&busy, 0, sizeof(busy));
	busy.world = w;
	CHECK_INT(ast_sip_register_service(&others), ==, 0);
	wire_clear(&w->wire);
	arrive(w, "MESSAGE", TRUNK, 130);
	return w;
}

static void call_nobody(struct world *w, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char call_id[32];

		snprintf(call_id, sizeof(call_id), "nobody-%u", names++);
		inject(w,
			&(struct ask){ .method = "INVITE",
				.uri = "sip:nobody@example.org",
				.from = "open",
				.peer = TRUNK,
				.call_id = call_id });
	}
}

/* Both waited in the lane, and the first was served in time. */
TEST(a_copy_that_is_late_in_the_lane_goes_to_its_transaction)
{
	struct world *w = full_world();

	inject(w, &invite);
	call_nobody(w, 150);
	inject(w, &invite);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "INVITE sip:6001@"), ==, 1);
	/* The copy is answered as the first was. */
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 2);
	for (size_t i = 0; i < w->wire.count; i++)
		CHECK(strncmp(w->wire.sent[i].text, "SIP/2.0 503", 11) != 0 ||
			strstr(w->wire.sent[i].text, "Call-ID: call\r\n") == NULL);
	CHECK_INT(refused(w, SIP_CLASS_INVITE), >, 0);
	world_destroy(&w);
}

/* What is late is refused in the turn of a call that is known, too. */
TEST(another_request_of_the_call_that_is_late_in_the_lane_is_refused)
{
	struct world *w = full_world();

	inject(w, &invite);
	call_nobody(w, 150);
	inject(w,
		&(struct ask){ .method = "INVITE",
			.uri = "sip:6001@example.org",
			.from = "open",
			.from_tag = "another",
			.peer = TRUNK,
			.branch = "another" });
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "INVITE sip:6001@"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 1);
	CHECK(strstr(said(w, "SIP/2.0 503"), "Call-ID: call\r\n") != NULL);
	world_destroy(&w);
}

/* 481 would be wrong: the INVITE is there, and is going to ring. */
TEST(a_cancel_does_not_overtake_its_invite_that_waits)
{
	const struct ask cancel = { .method = "CANCEL",
		.uri = "sip:6001@example.org",
		.from = "open",
		.peer = TRUNK,
		.branch = "invite" };
	struct world *w = full_world();

	inject(w, &invite);
	inject(w, &cancel);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "INVITE sip:6001@"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 0);
	CHECK_INT(dropped(w, SIP_CLASS_OTHER), ==, 1);
	wire_forward_ms(&w->wire, 500);
	CHECK_INT(ask(w, &cancel), ==, 200);
	world_destroy(&w);
}

/* Of the last that came. */
static void cancel_comes_to_another_reactor(void)
{
	busy.meanwhile = NULL;
	arrive_at(busy.world, 1, "CANCEL", STRANGER, names - 1);
}

/* By another port of the caller's, or once one reactor got more than its share: the lane
 * that the CANCEL would have is not the one in which its INVITE waits. */
TEST(a_cancel_that_comes_to_another_reactor_does_not_overtake_its_invite)
{
	struct world *w;

	memset(&busy, 0, sizeof(busy));
	busy.cost_us = MS / 4;
	busy.meanwhile = cancel_comes_to_another_reactor;
	w = busy.world = world_create(&(struct world_options){
		.prepare = prepare, .configure = without_password, .reactors = 2 });
	arrive(w, "INVITE", STRANGER, 300);
	wire_settle(&w->wire);
	CHECK(busy.meanwhile == NULL);
	CHECK_INT(busy.served, ==, 300);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 0);
	world_destroy(&w);
}

/* "calls in progress are not touched" */
TEST(what_goes_on_in_a_call_passes_those_that_wait)
{
	struct world *w = world_with_call(200);
	uint64_t begin_us = sip_clock_now_us(&w->clock);
	char extra[1024];

	snprintf(extra, sizeof(extra), "Max-Forwards: 70\nRoute: %s\n",
		world_header(wire_last(&w->wire, "SIP/2.0 200"), "Record-Route"));
	memset(&busy, 0, sizeof(busy));
	busy.world = w;
	busy.cost_us = MS / 10;
	prepare();
	wire_clear(&w->wire);
	arrive(w, "MESSAGE", TRUNK, 4000);
	inject(w,
		&(struct ask){ .method = "BYE",
			.uri = "sip:6001@192.0.2.2:5070",
			.from = "open",
			.to_tag = "callee",
			.cseq = 2,
			.peer = TRUNK,
			.extra = extra });
	wire_settle(&w->wire);
	/* Behind the few that had places before it came. */
	CHECK_INT(wire_last(&w->wire, "BYE")->at_us - begin_us, <, 20 * MS);
	CHECK_INT(busy.longest_wait_us, >, 160 * MS);
	CHECK_INT(busy.longest_wait_us, <=, 200 * MS + 16 * busy.cost_us);
	CHECK_INT(busy.served, <, 4000);
	world_destroy(&w);
}

TEST(higher_classes_go_first)
{
	struct world *w = busy_world(MS);

	arrive(w, "MESSAGE", STRANGER, 600);
	arrive(w, "INVITE", STRANGER, 40);
	wire_settle(&w->wire);
	/* What was let in before they came is before them. */
	CHECK_INT(busy.per_method[SIP_INVITE], ==, 40);
	CHECK_INT(refused(w, SIP_CLASS_INVITE) + dropped(w, SIP_CLASS_INVITE), ==, 0);
	world_destroy(&w);
}

/* OPTIONS stand above calls; that must be no way to keep calls out. */
TEST(a_flood_of_options_leaves_three_turns_of_four_to_others)
{
	struct world *w = busy_world(MS / 2);

	arrive(w, "OPTIONS", STRANGER, 1000);
	arrive(w, "INVITE", STRANGER, 90);
	wire_settle(&w->wire);
	CHECK_INT(busy.per_method[SIP_INVITE], ==, 90);
	CHECK_INT(busy.per_method[SIP_OPTIONS], >, 128);
	world_destroy(&w);
}

/* What arrives at one reactor and is at home on another waits in that one's lane. */
TEST(lanes_of_several_reactors_serve_or_refuse_everybody)
{
	struct world *w;

	memset(&busy, 0, sizeof(busy));
	busy.cost_us = MS;
	w = busy.world = world_create(&(struct world_options){
		.prepare = prepare, .configure = without_password, .reactors = 3 });
	arrive(w, "MESSAGE", STRANGER, 1500);
	wire_settle(&w->wire);
	CHECK_INT(busy.served, >=, 90);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, busy.served);
	CHECK_INT(busy.served + refused(w, SIP_CLASS_OTHER) + dropped(w, SIP_CLASS_OTHER),
		==, 1500);
	world_destroy(&w);
}

static void few_answers(struct sip_config *config)
{
	config->global.authentication = false;
	config->system.max_refusals = 50;
}

/* "or when refusing costs more than [its share] it is dropped without an answer" */
TEST(beyond_the_share_of_the_answers_requests_are_dropped)
{
	struct world *w;

	memset(&busy, 0, sizeof(busy));
	busy.cost_us = MS;
	w = busy.world = world_create(
		&(struct world_options){ .prepare = prepare, .configure = few_answers });
	arrive(w, "MESSAGE", STRANGER, 1000);
	wire_settle(&w->wire);
	/* A tenth of a second's answers, and what came to it meanwhile. */
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), >=, 5);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), <=, 16);
	CHECK_INT(dropped(w, SIP_CLASS_OTHER), >, 700);
	world_destroy(&w);
}

static unsigned left;

static void three_more(void)
{
	for (unsigned i = 0; i < 3 && left > 0; i++, left--)
		arrive(busy.world, "MESSAGE", STRANGER, 1);
}

/* Three times what can be served, for two seconds. */
TEST(a_queue_does_not_stand_and_the_server_does_not_idle)
{
	struct world *w = busy_world(MS);
	uint64_t begin_us = sip_clock_now_us(&w->clock);

	left = 6000;
	busy.meanwhile = three_more;
	arrive(w, "MESSAGE", STRANGER, 3);
	for (unsigned i = 0; i < 1000 && left > 0; i++)
		wire_settle(&w->wire);
	CHECK_INT(left, ==, 0);
	/* Each took its time, and there was no time without one. */
	CHECK_INT(sip_clock_now_us(&w->clock) - begin_us, ==, busy.served * MS);
	CHECK_INT(busy.served, >=, 2000);
	/* Clocks are read once in sixteen tasks. */
	CHECK_INT(busy.longest_wait_us, <=, (100 + 16) * MS);
	/* The limit is an eighth by then, but for the few who have places. */
	CHECK_INT(busy.longest_wait_late_us, <=, 50 * MS);
	world_destroy(&w);
}

TEST(what_waits_when_the_server_stops_is_gone)
{
	struct world *w = busy_world(MS);

	busy.meanwhile = NULL;
	arrive(w, "MESSAGE", STRANGER, 2000);
	world_stop(&w);
}
