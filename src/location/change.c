/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a REGISTER changes: RFC 3261 section 10.3, steps 6 and 7.
 *
 * First each Contact is matched with the binding of its URI, and the request is
 * compared with what made that binding: it is newer, a copy, or old.  Then the
 * number of contacts is checked, and only then is memory allocated.
 *
 * A removed binding stays for a while as one that is only remembered, with the
 * Call-ID, CSeq and branch of what removed it.  It is matched like any other.
 */
#include "location/change.h"

#include "location/ask.h"

#include <stdlib.h>

enum age { NEWER, COPY, OLD };

uint32_t change_room(const struct ast_sip_registration *registration)
{
	/* Of what it brings no more than max_contacts can stay. */
	return registration->count < registration->max_contacts
		? (uint32_t)registration->count
		: registration->max_contacts;
}

/* A request of another Call-ID is always newer: "If the Call-ID value in the existing
 * binding differs ... the binding MUST be removed if the expiration time is zero and
 * updated otherwise." */
static enum age age_of(const struct change *change, const struct contact *contact)
{
	const struct ast_sip_registration *registration = change->registration;

	if (!sip_str_equal(contact->public.call_id, registration->call_id) ||
		registration->cseq > contact->public.cseq || contact_is_lost(contact))
		return NEWER;
	return registration->cseq == contact->public.cseq &&
			change->branch_hash == contact->branch_hash
		? COPY
		: OLD;
}

/* What a REGISTER can't see: static contacts, and what expired. */
static bool is_hidden(const struct plan *plan, const struct plan_entry *entry)
{
	return entry->before != NULL &&
		(contact_is_static(entry->before) ||
			contact_is_due(entry->before, plan->now_us));
}

static struct sip_str uri_of(const struct plan_entry *entry)
{
	return entry->before != NULL ? entry->before->public.uri : entry->binding->uri;
}

struct wanted {
	struct sip_str text;
	bool parsed;
	bool valid;
	struct sip_uri uri;
};

/* "using the URI comparison rules" (19.1.4); most phones write the same bytes again. */
static bool is_same_uri(struct plan_entry *entry, struct wanted *wanted)
{
	if (sip_str_equal(uri_of(entry), wanted->text))
		return true;
	if (!wanted->parsed) {
		wanted->parsed = true;
		wanted->valid = sip_uri_parse(wanted->text, &wanted->uri) == 0;
	}
	if (!entry->parsed) {
		entry->parsed = true;
		entry->valid = sip_uri_parse(uri_of(entry), &entry->uri) == 0;
	}
	return wanted->valid && entry->valid && sip_uri_equal(&wanted->uri, &entry->uri);
}

static struct sip_str params_of(const struct plan_entry *entry)
{
	return entry->before != NULL ? entry->before->public.params
				     : entry->binding->params;
}

/* RFC 5626 section 6: a flow of a phone is one binding, whatever its URI. */
static bool is_same_flow(
	const struct plan_entry *entry, const struct ast_sip_binding *binding)
{
	const struct ast_sip_contact there = { .params = params_of(entry) };
	const struct ast_sip_contact comes = { .params = binding->params };

	return ast_sip_contact_reg_id(&there) == binding->reg_id &&
		sip_str_equal_nocase(ast_sip_contact_instance(&there),
			ast_sip_contact_instance(&comes));
}

/* One of the phone's flows is no other's binding, though the URI be the same. */
static bool is_flow(const struct plan_entry *entry)
{
	const struct ast_sip_contact there = { .params = params_of(entry) };

	return ast_sip_contact_reg_id(&there) != 0;
}

static struct plan_entry *find_entry(
	struct plan *plan, const struct ast_sip_binding *binding)
{
	struct wanted wanted = { .text = binding->uri };

	for (uint32_t i = 0; i < plan->count; i++) {
		struct plan_entry *entry = &plan->entry[i];

		if (is_hidden(plan, entry))
			continue;
		if (binding->reg_id != 0 ? is_same_flow(entry, binding)
					 : is_same_uri(entry, &wanted) && !is_flow(entry))
			return entry;
	}
	return NULL;
}

