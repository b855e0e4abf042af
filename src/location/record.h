/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The record of one address of record: its name and its contacts.
 *
 * A change never touches a record: it makes another and puts it in the place of
 * the first, so that a reader sees all of a REGISTER or nothing of it (RFC 3261
 * section 10.3).  Contacts stand in the order in which they are tried: by q,
 * the latest first; those that are only remembered come last.
 *
 * Threads: immutable but for what shard.c keeps in `queue`; the count is atomic.
 * A record is freed after a grace period: in a read section its name may be
 * looked at and a reference tried; its contacts need the reference.
 */
#pragma once

#include "base/rcu.h"
#include "location/contact.h"

struct record {
	union {
		struct {
			uint64_t due_us; /* none of its contacts expires or is to be asked
					    before that (queue.h); SIP_NEVER: none ever */
			uint32_t place;  /* in the queue; guarded by the shard's lock */
		} queue;                 /* while it is in a shard */
		struct sip_rcu_head rcu; /* after the last reference */
	};
	_Atomic uint32_t refs;
	uint32_t hash;
	uint32_t count;
	uint32_t aor_len;
	struct contact *contact[]; /* count; the name and a NUL behind them */
};

/** Takes the references of `contact` on success; one reference.  NULL: out of memory. */
SIP_MUST_USE struct record *record_create(struct sip_str aor, uint32_t hash,
	struct contact *const *contact, uint32_t count);

/** One more, by somebody who holds one. */
void record_ref(struct record *record);

/** In a read section: true, and a reference, unless the last one is gone. */
SIP_MUST_USE bool record_try_ref(struct record *record);

/** Drop one; *record becomes NULL.  NULL is allowed. */
void record_unref(struct record **record);

/** When its first contact is due, as it is now. */
uint64_t record_due_us(const struct record *record);

/** With a NUL behind it. */
struct sip_str record_aor(const struct record *record);
