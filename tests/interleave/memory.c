/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a load finds: store buffers, the history of each atomic, and what a thread has
 * been told.
 *
 * A place keeps its latest stores, each with what its thread knew when it was released.
 * A thread knows of one store in each place: loads find that or a newer one.  Who
 * acquires knows what the releaser knew.  A sequentially consistent load also finds
 * nothing older than what was there for the last operation of that kind that knew of it.
 */
#include "explored.h"

#include <inttypes.h>
#include <string.h>

#define world explore_world

struct message {
	uint64_t number;
	struct explore_view view; /* for who acquires */
};

struct place {
	const struct sip_atomic *atomic;
	unsigned latest; /* messages so far, less one */
	struct message history[EXPLORE_HISTORY];
	uint16_t used_at[EXPLORE_THREADS_MAX]; /* the clock of each thread's last use */
};

enum { SLOTS = 4 * EXPLORE_PLACES_MAX };

static struct place places[EXPLORE_PLACES_MAX];
static unsigned place_count;
static uint16_t slots[SLOTS];          /* places by address, plus one */
static struct explore_view consistent; /* known to all seq_cst operations from here on */

void explore_memory_reset(void)
{
	place_count = 0;
	memset(slots, 0, sizeof(slots));
	memset(&consistent, 0, sizeof(consistent));
}

static uint64_t *number_of(const struct sip_atomic *atomic)
{
	/* One thread of the system runs all this. */
	return (uint64_t *)(void *)(uintptr_t)&atomic->value;
}

static unsigned place_of(const struct sip_atomic *atomic)
{
	unsigned at = (unsigned)(((uintptr_t)atomic >> 3) * 2654435761u >> 7) % SLOTS;

	for (; slots[at] != 0; at = (at + 1) % SLOTS)
		if (places[slots[at] - 1].atomic == atomic)
			return slots[at] - 1u;
	if (place_count == EXPLORE_PLACES_MAX) {
		explore_fail("more atomics than the explorer has room for");
		return 0;
	}
	struct place *place = &places[place_count];
	place->atomic = atomic;
	place->latest = 0;
	place->history[0].number = *number_of(atomic);
	memset(&place->history[0].view, 0, sizeof(place->history[0].view));
	memset(place->used_at, 0, sizeof(place->used_at));
	slots[at] = (uint16_t)(place_count + 1);
	return place_count++;
}

static struct message *message_of(unsigned place, unsigned number)
{
	return &places[place].history[number % EXPLORE_HISTORY];
}

static void know(struct explore_view *view, unsigned place, unsigned number)
{
	if (view->at[place] < number)
		view->at[place] = (uint16_t)number;
}

static void join_places(struct explore_view *view, const struct explore_view *other)
{
	for (unsigned i = 0; i < place_count; i++)
		if (view->at[i] < other->at[i])
			view->at[i] = other->at[i];
}

void explore_join(struct explore_view *view, const struct explore_view *other)
{
	join_places(view, other);
	for (unsigned i = 0; i < EXPLORE_THREADS_MAX; i++)
		if (view->clock[i] < other->clock[i])
			view->clock[i] = other->clock[i];
}

void explore_tick(unsigned thread)
{
	world.fibres[thread].view.clock[thread]++;
}

/* ---- stores ---- */

/* The newest in its place. */
static void append(unsigned place, uint64_t number, const struct explore_view *view)
{
	unsigned at = ++places[place].latest;
	struct message *message = message_of(place, at);

	message->number = number;
	if (view != NULL)
		message->view = *view;
	else
		memset(&message->view, 0, sizeof(message->view));
	know(&message->view, place, at);
	*number_of(places[place].atomic) = number;
}

bool explore_may_drain(const struct explore_fibre *fibre, unsigned at)
{
	if (fibre->stores[at].release || world.tso)
		return at == 0;
	for (unsigned i = 0; i < at; i++)
		if (fibre->stores[i].place == fibre->stores[at].place)
			return false;
	return true;
}