struct ages {
	bool copy;
	bool old;
};

static void note_age(struct ages *ages, enum age age)
{
	ages->copy |= age == COPY;
	ages->old |= age == OLD;
}

/* Where a request names one URI twice, the later one counts.  False: more than there is
 * room for. */
static bool match_binding(const struct change *change, struct plan *plan,
	const struct ast_sip_binding *binding, struct ages *ages)
{
	struct plan_entry *entry = find_entry(plan, binding);

	if (entry == NULL) {
		/* Nothing is there to remove. */
		if (binding->expires_s == 0)
			return true;
		if (plan->count == plan->room)
			return false;
		entry = plan_add(plan);
	} else if (entry->binding == NULL) {
		note_age(ages, age_of(change, entry->before));
	}
	entry->binding = binding;
	entry->rank = (uint64_t)(binding - change->registration->bindings);
	return true;
}

static bool match(const struct change *change, struct plan *plan, struct ages *ages)
{
	const struct ast_sip_registration *registration = change->registration;
	bool fits = true;

	for (uint32_t i = 0; registration->remove_all && i < plan->count; i++)
		if (!is_hidden(plan, &plan->entry[i]))
			note_age(ages, age_of(change, plan->entry[i].before));
	for (size_t i = 0; i < registration->count; i++)
		fits = match_binding(change, plan, &registration->bindings[i], ages) &&
			fits;
	return fits;
}

static bool stays(const struct change *change, const struct plan_entry *entry)
{
	if (entry->binding != NULL)
		return entry->binding->expires_s != 0;
	/* "all bindings": those that are only remembered are none. */
	return plan_is_live(entry->after) && !change->registration->remove_all;
}

static uint64_t updated_us(const struct contact *contact)
{
	return contact->public.expires_at_us -
		contact->public.expires_s * UINT64_C(1000000);
}

/* The one that was updated longest ago and that this request does not name. */
static struct plan_entry *oldest(const struct plan *plan)
{
	struct plan_entry *oldest = NULL;

	for (uint32_t i = 0; i < plan->count; i++) {
		struct plan_entry *entry = &plan->entry[i];
		/* Of one time, the one further down came first. */
		if (entry->binding == NULL && plan_is_live(entry->after) &&
			(oldest == NULL ||
				updated_us(entry->before) <= updated_us(oldest->before)))
			oldest = entry;
	}
	return oldest;
}

/* Remembered with what made it, not with what pushed it out: its own copies are still
 * copies. */
static bool push_out(
	const struct change *change, struct plan *plan, struct plan_entry *entry)
{
	struct ast_sip_contact values = entry->before->public;

	values.expires_s = 0;
	values.expires_at_us = plan->now_us + change->remember_us;
	values.flow = (struct sip_flow){ .listener = 0 };
	struct contact *after = contact_create(
		change->kind, &values, entry->before->branch_hash, entry->before);
	plan_set(plan, entry, after, "removed");
	return after != NULL;
}

/* Removing is always allowed, so that an AOR whose maximum was lowered can be tidied up.
 */
static enum ast_sip_register_result check_number(
	const struct change *change, struct plan *plan)
{
	const struct ast_sip_registration *registration = change->registration;
	bool brings = false;
	uint64_t count = 0;

	for (uint32_t i = 0; i < plan->count; i++) {
		brings |= plan->entry[i].binding != NULL &&
			stays(change, &plan->entry[i]);
		count += stays(change, &plan->entry[i]);
	}
	for (; brings && count > registration->max_contacts; count--) {
		struct plan_entry *entry = registration->remove_existing ? oldest(plan)
									 : NULL;
		if (entry == NULL)
			return AST_SIP_REGISTER_TOO_MANY;
		if (!push_out(change, plan, entry))
			return AST_SIP_REGISTER_MEMORY;
	}
	return AST_SIP_REGISTER_DONE;
}

