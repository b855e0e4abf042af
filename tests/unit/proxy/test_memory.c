/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that runs out in the middle of a call, at each allocation in turn.
 *
 * The proxy is linked into this test, so that its own allocations fail as well (those of
 * a module's file do not).  Whatever fails, the caller gets a final answer in the end,
 * for it and the phones send again what got none, and nothing is left.
 */
#include "phones.h"

#include "support/alloc_fail.h"

#include "base/slab.h"

extern const struct ast_sip_module_file ast_sip_module_file;

static void configure(struct sip_config *config)
{
	config->global.authentication = false;
	phones_configure(config, 2);
}

static void load_proxy(void)
{
	char error[SIP_SERVER_ERROR_LEN] = "";

	if (sip_server_load_module(ast_sip_server(), &ast_sip_module_file, error) != 0)
		check_failed(__FILE__, __LINE__, "%s", error);
}

/* It may be lost: then there was no memory to receive it. */
static void may_arrive(struct world *w, const char *peer, const char *text)
{
	struct sip_addr from = wire_addr(peer);
	char wired[8192];
	size_t len = 0;

	for (; *text != '\0' && len + 2 < sizeof(wired); text++) {
		if (*text == '\n')
			wired[len++] = '\r';
		wired[len++] = *text;
	}
	SIP_IGNORE(sip_transport_inject(w->wire.transport, w->wire.listener, &from,
		(struct sip_str){ wired, len }, 0)); /* lost, as said */
	wire_settle(&w->wire);
}

static bool has_final(const struct world *w)
{
	size_t finals = 0;

	for (int class = 2; class <= 6; class ++) {
		char start[16];

		snprintf(start, sizeof(start), "SIP/2.0 %d", class);
		finals += count_to(w, CALLER, start);
	}
	return finals > 0;
}

static size_t reached(const struct world *w, const char *method)
{
	return count_to(w, phone(1), method) + count_to(w, phone(2), method);
}

/* The caller sends again until something comes.  What was refused stays refused: no phone
 * rings for who was sent away. */
static void ask(struct world *w, const char *method)
{
	bool refused = false;

	for (int i = 0; i < 3; i++) {
		may_arrive(w, CALLER, request(method, 1, "invite", NULL, ""));
		if (refused && reached(w, method) > 0)
			check_failed(__FILE__, __LINE__, "a copy is let in");
		refused = has_final(w) && reached(w, method) == 0;
		wire_forward_ms(&w->wire, 500);
	}
}

/* What matters is sent again, too. */
static void say(
	struct world *w, unsigned n, const char *method, int code, const char *extra)
{
	for (int i = 0; i < 2; i++) {
		if (count_to(w, phone(n), method) > 0)
			may_arrive(w, phone(n), answer_text(w, n, method, code, extra));
	}
}

static void call_is_answered(struct world *w)
{
	ask(w, "INVITE");
	say(w, 1, "INVITE", 180, "");
	say(w, 2, "INVITE", 180, "");
	say(w, 1, "INVITE", 200, "");
	say(w, 2, "CANCEL", 200, "");
	say(w, 2, "INVITE", 487, "");
}

static void call_is_cancelled(struct world *w)
{
	ask(w, "INVITE");
	say(w, 1, "INVITE", 180, "");
	may_arrive(w, CALLER, request("CANCEL", 1, "invite", NULL, ""));
	may_arrive(w, CALLER, request("CANCEL", 1, "invite", NULL, ""));
	say(w, 1, "INVITE", 487, "");
	say(w, 2, "INVITE", 100, "");
	say(w, 2, "INVITE", 487, "");
}

static void call_is_challenged(struct world *w)
{
	ask(w, "INVITE");
	say(w, 1, "INVITE", 401, "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\n");
	say(w, 2, "INVITE", 407, "Proxy-Authenticate: Digest realm=\"c\", nonce=\"d\"\n");
}

static void call_is_declined(struct world *w)
{
	ask(w, "INVITE");
	say(w, 1, "INVITE", 180, "");
	say(w, 2, "INVITE", 603, "");
	say(w, 1, "INVITE", 487, "");
}

static void phones_ring_for_ever(struct world *w)
{
	ask(w, "INVITE");
	say(w, 1, "INVITE", 180, "");
	wire_forward_ms(&w->wire, 180000);
}

/* RFC 3261 16.8: timer B; nothing sends the INVITE again that has its 100. */
static void nobody_answers(struct world *w)
{
	ask(w, "INVITE");
	wire_forward_ms(&w->wire, 64 * 500);
	if (!has_final(w))
		check_failed(__FILE__, __LINE__, "no answer after timer B");
}

static void message_is_answered(struct world *w)
{
	ask(w, "MESSAGE");
	say(w, 1, "MESSAGE", 404, "");
	say(w, 2, "MESSAGE", 200, "");
}

/* Allocation `number` fails; how many there were. */
static unsigned long run(void (*scenario)(struct world *w), unsigned long number)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = configure, .prepare = load_proxy });
	unsigned long seen;

	w->module[w->module_count++] = &ast_sip_module_file;
	alloc_fail_at(number);
	scenario(w);
	wire_forward_ms(&w->wire, 300000);
	seen = alloc_fail_seen();
	alloc_fail_at(0);
	if (!has_final(w))
		check_failed(__FILE__, __LINE__, "no answer when allocation %lu fails",
			number);
	world_destroy(&w);
	return seen;
}

