/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of calls, on a stepped pool. */
#include "support/check.h"

#include "base/clock.h"
#include "res_sip/error.h"
#include "transaction/call.h"

#include <stdio.h>
#include <stdlib.h>

struct house {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct sip_calls *calls;
};

static struct house *house_begin(void)
{
	struct house *h = calloc(1, sizeof(*h));
	struct sip_pool_config config;

	CHECK(h != NULL);
	sip_clock_init_virtual(&h->clock);
	sip_random_init_seed(&h->random, 1);
	h->counters = sip_counters_create();
	CHECK(h->counters != NULL);
	sip_pool_config_init(&config);
	config.servants = 3;
	config.stepped = true;
	config.clock = &h->clock;
	config.random = &h->random;
	config.counters = h->counters;
	CHECK_INT(sip_pool_create(&config, &h->pool), ==, 0);
	CHECK_INT(sip_calls_create(h->pool, &h->random, &h->calls), ==, 0);
	CHECK_INT(sip_pool_start(h->pool), ==, 0);
	return h;
}

static void settle(struct house *h)
{
	while (sip_pool_step(h->pool))
		;
}

static void house_end(struct house *h)
{
	settle(h);
	sip_pool_stop(h->pool);
	CHECK_INT(sip_calls_count(h->calls), ==, 0);
	sip_calls_destroy(&h->calls);
	sip_pool_destroy(&h->pool);
	sip_counters_destroy(&h->counters);
	free(h);
}

/* A task that notes which call it ran in, and when. */
struct note {
	struct sip_task task;
	struct house *house;
	struct sip_call *call; /* NULL: it did not run */
	unsigned order;
	char id[32];
	bool pin;
	bool unpin;
};

static unsigned notes_run;

static enum sip_task_result run_note(struct sip_task *task)
{
	struct note *note = SIP_CONTAINER(task, struct note, task);

	note->call = sip_call_current();
	note->order = ++notes_run;
	if (note->call == NULL)
		return SIP_TASK_DONE;
	snprintf(note->id, sizeof(note->id), "%.*s", SIP_STR_ARG(note->call->call_id));
	if (note->pin)
		sip_call_pin(note->call);
	if (note->unpin)
		sip_call_unpin(note->call);
	return SIP_TASK_DONE;
}

static int push(struct house *h, const char *id, uint64_t hash, struct note *note)
{
	note->task.run = run_note;
	note->house = h;
	return sip_calls_push(h->calls, sip_str_of(id), hash, &note->task);
}

static int push_id(struct house *h, const char *id, struct note *note)
{
	return push(h, id, sip_calls_hash(h->calls, sip_str_of(id)), note);
}

TEST(a_call_is_made_by_its_first_message_and_goes_when_idle)
{
	struct house *h = house_begin();
	struct note note = { .pin = false };

	CHECK_INT(sip_calls_count(h->calls), ==, 0);
	CHECK_INT(push_id(h, "a", &note), ==, 0);
	CHECK_INT(sip_calls_count(h->calls), ==, 1);
	CHECK(note.call == NULL); /* it runs later, never inside of the push */
	settle(h);

	CHECK_STR(sip_str_of(note.id), "a");
	CHECK_INT(sip_calls_count(h->calls), ==, 0);

	house_end(h);
}

TEST(tasks_of_one_call_id_share_its_work_and_keep_their_order)
{
	struct house *h = house_begin();
	struct note notes[5] = { { .pin = false } };

	for (int i = 0; i < 5; i++)
		CHECK_INT(push_id(h, "a", &notes[i]), ==, 0);
	CHECK_INT(sip_calls_count(h->calls), ==, 1);
	settle(h);

	for (int i = 1; i < 5; i++) {
		CHECK(notes[i].call == notes[0].call);
		CHECK_INT(notes[i].order, ==, notes[0].order + (unsigned)i);
	}

	house_end(h);
}

