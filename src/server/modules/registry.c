/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registries of services, identifiers and the authenticator.
 *
 * To register is to publish a new snapshot.  A request finishes with the snapshot
 * it began with, so what was unregistered is idle, and told so, when the last
 * snapshot that lists it goes.  A module's things come, go and are replaced by those of
 * its newer instance in one change.
 *
 * Threads: any; writers one after another, by the server's registry_mutex.
 */
#include "server/modules/registry.h"

#include <stdio.h>
#include <stdlib.h>

bool sip_words_next(struct sip_str *rest, struct sip_str *word)
{
	size_t end;

	while (rest->len > 0 && *rest->ptr == ' ') {
		rest->ptr++;
		rest->len--;
	}
	end = sip_str_find(*rest, ' ');
	*word = (struct sip_str){ rest->ptr, end < rest->len ? end : rest->len };
	rest->ptr += word->len;
	rest->len -= word->len;
	return word->len > 0;
}

/* The methods of one service, where they are not there yet. */
static void add_methods(struct sip_builder *b, const char *methods)
{
	struct sip_str rest = sip_str_of(methods);
	struct sip_str word;

	while (sip_words_next(&rest, &word)) {
		struct sip_str have = { b->buf, b->len };
		struct sip_str at;

		while (word.len > 0 && sip_list_next(&have, &at)) {
			if (sip_str_equal(at, word))
				word.len = 0;
		}
		if (word.len == 0)
			continue;
		if (b->len > 0)
			sip_put(b, SIP_STR(", "));
		sip_put(b, word);
	}
}

/* The value of Allow: what some service serves, and what the core answers itself. */
static int write_allow(struct sip_snapshot *snapshot)
{
	const struct sip_registered_list *lists[] = { &snapshot->local,
		&snapshot->forward };
	struct sip_builder b;

	snapshot->allow_text = malloc(1024);
	if (snapshot->allow_text == NULL)
		return SIP_EMEMORY;
	sip_builder_init(&b, snapshot->allow_text, 1024);
	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			const struct sip_service *service = lists[l]->item[i]->service;

			if (service->methods != NULL)
				add_methods(&b, service->methods);
			snapshot->watches_tx_requests |= service->on_tx_request != NULL;
			snapshot->watches_tx_responses |= service->on_tx_response != NULL;
		}
	}
	snapshot->allow = (struct sip_str){ b.buf, b.len };
	return b.error;
}

/* Its place in the configured order; SIZE_MAX: it is not named there. */
static size_t rank_of(const struct sip_config_list *order, const char *name)
{
	for (size_t i = 0; i < order->count && name != NULL; i++) {
		if (strcmp(order->item[i], name) == 0)
			return i;
	}
	return SIZE_MAX;
}

/* `one` belongs before `other`: the configured order says so; where it names neither,
 * that of the modules. */
static bool goes_before(const struct sip_config_list *order,
	const struct sip_registered *one, const struct sip_registered *other)
{
	size_t mine = rank_of(order, sip_registered_name(one));
	size_t theirs = rank_of(order, sip_registered_name(other));

	return mine != theirs ? mine < theirs : one->rank < other->rank;
}

/* Takes a count. */
static void put(struct sip_registered_list *list, size_t at, struct sip_registered *item)
{
	for (size_t i = list->count++; i > at; i--)
		list->item[i] = list->item[i - 1];
	list->item[at] = sip_registered_ref(item);
}

/* What of one list is to change. */
struct list_change {
	const struct sip_change *change;
	enum sip_registered_kind kind;
	enum sip_service_stage stage; /* of services */
	const struct sip_config_list *order;
};

static bool is_listed(
	const struct sip_registered_list *list, const struct sip_registered *item)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->item[i] == item)
			return true;
	}
	return false;
}

static bool belongs(const struct list_change *c, const struct sip_registered *item)
{
	return item->kind == c->kind &&
		(item->kind != SIP_SERVICE || item->stage == c->stage);
}