static void take_from_buffer(struct explore_fibre *fibre, unsigned at)
{
	struct explore_pending *store = &fibre->stores[at];
	unsigned place = store->place;

	if (explore_is_freed(places[place].atomic))
		explore_fail("a store arrives after its memory was freed");
	append(place, store->number, store->release ? &store->view : NULL);
	unsigned number = places[place].latest;
	know(&fibre->view, place, number);
	/* What is released later tells of it. */
	for (unsigned i = at + 1; i < fibre->store_count; i++)
		know(&fibre->stores[i].view, place, number);
	memmove(store, store + 1, (fibre->store_count - at - 1) * sizeof(*store));
	fibre->store_count--;
}

void explore_commit(unsigned thread, unsigned at)
{
	const struct explore_pending *store = &world.fibres[thread].stores[at];

	explore_trace("a store of thread %u becomes visible: %s = %" PRIx64, thread,
		store->where, store->number);
	take_from_buffer(&world.fibres[thread], at);
}

void explore_drain(unsigned thread)
{
	while (world.fibres[thread].store_count > 0)
		take_from_buffer(&world.fibres[thread], 0);
}

/* The thread's own store that has not left its buffer, or -1. */
static int own_store(const struct explore_fibre *fibre, unsigned place)
{
	for (unsigned i = fibre->store_count; i > 0; i--)
		if (fibre->stores[i - 1].place == place)
			return (int)i - 1;
	return -1;
}

uint64_t explore_value_for(
	const struct explore_fibre *fibre, const struct sip_atomic *atomic)
{
	int own = own_store(fibre, place_of(atomic));

	return own >= 0 ? fibre->stores[own].number : *number_of(atomic);
}

/* ---- the operations of base/atomic.h ---- */

static void use(const struct sip_atomic *atomic, unsigned place)
{
	if (explore_is_freed(atomic))
		explore_fail("used after it was freed");
	places[place].used_at[world.current] = explore_self()->view.clock[world.current];
}

void explore_atomics_freed(const char *from, size_t len)
{
	const struct explore_view *view = &explore_self()->view;

	for (unsigned i = 0; i < place_count; i++) {
		size_t offset = (size_t)((const char *)places[i].atomic - from);

		for (unsigned thread = 0; offset < len && thread < world.thread_count;
			thread++)
			if (thread != world.current &&
				places[i].used_at[thread] > view->clock[thread])
				explore_fail("freed while another may be using it");
	}
}

/* Among the stores that a load may find. */
static unsigned choose_message(unsigned place, unsigned least)
{
	unsigned latest = places[place].latest;

	if (latest >= EXPLORE_HISTORY && least < latest - EXPLORE_HISTORY + 1)
		least = latest - EXPLORE_HISTORY + 1;
	if (world.tso || least >= latest)
		return latest;
	return latest - explore_choose(latest - least + 1);
}

static unsigned least_for(unsigned place, enum explore_order order)
{
	unsigned least = explore_self()->view.at[place];

	if (order == EXPLORE_SEQ_CST && consistent.at[place] > least)
		least = consistent.at[place];
	return least;
}

static void has_found(unsigned place, unsigned found, enum explore_order order)
{
	struct explore_fibre *fibre = explore_self();

	know(&fibre->view, place, found);
	if (order != EXPLORE_RELAXED)
		explore_join(&fibre->view, &message_of(place, found)->view);
	if (order == EXPLORE_SEQ_CST)
		know(&consistent, place, found);
}

void explore_acquire(const struct sip_atomic *atomic)
{
	unsigned place = place_of(atomic);

	has_found(place, places[place].latest, EXPLORE_ACQUIRE);
}

uint64_t explore_load(
	const struct sip_atomic *atomic, enum explore_order order, const char *where)
{
	if (!world.inside)
		return *number_of(atomic);
	explore_point();
	unsigned place = place_of(atomic);
	use(atomic, place);
	int own = own_store(explore_self(), place);
	if (own >= 0)
		return explore_self()->stores[own].number;
	unsigned found = choose_message(place, least_for(place, order));
	has_found(place, found, order);
	uint64_t number = message_of(place, found)->number;
	explore_trace("%s is %" PRIx64 "%s", where, number,
		found != places[place].latest ? ", an OLD value" : "");
	return number;
}

