/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a reload changes among the listeners: worked out and bound first, then done
 * without anything that can fail.
 *
 * A section is the same listener where protocol and bind= are; where the port is the
 * system's choice (0), where the name is, too.
 */
#include "server/settings/listener_tls.h"

#include <stdio.h>
#include <stdlib.h>

/* What becomes of one section. */
struct change {
	const struct sip_transport_section *section;
	struct sip_listener_entry *entry; /* in no list meanwhile */
	struct sip_listening *bound;      /* new, until it is opened; NULL: it is there */
	struct sip_listener_options *options; /* to be replaced; NULL: they stay */
	struct sip_tls_context *tls; /* of one with TLS, to be replaced; NULL: it stays */
	bool drained;                /* it comes back */
};

struct sip_listener_plan {
	struct sip_listeners *listeners;
	size_t count;
	struct change change[];
};

static bool is_same(const struct sip_listeners *listeners,
	const struct sip_listener_entry *entry,
	const struct sip_transport_section *section)
{
	const struct sip_listener *listener = sip_transport_listener(
		listeners->server->transport, entry->number);

	return listener->kind == section->protocol &&
		sip_addr_equal(&entry->asked, &section->bind) &&
		(sip_addr_port(&section->bind) != 0 ||
			strcmp(listener->name, section->name) == 0);
}

static struct sip_listener_entry *take(const struct sip_listeners *listeners,
	struct sip_list *list, const struct sip_transport_section *section)
{
	struct sip_list *at;
	struct sip_list *ahead;

	sip_list_each (list, at, ahead) {
		struct sip_listener_entry *entry = SIP_CONTAINER(
			at, struct sip_listener_entry, link);

		if (!is_same(listeners, entry, section))
			continue;
		sip_list_remove(at);
		return entry;
	}
	return NULL;
}

/* Out of the list of the open ones, or of the draining ones, so that its time does not
 * come meanwhile. */
static void find_entry(struct sip_listeners *listeners, struct change *change)
{
	change->entry = take(listeners, &listeners->open, change->section);
	if (change->entry != NULL)
		return;
	sip_leaf_lock(&listeners->lock);
	change->entry = take(listeners, &listeners->draining, change->section);
	sip_leaf_unlock(&listeners->lock);
	change->drained = change->entry != NULL;
}

static int plan_new(struct sip_listeners *listeners, struct change *change)
{
	struct sip_listener_config config = sip_listener_config_of(change->section);

	change->entry = calloc(1, sizeof(*change->entry));
	if (change->entry == NULL)
		return SIP_EMEMORY;
	change->entry->asked = change->section->bind;
	config.tls = change->tls;
	return sip_transport_bind(listeners->server->transport, &config, &change->bound);
}

/* What was read again is what is there. */
static void forget_same(struct sip_listeners *listeners, struct change *change)
{
	struct sip_tls_context *before = sip_transport_tls(
		listeners->server->transport, change->entry->number);

	if (sip_tls_context_equal(before, change->tls))
		sip_tls_context_unref(&change->tls);
	sip_tls_context_unref(&before);
}

static int plan_kept(struct sip_listeners *listeners, struct change *change)
{
	struct sip_listener_config config = sip_listener_config_of(change->section);

	if (change->tls != NULL)
		forget_same(listeners, change);
	if (sip_transport_has_options(
		    listeners->server->transport, change->entry->number, &config))
		return 0;
	change->options = sip_listener_options_create(&config);
	return change->options != NULL ? 0 : SIP_EMEMORY;
}

int sip_listeners_plan(struct sip_listeners *listeners,
	const struct sip_settings *settings, struct sip_listener_plan **out, char *error)
{
	size_t count = settings->transport_count;
	struct sip_listener_plan *plan = calloc(
		1, sizeof(*plan) + count * sizeof(plan->change[0]));
	int result = 0;

	*out = plan;
	if (plan == NULL)
		return SIP_EMEMORY;
	plan->listeners = listeners;
	for (size_t i = 0; i < count && result == 0; i++) {
		struct change *change = &plan->change[plan->count++];

		change->section = &settings->transport[i];
		find_entry(listeners, change);
		result = sip_listener_tls_create(change->section, &change->tls, error);
		if (result != 0)
			break;
		result = change->entry != NULL ? plan_kept(listeners, change)
					       : plan_new(listeners, change);
		if (result != 0)
			sip_listener_complain(error, change->section, result);
	}
	if (result != 0)
		sip_listeners_give_up(out);
	return result;
}