static bool same_name(
	const struct sip_registered *one, const struct sip_registered *other)
{
	const char *a = sip_registered_name(one);
	const char *b = sip_registered_name(other);

	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* What takes the place of `old`; NULL: nothing does. */
static struct sip_registered *successor(const struct list_change *c,
	const struct sip_registered_list *to, const struct sip_registered *old)
{
	const struct sip_list *added = c->change->added;

	for (struct sip_list *at = added->next; at != added; at = at->next) {
		struct sip_registered *item = SIP_CONTAINER(
			at, struct sip_registered, added);

		if (belongs(c, item) && same_name(item, old) && !is_listed(to, item))
			return item;
	}
	return NULL;
}

static void add_rest(const struct list_change *c, struct sip_registered_list *to)
{
	const struct sip_list *added = c->change->added;

	for (struct sip_list *at = added->next; at != added; at = at->next) {
		struct sip_registered *item = SIP_CONTAINER(
			at, struct sip_registered, added);
		size_t place = 0;

		if (!belongs(c, item) || is_listed(to, item))
			continue;
		while (place < to->count && !goes_before(c->order, item, to->item[place]))
			place++;
		put(to, place, item);
	}
}

static size_t length(const struct sip_list *list)
{
	size_t count = 0;

	for (const struct sip_list *at = list->next; at != list; at = at->next)
		count++;
	return count;
}

bool sip_change_takes_out(
	const struct sip_change *change, const struct sip_registered *item)
{
	return item->any == change->without ||
		(change->gone != NULL && item->instance == change->gone);
}

static int copy_list(const struct list_change *c, struct sip_registered_list *to,
	const struct sip_registered_list *from)
{
	const struct sip_change *change = c->change;

	to->item = calloc(from->count + length(change->added) + 1, sizeof(*to->item));
	if (to->item == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < from->count; i++) {
		struct sip_registered *item = from->item[i];

		if (item->any == change->without || sip_registered_is_leaving(item))
			continue;
		if (change->gone != NULL && item->instance == change->gone)
			item = successor(c, to, item);
		if (item != NULL)
			put(to, to->count, item);
	}
	add_rest(c, to);
	return 0;
}

static int copy_lists(struct sip_snapshot *to, const struct sip_snapshot *from,
	const struct sip_change *change)
{
	const struct sip_global_config *global = &to->settings->global;
	struct list_change c = { .change = change,
		.kind = SIP_SERVICE,
		.stage = SIP_STAGE_LOCAL,
		.order = &global->service_order };
	int result = copy_list(&c, &to->local, &from->local);

	c.stage = SIP_STAGE_FORWARD;
	if (result == 0)
		result = copy_list(&c, &to->forward, &from->forward);
	c.kind = SIP_IDENTIFIER;
	c.order = &global->endpoint_identifier_order;
	if (result == 0)
		result = copy_list(&c, &to->identifiers, &from->identifiers);
	return result != 0 ? result : write_allow(to);
}

/* There is one at a time. */
static void copy_authenticator(struct sip_snapshot *to, const struct sip_snapshot *from,
	const struct sip_change *change)
{
	struct sip_registered *authenticator = sip_snapshot_authenticator(from);
	const struct sip_list *added = change->added;

	if (authenticator != NULL && sip_change_takes_out(change, authenticator))
		authenticator = NULL;
	for (struct sip_list *at = added->next; at != added; at = at->next) {
		struct sip_registered *item = SIP_CONTAINER(
			at, struct sip_registered, added);

		if (item->kind == SIP_AUTHENTICATOR)
			authenticator = item;
	}
	if (authenticator != NULL)
		to->authenticator = sip_registered_ref(authenticator);
}

/* After the order has changed; those that it does not name come last, in that of the
 * modules, then as registered. */
static void sort_list(
	struct sip_registered_list *list, const struct sip_config_list *order)
{
	for (size_t i = 1; i < list->count; i++) {
		struct sip_registered *moved = list->item[i];
		size_t at = i;

		for (; at > 0; at--) {
			struct sip_registered *ahead = list->item[at - 1];

			if (goes_before(order, ahead, moved) ||
				(!goes_before(order, moved, ahead) &&
					ahead->order < moved->order))
				break;
			list->item[at] = ahead;
		}
		list->item[at] = moved;
	}
}

static void sort_lists(struct sip_snapshot *snapshot)
{
	const struct sip_global_config *global = &snapshot->settings->global;

	sort_list(&snapshot->local, &global->service_order);
	sort_list(&snapshot->forward, &global->service_order);
	sort_list(&snapshot->identifiers, &global->endpoint_identifier_order);
}

int sip_registry_publish(struct sip_server *server, const struct sip_change *change)
{
	struct sip_snapshot *before = sip_rcu_read(&server->snapshot);
	struct sip_snapshot *after;
	struct sip_list nothing;
	struct sip_change whole = *change;
	int result = sip_snapshot_create(
		change->settings != NULL ? change->settings : before->settings, &after);

	if (result != 0)
		return result;
	sip_list_init(&nothing);
	if (whole.added == NULL)
		whole.added = &nothing;
	result = copy_lists(after, before, &whole);
	if (result != 0) {
		sip_snapshot_unref(&after);
		return result;
	}
	copy_authenticator(after, before, &whole);
	if (whole.settings != NULL)
		sort_lists(after);
	sip_snapshot_publish(server, after);
	return 0;
}

int sip_no_authenticator(char *error)
{
	snprintf(error, SIP_SERVER_ERROR_LEN,
		"no authenticator is loaded: load one, or say authentication=none in "
		"[global]");
	return SIP_ESTATE;
}

/* Under registry_mutex. */
static int take_settings(
	struct sip_server *server, struct sip_settings *settings, char *error)
{
	const struct sip_change change = { .settings = settings };

	if (!server->serving)
		return SIP_ESTATE;
	if (sip_snapshot_authenticator(sip_rcu_read(&server->snapshot)) == NULL &&
		settings->global.authentication)
		return sip_no_authenticator(error);
	return sip_registry_publish(server, &change);
}

int sip_registry_take_settings(
	struct sip_server *server, struct sip_settings *settings, char *error)
{
	int result;

	pthread_mutex_lock(&server->registry_mutex);
	result = take_settings(server, settings, error);
	pthread_mutex_unlock(&server->registry_mutex);
	return result;
}

struct sip_registered *sip_registry_service(struct sip_server *server, const char *name)
{
	const struct sip_snapshot *snapshot = sip_rcu_read(&server->snapshot);
	const struct sip_registered_list *lists[] = { &snapshot->local,
		&snapshot->forward };

	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			struct sip_registered *item = lists[l]->item[i];

			if (!sip_registered_is_leaving(item) &&
				strcmp(item->service->name, name) == 0)
				return item;
		}
	}
	return NULL;
}

