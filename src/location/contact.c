/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contacts: one block each, counted.  See contact.h and res_sip/location.h.
 */
#include "location/contact.h"

#include "message/message.h"
#include "res_sip/field.h"

#include <stdlib.h>

static struct sip_str append(char **at, struct sip_str text)
{
	struct sip_str copy = { *at, text.len };

	if (text.len != 0)
		memcpy(*at, text.ptr, text.len);
	*at += text.len;
	return copy;
}

static int keep_agent(
	struct contact *contact, struct sip_str agent, const struct contact *before)
{
	struct sip_str *kept = &contact->public.user_agent;

	if (before != NULL && agents_keep_again(before->public.user_agent, agent)) {
		*kept = before->public.user_agent;
		return 0;
	}
	return agents_keep(&contact->kind->agents, agent, kept);
}

struct contact *contact_create(struct contact_kind *kind,
	const struct ast_sip_contact *values, uint64_t branch_hash,
	const struct contact *before)
{
	size_t len = values->uri.len + values->params.len + values->call_id.len +
		values->path.len;
	/* The text begins within what the compiler adds for alignment. */
	struct contact *contact = malloc(
		offsetof(struct contact, text) + len < sizeof(*contact)
			? sizeof(*contact)
			: offsetof(struct contact, text) + len);
	char *at;

	if (contact == NULL)
		return NULL;
	at = contact->text;
	contact->public = *values;
	contact->kind = kind;
	if (keep_agent(contact, values->user_agent, before) != 0) {
		free(contact);
		return NULL;
	}
	contact->public.uri = append(&at, values->uri);
	contact->public.params = append(&at, values->params);
	contact->public.call_id = append(&at, values->call_id);
	contact->public.path = append(&at, values->path);
	contact->branch_hash = branch_hash;
	atomic_init(&contact->refs, 1);
	atomic_init(&contact->asked, AST_SIP_NOT_ASKED);
	atomic_init(&contact->ask_ds, 0);
	atomic_fetch_add_explicit(
		&kind->blocks, 1, memory_order_relaxed); /* a figure only */
	return contact;
}

void contact_ref(struct contact *contact)
{
	/* Whoever refs holds a reference, so nothing needs to be ordered. */
	atomic_fetch_add_explicit(&contact->refs, 1, memory_order_relaxed);
}

void contact_unref(struct contact *contact)
{
	/* Release what this thread read; acquire what the others released, before free().
	 */
	uint32_t before = atomic_fetch_sub_explicit(
		&contact->refs, 1, memory_order_acq_rel);

	SIP_ASSERT(before != 0);
	if (before != 1)
		return;
	agents_drop(&contact->kind->agents, contact->public.user_agent);
	atomic_fetch_sub_explicit(&contact->kind->blocks, 1, memory_order_relaxed);
	free(contact);
}

/* The public pointer is const because its reader changes nothing; the count is ours. */
static struct contact *own(const struct ast_sip_contact *contact)
{
	return SIP_CONTAINER(contact, struct contact, public);
}

const struct ast_sip_contact *ast_sip_contact_ref(const struct ast_sip_contact *contact)
{
	SIP_ASSERT(contact != NULL);
	contact_ref(own(contact));
	return contact;
}

void ast_sip_contact_unref(const struct ast_sip_contact *contact)
{
	if (contact != NULL)
		contact_unref(own(contact));
}

struct sip_str ast_sip_contact_instance(const struct ast_sip_contact *contact)
{
	struct sip_str instance = { NULL, 0 };

	SIP_ASSERT(contact != NULL);
	if (contact->params.len == 0 ||
		!sip_param_find(contact->params, SIP_STR("+sip.instance"), &instance))
		return (struct sip_str){ NULL, 0 };
	return instance;
}

uint32_t ast_sip_contact_reg_id(const struct ast_sip_contact *contact)
{
	struct sip_str text;
	uint64_t number;

	SIP_ASSERT(contact != NULL);
	if (contact->params.len == 0 ||
		!sip_param_find(contact->params, SIP_STR("reg-id"), &text) ||
		sip_str_number(text, UINT32_MAX, &number) != 0)
		return 0;
	return (uint32_t)number;
}

struct sip_str ast_sip_contact_next_hop(const struct ast_sip_contact *contact)
{
	struct sip_str path;
	struct sip_str element;
	struct sip_name_addr addr;

	SIP_ASSERT(contact != NULL);
	path = contact->path;
	if (sip_list_next(&path, &element) && sip_name_addr_parse(element, &addr) == 0)
		return addr.uri;
	return contact->uri;
}

uint32_t ast_sip_contact_remaining_s(const struct ast_sip_contact *contact)
{
	SIP_ASSERT(contact != NULL);
	if (contact_is_static(own(contact)))
		return UINT32_MAX;
	uint64_t now_us = sip_clock_now_us(own(contact)->kind->clock);
	if (contact->expires_at_us <= now_us)
		return 0;
	return (uint32_t)((contact->expires_at_us - now_us + 999999) / 1000000);
}

void ast_sip_contacts_release(struct ast_sip_contacts *found)
{
	SIP_ASSERT(found != NULL);
	for (size_t i = 0; i < found->count; i++)
		ast_sip_contact_unref(found->contact[i]);
	free(found->contact);
	*found = (struct ast_sip_contacts){ NULL, 0 };
}
