/* SPDX-License-Identifier: BSD-2-Clause */
/* Reactors, stepped: watches, posts, flushes, and at which reactor a work runs. */
#include "pool_fixture.h"

#include <string.h>
#include <unistd.h>

/* ---- watches ---- */

struct pipe_watch {
	struct sip_watch watch;
	unsigned calls;
	char got[64];
	size_t got_len;
	struct pipe_watch *other; /* to be unwatched when this one is ready */
};

static bool read_one_byte(struct sip_watch *watch, struct sip_reactor *reactor)
{
	struct pipe_watch *pipe_watch = SIP_CONTAINER(watch, struct pipe_watch, watch);

	CHECK(sip_reactor_current() == reactor);
	pipe_watch->calls++;
	if (pipe_watch->other != NULL) {
		sip_reactor_unwatch(reactor, &pipe_watch->other->watch);
		pipe_watch->other->other = NULL;
		pipe_watch->other = NULL;
	}
	if (read(watch->fd, &pipe_watch->got[pipe_watch->got_len], 1) != 1)
		return false;
	pipe_watch->got_len++;
	return pipe_watch->got_len < 5;
}

TEST(a_watch_is_called_until_it_says_there_is_no_more)
{
	struct pool_fixture f;
	int ends[2];
	CHECK_INT(pipe(ends), ==, 0);
	struct pipe_watch watch = { .watch = { .fd = ends[0], .ready = read_one_byte } };
	pool_prepare_stepped(&f, 2, 1);
	pool_open(&f);
	struct sip_reactor *reactor = sip_pool_reactor(f.pool, 1);
	CHECK_INT(sip_reactor_watch(reactor, &watch.watch), ==, 0);

	CHECK(!sip_pool_step(f.pool));
	CHECK_INT(watch.calls, ==, 0);
	CHECK_INT(write(ends[1], "hello", 5), ==, 5);
	CHECK(sip_pool_step(f.pool));

	CHECK_INT(watch.calls, ==, 5);
	CHECK(memcmp(watch.got, "hello", 5) == 0);
	sip_reactor_unwatch(reactor, &watch.watch);
	CHECK_INT(write(ends[1], "more", 4), ==, 4);
	CHECK(!sip_pool_step(f.pool));
	CHECK_INT(watch.calls, ==, 5);
	close(ends[0]);
	close(ends[1]);
	pool_close(&f);
}

TEST(a_watch_taken_away_by_another_of_its_round_is_not_called)
{
	struct pool_fixture f;
	int first[2];
	int second[2];
	CHECK_INT(pipe(first), ==, 0);
	CHECK_INT(pipe(second), ==, 0);
	struct pipe_watch a = { .watch = { .fd = first[0], .ready = read_one_byte } };
	struct pipe_watch b = { .watch = { .fd = second[0], .ready = read_one_byte } };
	a.other = &b;
	b.other = &a;
	pool_prepare_stepped(&f, 1, 1);
	pool_open(&f);
	struct sip_reactor *reactor = sip_pool_reactor(f.pool, 0);
	CHECK_INT(sip_reactor_watch(reactor, &a.watch), ==, 0);
	CHECK_INT(sip_reactor_watch(reactor, &b.watch), ==, 0);
	CHECK_INT(write(first[1], "12345", 5), ==, 5);
	CHECK_INT(write(second[1], "12345", 5), ==, 5);

	CHECK(sip_pool_step(f.pool));

	CHECK_INT(a.got_len + b.got_len, ==, 5);
	CHECK(a.calls == 0 || b.calls == 0);
	sip_reactor_unwatch(reactor, a.calls > 0 ? &a.watch : &b.watch);
	for (int i = 0; i < 2; i++) {
		close(first[i]);
		close(second[i]);
	}
	pool_close(&f);
}

TEST(what_can_not_be_polled_is_refused)
{
	struct pool_fixture f;
	struct sip_watch watch = { .fd = -1, .ready = read_one_byte };
	pool_prepare_stepped(&f, 1, 1);
	pool_open(&f);

	CHECK_INT(sip_reactor_watch(sip_pool_reactor(f.pool, 0), &watch), <, 0);

	pool_close(&f);
}

/* ---- posts and flushes ---- */

struct flusher {
	struct sip_task post;
	struct sip_flush flush;
	struct sip_reactor *reactor;
	unsigned flushes;
	unsigned again; /* how often it asks for another */
};

static void flush_now(struct sip_flush *flush, struct sip_reactor *reactor)
{
	struct flusher *flusher = SIP_CONTAINER(flush, struct flusher, flush);

	CHECK(sip_reactor_current() == reactor && flusher->reactor == reactor);
	flusher->flushes++;
	if (flusher->again > 0) {
		flusher->again--;
		sip_reactor_flush_later(reactor, flush);
	}
}

