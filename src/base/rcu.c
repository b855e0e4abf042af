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
	pthread_cond_t wake;
	pthread_cond_t progress;
	/* Guards what follows. */
	pthread_mutex_t mutex;
	struct sip_rcu_head *first;
	struct sip_rcu_head **last;
	uint64_t deferred; /* ever */
	uint64_t done;     /* ever */
	unsigned waiting;  /* in sip_rcu_barrier() */
	bool running;      /* the thread */
	bool idle;         /* the thread waits for the first one */
} queue = { .mutex = PTHREAD_MUTEX_INITIALIZER, .last = &queue.first };

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
	queue.idle = false;
	queue.waiting = 0;
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

/* With the lock held, which it gives up meanwhile. */
static void free_queued(void)
{
	struct sip_rcu_head *head = queue.first;
	uint64_t count = 0;

	queue.first = NULL;
	queue.last = &queue.first;
	unlock();
	wait_for_readers();
	while (head != NULL) {
		struct sip_rcu_head *next = head->next;

		head->free(head);
		head = next;
		count++;
	}
	lock();
	queue.done += count;
	SIP_ASSERT(pthread_cond_broadcast(&queue.progress) == 0);
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
		queue.idle = true;
		while (queue.first == NULL)
			SIP_ASSERT(pthread_cond_wait(&queue.wake, &queue.mutex) == 0);
		queue.idle = false;
		if (queue.waiting == 0)
			gather();
		free_queued();
	}
	return arg;
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
	SIP_ASSERT(free != NULL);
	head->next = NULL;
	head->free = free;
	start();
	lock();
	*queue.last = head;
	queue.last = &head->next;
	queue.deferred++;
	/* Where the thread can't be had now, the next call or a barrier tries again. */
	if (!queue.running)
		queue.running = sip_background_start("rcu", free_for_ever) == 0;
	if (queue.idle)
		SIP_ASSERT(pthread_cond_signal(&queue.wake) == 0);
	unlock();
}

void sip_rcu_barrier(void)
{
	uint64_t wanted;

	/* A reader that waits for the readers waits for ever. */
	SIP_ASSERT(!registered || !urcu_memb_read_ongoing());
	start();
	wait_for_readers();
	lock();
	wanted = queue.deferred;
	queue.waiting++;
	while (queue.done < wanted) {
		if (!queue.running) {
			free_queued();
			continue;
		}
		SIP_ASSERT(pthread_cond_signal(&queue.wake) == 0);
		SIP_ASSERT(pthread_cond_wait(&queue.progress, &queue.mutex) == 0);
	}
	queue.waiting--;
	unlock();
}
