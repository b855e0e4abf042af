/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The explorer: see explore.h.
 *
 * The threads are coroutines of one thread.  A run is decided by its choices:
 * to enumerate them the last choice that has another option is advanced, and
 * everything after it starts from the first option again, which is to go on.
 */
#include "explore.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum {
	STACK_LEN = 128 * 1024,
	BUFFER_MAX = 64,
	CHOICES_MAX = 4096,
	OPTIONS_MAX = EXPLORE_THREADS_MAX * (BUFFER_MAX + 1),
	FREED_MAX = 8,
	STEPS_MAX = 20000, /* a run that is longer does not end */
};

struct pending_store {
	struct sip_atomic *atomic;
	uint64_t number;
	bool release;
};

struct fibre {
	ucontext_t context;
	void (*run)(void);
	bool ended;
	const struct sip_atomic *sleeps_on; /* NULL: runs */
	struct pending_store stores[BUFFER_MAX];
	unsigned store_count;
	char *stack;
};

/* To let a thread run (store < 0), or to drain one of its stores. */
struct option {
	unsigned thread;
	int store;
};

struct choice {
	unsigned chosen;
	unsigned count;
};

static struct {
	const struct explore_plan *plan;
	struct fibre fibres[EXPLORE_THREADS_MAX];
	unsigned thread_count;
	unsigned current;
	bool inside; /* a fibre runs */
	ucontext_t scheduler;
	struct choice choices[CHOICES_MAX];
	unsigned choice_count; /* of the run before: what is to be repeated */
	unsigned choice_at;
	unsigned switches_left;
	bool random;
	uint64_t seed;
	unsigned steps;
	const char *failure;
	struct {
		const char *from;
		size_t len;
	} freed[FREED_MAX];
	unsigned freed_count;
} world;

/* ---- memory ---- */

static uint64_t *place_of(const struct sip_atomic *atomic)
{
	/* One thread of the system runs all this. */
	return (uint64_t *)(void *)(uintptr_t)&atomic->value;
}

static void commit(struct fibre *fibre, unsigned at)
{
	struct pending_store store = fibre->stores[at];

	memmove(&fibre->stores[at], &fibre->stores[at + 1],
		(fibre->store_count - at - 1) * sizeof(fibre->stores[0]));
	fibre->store_count--;
	*place_of(store.atomic) = store.number;
}

static void drain(struct fibre *fibre)
{
	while (fibre->store_count > 0)
		commit(fibre, 0);
}

static bool may_drain(const struct fibre *fibre, unsigned at)
{
	if (fibre->stores[at].release)
		return at == 0;
	for (unsigned i = 0; i < at; i++)
		if (fibre->stores[i].atomic == fibre->stores[at].atomic)
			return false;
	return true;
}

static uint64_t value_for(const struct fibre *fibre, const struct sip_atomic *atomic)
{
	for (unsigned i = fibre->store_count; i > 0; i--)
		if (fibre->stores[i - 1].atomic == atomic)
			return fibre->stores[i - 1].number;
	return *place_of(atomic);
}

/* ---- choosing ---- */

static uint64_t draw(void)
{
	world.seed ^= world.seed << 13;
	world.seed ^= world.seed >> 7;
	world.seed ^= world.seed << 17;
	return world.seed;
}

static bool can_run(const struct fibre *fibre)
{
	return !fibre->ended &&
		(fibre->sleeps_on == NULL || value_for(fibre, fibre->sleeps_on) != 0);
}

/* The first option is to go on. */
static unsigned list_options(struct option *options)
{
	unsigned count = 0;

	for (unsigned i = 0; i < world.thread_count; i++) {
		unsigned thread = (world.current + i) % world.thread_count;

		if (can_run(&world.fibres[thread]))
			options[count++] = (struct option){ thread, -1 };
	}
	for (unsigned thread = 0; thread < world.thread_count; thread++) {
		const struct fibre *fibre = &world.fibres[thread];

		for (unsigned at = 0; at < fibre->store_count; at++)
			if (may_drain(fibre, at))
				options[count++] = (struct option){ thread, (int)at };
	}
	return count;
}