void sip_listeners_give_up(struct sip_listener_plan **place)
{
	struct sip_listener_plan *plan = *place;

	*place = NULL;
	if (plan == NULL)
		return;
	for (size_t i = 0; i < plan->count; i++) {
		struct change *change = &plan->change[i];

		sip_listener_options_destroy(&change->options);
		sip_tls_context_unref(&change->tls);
		if (change->entry == NULL)
			continue;
		if (change->entry->number == 0) {
			sip_transport_unbind(&change->bound);
			free(change->entry);
		} else if (change->drained) {
			sip_leaf_lock(&plan->listeners->lock);
			sip_list_append(&plan->listeners->draining, &change->entry->link);
			sip_leaf_unlock(&plan->listeners->lock);
			sip_listeners_arm(plan->listeners);
		} else {
			sip_list_append(&plan->listeners->open, &change->entry->link);
		}
	}
	free(plan);
}

/* Whom a line is for. */
struct told {
	void (*say)(void *arg, const char *line);
	void *arg;
};

static void tell(const struct told *told, const struct sip_listeners *listeners,
	uint32_t number, const char *what)
{
	const struct sip_listener *listener = sip_transport_listener(
		listeners->server->transport, number);
	char text[SIP_ADDR_TEXT_LEN];
	char line[SIP_SERVER_ERROR_LEN];

	snprintf(line, sizeof(line), "transport [%s]: %s %s %s", listener->name,
		sip_transport_name(listener->kind), sip_addr_text(&listener->bound, text),
		what);
	told->say(told->arg, line);
}

static void carry_out(
	struct sip_listeners *listeners, struct change *change, const struct told *told)
{
	struct sip_transport *transport = listeners->server->transport;
	struct sip_listener_entry *entry = change->entry;

	if (change->options != NULL)
		sip_transport_set_options(transport, entry->number, change->options);
	if (change->bound != NULL)
		entry->number = sip_transport_open(change->bound)->number;
	else if (change->tls != NULL)
		sip_transport_set_tls(transport, entry->number, change->tls);
	if (change->drained)
		sip_transport_drain(transport, entry->number, false);
	if (change->bound != NULL || change->drained)
		tell(told, listeners, entry->number, "is listened on");
	else if (change->options != NULL)
		tell(told, listeners, entry->number, "has other options");
	if (change->bound == NULL && change->tls != NULL)
		tell(told, listeners, entry->number,
			"has other certificates or options of TLS");
	sip_tls_context_unref(&change->tls);
}

/* Everything that is left in `list` has no section any more. */
static void drain_all(
	struct sip_listeners *listeners, struct sip_list *list, const struct told *told)
{
	uint64_t most_s = sip_drain_most_us(listeners->server) / 1000000;
	struct sip_list *at;
	struct sip_list *ahead;
	char what[96];

	snprintf(what, sizeof(what), "takes nothing new, and is closed within %llu s",
		(unsigned long long)most_s);
	sip_list_each (list, at, ahead) {
		struct sip_listener_entry *entry = SIP_CONTAINER(
			at, struct sip_listener_entry, link);

		tell(told, listeners, entry->number, what);
		sip_transport_drain(listeners->server->transport, entry->number, true);
		entry->drains_since_us = sip_pool_now_us(listeners->server->pool);
		sip_list_remove(at);
		sip_leaf_lock(&listeners->lock);
		sip_list_append(&listeners->draining, at);
		sip_leaf_unlock(&listeners->lock);
		sip_listeners_arm(listeners);
	}
}

void sip_listeners_commit(struct sip_listener_plan **place,
	void (*say)(void *arg, const char *line), void *arg)
{
	struct sip_listener_plan *plan = *place;
	struct sip_listeners *listeners = plan->listeners;
	const struct told told = { say, arg };

	*place = NULL;
	for (size_t i = 0; i < plan->count; i++)
		carry_out(listeners, &plan->change[i], &told);
	drain_all(listeners, &listeners->open, &told);
	for (size_t i = 0; i < plan->count; i++)
		sip_list_append(&listeners->open, &plan->change[i].entry->link);
	sip_listeners_tell_ends(listeners);
	sip_listeners_tell_ends_daily(listeners);
	free(plan);
}
