/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * One of the thousands of parts of the location: records by name, and the queue
 * of their due times.
 *
 * Readers find a record in an RCU read section.  A writer prepares a record
 * aside and swaps it for the one that it was made from; where somebody else was
 * faster it makes it again.  So the lock is held for the swap alone, and no
 * memory is allocated or freed under it.
 *
 * Threads: any.
 */
#pragma once

#include "base/lock.h"
#include "location/record.h"

struct table;

struct shard {
	/* Guards changes of what follows. */
	struct sip_leaf_lock lock;
	_Atomic(struct table *) table; /* read under RCU; NULL: never had a record */
	_Atomic uint32_t mask; /* of the table; without the lock: only to prefetch */
	struct record **queue; /* a heap by due_us */
	uint32_t queue_count;
	uint32_t queue_room;
	/* Nothing of the queue is due before that; SIP_NEVER: nothing ever is.  Read
	 * without the lock by expiry.c. */
	_Atomic uint64_t due_us;
};

void shard_init(struct shard *shard);

/** Drops its records. */
void shard_fini(struct shard *shard);

/** The record of `aor`, referenced; NULL: none. */
SIP_MUST_USE struct record *shard_find(
	struct shard *shard, struct sip_str aor, uint32_t hash);

/** Those whose name has that hash, referenced: two names of one hash are rare, and more
 * than `room` are not looked for. */
SIP_MUST_USE unsigned shard_find_hash(
	struct shard *shard, uint32_t hash, struct record **found, unsigned room);

/**
 * Put `after` where `before` is; either may be NULL (none).  Takes a reference
 * of `after` of its own.
 *
 * 0; SIP_ESTATE: it is not there any more (nothing changed); SIP_EMEMORY (nothing
 * changed).
 */
SIP_MUST_USE int shard_swap(
	struct shard *shard, struct record *before, struct record *after);

/** The record whose contact is due first, to expire or to be asked, if it is by now,
 * referenced; NULL: none is. */
SIP_MUST_USE struct record *shard_due(struct shard *shard, uint64_t now_us);

/** Some of the record's contacts are due at another time; nothing, if it is not in its
 * place any more. */
void shard_reckon(struct shard *shard, struct record *record);

/** All records, each referenced: *records is freed by the caller.  0; SIP_EMEMORY. */
SIP_MUST_USE int shard_all(struct shard *shard, struct record ***records, size_t *count);

/** Have what stands there for `hash` come from memory, step by step: in a read section.
 */
void shard_prefetch_slot(const struct shard *shard, uint32_t hash);
void shard_prefetch_record(const struct shard *shard, uint32_t hash);
void shard_prefetch_contact(const struct shard *shard, uint32_t hash);
