/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A servant's life: run a reactor while it has one, wait as a spare otherwise.
 */
#include "base/tally.h"
#include "work/pool_state.h"

#include <unistd.h>

/* True: the pool ends, and nothing is left to do here. */
static bool rest(struct sip_reactor *reactor)
{
	struct sip_pool *pool = reactor->pool;
	enum sip_pool_phase phase = sip_pool_phase(pool);

	if (phase == SIP_POOL_ENDING)
		return true;
	/* While it drains no timer fires, so none may wake it. */
	sip_reactor_sleep(reactor,
		phase == SIP_POOL_RUNNING ? sip_wheel_next_us(&reactor->wheel)
					  : SIP_NEVER);
	if (sip_atomic_exchange(&reactor->called, 0) != 0)
		SIP_IGNORE(
			sip_reactor_search(reactor, true)); /* the next round runs it */
	return false;
}

/* Until the reactor is lost or the pool ends.  True: lost. */
static bool run_reactor(struct sip_servant *servant, struct sip_reactor *reactor)
{
	sip_servant_own(servant, reactor);
	for (;;) {
		bool any = sip_reactor_round(reactor, servant);

		if (sip_thread.reactor != reactor)
			return true;
		if (!any && !sip_reactor_search(reactor, false) && rest(reactor))
			return false;
	}
}

static void pin(struct sip_servant *servant, const struct sip_reactor *reactor)
{
	struct sip_pool *pool = servant->pool;
	cpu_set_t cores = pool->cores;

	if (pool->pin_cores == NULL)
		return;
	if (reactor != NULL) {
		CPU_ZERO(&cores);
		CPU_SET((size_t)pool->pin_cores[reactor->number], &cores);
	}
	/* Where the core is gone meanwhile, it runs elsewhere. */
	SIP_IGNORE(pthread_setaffinity_np(pthread_self(), sizeof(cores), &cores));
}

void *sip_servant_main(void *arg)
{
	struct sip_servant *servant = arg;
	struct sip_reactor *reactor;

	sip_thread.servant = servant;
	sip_thread.line = servant->number % SIP_TALLY_LINES;
	sip_atomic_store_relaxed(
		&servant->thread_id, (uint64_t)gettid()); /* a suspect's: long ago */
	/* Left by spares' timeout or the pool's end, as sip_spares_wait() says. */
	while ((reactor = sip_spares_wait(servant)) != NULL) {
		pin(servant, reactor);
		if (!run_reactor(servant, reactor)) {
			sip_thread.reactor = NULL;
			continue;
		}
		pin(servant, NULL);
	}
	return NULL;
}
