/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plans: see plan.h.
 */
#include "location/plan.h"

#include "res_sip/error.h"

#include <stdlib.h>

static void plan_old(struct plan *plan, struct contact *contact, uint32_t position)
{
	struct plan_entry *entry = plan_add(plan);

	entry->before = contact;
	/* Behind all that the change brings. */
	entry->rank = (1ull << 32) + position;
	if (contact_is_due(contact, plan->now_us)) {
		plan_set(plan, entry, NULL,
			contact_is_removed(contact) ? NULL : "expired");
		return;
	}
	contact_ref(contact);
	entry->after = contact;
}

int plan_init(struct plan *plan, struct record *record, uint32_t more, uint64_t now_us)
{
	uint32_t count = record == NULL ? 0 : record->count;

	plan->record = record;
	plan->now_us = now_us;
	plan->entry = plan->few;
	plan->count = 0;
	plan->room = PLAN_ENTRIES;
	plan->changed = false;
	if (count + more > PLAN_ENTRIES) {
		plan->room = count + more;
		plan->entry = calloc(plan->room, sizeof(*plan->entry));
		if (plan->entry == NULL)
			return SIP_EMEMORY;
	}
	for (uint32_t i = 0; i < count; i++)
		plan_old(plan, record->contact[i], i);
	return 0;
}

void plan_fini(struct plan *plan)
{
	for (uint32_t i = 0; i < plan->count; i++)
		if (plan->entry[i].after != NULL)
			contact_unref(plan->entry[i].after);
	if (plan->entry != plan->few)
		free(plan->entry);
	plan->entry = NULL;
	plan->count = 0;
	record_unref(&plan->record);
}

struct plan_entry *plan_add(struct plan *plan)
{
	SIP_ASSERT(plan->count < plan->room);
	struct plan_entry *entry = &plan->entry[plan->count++];

	entry->before = entry->after = NULL;
	entry->what = NULL;
	entry->binding = NULL;
	entry->rank = 0;
	entry->parsed = false;
	return entry;
}

void plan_set(struct plan *plan, struct plan_entry *entry, struct contact *after,
	const char *what)
{
	if (entry->after != NULL)
		contact_unref(entry->after);
	entry->after = after;
	entry->what = what;
	plan->changed = true;
}

bool plan_is_live(const struct contact *contact)
{
	return contact != NULL && !contact_is_static(contact) &&
		!contact_is_removed(contact);
}

/* Best first: by q, then the latest; those that are only remembered last, the latest
 * first. */
static int by_place(const void *left, const void *right)
{
	const struct plan_entry *a = left;
	const struct plan_entry *b = right;
	bool a_removed = contact_is_removed(a->after);
	bool b_removed = contact_is_removed(b->after);

	if (a_removed != b_removed)
		return a_removed ? 1 : -1;
	if (!a_removed && a->after->public.q != b->after->public.q)
		return a->after->public.q < b->after->public.q ? 1 : -1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* Those that stay move to the front, in their order; returns how many. */
static uint32_t arrange(struct plan *plan)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < plan->count; i++) {
		if (plan->entry[i].after == NULL)
			continue;
		if (i == left) {
			left++;
			continue;
		}
		struct plan_entry stays = plan->entry[i];
		plan->entry[i] = plan->entry[left];
		plan->entry[left++] = stays;
	}
	if (left > 1)
		qsort(plan->entry, left, sizeof(*plan->entry), by_place);
	return left;
}

int plan_record(
	struct plan *plan, struct sip_str aor, uint32_t hash, struct record **after)
{
	struct contact *few[PLAN_ENTRIES];
	struct contact **contact = few;
	uint32_t count = arrange(plan);

	*after = NULL;
	if (count == 0)
		return 0;
	if (count > PLAN_ENTRIES)
		contact = malloc(count * sizeof(struct contact *));
	if (contact == NULL)
		return SIP_EMEMORY;
	for (uint32_t i = 0; i < count; i++)
		contact[i] = plan->entry[i].after;
	*after = record_create(aor, hash, contact, count);
	if (*after != NULL)
		for (uint32_t i = 0; i < count; i++)
			contact_ref(contact[i]);
	if (contact != few)
		free(contact);
	return *after == NULL ? SIP_EMEMORY : 0;
}

int64_t plan_growth(const struct plan *plan)
{
	int64_t growth = 0;

	for (uint32_t i = 0; i < plan->count; i++)
		growth += plan_is_live(plan->entry[i].after) -
			plan_is_live(plan->entry[i].before);
	return growth;
}