TEST(a_pinned_call_stays_and_an_unpinned_one_goes)
{
	struct house *h = house_begin();
	struct note pins[2] = { { .pin = true }, { .pin = true } };
	struct note unpins[2] = { { .unpin = true }, { .unpin = true } };

	CHECK_INT(push_id(h, "a", &pins[0]), ==, 0);
	settle(h);
	CHECK_INT(sip_calls_count(h->calls), ==, 1);
	CHECK_INT(push_id(h, "a", &pins[1]), ==, 0);
	settle(h);
	CHECK(pins[1].call == pins[0].call);
	CHECK_INT(push_id(h, "a", &unpins[0]), ==, 0);
	settle(h);
	CHECK_INT(sip_calls_count(h->calls), ==, 1);
	CHECK_INT(push_id(h, "a", &unpins[1]), ==, 0);
	settle(h);

	CHECK_INT(sip_calls_count(h->calls), ==, 0);

	house_end(h);
}

TEST(push_known_finds_a_live_call_by_its_hash_only)
{
	struct house *h = house_begin();
	uint64_t hash = sip_calls_hash(h->calls, SIP_STR("a"));
	struct note pin = { .pin = true };
	struct note known = { .unpin = true };
	struct note unknown = { .pin = false };

	unknown.task.run = known.task.run = run_note;
	CHECK_INT(sip_calls_push_known(h->calls, hash, &unknown.task), ==, SIP_ENOTFOUND);
	CHECK_INT(push_id(h, "a", &pin), ==, 0);
	settle(h);
	CHECK_INT(sip_calls_push_known(h->calls, hash + 1, &unknown.task), ==,
		SIP_ENOTFOUND);
	/* The same stripe and bucket, but another hash. */
	CHECK_INT(
		sip_calls_push_known(h->calls, hash ^ (UINT64_C(1) << 40), &unknown.task),
		==, SIP_ENOTFOUND);
	CHECK_INT(sip_calls_push_known(h->calls, hash, &known.task), ==, 0);
	settle(h);

	CHECK(known.call == pin.call);
	CHECK(unknown.call == NULL);
	CHECK_INT(sip_calls_push_known(h->calls, hash, &unknown.task), ==, SIP_ENOTFOUND);

	house_end(h);
}

/* Peers choose Call-IDs: two that fall on the same hash are still two calls. */
TEST(call_ids_of_one_hash_are_different_calls)
{
	struct house *h = house_begin();
	struct note pins[3] = { { .pin = true }, { .pin = true }, { .pin = true } };
	struct note unpins[3] = { { .unpin = true }, { .unpin = true },
		{ .unpin = true } };
	static const char *const ids[] = { "a", "b", "A" };

	for (int i = 0; i < 3; i++)
		CHECK_INT(push(h, ids[i], 42, &pins[i]), ==, 0);
	settle(h);
	CHECK_INT(sip_calls_count(h->calls), ==, 3);
	/* The one in the middle of the chain goes first. */
	for (int i = 1; i < 4; i++) {
		CHECK_INT(push(h, ids[i % 3], 42, &unpins[i % 3]), ==, 0);
		settle(h);
		CHECK(unpins[i % 3].call == pins[i % 3].call);
		CHECK_STR(sip_str_of(unpins[i % 3].id), ids[i % 3]);
		CHECK_INT(sip_calls_count(h->calls), ==, 3 - i);
	}

	house_end(h);
}

/* Calls that share a bucket and differ in the bits that mark them there. */
TEST(calls_of_one_bucket_are_found_whichever_goes_first)
{
	for (unsigned first = 0; first < 3; first++) {
		struct house *h = house_begin();
		struct note pins[3] = { { .pin = true }, { .pin = true },
			{ .pin = true } };
		struct note unpins[3] = { { .unpin = true }, { .unpin = true },
			{ .unpin = true } };

		for (unsigned i = 0; i < 3; i++) {
			uint64_t hash = 42 | (uint64_t)(i + 1) << 50;

			CHECK_INT(push(h, "a", hash, &pins[i]), ==, 0);
		}
		settle(h);
		CHECK_INT(sip_calls_count(h->calls), ==, 3);
		for (unsigned i = 0; i < 3; i++) {
			unsigned number = (first + i) % 3;
			uint64_t hash = 42 | (uint64_t)(number + 1) << 50;

			unpins[number].task.run = run_note;
			CHECK_INT(sip_calls_push_known(
					  h->calls, hash, &unpins[number].task),
				==, 0);
			settle(h);
			CHECK(unpins[number].call == pins[number].call);
			CHECK_INT(sip_calls_count(h->calls), ==, 2 - i);
		}
		house_end(h);
	}
}