static enum sip_task_result ask_twice(struct sip_task *task)
{
	struct flusher *flusher = SIP_CONTAINER(task, struct flusher, post);

	CHECK(sip_reactor_current() == flusher->reactor);
	CHECK(ast_sip_current_work() == NULL);
	sip_reactor_flush_later(flusher->reactor, &flusher->flush);
	sip_reactor_flush_later(flusher->reactor, &flusher->flush);
	CHECK_INT(flusher->flushes, ==, 0);
	return SIP_TASK_DONE;
}

TEST(a_post_runs_on_its_reactor_and_a_flush_once_behind_the_round)
{
	struct pool_fixture f;
	pool_prepare_stepped(&f, 3, 1);
	pool_open(&f);

	for (unsigned i = 0; i < 3; i++) {
		struct flusher flusher = { .post = { .run = ask_twice },
			.flush = { .flush = flush_now },
			.reactor = sip_pool_reactor(f.pool, i) };
		sip_list_init(&flusher.flush.link);
		CHECK_INT(sip_reactor_number(flusher.reactor), ==, i);

		sip_reactor_post(flusher.reactor, &flusher.post);
		CHECK(sip_pool_step(f.pool));
		CHECK_INT(flusher.flushes, ==, 1);
	}
	pool_close(&f);
}

TEST(a_flush_that_asks_again_comes_in_the_next_round)
{
	struct pool_fixture f;
	pool_prepare_stepped(&f, 1, 1);
	pool_open(&f);
	struct flusher flusher = { .post = { .run = ask_twice },
		.flush = { .flush = flush_now },
		.reactor = sip_pool_reactor(f.pool, 0),
		.again = 3 };
	sip_list_init(&flusher.flush.link);

	sip_reactor_post(flusher.reactor, &flusher.post);
	sip_pool_step(f.pool);

	CHECK_INT(flusher.flushes, ==, 4);
	pool_close(&f);
}

/* ---- places ---- */

struct placed {
	struct sip_task task;
	struct ast_sip_work work;
	unsigned ran_at;
	struct placed *push; /* from inside */
};

static enum sip_task_result note_place(struct sip_task *task)
{
	struct placed *placed = SIP_CONTAINER(task, struct placed, task);

	placed->ran_at = sip_reactor_number(sip_reactor_current());
	if (placed->push != NULL)
		sip_work_push(&placed->push->work, &placed->push->task);
	return SIP_TASK_DONE;
}

static void place(
	struct placed *placed, struct pool_fixture *f, unsigned home, bool fixed)
{
	*placed = (struct placed){ .task = { .run = note_place }, .ran_at = 99 };
	sip_work_init(&placed->work, f->pool, home, fixed, NULL);
}

TEST(a_work_runs_where_its_home_is)
{
	struct pool_fixture f;
	struct placed placed;
	pool_prepare_stepped(&f, 4, 1);
	pool_open(&f);

	for (unsigned home = 0; home < 4; home++) {
		place(&placed, &f, home, true);
		sip_work_push(&placed.work, &placed.task);
		sip_pool_step(f.pool);
		CHECK_INT(placed.ran_at, ==, home);
	}
	pool_close(&f);
}

static void push_many_times(struct pool_fixture *f, struct placed *from)
{
	for (int i = 0; i < 200; i++) {
		sip_work_push(&from->work, &from->task);
		sip_pool_step(f->pool);
	}
}

TEST(a_work_moves_to_the_reactor_that_wakes_it_many_times_running)
{
	struct pool_fixture f;
	struct placed from;
	struct placed to;
	pool_prepare_stepped(&f, 4, 1);
	pool_open(&f);
	place(&from, &f, 2, true);
	place(&to, &f, 1, false);
	from.push = &to;

	sip_work_push(&from.work, &from.task);
	sip_pool_step(f.pool);
	CHECK_INT(to.ran_at, ==, 1);
	push_many_times(&f, &from);

	CHECK_INT(to.ran_at, ==, 2);
	pool_close(&f);
}

TEST(a_work_of_a_call_id_and_a_held_one_stay)
{
	struct pool_fixture f;
	struct placed from;
	struct placed fixed;
	struct placed held;
	pool_prepare_stepped(&f, 4, 1);
	pool_open(&f);
	place(&from, &f, 2, true);
	place(&fixed, &f, 1, true);
	place(&held, &f, 0, false);
	sip_work_hold(&held.work, 3);
	from.push = &fixed;
	fixed.push = &held;

	push_many_times(&f, &from);

	CHECK_INT(fixed.ran_at, ==, 1);
	CHECK_INT(held.ran_at, ==, 3);
	pool_close(&f);
}