void explore_store(struct sip_atomic *atomic, uint64_t number, enum explore_order order,
	const char *where)
{
	if (!world.inside) {
		*number_of(atomic) = number;
		return;
	}
	/* Nobody sees it yet, so nobody else need run before. */
	unsigned place = place_of(atomic);
	struct explore_fibre *fibre = explore_self();
	use(atomic, place);
	if (fibre->store_count == EXPLORE_BUFFER_MAX)
		take_from_buffer(fibre, 0);
	struct explore_pending *store = &fibre->stores[fibre->store_count++];
	store->place = place;
	store->number = number;
	store->release = order == EXPLORE_RELEASE;
	store->view = fibre->view;
	store->where = where;
	explore_trace("%s = %" PRIx64 ", into the buffer", where, number);
	explore_tick(world.current);
}

/* The place, its newest number read; what was stored before is visible from here on. */
static unsigned begin_change(const struct sip_atomic *atomic)
{
	unsigned place = place_of(atomic);

	use(atomic, place);
	explore_drain(world.current);
	has_found(place, places[place].latest, EXPLORE_ACQUIRE);
	return place;
}

static void end_change(unsigned place, uint64_t number)
{
	struct explore_fibre *fibre = explore_self();

	append(place, number, &fibre->view);
	know(&fibre->view, place, places[place].latest);
	join_places(&consistent, &fibre->view);
	explore_tick(world.current);
}

static uint64_t change(struct sip_atomic *atomic, uint64_t (*make)(uint64_t, uint64_t),
	uint64_t number, const char *where)
{
	uint64_t before = *number_of(atomic);

	if (!world.inside) {
		*number_of(atomic) = make(before, number);
		return before;
	}
	explore_point();
	unsigned place = begin_change(atomic);
	before = *number_of(atomic);
	explore_trace(
		"%s was %" PRIx64 ", now %" PRIx64, where, before, make(before, number));
	end_change(place, make(before, number));
	return before;
}

static uint64_t second(uint64_t before, uint64_t number)
{
	(void)before;
	return number;
}

static uint64_t sum(uint64_t before, uint64_t number)
{
	return before + number;
}

static uint64_t bits(uint64_t before, uint64_t number)
{
	return before | number;
}

uint64_t explore_exchange(struct sip_atomic *atomic, uint64_t number, const char *where)
{
	return change(atomic, second, number, where);
}

uint64_t explore_fetch_add(struct sip_atomic *atomic, uint64_t number, const char *where)
{
	return change(atomic, sum, number, where);
}

uint64_t explore_fetch_or(struct sip_atomic *atomic, uint64_t number, const char *where)
{
	return change(atomic, bits, number, where);
}

/* A swap that fails is a load, and no fence. */
static bool swap_fails(unsigned place, uint64_t expected, uint64_t *found_number)
{
	int own = own_store(explore_self(), place);
	unsigned latest = places[place].latest;
	unsigned found = latest;

	if (own < 0)
		found = choose_message(place, least_for(place, EXPLORE_SEQ_CST));
	/* One that finds the old number it expects would store, and so meets the newest.
	 */
	if (found != latest && message_of(place, found)->number == expected)
		found = latest;
	*found_number = message_of(place, found)->number;
	if (own >= 0)
		*found_number = explore_self()->stores[own].number;
	if (*found_number == expected)
		return false;
	if (own < 0)
		has_found(place, found, EXPLORE_SEQ_CST);
	return true;
}

bool explore_cas(
	struct sip_atomic *atomic, uint64_t *expected, uint64_t number, const char *where)
{
	if (!world.inside) {
		bool same = *number_of(atomic) == *expected;

		if (same)
			*number_of(atomic) = number;
		else
			*expected = *number_of(atomic);
		return same;
	}
	explore_point();
	unsigned place = place_of(atomic);
	uint64_t found;
	use(atomic, place);
	if (world.tso)
		explore_drain(world.current);
	if (swap_fails(place, *expected, &found)) {
		explore_trace("%s is %" PRIx64 ", no swap for %" PRIx64, where, found,
			*expected);
		*expected = found;
		return false;
	}
	SIP_IGNORE(begin_change(atomic));
	if (*number_of(atomic) != *expected) {
		/* Its own store was not the newest after all. */
		*expected = *number_of(atomic);
		return false;
	}
	explore_trace("%s was %" PRIx64 ", swapped for %" PRIx64, where, found, number);
	end_change(place, number);
	return true;
}
