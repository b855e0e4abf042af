/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose turn it is, and one run from its beginning to its end: see explored.h.
 *
 * The threads are coroutines of one thread of the system.  Going on is always the first
 * option; each other one is a deviation.
 */
#include "explored.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct explore_world explore_world;

#define world explore_world

/* To let a thread run (store < 0), or to drain one of its stores. */
struct option {
	unsigned thread;
	int store;
};

void explore_trace(const char *format, ...)
{
	va_list args;

	if (!world.tracing)
		return;
	if (world.inside)
		printf("  %4u thread %u  ", world.steps, world.current);
	else
		printf("       ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* ---- choosing ---- */

static uint64_t draw(void)
{
	world.seed ^= world.seed << 13;
	world.seed ^= world.seed >> 7;
	world.seed ^= world.seed << 17;
	return world.seed;
}

static unsigned repeated(unsigned at)
{
	for (unsigned i = 0; i < world.repeat_count; i++)
		if (world.repeat[i].count == at)
			return world.repeat[i].chosen;
	return 0;
}

static unsigned choose_first(unsigned at, unsigned count)
{
	switch (world.mode) {
	case EXPLORE_AT_RANDOM:
		return draw() % world.one_in == 0 ? (unsigned)(draw() % count) : 0;
	case EXPLORE_REPEAT: return repeated(at) < count ? repeated(at) : 0;
	default: return at < world.choice_count ? world.choices[at].chosen : 0;
	}
}

unsigned explore_choose(unsigned count)
{
	unsigned at = world.choice_at;

	if (count == 1)
		return 0;
	if (at >= EXPLORE_CHOICES_MAX)
		return 0;
	if (world.mode == EXPLORE_ALL && world.switches_left == 0)
		count = 1;
	unsigned chosen = choose_first(at, count);
	world.choices[at] = (struct explore_choice){ chosen, count };
	world.choice_at++;
	if (chosen != 0 && world.mode == EXPLORE_ALL)
		world.switches_left--;
	return chosen;
}

/* Now, or (late) when its timeout is over. */
static bool can_run(unsigned thread, bool late)
{
	const struct explore_fibre *fibre = &world.fibres[thread];
	unsigned here = world.current;
	bool can;

	if (fibre->ended || fibre->may_go_on == NULL)
		return !fibre->ended && !late;
	world.current = thread; /* who asks what it can see */
	can = fibre->may_go_on(fibre->waits_for);
	if (late && !can) {
		world.times_out = true;
		can = fibre->may_go_on(fibre->waits_for);
		world.times_out = false;
	} else if (late) {
		can = false;
	}
	world.current = here;
	return can;
}

static unsigned list_threads(struct option *options, unsigned count)
{
	for (unsigned i = 0; i < world.thread_count; i++) {
		unsigned thread = (world.current + i) % world.thread_count;

		if (can_run(thread, false))
			options[count++] = (struct option){ thread, -1 };
	}
	return count;
}

/* Who has waited longest comes first. */
static unsigned list_late(struct option *options, unsigned count)
{
	unsigned first = count;

	for (unsigned thread = 0; thread < world.thread_count; thread++) {
		unsigned at = count;

		if (!can_run(thread, true))
			continue;
		for (; at > first; at--) {
			unsigned before = options[at - 1].thread;

			if (world.fibres[before].waits_since <
				world.fibres[thread].waits_since)
				break;
			options[at] = options[at - 1];
		}
		options[at] = (struct option){ thread, -1 };
		count++;
	}
	return count;
}

/* The first option is to go on; the last are timeouts. */
static unsigned list_options(struct option *options)
{
	unsigned count = list_threads(options, 0);

	for (unsigned thread = 0; thread < world.thread_count; thread++) {
		const struct explore_fibre *fibre = &world.fibres[thread];

		for (unsigned at = 0; at < fibre->store_count; at++)
			if (explore_may_drain(fibre, at))
				options[count++] = (struct option){ thread, (int)at };
	}
	return list_late(options, count);
}

/* The thread that runs next; -1: none can. */
static int next_thread(void)
{
	struct option options[EXPLORE_OPTIONS_MAX];

	for (;;) {
		unsigned count = list_options(options);

		if (count == 0)
			return -1;
		struct option option = options[explore_choose(count)];
		if (option.store < 0)
			return (int)option.thread;
		explore_commit(option.thread, (unsigned)option.store);
	}
}

/* ---- turns ---- */

struct explore_fibre *explore_self(void)
{
	return &world.fibres[world.current];
}

static void keep_local(unsigned thread)
{
	if (world.local != NULL)
		memcpy(world.fibres[thread].local, world.local, world.plan->local_len);
}

static void take_local(unsigned thread)
{
	if (world.local != NULL)
		memcpy(world.local, world.fibres[thread].local, world.plan->local_len);
}

/* From a fibre to the scheduler, until the fibre is chosen again. */
static void leave(void)
{
	unsigned here = world.current;

	keep_local(here);
	swapcontext(&world.fibres[here].context, &world.scheduler);
}

static void go_to(unsigned thread)
{
	unsigned here = world.current;

	keep_local(here);
	take_local(thread);
	world.current = thread;
	explore_trace("goes on");
	swapcontext(&world.fibres[here].context, &world.fibres[thread].context);
}

void explore_fail(const char *what)
{
	if (world.failure == NULL) {
		world.failure = what;
		explore_trace("FAILS: %s", what);
	}
	if (world.inside)
		leave();
}

void explore_point(void)
{
	if (!world.inside)
		return;
	if (++world.steps > EXPLORE_STEPS_MAX)
		explore_fail("the run does not end");
	int next = next_thread();
	if (next >= 0 && (unsigned)next != world.current)
		go_to((unsigned)next);
}

void explore_wait(bool (*may_go_on)(const void *arg), const void *arg)
{
	struct explore_fibre *fibre = explore_self();

	fibre->may_go_on = may_go_on;
	fibre->waits_for = arg;
	fibre->waits_since = ++world.waits;
	if (!may_go_on(arg)) {
		explore_trace("sleeps");
		leave(); /* the scheduler comes back when it may */
	}
	fibre->may_go_on = NULL;
}

unsigned explore_steps(void)
{
	return world.steps;
}

static bool is_set(const void *arg)
{
	return explore_value_for(explore_self(), arg) != 0;
}

void explore_sleep_until_set(const struct sip_atomic *atomic)
{
	explore_wait(is_set, atomic);
	explore_acquire(atomic);
}

/* ---- runs ---- */

static void fibre_main(void)
{
	for (;;) {
		if (explore_self()->run != NULL)
			explore_self()->run();
		else
			SIP_IGNORE(explore_self()->start(explore_self()->arg) == NULL);
		explore_self()->ended = true;
		explore_self()->fresh = true;
		explore_trace("ends");
		leave();
	}
}

static void make_stack(struct explore_fibre *fibre)
{
	if (fibre->stack == NULL)
		fibre->stack = malloc(EXPLORE_STACK_LEN);
	if (fibre->local == NULL)
		fibre->local = malloc(world.plan->local_len + 1);
	if (fibre->stack == NULL || fibre->local == NULL ||
		getcontext(&fibre->context) != 0)
		abort();
	fibre->context.uc_stack.ss_sp = fibre->stack;
	fibre->context.uc_stack.ss_size = EXPLORE_STACK_LEN;
	fibre->context.uc_link = NULL;
	makecontext(&fibre->context, fibre_main, 0);
}

static void start_fibre(struct explore_fibre *fibre, void (*run)(void))
{
	if (!fibre->fresh)
		make_stack(fibre);
	fibre->fresh = false;
	fibre->run = run;
	fibre->ended = false;
	fibre->may_go_on = NULL;
	fibre->store_count = 0;
	memset(&fibre->view, 0, sizeof(fibre->view));
	fibre->view.clock[fibre - world.fibres] = 1;
	if (world.local != NULL)
		memset(fibre->local, 0, world.plan->local_len);
}

void explore_free_stacks(void)
{
	for (unsigned i = 0; i < EXPLORE_THREADS_MAX; i++) {
		free(world.fibres[i].stack);
		free(world.fibres[i].local);
		world.fibres[i].stack = NULL;
		world.fibres[i].local = NULL;
		world.fibres[i].fresh = false;
	}
}

int explore_start_thread(void *(*start)(void *arg), void *arg)
{
	unsigned number = world.thread_count;

	if (!world.inside || number == EXPLORE_THREADS_MAX)
		return -1;
	struct explore_fibre *fibre = &world.fibres[number];
	start_fibre(fibre, NULL);
	fibre->start = start;
	fibre->arg = arg;
	/* It knows what its maker knew. */
	explore_drain(world.current);
	explore_join(&fibre->view, &explore_self()->view);
	explore_tick(world.current);
	world.thread_count++;
	explore_trace("starts thread %u", number);
	return (int)number;
}

static bool all_ended(void)
{
	for (unsigned i = 0; i < world.thread_count; i++)
		if (!world.fibres[i].ended)
			return false;
	return true;
}

static void run_threads(void)
{
	while (world.failure == NULL && !all_ended()) {
		int next = next_thread();

		if (next < 0) {
			explore_fail("all threads sleep");
			return;
		}
		world.current = (unsigned)next;
		world.inside = true;
		take_local((unsigned)next);
		explore_trace("goes on");
		swapcontext(&world.scheduler, &world.fibres[next].context);
		world.inside = false;
	}
}

void explore_run(void)
{
	world.thread_count = 0;
	world.current = 0;
	world.choice_at = 0;
	world.steps = 0;
	world.waits = 0;
	world.failure = NULL;
	explore_memory_reset();
	explore_plain_reset();
	explore_locks_reset();
	while (world.thread_count < EXPLORE_THREADS_MAX &&
		world.plan->threads[world.thread_count] != NULL) {
		start_fibre(&world.fibres[world.thread_count],
			world.plan->threads[world.thread_count]);
		world.thread_count++;
	}
	world.plan->prepare();
	run_threads();
	/* Buffers drain by themselves in the end. */
	for (unsigned i = 0; i < world.thread_count; i++)
		explore_drain(i);
	explore_plain_reset();
	if (world.failure == NULL && world.plan->check != NULL)
		world.plan->check();
}
