/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A shard: see shard.h.
 *
 * The table is open addressing with linear probing.  A slot changes by one
 * store; a slot that was emptied keeps a mark, so that a reader that walks past
 * it goes on.  A table that is three quarters full of records and marks is left
 * to its readers, and a fresh one takes its place.
 */
#include "location/shard.h"

#include "location/queue.h"
#include "res_sip/error.h"

#include <stdlib.h>

#define FIRST_SLOTS 8

/* Of a record: it, with a contact and the name; it may begin anywhere in a line. */
#define PREFETCHED_RECORD_LEN (2 * SIP_CACHE_LINE)

/* Of a contact: its struct and some of its text. */
#define PREFETCHED_LEN (sizeof(struct contact) + SIP_CACHE_LINE)

struct table {
	struct sip_rcu_head rcu;
	uint32_t mask; /* slots - 1 */
	uint32_t live; /* guarded by the shard's lock, like `used` */
	uint32_t used; /* live or marked */
	_Atomic(struct record *) slot[];
};

/* Stands where a record was; never followed. */
static struct record *const mark = (struct record *)(uintptr_t)1;

static bool is_record(const struct record *record)
{
	return (uintptr_t)record > 1;
}

void shard_init(struct shard *shard)
{
	*shard = (struct shard){ .queue = NULL };
	sip_leaf_lock_init(&shard->lock);
	atomic_init(&shard->table, NULL);
	atomic_init(&shard->mask, 0);
	atomic_init(&shard->due_us, SIP_NEVER);
}

void shard_fini(struct shard *shard)
{
	struct table *table = sip_rcu_read(&shard->table);

	for (uint32_t i = 0; table != NULL && i <= table->mask; i++) {
		struct record *record = sip_rcu_read(&table->slot[i]);
		if (is_record(record))
			record_unref(&record);
	}
	free(table);
	free(shard->queue);
	atomic_store(&shard->table, NULL);
	shard->queue = NULL;
	sip_leaf_lock_fini(&shard->lock);
}

static bool is_of(const struct record *record, struct sip_str aor, uint32_t hash)
{
	return record->hash == hash && record->aor_len == aor.len &&
		memcmp(record_aor(record).ptr, aor.ptr, aor.len) == 0;
}

/* The slot of `aor`, or NULL.  The table is never full, so the walk ends. */
static _Atomic(struct record *) *look_up(
	struct table *table, struct sip_str aor, uint32_t hash)
{
	if (table == NULL)
		return NULL;
	for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
		struct record *record = sip_rcu_read(&table->slot[i]);
		if (record == NULL)
			return NULL;
		if (record != mark && is_of(record, aor, hash))
			return &table->slot[i];
	}
}

struct record *shard_find(struct shard *shard, struct sip_str aor, uint32_t hash)
{
	struct record *found = NULL;
	bool again = true;

	while (again) {
		sip_rcu_read_begin();
		struct table *table = sip_rcu_read(&shard->table);
		_Atomic(struct record *) *slot = look_up(table, aor, hash);
		/* A slot that was read twice may have been emptied in between. */
		found = slot == NULL ? NULL : sip_rcu_read(slot);
		again = is_record(found) && !record_try_ref(found);
		if (!is_record(found))
			found = NULL;
		sip_rcu_read_end();
	}
	return found;
}

unsigned shard_find_hash(
	struct shard *shard, uint32_t hash, struct record **found, unsigned room)
{
	unsigned count = 0;

	sip_rcu_read_begin();
	struct table *table = sip_rcu_read(&shard->table);
	for (uint32_t i = hash; table != NULL && count < room; i++) {
		struct record *record = sip_rcu_read(&table->slot[i & table->mask]);
		if (record == NULL)
			break;
		/* One that has gone has left its slot to another, or to a mark. */
		while (is_record(record) && record->hash == hash &&
			!record_try_ref(record))
			record = sip_rcu_read(&table->slot[i & table->mask]);
		if (is_record(record) && record->hash == hash)
			found[count++] = record;
	}
	sip_rcu_read_end();
	return count;
}

static struct table *make_table(uint32_t slots)
{
	struct table *table = malloc(sizeof(*table) + slots * sizeof(table->slot[0]));

