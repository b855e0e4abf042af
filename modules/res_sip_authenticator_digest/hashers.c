/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashers to borrow: see hashers.h.
 */
#include "hashers.h"

#include <res_sip/error.h>

#include <pthread.h>
#include <stdlib.h>

/* Stands in the slots after the end: nothing is put there any more. */
static struct digest_hasher closed;

static struct digest_hasher *create(void)
{
	struct digest_hasher *hasher = malloc(sizeof(*hasher));

	if (hasher != NULL && digest_hasher_init(hasher) == 0)
		return hasher;
	free(hasher);
	return NULL;
}

static void destroy(struct digest_hasher *hasher)
{
	digest_hasher_fini(hasher);
	free(hasher);
}

int digest_hashers_init(struct digest_hashers *hashers)
{
	struct digest_hasher *first = create();

	if (first == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < DIGEST_HASHER_SLOTS; i++)
		atomic_init(&hashers->slots[i].idle, NULL);
	digest_hasher_give_back(hashers, first);
	return 0;
}

void digest_hashers_fini(struct digest_hashers *hashers)
{
	for (size_t i = 0; i < DIGEST_HASHER_SLOTS; i++) {
		struct digest_hasher *idle = atomic_exchange(
			&hashers->slots[i].idle, &closed);
		if (idle != NULL && idle != &closed)
			destroy(idle);
	}
}

/* The slot this thread looks into.  The descriptors of two threads lie a stack apart. */
static size_t own_slot(void)
{
	uint64_t self = (uint64_t)(uintptr_t)pthread_self();

	return (size_t)(self * UINT64_C(0x9e3779b97f4a7c15) >> 58) % DIGEST_HASHER_SLOTS;
}

struct digest_hasher *digest_hasher_borrow(struct digest_hashers *hashers)
{
	struct digest_hasher_slot *slot = &hashers->slots[own_slot()];
	struct digest_hasher *idle = atomic_load(&slot->idle);

	if (idle != NULL && idle != &closed &&
		atomic_compare_exchange_strong(&slot->idle, &idle, NULL))
		return idle;
	return create();
}

void digest_hasher_give_back(struct digest_hashers *hashers, struct digest_hasher *hasher)
{
	struct digest_hasher_slot *slot = &hashers->slots[own_slot()];
	struct digest_hasher *none = NULL;

	if (!atomic_compare_exchange_strong(&slot->idle, &none, hasher))
		destroy(hasher);
}
