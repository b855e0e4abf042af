/* SPDX-License-Identifier: BSD-2-Clause */
/* Call sites of task functions: a fixed table with open addressing; entries are never
 * removed. */
#include "work/site_table.h"

#include "base/lock.h"

#include <stdlib.h>

#define SIZE  1024u
#define TRIES 16u

struct entry {
	struct sip_atomic
		function; /* 0: free.  Written last, under the lock; read by anyone */
	struct sip_call_site site;
};

struct sip_site_table {
	struct sip_leaf_lock lock; /* guards adding */
	struct entry entries[SIZE];
	struct sip_call_site others;
};

struct sip_site_table *sip_site_table_create(void)
{
	struct sip_site_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	sip_leaf_lock_init(&table->lock);
	table->others = (struct sip_call_site){
		.module = "core", .what = "task", .uncounted = true
	};
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

/* With sip_atomic_store_release() in fill(). */
static struct sip_call_site *look_up(
	struct sip_site_table *table, uintptr_t function, struct entry **room)
{
	*room = NULL;
	for (unsigned i = 0; i < TRIES; i++) {
		struct entry *entry = &table->entries[place_of(function, i) % SIZE];
		uint64_t seen = sip_atomic_load_acquire(&entry->function);

		if (seen == function)
			return &entry->site;
		if (seen == 0) {
			*room = entry;
			return NULL;
		}
	}
	return &table->others;
}

static struct sip_call_site *fill(
	struct entry *entry, uintptr_t function, const char *what)
{
	const struct sip_call_site *caller = sip_callback_current();

	entry->site.module = caller == NULL ? "core" : caller->module;
	entry->site.may_block = caller != NULL && caller->may_block;
	entry->site.what = what;
	entry->site.uncounted = true;
	sip_atomic_store_release(&entry->function, function); /* with look_up() */
	return &entry->site;
}

struct sip_call_site *sip_site_table_find(
	struct sip_site_table *table, uintptr_t function, const char *what)
{
	struct entry *room;
	struct sip_call_site *site = look_up(table, function, &room);

	if (site != NULL)
		return site;
	sip_leaf_lock(&table->lock);
	site = look_up(table, function, &room);
	if (site == NULL)
		site = fill(room, function, what);
	sip_leaf_unlock(&table->lock);
	return site;
}
