/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records: see record.h.
 */
#include "location/record.h"

#include "location/ask.h"

#include <stdlib.h>

struct record *record_create(
	struct sip_str aor, uint32_t hash, struct contact *const *contact, uint32_t count)
{
	size_t contacts_len = count * sizeof(*contact);
	struct record *record = malloc(sizeof(*record) + contacts_len + aor.len + 1);

	if (record == NULL)
		return NULL;
	record->queue.place = 0;
	atomic_init(&record->refs, 1);
	record->hash = hash;
	record->count = count;
	record->aor_len = (uint32_t)aor.len;
	for (uint32_t i = 0; i < count; i++)
		record->contact[i] = contact[i];
	record->queue.due_us = record_due_us(record);
	char *name = (char *)&record->contact[count];
	memcpy(name, aor.ptr, aor.len);
	name[aor.len] = '\0';
	return record;
}

void record_ref(struct record *record)
{
	atomic_fetch_add_explicit(&record->refs, 1, memory_order_relaxed);
}

bool record_try_ref(struct record *record)
{
	uint32_t refs = atomic_load_explicit(&record->refs, memory_order_relaxed);

	/* Acquire: partner of the release in record_unref() of whoever held it before. */
	while (refs != 0)
		if (atomic_compare_exchange_weak_explicit(&record->refs, &refs, refs + 1,
			    memory_order_acquire, memory_order_relaxed))
			return true;
	return false;
}

static void free_record(struct sip_rcu_head *head)
{
	free(SIP_CONTAINER(head, struct record, rcu));
}

void record_unref(struct record **record)
{
	struct record *dropped = *record;

	*record = NULL;
	if (dropped == NULL)
		return;
	/* Release what this thread read; acquire what the others released. */
	uint32_t before = atomic_fetch_sub_explicit(
		&dropped->refs, 1, memory_order_acq_rel);
	SIP_ASSERT(before != 0);
	if (before != 1)
		return;
	for (uint32_t i = 0; i < dropped->count; i++)
		contact_unref(dropped->contact[i]);
	sip_rcu_defer(&dropped->rcu, free_record);
}

uint64_t record_due_us(const struct record *record)
{
	uint64_t due_us = SIP_NEVER;

	for (uint32_t i = 0; i < record->count; i++) {
		uint64_t expires_us = record->contact[i]->public.expires_at_us;
		uint64_t ask_us = contact_ask_us(record->contact[i]);

		due_us = expires_us < due_us ? expires_us : due_us;
		due_us = ask_us < due_us ? ask_us : due_us;
	}
	return due_us;
}

struct sip_str record_aor(const struct record *record)
{
	return (struct sip_str){ (const char *)&record->contact[record->count],
		record->aor_len };
}
