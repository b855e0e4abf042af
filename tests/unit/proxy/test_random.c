/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls in which anything happens in any order, from a seed.
 *
 * Phones answer what they like and when, packets come twice, the network reports errors,
 * the caller gives up, time passes.  What must hold whatever happened (RFC 3261 sections
 * 16.7, 16.8, 16.10 and 17.2.1):
 *
 *  - an INVITE gets a final answer, and never another that says something else, but for
 *    further 2xx after a 2xx;
 *  - what is not an INVITE gets at most one, no 408 and no provisional but 100;
 *  - a phone that rings and never answers is told to stop; one that never said anything
 * is not sent a CANCEL;
 *  - nothing is left.
 */
#include "phones.h"

#define PHONES 3
#define RUNS   1000

struct story {
	struct world *w;
	uint64_t random;
	bool invite;
	uint64_t begun_us;
	bool acknowledged;         /* by the caller, who then sends no copy any more */
	bool rang[PHONES + 1];     /* sent something provisional before its end */
	bool answered[PHONES + 1]; /* sent something final, or was unreachable */
};

/* xorshift */
static unsigned pick(struct story *s, unsigned below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (unsigned)(s->random >> 20) % below;
}

static const char *method(const struct story *s)
{
	return s->invite ? "INVITE" : "MESSAGE";
}

static uint64_t age_ms(const struct story *s)
{
	return (sip_clock_now_us(&s->w->clock) - s->begun_us) / 1000;
}

static void phone_answers(struct story *s)
{
	static const int codes[] = { 100, 180, 183, 180, 199, 200, 200, 302, 401, 407,
		404, 408, 486, 487, 500, 503, 603, 699 };
	unsigned n = 1 + pick(s, PHONES);
	int code = codes[pick(s, sizeof(codes) / sizeof(codes[0]))];

	if (count_to(s->w, phone(n), "CANCEL ") > 0 && pick(s, 2) == 0) {
		answer(s->w, n, "CANCEL", 200, "");
		return;
	}
	/* After timer B nobody hears of it. */
	if (code < 200 && !s->answered[n] && age_ms(s) < 32000)
		s->rang[n] = true;
	if (code >= 200)
		s->answered[n] = true;
	answer(s->w, n, method(s), code, "");
}

static void network_fails(struct story *s)
{
	unsigned n = 1 + pick(s, PHONES);

	s->answered[n] = true;
	unreachable(s->w, n, method(s));
}

static void time_passes(struct story *s)
{
	static const unsigned ms[] = { 1, 100, 600, 5000, 31999, 33000, 180000 };

	wire_forward_ms(&s->w->wire, ms[pick(s, sizeof(ms) / sizeof(ms[0]))]);
}

static void something_happens(struct story *s)
{
	switch (pick(s, 12)) {
	case 0: cancel(s->w); break;
	case 1:
		s->acknowledged = true;
		acknowledge(s->w);
		break;
	case 2:
		/* No copy comes later than 64*T1: it would be a new request. */
		if (age_ms(s) < 32000 && !s->acknowledged)
			wire_receive(&s->w->wire, CALLER,
				request(method(s), 1, "invite", NULL, ""));
		break;
	case 3: network_fails(s); break;
	case 4:
	case 5: time_passes(s); break;
	default: phone_answers(s); break;
	}
}

static int code_of(const struct wire_message *message)
{
	return atoi(message->text + 8);
}

static bool is_answer(const struct story *s, const struct wire_message *message)
{
	struct sip_addr caller = wire_addr(CALLER);
	const char *cseq = world_header(message, "CSeq");

	return sip_addr_equal(&message->flow.peer, &caller) &&
		strncmp(message->text, "SIP/2.0 ", 8) == 0 &&
		strcmp(cseq + 2, method(s)) == 0;
}

static void check_answers(const struct story *s, unsigned seed)
{
	const struct wire_message *first = NULL;

	for (size_t i = 0; i < s->w->wire.count; i++) {
		const struct wire_message *message = &s->w->wire.sent[i];
		int code = code_of(message);

		if (!is_answer(s, message))
			continue;
		if (!s->invite && (code == 408 || (code > 100 && code < 200)))
			check_failed(__FILE__, __LINE__, "seed %u: %d", seed, code);
		if (code < 200)
			continue;
		if (first == NULL)
			first = message;
		if (strcmp(first->text, message->text) == 0 ||
			(s->invite && code < 300 && code_of(first) < 300))
			continue;
		check_failed(__FILE__, __LINE__, "seed %u: %d after %d", seed, code,
			code_of(first));
	}
	if (s->invite && first == NULL)
		check_failed(__FILE__, __LINE__, "seed %u: no answer", seed);
}

static void check_phones(const struct story *s, unsigned seed)
{
	for (unsigned n = 1; n <= PHONES; n++) {
		bool told = count_to(s->w, phone(n), "CANCEL ") > 0;

		if (s->invite && s->rang[n] && !s->answered[n] && !told)
			check_failed(__FILE__, __LINE__, "seed %u: %u rings for ever",
				seed, n);
		if (told && !s->rang[n])
			check_failed(__FILE__, __LINE__, "seed %u: CANCEL to silent %u",
				seed, n);
	}
}

static void run(struct world *w, unsigned seed)
{
	struct story s = { .w = w,
		.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
		.begun_us = sip_clock_now_us(&w->clock) };
	unsigned events = 3 + pick(&s, 40);

	s.invite = pick(&s, 4) > 0;
	wire_clear(&w->wire);
	wire_receive(&w->wire, CALLER, request(method(&s), 1, "invite", NULL, ""));
	while (events-- > 0)
		something_happens(&s);
	/* Timer C, a CANCEL that is not answered, an ACK that does not come. */
	wire_forward_ms(&w->wire, 300000);
	check_answers(&s, seed);
	check_phones(&s, seed);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);
}

TEST(whatever_happens_the_rules_hold_and_nothing_is_left)
{
	struct world *w;

	listen_to_log();
	w = phones_world(PHONES);
	for (unsigned seed = 1; seed <= RUNS; seed++)
		run(w, seed);
	world_destroy(&w);
	sip_log_set_sink(NULL, NULL);
}

/* Nothing is left either where the server stops in the middle. */
TEST(a_stop_in_the_middle_of_whatever_happens_leaves_nothing)
{
	listen_to_log();
	for (unsigned seed = 1; seed <= 40; seed++) {
		struct story s = { .w = phones_world(PHONES),
			.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 7 };
		unsigned events = pick(&s, 20);

		s.invite = pick(&s, 4) > 0;
		wire_receive(
			&s.w->wire, CALLER, request(method(&s), 1, "invite", NULL, ""));
		while (events-- > 0)
			something_happens(&s);
		world_stop(&s.w);
	}
	sip_log_set_sink(NULL, NULL);
}