/* The hash is keyed, and by each server differently. */
TEST(the_hash_of_a_call_id_depends_on_the_server)
{
	struct house *h = house_begin();
	struct sip_calls *other;

	CHECK_INT(sip_calls_create(h->pool, &h->random, &other), ==, 0);
	CHECK(sip_calls_hash(h->calls, SIP_STR("a")) ==
		sip_calls_hash(h->calls, SIP_STR("a")));
	CHECK(sip_calls_hash(h->calls, SIP_STR("a")) !=
		sip_calls_hash(h->calls, SIP_STR("b")));
	CHECK(sip_calls_hash(h->calls, SIP_STR("a")) !=
		sip_calls_hash(other, SIP_STR("a")));
	sip_calls_destroy(&other);

	house_end(h);
}

TEST(call_ids_of_every_length_are_kept)
{
	struct house *h = house_begin();
	char id[257];

	for (size_t len = 0; len < sizeof(id); len += 16) {
		struct note note = { .pin = false };
		struct sip_str text = { id, len };

		memset(id, 'i', len);
		note.task.run = run_note;
		CHECK_INT(sip_calls_push(h->calls, text, sip_calls_hash(h->calls, text),
				  &note.task),
			==, 0);
		settle(h);
		CHECK_INT(strlen(note.id), ==, len < 31 ? len : 31);
	}
	CHECK_INT(sip_calls_count(h->calls), ==, 0);

	house_end(h);
}

/* One stripe of the 256, so that its buckets grow several times. */
TEST(a_stripe_grows_with_its_calls)
{
	enum { MANY = 1000 };
	struct house *h = house_begin();
	struct note *pins = calloc(MANY, sizeof(*pins));
	struct note *unpins = calloc(MANY, sizeof(*unpins));
	char id[16];

	CHECK(pins != NULL && unpins != NULL);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "%u", i);
		pins[i].pin = true;
		CHECK_INT(push(h, id, i, &pins[i]), ==, 0);
	}
	settle(h);
	CHECK_INT(sip_calls_count(h->calls), ==, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		unpins[i].unpin = true;
		unpins[i].task.run = run_note;
		CHECK_INT(sip_calls_push_known(h->calls, i, &unpins[i].task), ==, 0);
	}
	settle(h);
	for (unsigned i = 0; i < MANY; i++)
		CHECK(unpins[i].call == pins[i].call);
	CHECK_INT(sip_calls_count(h->calls), ==, 0);
	free(pins);
	free(unpins);

	house_end(h);
}

static enum sip_task_result run_elsewhere(struct sip_task *task)
{
	struct note *note = SIP_CONTAINER(task, struct note, task);

	note->call = sip_call_current();
	note->order = ++notes_run;
	return SIP_TASK_DONE;
}

TEST(there_is_no_current_call_outside_of_one)
{
	struct house *h = house_begin();
	struct ast_sip_work work;
	struct note note = { .call = (struct sip_call *)(void *)&work };

	CHECK(sip_call_current() == NULL);
	note.task.run = run_elsewhere;
	sip_reactor_post(sip_pool_reactor(h->pool, 0), &note.task);
	settle(h);

	CHECK(note.call == NULL);
	CHECK(note.order == notes_run);

	house_end(h);
}

struct again {
	struct note first;
	struct note second;
};

static enum sip_task_result push_more(struct sip_task *task)
{
	struct again *again = SIP_CONTAINER(task, struct again, first.task);

	again->first.call = sip_call_current();
	CHECK_INT(push_id(again->first.house, "a", &again->second), ==, 0);
	CHECK(again->second.call == NULL);
	return SIP_TASK_DONE;
}

/* The call looks once more whether it is idle, under the lock that pushers hold. */
TEST(a_push_from_inside_of_the_call_keeps_it)
{
	struct house *h = house_begin();
	struct again again = { .first = { .house = h, .task = { .run = push_more } } };

	CHECK_INT(sip_calls_push(h->calls, SIP_STR("a"),
			  sip_calls_hash(h->calls, SIP_STR("a")), &again.first.task),
		==, 0);
	settle(h);

	CHECK(again.second.call == again.first.call);
	CHECK_INT(sip_calls_count(h->calls), ==, 0);

	house_end(h);
}

