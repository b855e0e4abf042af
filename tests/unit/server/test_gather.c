/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions, asked of their calls. */
#include "server/show/gather.h"
#include "support/ask.h"
#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who asks is a thread of its own; the world's works are run meanwhile. */
struct asking {
	struct world *world;
	size_t most;
	sip_gather_fn *wanted;
	struct sip_gathering gathering;
	int result;
	_Atomic bool done;
};

static void *ask_all(void *arg)
{
	struct asking *asking = arg;

	asking->result = sip_gather_transactions(asking->world->server, asking->most,
		asking->wanted, NULL, &asking->gathering);
	atomic_store(&asking->done, true);
	return NULL;
}

static void gather(struct asking *asking)
{
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, ask_all, asking), ==, 0);
	while (!atomic_load(&asking->done))
		sip_pool_step(asking->world->server->pool);
	pthread_join(thread, NULL);
	CHECK_INT(asking->result, ==, 0);
}

/* A MESSAGE to a phone that does not answer: a server and a client transaction. */
static void begin_call(struct world *w, const char *call_id)
{
	ASK(w, .method = "MESSAGE", .uri = "sip:6002@example.org", .from = "open",
		.call_id = call_id, .peer = TRUNK);
}

static int by_role(const void *a, const void *b)
{
	const struct sip_gathered *x = a;
	const struct sip_gathered *y = b;

	return (int)x->role - (int)y->role;
}

TEST(a_call_says_its_transactions)
{
	struct world *w = world_create(NULL);
	struct asking asking = { .world = w, .most = 10 };
	const struct sip_gathered *item;
	char peer[SIP_ADDR_TEXT_LEN];

	world_register(w, "6002", "secret2", "192.0.2.2:5060");
	wire_forward_ms(&w->wire, 40000);
	begin_call(w, "the-call");
	wire_forward_ms(&w->wire, 100);
	gather(&asking);
	item = asking.gathering.item;

	CHECK_INT(asking.gathering.count, ==, 2);
	CHECK_INT(asking.gathering.silent_calls, ==, 0);
	qsort(asking.gathering.item, 2, sizeof(*item), by_role);
	CHECK_INT(item[0].role, ==, SIP_TXN_UAS);
	CHECK_STR(sip_str_of(item[0].endpoint), "open");
	CHECK_STR(sip_str_of(sip_addr_text(&item[0].peer, peer)), TRUNK);
	CHECK_INT(item[1].role, ==, SIP_TXN_UAC);
	CHECK_INT(item[1].state, ==, SIP_TXN_TRYING);
	CHECK_STR(sip_str_of(item[1].method), "MESSAGE");
	CHECK_STR(sip_str_of(item[1].call_id), "the-call");
	CHECK_INT(item[1].age_ms, ==, 100);
	/* Timer E: T1 after it was sent (17.1.2.2). */
	CHECK_INT(item[1].next_timer_us, ==, 400000);
	sip_gathering_fini(&asking.gathering);
	world_destroy(&w);
}

/* What was answered has no call that could be asked. */
TEST(what_only_waits_for_copies_is_told_from_its_answer)
{
	struct world *w = world_create(NULL);
	struct asking asking = { .world = w, .most = 10 };
	const struct sip_gathered *item;
	char peer[SIP_ADDR_TEXT_LEN];

	world_register(w, "6002", "secret2", "192.0.2.2:5060");
	wire_forward_ms(&w->wire, 40000);
	begin_call(w, "the-call");
	wire_receive(&w->wire, "192.0.2.2:5060",
		response_text(wire_last(&w->wire, "MESSAGE"), 202, "callee", ""));
	wire_forward_ms(&w->wire, 100);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);
	gather(&asking);
	item = asking.gathering.item;

	CHECK_INT(asking.gathering.count, ==, 1);
	CHECK_INT(item[0].role, ==, SIP_TXN_UAS);
	CHECK_INT(item[0].state, ==, SIP_TXN_COMPLETED);
	CHECK_INT(item[0].status, ==, 202);
	CHECK_STR(sip_str_of(item[0].method), "MESSAGE");
	CHECK_STR(sip_str_of(item[0].call_id), "the-call");
	CHECK(strstr(wire_last(&w->wire, "SIP/2.0 202")->text, item[0].branch) != NULL);
	CHECK(item[0].branch[0] != '\0');
	CHECK_STR(sip_str_of(sip_addr_text(&item[0].peer, peer)), TRUNK);
	CHECK_INT(item[0].age_ms, ==, 100);
	CHECK_INT(item[0].next_timer_us, ==, 31900000);
	sip_gathering_fini(&asking.gathering);
	world_destroy(&w);
}

static bool is_client(void *arg, const struct sip_gathered *gathered)
{
	(void)arg;
	return gathered->role == SIP_TXN_UAC;
}

TEST(no_more_are_told_than_are_wanted)
{
	struct world *w = world_create(NULL);
	struct asking some = { .world = w, .most = 100, .wanted = is_client };
	struct asking few = { .world = w, .most = 3 };
	char id[8];

	world_register(w, "6002", "secret2", "192.0.2.2:5060");
	wire_forward_ms(&w->wire, 40000);
	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		begin_call(w, id);
	}
	gather(&some);
	gather(&few);

	CHECK_INT(some.gathering.count, ==, 10);
	CHECK_INT(few.gathering.count, ==, 3);
	sip_gathering_fini(&some.gathering);
	sip_gathering_fini(&few.gathering);
	world_destroy(&w);
}
