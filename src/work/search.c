/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding work at other reactors, and calling others to find it here.
 *
 * One servant at a time searches.  Who finds work calls the next, so many wake
 * up one after another, and nobody in vain for long.
 */
#include "work/pool_state.h"

/* A second one finds what came during the first; held works can not be stolen, so there
 * is an end. */
#define SEARCHES 3u

/* Works that can be had there.  The inbox of an owner in core is emptied by itself soon.
 */
static bool can_steal_from(const struct sip_reactor *reactor)
{
	if (sip_runq_count(&reactor->runq) > 0)
		return true;
	return sip_atomic_load(&reactor->inbox) != 0 &&
		sip_word_state(sip_atomic_load(&reactor->word)) == SIP_WORD_CALLBACK;
}

bool sip_reactor_can_steal(const struct sip_reactor *reactor)
{
	const struct sip_pool *pool = reactor->pool;

	/* Who searches now finds it, and calls. */
	if (sip_atomic_load(&pool->searching) != 0)
		return false;
	for (unsigned i = 0; i < pool->reactor_count; i++)
		if (i != reactor->number && can_steal_from(&pool->reactors[i]))
			return true;
	return false;
}

static unsigned take_inbox_of(struct sip_reactor *reactor, struct sip_reactor *from)
{
	struct ast_sip_work *work = sip_inbox_take_all(&from->inbox);
	unsigned count = 0;

	while (work != NULL) {
		struct ast_sip_work *next = work->run_next;

		if (work->held) {
			sip_inbox_push(&from->inbox, work);
		} else {
			sip_reactor_put(reactor, work);
			count++;
		}
		work = next;
	}
	return count;
}

static unsigned steal_from(struct sip_reactor *reactor, struct sip_reactor *from)
{
	unsigned count = sip_runq_steal(&reactor->runq, &from->runq);

	if (count == 0 && can_steal_from(from))
		count = take_inbox_of(reactor, from);
	return count;
}

static unsigned steal(struct sip_reactor *reactor)
{
	struct sip_pool *pool = reactor->pool;
	unsigned count = 0;

	for (unsigned i = 0; i < pool->reactor_count && count == 0; i++) {
		reactor->steal_from = (reactor->steal_from + 1) % pool->reactor_count;
		if (reactor->steal_from != reactor->number)
			count = steal_from(reactor, &pool->reactors[reactor->steal_from]);
	}
	return count;
}

/* The caller is the one who may search, and hands that on. */
static bool wake_searcher(struct sip_reactor *reactor)
{
	struct sip_pool *pool = reactor->pool;

	for (unsigned i = 1; i < pool->reactor_count; i++) {
		struct sip_reactor *other =
			&pool->reactors[(reactor->number + i) % pool->reactor_count];

		if (sip_asleep(&other->sleep)) {
			sip_atomic_store_release(
				&other->called, 1); /* with the servant's exchange */
			if (sip_reactor_wake(other))
				return true;
			/* It woke by itself: whoever sees the flag first keeps the
			 * search. */
			if (sip_atomic_exchange(&other->called, 0) == 0)
				return true;
		}
	}
	return false;
}

static bool another_sleeps(const struct sip_reactor *reactor)
{
	const struct sip_pool *pool = reactor->pool;

	for (unsigned i = 0; i < pool->reactor_count; i++)
		if (i != reactor->number && sip_asleep(&pool->reactors[i].sleep))
			return true;
	return false;
}

/* Who was about to sleep may have relied on the search that ends here without a searcher,
 * so that is looked at again. */
static void call_searcher(struct sip_reactor *reactor)
{
	struct sip_pool *pool = reactor->pool;

	while (another_sleeps(reactor) && sip_search_begin(&pool->searching)) {
		if (wake_searcher(reactor))
			break;
		sip_search_end(&pool->searching);
	}
}

bool sip_reactor_search(struct sip_reactor *reactor, bool called)
{
	struct sip_pool *pool = reactor->pool;
	unsigned count = 0;

	/* What came behind the search, whose pusher relied on it, is met by another. */
	for (unsigned i = 0; i < SEARCHES && count == 0; i++) {
		if (i > 0 && !sip_reactor_can_steal(reactor))
			break;
		if (!called && !sip_search_begin(&pool->searching))
			break;
		/* There is room in an empty ring only. */
		if (sip_runq_count(&reactor->runq) == 0)
			count = steal(reactor);
		sip_search_end(&pool->searching);
		called = false;
	}
	if (count == 0)
		return false;
	sip_pool_count_steals(pool, count);
	/* Also for the calls that were not made because this one searched. */
	if (sip_runq_count(&reactor->runq) > 0 || sip_reactor_can_steal(reactor))
		call_searcher(reactor);
	return true;
}

void sip_reactor_call_help(struct sip_reactor *reactor)
{
	if (sip_atomic_load(&reactor->pool->sleepers) == 0)
		return;
	if (sip_runq_count(&reactor->runq) > 0 || sip_atomic_load(&reactor->inbox) != 0)
		call_searcher(reactor);
}

void sip_reactor_send(struct sip_reactor *reactor, struct ast_sip_work *work)
{
	sip_inbox_push(&reactor->inbox, work);
	/* The push was a full fence.  Who sleeps is asked first: the ring's line is its
	 * owner's. */
	if (!sip_reactor_wake(reactor) &&
		sip_atomic_load(&reactor->pool->sleepers) != 0 && can_steal_from(reactor))
		sip_reactor_call_help(reactor);
}