	if (table == NULL)
		return NULL;
	table->mask = slots - 1;
	table->live = table->used = 0;
	for (uint32_t i = 0; i < slots; i++)
		atomic_init(&table->slot[i], NULL);
	return table;
}

static void free_table(struct sip_rcu_head *head)
{
	free(SIP_CONTAINER(head, struct table, rcu));
}

/* Into a slot that no record ever had. */
static void insert(struct table *table, struct record *record)
{
	uint32_t i = record->hash & table->mask;

	while (sip_rcu_read(&table->slot[i]) != NULL)
		i = (i + 1) & table->mask;
	sip_rcu_publish(&table->slot[i], record);
	table->live++;
	table->used++;
}

/* What a swap may need more of. */
struct room {
	struct table *table; /* fresh and empty */
	struct record **queue;
	uint32_t queue_room;
	uint32_t slots;  /* asked for: of the table, 0: none */
	uint32_t longer; /* asked for: a queue of so many, 0: none */
};

static bool table_is_full(const struct table *table)
{
	return table == NULL || table->used + 1 > (table->mask + 1) / 4 * 3;
}

/* Twice what the living need: room to grow, and the marks gone. */
static uint32_t fresh_slots(const struct table *table)
{
	uint32_t slots = FIRST_SLOTS;

	while (table != NULL && slots / 2 < table->live + 1)
		slots *= 2;
	return slots;
}

/* True when one more record fits; else *room says what is missing. */
static bool make_room(struct shard *shard, struct room *room)
{
	struct table *table = sip_rcu_read(&shard->table);

	room->slots = 0;
	room->longer = 0;
	if (table_is_full(table)) {
		room->slots = fresh_slots(table);
		if (room->table == NULL || room->table->mask + 1 < room->slots)
			return false;
		for (uint32_t i = 0; table != NULL && i <= table->mask; i++)
			if (is_record(sip_rcu_read(&table->slot[i])))
				insert(room->table, sip_rcu_read(&table->slot[i]));
		sip_rcu_publish(&shard->table, room->table);
		/* relaxed: the table says what holds */
		atomic_store_explicit(
			&shard->mask, room->table->mask, memory_order_relaxed);
		room->table = table; /* the caller gives it up */
		room->slots = 0;
	}
	if (shard->queue_count == shard->queue_room) {
		room->longer = queue_longer(shard->queue_room);
		if (room->queue_room <= shard->queue_room)
			return false;
		queue_move(shard, &room->queue, &room->queue_room);
		room->longer = 0;
	}
	return true;
}

/* Outside of the lock. */
static int allocate(struct room *room)
{
	if (room->slots != 0) {
		free(room->table);
		room->table = make_table(room->slots);
		if (room->table == NULL)
			return SIP_EMEMORY;
	}
	if (room->longer != 0) {
		free(room->queue);
		room->queue_room = room->longer;
		room->queue = malloc(room->queue_room * sizeof(struct record *));
		if (room->queue == NULL)
			return SIP_EMEMORY;
	}
	return 0;
}

/* A name that is new to the shard. */
static int add(struct shard *shard, struct record *after, struct room *room)
{
	if (look_up(sip_rcu_read(&shard->table), record_aor(after), after->hash) != NULL)
		return SIP_ESTATE;
	if (!make_room(shard, room))
		return SIP_ESPACE;
	insert(sip_rcu_read(&shard->table), after);
	queue_add(shard, after);
	return 0;
}

static int replace(struct shard *shard, struct record *before, struct record *after)
{
	struct table *table = sip_rcu_read(&shard->table);
	_Atomic(struct record *) *slot = look_up(table, record_aor(before), before->hash);

	/* `before` is referenced: no other record can have its address. */
	if (slot == NULL || sip_rcu_read(slot) != before)
		return SIP_ESTATE;
	if (after == NULL) {
		sip_rcu_publish(slot, mark);
		table->live--;
		queue_remove(shard, before);
	} else {
		sip_rcu_publish(slot, after);
		queue_replace(shard, before, after);
	}
	return 0;
}