/* Two works that push one ball to each other. */
struct rally {
	struct sip_task ball;
	struct ast_sip_work works[2];
	unsigned left;
	unsigned ran_at[2];
	unsigned moves;
};

static enum sip_task_result hit(struct sip_task *task)
{
	struct rally *rally = SIP_CONTAINER(task, struct rally, ball);
	unsigned side = rally->left % 2;
	unsigned here = sip_reactor_number(sip_reactor_current());

	rally->moves += rally->ran_at[side] != here;
	rally->ran_at[side] = here;
	if (--rally->left > 0)
		sip_work_push(&rally->works[1 - side], task);
	return SIP_TASK_DONE;
}

TEST(works_that_push_to_each_other_meet_and_stay)
{
	struct pool_fixture f;
	unsigned met_at[2] = { 0, 0 };
	pool_prepare_stepped(&f, 2, 1);
	pool_open(&f);

	for (int i = 0; i < 40; i++) {
		struct rally rally = {
			.ball = { .run = hit }, .left = 2000, .ran_at = { 0, 1 }
		};
		sip_work_init(&rally.works[0], f.pool, 0, false, NULL);
		sip_work_init(&rally.works[1], f.pool, 1, false, NULL);
		sip_work_push(&rally.works[0], &rally.ball);
		sip_pool_step(f.pool);

		CHECK_INT(rally.ran_at[0], ==, rally.ran_at[1]);
		CHECK_INT(rally.moves, <=, 5);
		met_at[rally.ran_at[0]]++;
	}
	CHECK(met_at[0] > 5 && met_at[1] > 5); /* and not all in one place */
	pool_close(&f);
}

/* ---- more runnable works than the ring holds ---- */

TEST(a_thousand_runnable_works_run_once_each)
{
	enum { COUNT = 1000 };
	static struct placed placed[COUNT];
	struct pool_fixture f;
	struct sip_pool_figures figures;
	pool_prepare_stepped(&f, 1, 1);
	pool_open(&f);

	for (int i = 0; i < COUNT; i++) {
		place(&placed[i], &f, 0, true);
		sip_work_push(&placed[i].work, &placed[i].task);
	}
	sip_pool_step(f.pool);

	for (int i = 0; i < COUNT; i++)
		CHECK_INT(placed[i].ran_at, ==, 0);
	sip_pool_figures(f.pool, &figures);
	CHECK_INT(figures.tasks, ==, COUNT);
	pool_close(&f);
}

/* A work that always has tasks gives way to others after so many of them. */
struct chain {
	struct sip_task task;
	struct ast_sip_work work;
	unsigned left;
	unsigned ran;
	unsigned *other_ran;
	unsigned ahead_max;
};

static enum sip_task_result run_chain(struct sip_task *task)
{
	struct chain *chain = SIP_CONTAINER(task, struct chain, task);

	chain->ran++;
	if (chain->ran > *chain->other_ran &&
		chain->ran - *chain->other_ran > chain->ahead_max)
		chain->ahead_max = chain->ran - *chain->other_ran;
	if (--chain->left > 0)
		sip_work_push(&chain->work, task);
	return SIP_TASK_DONE;
}

TEST(a_busy_work_gives_way_to_others)
{
	struct pool_fixture f;
	struct chain chains[2];
	pool_prepare_stepped(&f, 1, 1);
	pool_open(&f);
	for (int i = 0; i < 2; i++) {
		chains[i] = (struct chain){ .task = { .run = run_chain }, .left = 500 };
		chains[i].other_ran = &chains[1 - i].ran;
		sip_work_init(&chains[i].work, f.pool, 0, true, NULL);
	}

	for (int i = 0; i < 2; i++)
		sip_work_push(&chains[i].work, &chains[i].task);
	sip_pool_step(f.pool);

	for (int i = 0; i < 2; i++) {
		CHECK_INT(chains[i].ran, ==, 500);
		CHECK_INT(chains[i].ahead_max, <=, 32);
	}
	pool_close(&f);
}

/* ---- the thread's pool ---- */

TEST(with_two_pools_the_thread_says_which)
{
	struct pool_fixture a;
	struct pool_fixture b;
	pool_prepare_stepped(&a, 1, 1);
	pool_prepare_stepped(&b, 1, 1);

	pool_open(&a);
	CHECK(sip_pool_current() == a.pool);
	pool_open(&b);
	CHECK(sip_pool_current() == NULL);
	CHECK(ast_sip_create_work() == NULL);
	sip_pool_set_current(b.pool);
	CHECK(sip_pool_current() == b.pool);
	pool_close(&b);
	CHECK(sip_pool_current() == a.pool);
	pool_close(&a);
	CHECK(sip_pool_current() == NULL);
}
