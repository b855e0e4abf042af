/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contacts that the configuration gives an address of record: those that stay are the
 * same objects, with what was learned of them; registered ones are not touched.
 */
#include "location/static.h"

#include "location/ask.h"
#include "res_sip/error.h"

/* The static contact of that URI which is there, and not yet kept; NULL: none. */
static struct plan_entry *find_static(
	struct plan *plan, uint32_t present, struct sip_str uri, bool asked)
{
	for (uint32_t i = 0; i < present; i++) {
		struct plan_entry *entry = &plan->entry[i];

		if (entry->after == NULL && contact_is_static(entry->before) &&
			contact_is_asked(entry->before) == asked &&
			sip_str_equal(entry->before->public.uri, uri))
			return entry;
	}
	return NULL;
}

/* One that stays is the same object.  NULL: out of memory. */
static struct plan_entry *plan_one(struct sip_location *location, struct plan *plan,
	uint32_t present, struct sip_str uri, uint32_t ask_every_s)
{
	struct plan_entry *entry = find_static(plan, present, uri, ask_every_s != 0);
	struct ast_sip_contact values = {
		.uri = uri, .q = 1000, .expires_at_us = SIP_NEVER, .expires_s = UINT32_MAX
	};
	struct contact *contact = entry != NULL ? entry->before : NULL;

	if (contact != NULL)
		contact_ref(contact);
	else
		contact = contact_create(&location->kind, &values, 0, NULL);
	if (contact == NULL)
		return NULL;
	if (entry == NULL) {
		entry = plan_add(plan);
		if (ask_every_s != 0)
			contact_ask_first(contact, location->config.random, plan->now_us,
				ask_every_s);
	}
	plan_set(plan, entry, contact, NULL);
	return entry;
}

int static_plan(struct sip_location *location, struct plan *plan,
	const struct static_contacts *contacts)
{
	size_t count = contacts->count;
	uint32_t present = plan->count;

	for (uint32_t i = 0; i < present; i++)
		if (contact_is_static(plan->entry[i].before))
			plan_set(plan, &plan->entry[i], NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		struct plan_entry *entry = plan_one(location, plan, present,
			contacts->uris[i], contacts->ask_every_s);
		if (entry == NULL)
			return SIP_EMEMORY;
		/* In their order, behind whatever registered. */
		entry->rank = UINT64_MAX - count + i;
	}
	return 0;
}
