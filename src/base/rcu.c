/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Read-copy-update: see rcu.h.
 *
 * Deferred frees have a queue and a thread of our own rather than call_rcu(): its
 * head would have to stand in our public struct, and a start that fails must not
 * end the process.  There is one of all this per process, as liburcu has one set of
 * readers per process; that is why its state is static.
 */
#include "base/rcu.h"

#include "base/background.h"
#include "base/sanitizers.h"

#include <stdbool.h>
#include <urcu/urcu-memb.h>

/* Each grace period interrupts all running threads, so let some frees gather. */
#define GATHER_MS 5

/* Stands for the order that readers and the grace period have, which TSan can't see. */
static char grace;

static _Thread_local bool registered;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;

static struct {
	/* What is to be freed, the newest first: one exchange for each, and no lock, for
	 * all servants free records here. */
	SIP_CACHE_ALIGNED _Atomic(struct sip_rcu_head *) newest;
	SIP_CACHE_ALIGNED pthread_mutex_t freeing; /* one batch after the other */
	pthread_cond_t wake;
	pthread_cond_t progress;
	/* Guards what follows. */
	pthread_mutex_t mutex;
	unsigned waiting;     /* in sip_rcu_barrier() */
	_Atomic bool running; /* the thread; read without the lock, too */
} queue = { .freeing = PTHREAD_MUTEX_INITIALIZER, .mutex = PTHREAD_MUTEX_INITIALIZER };

static void unregister(void *arg)
{
	SIP_ASSERT(arg == &registered);
	registered = false;
	urcu_memb_unregister_thread();
}

static void lock(void)
{
	SIP_ASSERT(pthread_mutex_lock(&queue.mutex) == 0);
}

static void unlock(void)
{
	SIP_ASSERT(pthread_mutex_unlock(&queue.mutex) == 0);
}

static void init_conditions(void)
{
	sip_background_cond_init(&queue.wake);
	sip_background_cond_init(&queue.progress);
}

/* Threads do not follow into the child of a fork(), nor who waits on the conditions. */
static void start_in_child(void)
{
	queue.running = false;
	queue.waiting = 0;
	SIP_ASSERT(pthread_mutex_init(&queue.freeing, NULL) == 0);
	init_conditions();
	unlock();
}

static void start_once(void)
{
	SIP_ASSERT(pthread_key_create(&thread_end, unregister) == 0);
	init_conditions();
	SIP_ASSERT(pthread_atfork(lock, unlock, start_in_child) == 0);
}

static void start(void)
{
	SIP_ASSERT(pthread_once(&once, start_once) == 0);
}

static SIP_NOINLINE void register_thread(void)
{
	start();
	urcu_memb_register_thread();
	registered = true;
	SIP_ASSERT(pthread_setspecific(thread_end, &registered) == 0);
}

static void wait_for_readers(void)
{
	urcu_memb_synchronize_rcu();
	SIP_TSAN_ACQUIRE(&grace);
}

/* All that was deferred, the oldest first. */
static struct sip_rcu_head *take_all(void)
{
	/* Acquire: pairs with the release of sip_rcu_defer(). */
	struct sip_rcu_head *head = atomic_exchange_explicit(
		&queue.newest, NULL, memory_order_acquire);
	struct sip_rcu_head *oldest = NULL;

	while (head != NULL) {
		struct sip_rcu_head *next = head->next;

		head->next = oldest;
		oldest = head;
		head = next;
	}
	return oldest;
}

/* What was deferred before it is called has been freed when it returns: by it, or by who
 * was at it. */
static void free_deferred(void)
{
	struct sip_rcu_head *head;

	SIP_ASSERT(pthread_mutex_lock(&queue.freeing) == 0);
	head = take_all();
	if (head != NULL)
		wait_for_readers();
	while (head != NULL) {
		struct sip_rcu_head *next = head->next;

		head->free(head);
		head = next;
	}
	SIP_ASSERT(pthread_mutex_unlock(&queue.freeing) == 0);
}

static bool is_empty(void)
{
	return atomic_load_explicit(&queue.newest, memory_order_relaxed) == NULL;
}

static void gather(void)
{
	struct timespec end = sip_background_deadline(GATHER_MS);

	/* Early where a barrier wants it, late never. */
	pthread_cond_timedwait(&queue.wake, &queue.mutex, &end);
}

static void *free_for_ever(void *arg)
{
	lock();
	for (;;) {
		while (is_empty())
			SIP_ASSERT(pthread_cond_wait(&queue.wake, &queue.mutex) == 0);
		if (queue.waiting == 0)
			gather();
		unlock();
		free_deferred();
		lock();
	}
	return arg;
}

/* The thread has something to do.  Where it can't be had now, the next call or a barrier
 * tries again. */
static void wake(void)
{
	start();
	lock();
	if (!queue.running)
		queue.running = sip_background_start("rcu", free_for_ever) == 0;
	SIP_ASSERT(pthread_cond_signal(&queue.wake) == 0);
	unlock();
}

void sip_rcu_read_begin(void)
{
	if (SIP_UNLIKELY(!registered))
		register_thread();
	urcu_memb_read_lock();
}

void sip_rcu_read_end(void)
{
	SIP_TSAN_RELEASE(&grace);
	urcu_memb_read_unlock();
}

void sip_rcu_defer(struct sip_rcu_head *head, void (*free)(struct sip_rcu_head *head))
{
	struct sip_rcu_head *before;

	SIP_ASSERT(free != NULL);
	head->free = free;
	before = atomic_load_explicit(&queue.newest, memory_order_relaxed);
	do {
		head->next = before;
		/* Release: what is freed was written before; so was its place. */
	} while (!atomic_compare_exchange_weak_explicit(&queue.newest, &before, head,
		memory_order_release, memory_order_relaxed));
	/* The thread looks again before it sleeps, so the first one is enough.  Relaxed:
	 * it only starts once. */
	if (before == NULL || !atomic_load_explicit(&queue.running, memory_order_relaxed))
		wake();
}

/* A barrier's own. */
struct mark {
	struct sip_rcu_head head; /* first */
	bool reached;             /* under the lock */
};

static void reach(struct sip_rcu_head *head)
{
	struct mark *mark = SIP_CONTAINER(head, struct mark, head);

	lock();
	mark->reached = true;
	SIP_ASSERT(pthread_cond_broadcast(&queue.progress) == 0);
	unlock();
}

void sip_rcu_barrier(void)
{
	struct mark mark = { .reached = false };

	/* A reader that waits for the readers waits for ever. */
	SIP_ASSERT(!registered || !urcu_memb_read_ongoing());
	start();
	lock();
	queue.waiting++;
	unlock();
	sip_rcu_defer(&mark.head, reach);
	lock();
	while (!mark.reached) {
		if (queue.running) {
			SIP_ASSERT(pthread_cond_signal(&queue.wake) == 0);
			SIP_ASSERT(pthread_cond_wait(&queue.progress, &queue.mutex) == 0);
		} else {
			unlock();
			free_deferred();
			lock();
		}
	}
	queue.waiting--;
	unlock();
}