static struct contact *bind_contact(const struct change *change, const struct plan *plan,
	const struct plan_entry *entry)
{
	const struct ast_sip_registration *registration = change->registration;
	const struct ast_sip_binding *binding = entry->binding;
	struct ast_sip_contact values = {
		.uri = binding->uri,
		.params = binding->params,
		.call_id = registration->call_id,
		.user_agent = registration->user_agent,
		.path = registration->path,
		.cseq = registration->cseq,
		.q = binding->q,
		.expires_s = binding->expires_s,
		.expires_at_us = plan->now_us + binding->expires_s * UINT64_C(1000000),
		.flow = registration->flow,
	};

	return contact_create(change->kind, &values, change->branch_hash, entry->before);
}

/* `before` is what it refreshes, or NULL.  A phone that has just written is there. */
static void prepare_asking(const struct change *change, const struct plan *plan,
	struct contact *after, const struct contact *before)
{
	uint32_t every_s = change->registration->ask_every_s;

	if (before != NULL && contact_ask_us(before) != SIP_NEVER)
		contact_ask_like(after, before);
	else
		contact_ask_first(after, change->random, plan->now_us, every_s);
	if (after->public.flow.listener != 0)
		contact_is_there(after);
}

/* What is only remembered keeps no more than what knows a copy again. */
static struct contact *remember(const struct change *change, const struct plan *plan,
	const struct plan_entry *entry)
{
	struct ast_sip_contact values = {
		.uri = uri_of(entry),
		.params = is_flow(entry) ? params_of(entry) : SIP_STR(""),
		.call_id = change->registration->call_id,
		.cseq = change->registration->cseq,
		.expires_at_us = plan->now_us + change->remember_us,
	};

	return contact_create(change->kind, &values, change->branch_hash, NULL);
}

/* False: out of memory. */
static bool apply(
	const struct change *change, struct plan *plan, struct plan_entry *entry)
{
	bool was_live = plan_is_live(entry->before);
	struct contact *after;
	const char *what;

	if (stays(change, entry)) {
		after = bind_contact(change, plan, entry);
		if (after != NULL && change->registration->ask_every_s != 0)
			prepare_asking(
				change, plan, after, was_live ? entry->before : NULL);
		what = was_live ? "refreshed" : "added";
	} else if (entry->before != NULL) {
		after = remember(change, plan, entry);
		what = was_live ? "removed" : NULL;
	} else {
		/* Added and removed by one request. */
		return true;
	}
	plan_set(plan, entry, after, what);
	return after != NULL;
}

static bool is_chosen(const struct change *change, const struct plan_entry *entry)
{
	return entry->binding != NULL ||
		(change->registration->remove_all && plan_is_live(entry->after));
}

/* A peer that registers and removes ever new URIs must not fill the memory: of what is
 * only remembered, as much stays as may be registered, and a few more. */
static void forget(const struct change *change, struct plan *plan)
{
	uint64_t room = UINT64_C(2) * change->registration->max_contacts + 8;

	for (uint32_t i = 0; i < plan->count; i++) {
		struct plan_entry *entry = &plan->entry[i];
		if (entry->after == NULL || !contact_is_removed(entry->after) ||
			entry->after != entry->before)
			continue;
		/* They stand with the latest first. */
		if (room == 0)
			plan_set(plan, entry, NULL, NULL);
		else
			room--;
	}
}

enum ast_sip_register_result change_plan(const struct change *change, struct plan *plan)
{
	struct ages ages = { false, false };
	bool fits = match(change, plan, &ages);

	if (ages.copy)
		return AST_SIP_REGISTER_COPY;
	if (ages.old)
		return AST_SIP_REGISTER_OLD;
	if (!fits)
		return AST_SIP_REGISTER_TOO_MANY;
	enum ast_sip_register_result result = check_number(change, plan);
	for (uint32_t i = 0; i < plan->count && result == AST_SIP_REGISTER_DONE; i++)
		if (is_chosen(change, &plan->entry[i]) &&
			!apply(change, plan, &plan->entry[i]))
			result = AST_SIP_REGISTER_MEMORY;
	forget(change, plan);
	return result;
}
