/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reactor's poll set.
 *
 * The set is level-triggered: whoever runs the reactor next finds everything
 * that is still ready.  The eventfd is in the set only to end a sleep.
 * Elsewhere: when to sleep (rest.c).
 */
#include "work/pool_state.h"

#include "res_sip/error.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Batches of one watch in one round, so that one busy socket leaves room for the others.
 */
#define BATCHES 64

/* The system call itself: not every C library has it, and the sanitizers know none of it.
 */
static int wait_exactly(struct sip_reactor *reactor, uint64_t wait_us)
{
	struct timespec wait = { .tv_sec = (time_t)(wait_us / 1000000),
		.tv_nsec = (long)(wait_us % 1000000) * 1000 };

	return (int)syscall(SYS_epoll_pwait2, reactor->epoll_fd, reactor->events,
		SIP_REACTOR_EVENTS, wait_us == SIP_NEVER ? NULL : &wait, NULL, (size_t)0);
}

static int wait_rounded_up(struct sip_reactor *reactor, uint64_t wait_us)
{
	uint64_t wait_ms = wait_us / 1000 + (wait_us % 1000 != 0);
	int timeout_ms = wait_us == SIP_NEVER ? -1
		: wait_ms > INT_MAX           ? INT_MAX
					      : (int)wait_ms;

	return epoll_wait(
		reactor->epoll_fd, reactor->events, SIP_REACTOR_EVENTS, timeout_ms);
}

void sip_reactor_wait(struct sip_reactor *reactor, uint64_t wait_us)
{
	int count = wait_us > 0 && reactor->exact_sleep
		? wait_exactly(reactor, wait_us)
		: wait_rounded_up(reactor, wait_us);

	reactor->event_count = count > 0 ? count : 0;
}

void sip_reactor_unring(struct sip_reactor *reactor)
{
	uint64_t wakes;

	/* Nothing to read: somebody's wake-up was seen before. */
	SIP_IGNORE(read(reactor->wake_fd, &wakes, sizeof(wakes)) < 0);
}

/* release: with the acquire of who reads until the end */
static void note_end(struct sip_watch *watch, uint32_t events)
{
	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 && watch->edge)
		atomic_store_explicit(&watch->ended, true, memory_order_release);
}

static bool run_ready(struct sip_reactor *reactor, uint64_t until_us)
{
	bool any = false;

	for (int i = 0; i < reactor->event_count; i++) {
		struct sip_watch *watch;

		for (int batch = 0; batch < BATCHES; batch++) {
			watch = reactor->events[i]
					.data.ptr; /* NULL: gone, or the eventfd */
			if (watch == NULL)
				break;
			any = true;
			note_end(watch, reactor->events[i].events);
			if (!watch->ready(watch, reactor) ||
				sip_clock_now_us(reactor->pool->config.clock) >= until_us)
				break;
		}
	}
	reactor->event_count = 0;
	return any;
}

bool sip_reactor_poll(struct sip_reactor *reactor, uint64_t until_us)
{
	if (reactor->event_count == 0 && reactor->watches > 0)
		sip_reactor_wait(reactor, 0);
	return run_ready(reactor, until_us);
}

void sip_reactor_ring(struct sip_reactor *reactor)
{
	const uint64_t one = 1;

	/* It can't be full, and a reactor that is awake does not need it. */
	SIP_IGNORE(write(reactor->wake_fd, &one, sizeof(one)) < 0);
}

int sip_reactor_watch_prepare(struct sip_reactor *reactor, struct sip_watch *watch)
{
	struct epoll_event event = { .data = { .ptr = watch } };

	return epoll_ctl(reactor->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) == 0
		? SIP_OK
		: SIP_ESYSTEM;
}

void sip_reactor_watch_begin(struct sip_reactor *reactor, struct sip_watch *watch)
{
	struct epoll_event event = {
		.events = watch->edge ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET
				      : EPOLLIN,
		.data = { .ptr = watch },
	};
	int failed = epoll_ctl(reactor->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);

	SIP_ASSERT(failed == 0);
	reactor->watches++;
}

int sip_reactor_watch(struct sip_reactor *reactor, struct sip_watch *watch)
{
	int error = sip_reactor_watch_prepare(reactor, watch);

	if (error == SIP_OK)
		sip_reactor_watch_begin(reactor, watch);
	return error;
}

void sip_reactor_unwatch(struct sip_reactor *reactor, struct sip_watch *watch)
{
	int gone = epoll_ctl(reactor->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);

	SIP_ASSERT(gone == 0 && reactor->watches > 0);
	reactor->watches--;
	for (int i = 0; i < reactor->event_count; i++)
		if (reactor->events[i].data.ptr == watch)
			reactor->events[i].data.ptr = NULL;
}

static bool sleeps_exactly(struct sip_reactor *reactor)
{
	struct timespec none = { 0 };

	return syscall(SYS_epoll_pwait2, reactor->epoll_fd, reactor->events, 1, &none,
		       NULL, (size_t)0) >= 0;
}

int sip_reactor_init(struct sip_reactor *reactor, struct sip_pool *pool, unsigned number)
{
	struct epoll_event event = { .events = EPOLLIN };

	reactor->pool = pool;
	reactor->number = number;
	reactor->steal_from = number;
	sip_list_init(&reactor->flushes);
	sip_wheel_init(&reactor->wheel, sip_clock_now_us(pool->config.clock));
	/* Awake for ever: its tasks are taken by the reactor's owner, who leaves it
	 * never. */
	sip_atomic_store_relaxed(&reactor->posts.inbox, 1);
	reactor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	reactor->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reactor->epoll_fd < 0 || reactor->wake_fd < 0)
		return SIP_ESYSTEM;
	if (epoll_ctl(reactor->epoll_fd, EPOLL_CTL_ADD, reactor->wake_fd, &event) != 0)
		return SIP_ESYSTEM;
	reactor->exact_sleep = sleeps_exactly(reactor);
	return SIP_OK;
}

void sip_reactor_fini(struct sip_reactor *reactor)
{
	SIP_ASSERT(!sip_reactor_has_work(reactor));
	if (reactor->epoll_fd >= 0)
		close(reactor->epoll_fd);
	if (reactor->wake_fd >= 0)
		close(reactor->wake_fd);
}