static unsigned choose(unsigned count)
{
	if (world.random)
		return draw() % 4 == 0 ? (unsigned)(draw() % count) : 0;
	if (world.switches_left == 0)
		count = 1;
	if (world.choice_at >= CHOICES_MAX)
		return 0;
	struct choice *choice = &world.choices[world.choice_at];
	if (world.choice_at >= world.choice_count)
		choice->chosen = 0;
	choice->count = count;
	world.choice_at++;
	return choice->chosen;
}

/* The thread that runs next; -1: none can. */
static int next_thread(void)
{
	struct option options[OPTIONS_MAX];

	for (;;) {
		unsigned count = list_options(options);

		if (count == 0)
			return -1;
		unsigned chosen = choose(count);
		/* When the current thread can't go on, the first of the others is no
		 * deviation. */
		if (chosen != 0 && !world.random)
			world.switches_left--;
		struct option option = options[chosen];
		if (option.store < 0)
			return (int)option.thread;
		commit(&world.fibres[option.thread], (unsigned)option.store);
	}
}

static void leave(void)
{
	swapcontext(&world.fibres[world.current].context, &world.scheduler);
}

void explore_fail(const char *what)
{
	if (world.failure == NULL)
		world.failure = what;
	if (world.inside)
		leave();
}

/* Before each operation. */
static void point(const struct sip_atomic *atomic)
{
	if (!world.inside)
		return;
	if (++world.steps > STEPS_MAX)
		explore_fail("the run does not end");
	int next = next_thread();
	if (next >= 0 && (unsigned)next != world.current) {
		unsigned here = world.current;

		world.current = (unsigned)next;
		swapcontext(&world.fibres[here].context, &world.fibres[next].context);
	}
	for (unsigned i = 0; i < world.freed_count; i++) {
		size_t offset = (size_t)((const char *)atomic - world.freed[i].from);

		if (offset < world.freed[i].len)
			explore_fail("used after it was freed");
	}
}

void explore_free(const void *object, size_t len)
{
	if (world.freed_count == FREED_MAX)
		abort();
	world.freed[world.freed_count].from = object;
	world.freed[world.freed_count++].len = len;
}

void explore_sleep_until_set(const struct sip_atomic *atomic)
{
	struct fibre *fibre = &world.fibres[world.current];

	fibre->sleeps_on = atomic;
	while (value_for(fibre, atomic) == 0)
		leave();
	fibre->sleeps_on = NULL;
}

/* ---- base/atomic.h ---- */

static struct fibre *self(void)
{
	return &world.fibres[world.current];
}

uint64_t sip_atomic_load(const struct sip_atomic *atomic)
{
	point(atomic);
	return value_for(self(), atomic);
}

uint64_t sip_atomic_load_acquire(const struct sip_atomic *atomic)
{
	return sip_atomic_load(atomic);
}

uint64_t sip_atomic_load_relaxed(const struct sip_atomic *atomic)
{
	return sip_atomic_load(atomic);
}

static void store(struct sip_atomic *atomic, uint64_t number, bool release)
{
	point(atomic);
	struct fibre *fibre = self();
	if (!world.inside) {
		*place_of(atomic) = number;
		return;
	}
	if (fibre->store_count == BUFFER_MAX)
		commit(fibre, 0);
	fibre->stores[fibre->store_count++] = (struct pending_store){ atomic, number,
		release };
}

void sip_atomic_store_release(struct sip_atomic *atomic, uint64_t number)
{
	store(atomic, number, true);
}

void sip_atomic_store_relaxed(struct sip_atomic *atomic, uint64_t number)
{
	store(atomic, number, false);
}

static uint64_t *change(struct sip_atomic *atomic)
{
	point(atomic);
	drain(self());
	return place_of(atomic);
}