int shard_swap(struct shard *shard, struct record *before, struct record *after)
{
	struct room room = { .table = NULL };
	struct record *dropped = before;
	bool grown;
	int err;

	if (after != NULL)
		record_ref(after);
	do {
		sip_leaf_lock(&shard->lock);
		struct table *table = sip_rcu_read(&shard->table);
		err = before != NULL    ? replace(shard, before, after)
			: after != NULL ? add(shard, after, &room)
					: 0;
		grown = sip_rcu_read(&shard->table) != table;
		sip_leaf_unlock(&shard->lock);
		if (grown && table != NULL)
			sip_rcu_defer(&table->rcu, free_table);
		if (grown)
			room.table = NULL;
	} while (err == SIP_ESPACE && (err = allocate(&room)) == 0);
	free(room.table);
	free(room.queue);
	if (err != 0)
		dropped = after;
	record_unref(
		&dropped); /* the shard's reference, or the one that it did not get */
	return err;
}

struct record *shard_due(struct shard *shard, uint64_t now_us)
{
	struct record *due;

	/* Mostly nothing is, and then the lock is left alone. */
	if (atomic_load(&shard->due_us) > now_us)
		return NULL;
	sip_leaf_lock(&shard->lock);
	due = queue_due(shard, now_us);
	if (due != NULL)
		record_ref(due);
	sip_leaf_unlock(&shard->lock);
	return due;
}

void shard_reckon(struct shard *shard, struct record *record)
{
	sip_leaf_lock(&shard->lock);
	struct table *table = sip_rcu_read(&shard->table);
	_Atomic(struct record *) *slot = look_up(table, record_aor(record), record->hash);
	if (slot != NULL && sip_rcu_read(slot) == record)
		queue_reckon(shard, record);
	sip_leaf_unlock(&shard->lock);
}

/* Under the lock: how many there are; referenced into `records` where they fit. */
static size_t gather(struct table *table, struct record **records, size_t room)
{
	size_t count = 0;

	if (table == NULL || table->live > room)
		return table == NULL ? 0 : table->live;
	for (uint32_t i = 0; i <= table->mask; i++) {
		struct record *record = sip_rcu_read(&table->slot[i]);
		if (!is_record(record))
			continue;
		record_ref(record);
		records[count++] = record;
	}
	return count;
}

int shard_all(struct shard *shard, struct record ***records, size_t *count)
{
	size_t room = 0;

	*records = NULL;
	for (;;) {
		sip_leaf_lock(&shard->lock);
		*count = gather(sip_rcu_read(&shard->table), *records, room);
		sip_leaf_unlock(&shard->lock);
		if (*count <= room)
			return 0;
		room = *count;
		free(*records);
		*records = malloc(room * sizeof(struct record *));
		if (*records == NULL)
			return SIP_EMEMORY;
	}
}

void shard_prefetch_slot(const struct shard *shard, uint32_t hash)
{
	const struct table *table = sip_rcu_read(&shard->table);
	uint32_t mask = atomic_load_explicit(&shard->mask, memory_order_relaxed);

	if (table == NULL)
		return;
	SIP_PREFETCH(table);
	SIP_PREFETCH(&table->slot[hash & mask]);
}

static void prefetch_record(const struct table *table, uint32_t i)
{
	const struct record *record = sip_rcu_read(&table->slot[i & table->mask]);

	if (!is_record(record))
		return;
	sip_prefetch(record, PREFETCHED_RECORD_LEN);
}

void shard_prefetch_record(const struct shard *shard, uint32_t hash)
{
	const struct table *table = sip_rcu_read(&shard->table);

	if (table == NULL)
		return;
	/* It may have found its slot taken. */
	prefetch_record(table, hash);
	prefetch_record(table, hash + 1);
}

void shard_prefetch_contact(const struct shard *shard, uint32_t hash)
{
	const struct table *table = sip_rcu_read(&shard->table);
	const struct record *record;
	uint32_t i = hash;

	if (table == NULL)
		return;
	do {
		record = sip_rcu_read(&table->slot[i++ & table->mask]);
	} while (record == mark || (record != NULL && record->hash != hash));
	if (record == NULL || record->count == 0)
		return;
	sip_prefetch(record->contact[0], PREFETCHED_LEN);
}
