/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses to plain memory, and to memory that is gone.
 *
 * The code under test is compiled as for the thread sanitizer, whose functions are these.
 * For each address the last write and each thread's last read are kept; an access that
 * conflicts with one that its thread has not heard of is a race, whatever it finds.
 */
#include "explored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define world explore_world

enum { ADDRESSES = 1 << 12 };

struct access {
	const char *address; /* NULL: free */
	uint16_t writer;
	uint16_t written; /* the writer's clock; 0: never */
	uint16_t read[EXPLORE_THREADS_MAX];
};

static struct access accesses[ADDRESSES];
static unsigned used[ADDRESSES];
static unsigned used_count;
static struct {
	const char *from;
	size_t len;
} freed[EXPLORE_FREED_MAX];
static unsigned freed_count;

void explore_plain_reset(void)
{
	for (unsigned i = 0; i < used_count; i++)
		accesses[used[i]].address = NULL;
	used_count = 0;
	freed_count = 0;
}

static struct access *access_of(const char *address)
{
	unsigned at = (unsigned)((uintptr_t)address * 2654435761u >> 4) % ADDRESSES;

	while (accesses[at].address != NULL && accesses[at].address != address)
		at = (at + 1) % ADDRESSES;
	if (accesses[at].address == NULL) {
		if (used_count == ADDRESSES / 2) {
			explore_fail("more memory than the explorer has room for");
			return &accesses[at];
		}
		used[used_count++] = at;
		memset(&accesses[at], 0, sizeof(accesses[at]));
		accesses[at].address = address;
	}
	return &accesses[at];
}

static bool within(const char *address, const char *from, size_t len)
{
	return from != NULL && (size_t)(address - from) < len;
}

/* A thread's own. */
static bool is_local(const char *address)
{
	for (unsigned i = 0; i < world.thread_count; i++)
		if (within(address, world.fibres[i].stack, EXPLORE_STACK_LEN))
			return true;
	return within(address, world.local, world.plan->local_len);
}

static bool unheard_of(const struct access *access, bool write)
{
	const struct explore_view *view = &explore_self()->view;

	if (access->written > view->clock[access->writer])
		return true;
	for (unsigned i = 0; write && i < world.thread_count; i++)
		if (i != world.current && access->read[i] > view->clock[i])
			return true;
	return false;
}

static void check_access(const char *address, bool write)
{
	struct access *access = access_of(address);
	uint16_t clock = explore_self()->view.clock[world.current];

	if (unheard_of(access, write)) {
		explore_trace("%s %p", write ? "writes" : "reads", (const void *)address);
		explore_fail("a race for plain memory");
	}
	if (write) {
		access->writer = (uint16_t)world.current;
		access->written = clock;
	} else {
		access->read[world.current] = clock;
	}
}

static void plain(const void *object, bool write)
{
	const char *address = object;

	if (!world.inside || world.failure != NULL || is_local(address))
		return;
	if (explore_is_freed(address))
		explore_fail("used after it was freed");
	check_access(address, write);
}

void explore_plain(const void *object, bool write, const char *what)
{
	explore_trace("%s", what);
	plain(object, write);
}

/* ---- memory that is gone ---- */

bool explore_is_freed(const void *address)
{
	for (unsigned i = 0; i < freed_count; i++)
		if (within(address, freed[i].from, freed[i].len))
			return true;
	return false;
}

void explore_free(const void *object, size_t len)
{
	const char *from = object;

	explore_trace("frees %zu bytes", len);
	if (freed_count == EXPLORE_FREED_MAX)
		abort();
	for (unsigned i = 0; world.inside && i < used_count; i++)
		if (within(accesses[used[i]].address, from, len) &&
			unheard_of(&accesses[used[i]], true))
			explore_fail("freed while another may be using it");
	if (world.inside) {
		explore_atomics_freed(from, len);
		explore_drain(world.current); /* as the allocator's own release does */
	}
	freed[freed_count].from = from;
	freed[freed_count++].len = len;
}

/* ---- what instrumented code calls ---- */

/* The names and arguments are gcc's and clang's. */
#define ACCESS(name, write)                                                              \
	void __tsan_##name(void *address);                                               \
	void __tsan_##name(void *address)                                                \
	{                                                                                \
		plain(address, write);                                                   \
	}

ACCESS(read1, false)
ACCESS(read2, false)
ACCESS(read4, false)
ACCESS(read8, false)
ACCESS(read16, false)
ACCESS(write1, true)
ACCESS(write2, true)
ACCESS(write4, true)
ACCESS(write8, true)
ACCESS(write16, true)
ACCESS(unaligned_read2, false)
ACCESS(unaligned_read4, false)
ACCESS(unaligned_read8, false)
ACCESS(unaligned_read16, false)
ACCESS(unaligned_write2, true)
ACCESS(unaligned_write4, true)
ACCESS(unaligned_write8, true)
ACCESS(unaligned_write16, true)

static void range(const char *address, size_t len, bool write)
{
	for (size_t i = 0; i < len; i += 8)
		plain(address + i, write);
}

void __tsan_read_range(void *address, size_t len);
void __tsan_read_range(void *address, size_t len)
{
	range(address, len, false);
}

void __tsan_write_range(void *address, size_t len);
void __tsan_write_range(void *address, size_t len)
{
	range(address, len, true);
}

/* Atomics that do not go through base/atomic.h: nobody reorders them, and nobody learns
 * anything by them. */
static void *other_atomic(void *address)
{
	if (world.inside && explore_is_freed(address))
		explore_fail("used after it was freed");
	return address;
}

#define OTHER_ATOMICS(bits)                                                              \
	uint##bits##_t __tsan_atomic##bits##_load(void *address, int order);             \
	uint##bits##_t __tsan_atomic##bits##_load(void *address, int order)              \
	{                                                                                \
		(void)order;                                                             \
		return *(uint##bits##_t *)other_atomic(address);                         \
	}                                                                                \
	void __tsan_atomic##bits##_store(                                                \
		void *address, uint##bits##_t number, int order);                        \
	void __tsan_atomic##bits##_store(                                                \
		void *address, uint##bits##_t number, int order)                         \
	{                                                                                \
		(void)order;                                                             \
		*(uint##bits##_t *)other_atomic(address) = number;                       \
	}                                                                                \
	uint##bits##_t __tsan_atomic##bits##_fetch_add(                                  \
		void *address, uint##bits##_t number, int order);                        \
	uint##bits##_t __tsan_atomic##bits##_fetch_add(                                  \
		void *address, uint##bits##_t number, int order)                         \
	{                                                                                \
		uint##bits##_t *place = other_atomic(address);                           \
		uint##bits##_t before = *place;                                          \
                                                                                         \
		(void)order;                                                             \
		*place = (uint##bits##_t)(before + number);                              \
		return before;                                                           \
	}

OTHER_ATOMICS(8)
OTHER_ATOMICS(32)
OTHER_ATOMICS(64)

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
	(void)caller;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

/* ---- the code's own assertions ---- */

SIP_NORETURN void __wrap_sip_assert_failed(
	const char *condition, const char *file, int line);
SIP_NORETURN void __wrap_sip_assert_failed(
	const char *condition, const char *file, int line)
{
	explore_trace("%s:%d: not true", file, line);
	if (world.inside)
		explore_fail(condition);
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
	abort();
}