static void run_all(void (*scenario)(struct world *w))
{
	unsigned long count = run(scenario, ~0ul);

	listen_to_log();
	for (unsigned long number = 1; number <= count; number++)
		run(scenario, number);
	sip_log_set_sink(NULL, NULL);
}

TEST(a_call_is_answered_whatever_allocation_fails)
{
	run_all(call_is_answered);
}

TEST(a_call_is_cancelled_whatever_allocation_fails)
{
	run_all(call_is_cancelled);
}

TEST(a_call_is_challenged_whatever_allocation_fails)
{
	run_all(call_is_challenged);
}

TEST(a_call_is_declined_whatever_allocation_fails)
{
	run_all(call_is_declined);
}

TEST(phones_stop_ringing_whatever_allocation_fails)
{
	run_all(phones_ring_for_ever);
}

TEST(a_caller_whom_nobody_answers_is_told_in_time_whatever_allocation_fails)
{
	/* Messages are allocations, too. */
	sip_slab_plain = true;
	run_all(nobody_answers);
	sip_slab_plain = false;
}

TEST(a_message_is_answered_whatever_allocation_fails)
{
	run_all(message_is_answered);
}

/* ---- who has given up ---- */

/* Phone 1 rings, and phone 2 will.  Allocation `number` fails when the caller gives up,
 * who says so again.  False: there are fewer. */
static bool cancelled_without(unsigned long number)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = configure, .prepare = load_proxy });
	bool failed;

	w->module[w->module_count++] = &ast_sip_module_file;
	may_arrive(w, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	alloc_fail_at(number);
	may_arrive(w, CALLER, request("CANCEL", 1, "invite", NULL, ""));
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);

	wire_forward_ms(&w->wire, 500);
	may_arrive(w, CALLER, request("CANCEL", 1, "invite", NULL, ""));
	CHECK_INT(count_to(w, phone(1), "CANCEL"), >=, 1);
	CHECK_INT(count_to(w, phone(2), "CANCEL"), ==, 0);
	answer(w, 2, "INVITE", 180, "");
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, phone(2), "CANCEL"), >=, 1);

	wire_forward_ms(&w->wire, 300000);
	CHECK(has_final(w));
	world_destroy(&w);
	return failed;
}

/* RFC 3261 16.10: "the element MUST generate CANCEL requests for all pending client
 * transactions in the context"; 9.1: what has not rung yet is cancelled when it does. */
TEST(phones_are_cancelled_as_soon_as_there_is_memory)
{
	unsigned long number = 1;

	/* Transactions are allocations, too. */
	sip_slab_plain = true;
	while (cancelled_without(number))
		number++;
	sip_slab_plain = false;
	CHECK_INT(number, >, 1);
}

/* ---- inside of a call ---- */

/* The caller's re-INVITE along the Route of the call that phone 1 has answered. */
static const char *reinvite(const struct world *w)
{
	static char text[4096];

	snprintf(text, sizeof(text),
		"INVITE sip:6001@192.0.2.101:5070 SIP/2.0\n"
		"Via: SIP/2.0/UDP " CALLER ";branch=z9hG4bKagain\n"
		"From: <sip:open@example.org>;tag=caller\n"
		"To: <sip:6001@example.org>;tag=phone-1\n"
		"Call-ID: call-1\nCSeq: 2 INVITE\nMax-Forwards: 70\nRoute: %s\n"
		"Content-Length: 0\n\n",
		world_header(sent_to(w, phone(1), "INVITE"), "Record-Route"));
	return text;
}

/* Allocation `number` fails.  False: there are fewer.  *refused: it was. */
static bool again_without(unsigned long number, bool *refused)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = configure, .prepare = load_proxy });
	const char *text;
	bool failed;

	w->module[w->module_count++] = &ast_sip_module_file;
	may_arrive(w, CALLER, invite("Contact: <sip:open@192.0.2.99:5060>\n"));
	answer(w, 1, "INVITE", 200, "");
	text = reinvite(w);
	wire_clear(&w->wire);
	alloc_fail_at(number);
	may_arrive(w, CALLER, text);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	*refused = has_final(w);
	if (!failed)
		CHECK_INT(reached(w, "INVITE"), ==, 1);
	if (*refused) {
		CHECK_INT(reached(w, "INVITE"), ==, 0);
		may_arrive(w, CALLER, text);
		CHECK_INT(reached(w, "INVITE"), ==, 0);
	}
	wire_forward_ms(&w->wire, 300000);
	world_destroy(&w);
	return failed;
}

/* Who was sent away does not get the 200 of the other side later: he would not
 * acknowledge it, and the call would end (RFC 3261 13.3.1.4). */
TEST(inside_of_a_call_what_was_refused_stays_refused)
{
	unsigned long number = 1;
	unsigned refusals = 0;
	bool refused;

	/* Transactions are allocations, too. */
	sip_slab_plain = true;
	listen_to_log();
	for (; again_without(number, &refused); number++)
		refusals += refused;
	sip_log_set_sink(NULL, NULL);
	CHECK_INT(refusals, >, 0);
}