uint64_t sip_atomic_exchange(struct sip_atomic *atomic, uint64_t number)
{
	uint64_t *place = change(atomic);
	uint64_t before = *place;

	*place = number;
	return before;
}

bool sip_atomic_cas(struct sip_atomic *atomic, uint64_t *expected, uint64_t number)
{
	uint64_t *place = change(atomic);

	if (*place != *expected) {
		*expected = *place;
		return false;
	}
	*place = number;
	return true;
}

uint64_t sip_atomic_fetch_add(struct sip_atomic *atomic, uint64_t number)
{
	uint64_t *place = change(atomic);

	*place += number;
	return *place - number;
}

uint64_t sip_atomic_fetch_or(struct sip_atomic *atomic, uint64_t number)
{
	uint64_t *place = change(atomic);
	uint64_t before = *place;

	*place |= number;
	return before;
}

/* ---- runs ---- */

static void fibre_main(void)
{
	self()->run();
	self()->ended = true;
	for (;;)
		leave();
}

static void start_fibre(struct fibre *fibre, void (*run)(void))
{
	if (fibre->stack == NULL)
		fibre->stack = malloc(STACK_LEN);
	if (fibre->stack == NULL || getcontext(&fibre->context) != 0)
		abort();
	fibre->context.uc_stack.ss_sp = fibre->stack;
	fibre->context.uc_stack.ss_size = STACK_LEN;
	fibre->context.uc_link = NULL;
	fibre->run = run;
	fibre->ended = false;
	fibre->sleeps_on = NULL;
	fibre->store_count = 0;
	makecontext(&fibre->context, fibre_main, 0);
}

static bool all_ended(void)
{
	for (unsigned i = 0; i < world.thread_count; i++)
		if (!world.fibres[i].ended)
			return false;
	return true;
}

/* Buffers drain by themselves in the end. */
static void drain_all(void)
{
	for (unsigned i = 0; i < world.thread_count; i++)
		drain(&world.fibres[i]);
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
		swapcontext(&world.scheduler, &world.fibres[next].context);
		world.inside = false;
	}
}

static void run_once(void)
{
	world.thread_count = 0;
	world.current = 0;
	world.choice_at = 0;
	world.switches_left = world.plan->switches;
	world.steps = 0;
	world.freed_count = 0;
	while (world.thread_count < EXPLORE_THREADS_MAX &&
		world.plan->threads[world.thread_count] != NULL) {
		start_fibre(&world.fibres[world.thread_count],
			world.plan->threads[world.thread_count]);
		world.thread_count++;
	}
	world.plan->prepare();
	run_threads();
	drain_all();
	world.freed_count = 0;
	if (world.failure == NULL && world.plan->check != NULL)
		world.plan->check();
}

/* False: every schedule has been run. */
static bool advance(void)
{
	unsigned count = world.choice_at < CHOICES_MAX ? world.choice_at : CHOICES_MAX;

	while (count > 0) {
		struct choice *last = &world.choices[count - 1];

		if (last->chosen + 1 < last->count) {
			last->chosen++;
			world.choice_count = count;
			return true;
		}
		count--;
	}
	return false;
}

struct explore_result explore(const struct explore_plan *plan)
{
	struct explore_result result = { .runs = 0 };

	world.plan = plan;
	world.failure = NULL;
	world.choice_count = 0;
	world.random = false;
	do {
		run_once();
		result.runs++;
	} while (world.failure == NULL && advance());
	world.random = true;
	world.seed = UINT64_C(0x2545f4914f6cdd1d);
	for (unsigned i = 0; i < plan->random_runs && world.failure == NULL; i++) {
		run_once();
		result.runs++;
	}
	for (unsigned i = 0; i < EXPLORE_THREADS_MAX; i++) {
		free(world.fibres[i].stack);
		world.fibres[i].stack = NULL;
	}
	result.failed = world.failure != NULL;
	result.what = world.failure;
	return result;
}