static enum sip_task_result try_to_end(struct sip_task *task)
{
	struct again *again = SIP_CONTAINER(task, struct again, first.task);
	struct sip_call *call = sip_call_current();

	CHECK_INT(push_id(again->first.house, "a", &again->second), ==, 0);
	/* What the pool does at the end of a turn, had it not seen the second task. */
	CHECK(!call->work.drained(&call->work));
	again->first.call = call;
	return SIP_TASK_DONE;
}

/* A task that comes between the pool's last look and the lock is not lost. */
TEST(a_call_with_a_task_does_not_end)
{
	struct house *h = house_begin();
	struct again again = { .first = { .house = h, .task = { .run = try_to_end } } };

	CHECK_INT(sip_calls_push(h->calls, SIP_STR("a"),
			  sip_calls_hash(h->calls, SIP_STR("a")), &again.first.task),
		==, 0);
	settle(h);

	CHECK(again.second.call == again.first.call);
	CHECK_INT(sip_calls_count(h->calls), ==, 0);

	house_end(h);
}

/* A task that lets another Call-ID join its call. */
struct join {
	struct sip_task task;
	struct house *house;
	const char *id;
	int result;
	int again;
};

static enum sip_task_result run_join(struct sip_task *task)
{
	struct join *join = SIP_CONTAINER(task, struct join, task);
	struct sip_str id = sip_str_of(join->id);
	uint64_t hash = sip_calls_hash(join->house->calls, id);

	join->result = sip_call_join(sip_call_current(), id, hash);
	join->again = sip_call_join(sip_call_current(), id, hash);
	sip_call_pin(sip_call_current());
	return SIP_TASK_DONE;
}

static void join(struct house *h, struct join *what, const char *id, const char *joined)
{
	struct sip_str text = sip_str_of(id);

	*what = (struct join){ .task.run = run_join, .house = h, .id = joined };
	CHECK_INT(sip_calls_push(
			  h->calls, text, sip_calls_hash(h->calls, text), &what->task),
		==, 0);
	settle(h);
}

TEST(what_comes_for_a_call_that_joined_has_its_turn_in_the_other)
{
	struct house *h = house_begin();
	struct note first = { .unpin = false };
	struct note second = { .unpin = true };
	struct note late = { .pin = false };
	struct join what;
	uint64_t hashes[4];
	size_t count = 0;

	join(h, &what, "a", "b");
	CHECK_INT(what.result, ==, 0);
	CHECK_INT(what.again, ==, SIP_EEXISTS);
	CHECK_INT(sip_calls_count(h->calls), ==, 2);
	/* It is no call of its own for who asks all of them. */
	for (unsigned i = 0; i < SIP_CALLS_STRIPES; i++)
		count += sip_calls_hashes(h->calls, i, hashes, 4);
	CHECK_INT(count, ==, 1);

	CHECK_INT(push_id(h, "b", &first), ==, 0);
	CHECK_INT(push_id(h, "a", &second), ==, 0);
	settle(h);
	CHECK_STR(sip_str_of(first.id), "a");
	CHECK_STR(sip_str_of(second.id), "a");
	CHECK_INT(first.order + 1, ==, second.order);

	/* They go together; the next one begins anew. */
	CHECK_INT(sip_calls_count(h->calls), ==, 0);
	CHECK_INT(push_id(h, "b", &late), ==, 0);
	settle(h);
	CHECK_STR(sip_str_of(late.id), "b");
	house_end(h);
}

TEST(who_has_a_call_does_not_join_another)
{
	struct house *h = house_begin();
	struct note own = { .pin = true };
	struct note unpin = { .unpin = true };
	struct note unpin_own = { .unpin = true };
	struct join what;

	CHECK_INT(push_id(h, "b", &own), ==, 0);
	settle(h);
	join(h, &what, "a", "b");
	CHECK_INT(what.result, ==, SIP_EEXISTS);
	CHECK_INT(push_id(h, "a", &unpin), ==, 0);
	CHECK_INT(push_id(h, "b", &unpin_own), ==, 0);
	house_end(h);
}