static void start_list(const struct sip_registered_list *list, bool starting)
{
	for (size_t i = 0; i < list->count; i++) {
		/* A server that starts says what could not, and serves without it. */
		if (starting)
			SIP_IGNORE(sip_registered_start(list->item[i]));
		else
			sip_registered_stop(list->item[i]);
	}
}

void sip_registry_start(struct sip_server *server)
{
	struct sip_snapshot *snapshot = sip_snapshot_take(server);

	start_list(&snapshot->local, true);
	start_list(&snapshot->forward, true);
	sip_snapshot_unref(&snapshot);
}

void sip_registry_stop(struct sip_server *server)
{
	struct sip_snapshot *snapshot = sip_snapshot_take(server);

	start_list(&snapshot->local, false);
	start_list(&snapshot->forward, false);
	sip_snapshot_unref(&snapshot);
}

void sip_registry_clear(struct sip_server *server)
{
	struct sip_snapshot *empty;

	pthread_mutex_lock(&server->registry_mutex);
	/* Out of memory: they are unloaded when the server is destroyed. */
	if (sip_snapshot_create(sip_rcu_read(&server->snapshot)->settings, &empty) == 0)
		sip_snapshot_publish(server, empty);
	pthread_mutex_unlock(&server->registry_mutex);
	sip_registry_settle(server);
}

/* Each waits for what the one before has deferred: a snapshot that could not be made, the
 * one before it, what that lists, the module, and once more what unload() has begun. */
#define BARRIERS 12

void sip_registry_settle(struct sip_server *server)
{
	sip_rcu_barrier();
	for (unsigned i = 0; i < BARRIERS &&
		(atomic_load(&server->registered) > 0 ||
			atomic_load(&server->draining) > 0);
		i++)
		sip_rcu_barrier();
}
