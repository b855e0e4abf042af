/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The border between the core and code that the core did not write.
 *
 *      core --begin--> callback --enter--> core --leave--> callback --end--> core
 *
 * On the way out the reactor can be taken from then on; on the way back the
 * thread takes it back, or finds that it has lost it and goes on without one.
 */
#include "work/owner.h"
#include "work/pool_state.h"

/* How long a callback that was slow once is taken for slow. */
#define SLOW_US 10000000u

_Thread_local struct sip_thread sip_thread;

void sip_servant_own(struct sip_servant *servant, struct sip_reactor *reactor)
{
	SIP_ASSERT(sip_thread.servant == servant && sip_thread.depth == 0);
	sip_thread.reactor = reactor;
}

/* Release, with the loads in watcher.c and look.c: what the site says is seen with it,
 * and who finds it finds no word of a callback before. */
static void note_site(struct sip_reactor *reactor, const struct sip_call_site *site)
{
	sip_atomic_store_release(&reactor->site, SIP_ATOMIC_OF(site));
}

static void let_go(struct sip_reactor *reactor)
{
	sip_thread.servant->released = sip_word_release(&reactor->word);
	/* After the fence: what the core pushed here is seen by sleepers, or they are by
	 * us. */
	sip_reactor_call_help(reactor);
}

static void take_back(void)
{
	struct sip_reactor *reactor = sip_thread.reactor;

	if (!sip_word_reclaim(&reactor->word, sip_thread.servant->released))
		sip_thread.reactor = NULL;
}

bool sip_callback_must_move(struct sip_call_site *site)
{
	if (sip_thread.reactor == NULL || !sip_pool_has_spares(sip_thread.servant->pool))
		return false;
	if (site->may_block)
		return true;
	/* With learn() and the watcher; an old value moves one call too many or too few.
	 */
	uint64_t slow_until_us = atomic_load_explicit(
		&site->slow_until_us, memory_order_relaxed);
	return slow_until_us != 0 &&
		sip_servant_now_us(sip_thread.servant) < slow_until_us;
}

void sip_callback_begin(struct sip_call_site *site)
{
	struct sip_reactor *reactor = sip_thread.reactor;

	SIP_ASSERT(sip_thread.depth < SIP_FRAMES);
	struct sip_frame *frame = &sip_thread.frames[sip_thread.depth++];
	frame->site = site;
	frame->core_depth = sip_thread.core_depth;
	frame->began_us = 0;
	sip_thread.core_depth = 0;
	if (site->owner != NULL)
		sip_tally_begin(
			site->owner->tally, sip_thread.line, SIP_PENDING_CALLBACKS);
	if (reactor != NULL) {
		/* Relaxed: the owner's count, which the word hands on to the next owner;
		 * the watcher only compares it. */
		uint64_t count = sip_atomic_load_relaxed(&reactor->callbacks);

		sip_atomic_store_relaxed(&reactor->callbacks, count + 1);
		note_site(reactor, site);
		let_go(reactor);
	} else if (sip_thread.servant != NULL) {
		frame->began_us = sip_servant_read_clock(sip_thread.servant);
	}
}

/* On a spare nobody watches: who was slow again stays slow, who was quick is trusted
 * sooner. */
static void learn(struct sip_call_site *site, uint64_t began_us)
{
	struct sip_servant *servant = sip_thread.servant;
	uint64_t now_us = sip_servant_read_clock(servant);
	uint64_t until_us = atomic_load_explicit(
		&site->slow_until_us, memory_order_relaxed);

	if (now_us - began_us >= servant->pool->config.stall_us) {
		until_us = now_us + SLOW_US;
		if (sip_thread.work != NULL)
			sip_thread.work->blocked_until_us = now_us;
	} else if (until_us > now_us) {
		until_us = now_us + (until_us - now_us) / 2;
	} else {
		return;
	}
	atomic_store_explicit(&site->slow_until_us, until_us, memory_order_relaxed);
}

void sip_callback_end(struct sip_call_site *site)
{
	SIP_ASSERT(sip_thread.depth > 0 && sip_thread.core_depth == 0);
	struct sip_frame *frame = &sip_thread.frames[--sip_thread.depth];
	SIP_ASSERT(frame->site == site);
	sip_thread.core_depth = frame->core_depth;
	if (sip_thread.reactor != NULL) {
		take_back();
		if (sip_thread.reactor ==
			NULL) /* lost just now: as slow as a callback can be */
			learn(site, 0);
	} else if (frame->began_us != 0) {
		learn(site, frame->began_us);
	}
	if (sip_thread.servant != NULL)
		sip_thread.servant->now_age += 2;
	/* The callback that called this one runs on: what the watcher sees must not be
	 * gone before that has ended. */
	if (sip_thread.depth > 0 && sip_thread.reactor != NULL)
		note_site(
			sip_thread.reactor, sip_thread.frames[sip_thread.depth - 1].site);
	if (site->owner != NULL)
		sip_tally_end(site->owner->tally, sip_thread.line, SIP_PENDING_CALLBACKS);
}

struct sip_call_site *sip_callback_site_of(
	struct sip_pool *pool, uintptr_t function, const char *what)
{
	return sip_site_table_find(pool, function, what);
}

struct sip_call_site *sip_callback_current(void)
{
	return sip_thread.depth == 0 ? NULL
				     : sip_thread.frames[sip_thread.depth - 1].site;
}

void sip_core_enter(void)
{
	if (sip_thread.core_depth++ == 0 && sip_thread.depth > 0 &&
		sip_thread.reactor != NULL)
		take_back();
}

void sip_core_leave(void)
{
	SIP_ASSERT(sip_thread.core_depth > 0);
	if (--sip_thread.core_depth == 0 && sip_thread.depth > 0 &&
		sip_thread.reactor != NULL)
		let_go(sip_thread.reactor);
}

struct sip_reactor *sip_reactor_current(void)
{
	return sip_thread.reactor;
}
