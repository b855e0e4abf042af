/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Call sites of task functions: a fixed table with open addressing.
 *
 * Two owners may push the same function, of a library that both use, so an entry
 * belongs to an owner.  It is removed when that ends: a later one's functions may lie
 * at the same addresses.  Who looks up runs on behalf of the owner, whose entries are
 * not removed meanwhile; what he reads of others' entries as they change he passes by,
 * or at worst takes another function of the same owner for his.
 */
#include "work/site_table.h"

#include "base/lock.h"
#include "work/pool_state.h"

#include <stdlib.h>

#define SIZE  1024u
#define TRIES 16u

#define FREE    0u
#define REMOVED 1u /* what was put behind it is still found */

struct entry {
	struct sip_atomic function; /* written last, under the lock; read by anyone */
	struct sip_atomic owner;    /* likewise, before it */
	struct sip_call_site site;
};

struct sip_site_table {
	struct sip_leaf_lock lock; /* guards adding and removing */
	struct entry entries[SIZE];
	struct sip_call_site others;
};

struct sip_site_table *sip_site_table_create(void)
{
	struct sip_site_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	sip_leaf_lock_init(&table->lock);
	table->others = (struct sip_call_site){ .module = "core", .what = "task" };
	return table;
}

void sip_site_table_destroy(struct sip_site_table **table)
{
	struct sip_site_table *old = *table;

	*table = NULL;
	if (old == NULL)
		return;
	sip_leaf_lock_fini(&old->lock);
	free(old);
}

static unsigned place_of(uintptr_t function, unsigned attempt)
{
	return (unsigned)(((uint64_t)function * UINT64_C(0x9e3779b97f4a7c15)) >> 40) +
		attempt;
}

/* With the releases in fill(), the owner's for who was late with the function.  *room:
 * where it could be put. */
static struct sip_call_site *look_up(struct sip_site_table *table, uintptr_t function,
	const struct sip_owner *owner, struct entry **room)
{
	*room = NULL;
	for (unsigned i = 0; i < TRIES; i++) {
		struct entry *entry = &table->entries[place_of(function, i) % SIZE];
		uint64_t seen = sip_atomic_load_acquire(&entry->function);

		if (seen == function &&
			sip_atomic_load_acquire(&entry->owner) == SIP_ATOMIC_OF(owner))
			return &entry->site;
		if (seen <= REMOVED && *room == NULL)
			*room = entry;
		if (seen == FREE)
			break;
	}
	return NULL;
}

static struct sip_call_site *fill(struct entry *entry, uintptr_t function,
	struct sip_owner *owner, const char *what)
{
	const struct sip_call_site *caller = sip_callback_current();

	entry->site = (struct sip_call_site){
		.module = owner != NULL  ? owner->name
			: caller != NULL ? caller->module
					 : "core",
		.what = what,
		.may_block = caller != NULL && caller->may_block,
		.owner = owner,
	};
	sip_atomic_store_release(&entry->owner, SIP_ATOMIC_OF(owner));
	sip_atomic_store_release(&entry->function, function); /* with look_up() */
	return &entry->site;
}

static struct sip_call_site *add(struct sip_site_table *table, uintptr_t function,
	struct sip_owner *owner, const char *what)
{
	struct sip_call_site *site;
	struct entry *room;

	sip_leaf_lock(&table->lock);
	site = look_up(table, function, owner, &room);
	if (site == NULL && room != NULL)
		site = fill(room, function, owner, what);
	sip_leaf_unlock(&table->lock);
	if (site != NULL)
		return site;
	return owner != NULL ? &owner->others : &table->others;
}

static SIP_NOINLINE struct sip_call_site *find_further(struct sip_site_table *table,
	uintptr_t function, struct sip_owner *owner, const char *what)
{
	struct entry *room;
	struct sip_call_site *site = look_up(table, function, owner, &room);

	return site != NULL ? site : add(table, function, owner, what);
}

static SIP_ALWAYS_INLINE struct sip_call_site *find(struct sip_pool *pool,
	uintptr_t function, struct sip_owner *owner, const char *what)
{
	struct entry *first = &pool->sites->entries[place_of(function, 0) % SIZE];

	/* As look_up() does, in line: most are found where they belong. */
	if (SIP_LIKELY(sip_atomic_load_acquire(&first->function) == function &&
		    sip_atomic_load_acquire(&first->owner) == SIP_ATOMIC_OF(owner)))
		return &first->site;
	return find_further(pool->sites, function, owner, what);
}

static SIP_ALWAYS_INLINE struct sip_owner *owner_of(
	struct sip_pool *pool, uintptr_t function)
{
	return sip_thread.depth > 0 ? sip_thread.frames[sip_thread.depth - 1].site->owner
				    : sip_owner_of_code(pool, function);
}

struct sip_call_site *sip_site_table_find(
	struct sip_pool *pool, uintptr_t function, const char *what)
{
	return find(pool, function, owner_of(pool, function), what);
}

struct sip_call_site *sip_site_table_begin(struct sip_pool *pool, uintptr_t function,
	const char *what, enum sip_pending kind)
{
	struct sip_owner *owner = owner_of(pool, function);

	sip_owner_begin(owner, kind);
	return find(pool, function, owner, what);
}

void sip_site_table_forget(struct sip_site_table *table, const struct sip_owner *owner)
{
	/* Relaxed under the lock, and where nobody looks for this owner any more. */
	sip_leaf_lock(&table->lock);
	for (unsigned i = 0; i < SIZE; i++) {
		struct entry *entry = &table->entries[i];

		if (sip_atomic_load_relaxed(&entry->owner) != SIP_ATOMIC_OF(owner) ||
			sip_atomic_load_relaxed(&entry->function) <= REMOVED)
			continue;
		sip_atomic_store_release(&entry->function, REMOVED);
		sip_atomic_store_relaxed(&entry->owner, 0);
	}
	sip_leaf_unlock(&table->lock);
}

/* The lock keeps the owners' names: they forget their sites before they end. */
void sip_site_table_each(struct sip_site_table *table,
	void (*visit)(void *arg, const struct sip_call_site *site), void *arg)
{
	sip_leaf_lock(&table->lock);
	for (unsigned i = 0; i < SIZE; i++) {
		struct entry *entry = &table->entries[i];

		if (sip_atomic_load_relaxed(&entry->function) > REMOVED)
			visit(arg, &entry->site);
	}
	sip_leaf_unlock(&table->lock);
	visit(arg, &table->others);
}
