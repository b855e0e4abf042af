/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers: getrandom(), or splitmix64 from a seed.
 *
 * The system's bytes are fetched some hundred at a time into a store of the
 * thread's, for a message may need several numbers and each would be a system
 * call.  Bytes handed out are wiped, and a child of fork() starts empty.
 */
#include "base/random.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

/* getrandom() gives up to 256 bytes at once without being interrupted. */
#define STORE_LEN 256

#define GOLDEN_GAMMA UINT64_C(0x9e3779b97f4a7c15)

static _Thread_local struct {
	size_t left;
	unsigned char bytes[STORE_LEN];
} store;

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

/* Runs in the child, on the only thread it has. */
static void empty_store(void)
{
	explicit_bzero(&store, sizeof(store));
}

static void watch_fork(void)
{
	SIP_ASSERT(pthread_atfork(NULL, NULL, empty_store) == 0);
}

static void fetch(unsigned char *to, size_t len)
{
	while (len > 0) {
		ssize_t got = getrandom(to, len, 0);

		if (got < 0) {
			SIP_ASSERT(errno == EINTR);
			continue;
		}
		to += got;
		len -= (size_t)got;
	}
}

static void system_bytes(unsigned char *to, size_t len)
{
	if (len > STORE_LEN) {
		fetch(to, len);
		return;
	}
	if (len > store.left) {
		SIP_ASSERT(pthread_once(&fork_once, watch_fork) == 0);
		fetch(store.bytes, STORE_LEN);
		store.left = STORE_LEN;
	}
	store.left -= len;
	memcpy(to, store.bytes + store.left, len);
	explicit_bzero(store.bytes + store.left, len);
}

/* splitmix64: the state only counts, so that an atomic addition serves all threads. */
static uint64_t seeded_next(struct sip_random *random)
{
	uint64_t z = atomic_fetch_add(&random->state, GOLDEN_GAMMA) + GOLDEN_GAMMA;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void seeded_bytes(struct sip_random *random, unsigned char *to, size_t len)
{
	while (len > 0) {
		uint64_t word = seeded_next(random);
		size_t part = len < sizeof(word) ? len : sizeof(word);

		memcpy(to, &word, part);
		to += part;
		len -= part;
	}
}

void sip_random_init(struct sip_random *random)
{
	random->seeded = false;
	atomic_init(&random->state, 0);
}

void sip_random_init_seed(struct sip_random *random, uint64_t seed)
{
	random->seeded = true;
	atomic_init(&random->state, seed);
}

void sip_random_bytes(struct sip_random *random, void *buf, size_t len)
{
	if (len == 0)
		return;
	if (random->seeded)
		seeded_bytes(random, buf, len);
	else
		system_bytes(buf, len);
}

uint64_t sip_random_u64(struct sip_random *random)
{
	uint64_t number;

	sip_random_bytes(random, &number, sizeof(number));
	return number;
}

uint64_t sip_random_below(struct sip_random *random, uint64_t below)
{
	uint64_t uneven;
	uint64_t number;

	if (below == 0)
		return 0;
	/* 2^64 mod below: numbers under it would make the small results likelier. */
	uneven = -below % below;
	do {
		number = sip_random_u64(random);
	} while (number < uneven);
	return number % below;
}

void sip_random_hex(struct sip_random *random, char *text, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;

	while (at < len) {
		uint64_t bits = sip_random_u64(random);

		for (int i = 0; i < 16 && at < len; i++, bits >>= 4)
			text[at++] = digits[bits & 15];
	}
	text[len] = '\0';
}
