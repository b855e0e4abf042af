/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing lines to standard error without waiting for who reads it.
 *
 * Lines go into a ring; a thread of the log's own takes them out and writes them.
 * A line that finds no room is dropped and counted, and as soon as the ring has been
 * emptied a line says how many.
 */
#include "base/log_line.h"

#include "base/background.h"
#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Some two thousand lines; a power of two. */
#define RING_LEN ((size_t)256 << 10)

/* How long the end of the process waits for a reader. */
#define EXIT_FLUSH_MS 2000

static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct {
	pthread_cond_t filled;
	pthread_cond_t emptied;
	/* Guards what follows; the bytes from `out` to `in` are the thread's to read
	 * without it. */
	pthread_mutex_t mutex;
	size_t in;  /* bytes ever put in */
	size_t out; /* bytes ever taken out */
	uint64_t dropped;
	bool running; /* the thread */
	char bytes[RING_LEN];
} ring = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void lock(void)
{
	SIP_ASSERT(pthread_mutex_lock(&ring.mutex) == 0);
}

static void unlock(void)
{
	SIP_ASSERT(pthread_mutex_unlock(&ring.mutex) == 0);
}

/* All of it, whatever it takes; given up where standard error is closed. */
static void write_out(const char *at, size_t len)
{
	while (len > 0) {
		ssize_t written = write(STDERR_FILENO, at, len);

		if (written >= 0) {
			at += written;
			len -= (size_t)written;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){ STDERR_FILENO, POLLOUT, 0 }, 1, -1);
		} else if (errno != EINTR) {
			return;
		}
	}
}

static bool put(struct sip_str line)
{
	size_t at = ring.in % RING_LEN;
	size_t first = RING_LEN - at < line.len ? RING_LEN - at : line.len;

	if (line.len > RING_LEN - (ring.in - ring.out))
		return false;
	memcpy(ring.bytes + at, line.ptr, first);
	memcpy(ring.bytes, line.ptr + first, line.len - first);
	ring.in += line.len;
	return true;
}

static struct sip_str format_own(char *text, const char *format, ...) SIP_PRINTF(2, 3);

static struct sip_str format_own(char *text, const char *format, ...)
{
	struct sip_log_line line = { 0, SIP_LOG_WARNING, "log", 0 };
	struct sip_str result;
	struct sip_clock clock;
	va_list args;

	sip_clock_init_real(&clock);
	line.wall_us = sip_clock_wall_us(&clock);
	va_start(args, format);
	result = sip_log_format(&line, text, format, args);
	va_end(args);
	return result;
}

/* Only where the ring is empty. */
static void put_dropped(void)
{
	char text[SIP_LOG_LINE_MAX];

	SIP_ASSERT(put(format_own(text, "lines dropped=%" PRIu64, ring.dropped)));
	ring.dropped = 0;
}

/* With the lock held, which it gives up meanwhile. */
static void write_some(void)
{
	size_t at = ring.out % RING_LEN;
	size_t len = ring.in - ring.out;

	if (len > RING_LEN - at)
		len = RING_LEN - at;
	unlock();
	write_out(ring.bytes + at, len);
	lock();
	ring.out += len;
}

static void *write_for_ever(void *arg)
{
	lock();
	for (;;) {
		while (ring.in != ring.out) {
			write_some();
			if (ring.in == ring.out && ring.dropped > 0)
				put_dropped();
		}
		SIP_ASSERT(pthread_cond_broadcast(&ring.emptied) == 0);
		SIP_ASSERT(pthread_cond_wait(&ring.filled, &ring.mutex) == 0);
	}
	return arg;
}

static void flush_at_exit(void)
{
	sip_log_stderr_flush(EXIT_FLUSH_MS);
}

static void init_conditions(void)
{
	sip_background_cond_init(&ring.filled);
	sip_background_cond_init(&ring.emptied);
}

/* The thread does not follow into the child of a fork(), and writes in the parent what
 * is in the ring. */
static void start_in_child(void)
{
	ring.running = false;
	ring.in = 0;
	ring.out = 0;
	ring.dropped = 0;
	init_conditions();
	unlock();
}

static void start_once(void)
{
	init_conditions();
	SIP_ASSERT(pthread_atfork(lock, unlock, start_in_child) == 0);
	/* Where it fails, the last lines may be missing; nothing else depends on it. */
	SIP_IGNORE(atexit(flush_at_exit));
}

void sip_log_stderr_write(struct sip_str line)
{
	SIP_ASSERT(pthread_once(&once, start_once) == 0);
	lock();
	if (!ring.running)
		ring.running = sip_background_start("log", write_for_ever) == 0;
	if (!put(line))
		ring.dropped++;
	SIP_ASSERT(pthread_cond_signal(&ring.filled) == 0);
	unlock();
}

void sip_log_stderr_flush(unsigned max_ms)
{
	struct timespec end = sip_background_deadline(max_ms);
	struct timespec lock_end;

	/* Not lock(): who comes here from a failed assertion may hold it. */
	SIP_ASSERT(clock_gettime(CLOCK_REALTIME, &lock_end) == 0);
	lock_end.tv_sec++;
	if (pthread_mutex_timedlock(&ring.mutex, &lock_end) != 0)
		return;
	while (ring.running && ring.in != ring.out) {
		if (pthread_cond_timedwait(&ring.emptied, &ring.mutex, &end) != 0)
			break;
	}
	unlock();
}
