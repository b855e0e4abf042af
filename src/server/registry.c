/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registries of services, identifiers and the authenticator.
 *
 * To register is to publish a new snapshot.  A request finishes with the snapshot
 * it began with, so what was unregistered is idle, and told so, when the last
 * snapshot that lists it goes.
 *
 * Threads: any; writers one after another, by the server's registry_mutex.
 */
#include "server/registry.h"

#include "res_sip/log.h"

#include <stdlib.h>

static struct sip_registered *create_registered(
	void *any, const char *name, bool may_block)
{
	struct sip_registered *registered = calloc(1, sizeof(*registered));
	const char *module = sip_modules_current();

	if (registered == NULL)
		return NULL;
	atomic_init(&registered->refs, 1);
	may_block = may_block || sip_modules_current_may_block();
	registered->any = any;
	registered->module = module != NULL ? module : name;
	registered->request_site = (struct sip_call_site){ .module = registered->module,
		.what = "on_rx_request",
		.may_block = may_block };
	registered->response_site = (struct sip_call_site){ .module = registered->module,
		.what = "on_response",
		.may_block = may_block };
	registered->event_site = (struct sip_call_site){ .module = registered->module,
		.what = "on_txn_state",
		.may_block = may_block };
	return registered;
}

static struct sip_registered *hold(struct sip_registered *registered)
{
	atomic_fetch_add(&registered->refs, 1);
	return registered;
}

/* A copy of `from` without `without`, and with `with` (whose count it takes over) at `at`
 * (SIZE_MAX: the end). */
static int copy_list(struct sip_registered_list *to,
	const struct sip_registered_list *from, const void *without,
	struct sip_registered *with, size_t at)
{
	to->item = calloc(from->count + 1, sizeof(*to->item));
	if (to->item == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < from->count; i++) {
		if (with != NULL && i == at)
			to->item[to->count++] = with;
		if (from->item[i]->any != without)
			to->item[to->count++] = hold(from->item[i]);
	}
	if (with != NULL && at >= from->count)
		to->item[to->count++] = with;
	return 0;
}

/* The methods of one service, where they are not there yet. */
static void add_methods(struct sip_builder *b, const char *methods)
{
	struct sip_str rest = sip_str_of(methods);

	while (rest.len > 0) {
		size_t end = sip_str_find(rest, ' ');
		struct sip_str word = { rest.ptr, end < rest.len ? end : rest.len };
		struct sip_str have = { b->buf, b->len };
		struct sip_str at;

		rest.ptr += word.len + (word.len < rest.len);
		rest.len -= word.len + (word.len < rest.len);
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

/* What is to change between two snapshots. */
struct change {
	enum { SERVICE, IDENTIFIER, AUTHENTICATOR } kind;
	const void *without;         /* removed; NULL: nothing */
	struct sip_registered *with; /* added, its count taken over; NULL: nothing */
	enum sip_service_stage stage;
	size_t at;
};

static int copy_snapshot(
	struct sip_snapshot *to, const struct sip_snapshot *from, const struct change *c)
{
	bool local = c->kind == SERVICE && c->stage == SIP_STAGE_LOCAL;
	bool forward = c->kind == SERVICE && c->stage == SIP_STAGE_FORWARD;
	int result = copy_list(
		&to->local, &from->local, c->without, local ? c->with : NULL, c->at);

	if (result == 0)
		result = copy_list(&to->forward, &from->forward, c->without,
			forward ? c->with : NULL, c->at);
	if (result == 0)
		result = copy_list(&to->identifiers, &from->identifiers, c->without,
			c->kind == IDENTIFIER ? c->with : NULL, c->at);
	if (result == 0)
		result = write_allow(to);
	if (result != 0)
		return result;
	if (c->kind == AUTHENTICATOR && c->with != NULL)
		to->authenticator = c->with;
	else if (from->authenticator != NULL && from->authenticator->any != c->without)
		to->authenticator = hold(from->authenticator);
	return 0;
}

/* Under registry_mutex. */
static int publish(struct sip_server *server, const struct change *change)
{
	struct sip_snapshot *before = sip_rcu_read(&server->snapshot);
	struct sip_snapshot *after;
	int result = sip_snapshot_create(before->settings, &after);

	if (result != 0)
		return result;
	/* Should copying fail, the new object must survive its half-made snapshot. */
	if (change->with != NULL)
		hold(change->with);
	result = copy_snapshot(after, before, change);
	if (result != 0) {
		sip_snapshot_unref(&after);
		return result;
	}
	if (change->with != NULL)
		atomic_fetch_sub(&change->with->refs, 1);
	sip_snapshot_publish(server, after);
	return 0;
}

static int add(struct sip_server *server, struct change change, const char *kind,
	const char *name)
{
	int result = change.with != NULL ? publish(server, &change) : SIP_EMEMORY;

	if (result == 0)
		return 0;
	free(change.with);
	sip_log(SIP_LOG_ERROR, "registry", "%s %s can't be registered: %s", kind, name,
		sip_error_text(result));
	return -1;
}

static const char *service_name(const struct sip_registered *registered)
{
	return registered->service->name;
}

static const char *identifier_name(const struct sip_registered *registered)
{
	return registered->identifier->name;
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

/* Where something new of that name goes among those that are there: before the first that
 * the configured order puts behind it, or names not at all; else at the end. */
static size_t place_of(const struct sip_registered_list *list,
	const char *(*name_of)(const struct sip_registered *registered),
	const struct sip_config_list *order, const char *name)
{
	size_t mine = rank_of(order, name);

	for (size_t i = 0; i < list->count; i++) {
		if (mine < rank_of(order, name_of(list->item[i])))
			return i;
	}
	return SIZE_MAX;
}

static int refuse(const char *kind, const char *name, const char *why)
{
	sip_log(SIP_LOG_ERROR, "registry", "%s %s is refused: %s", kind,
		name ? name : "(no name)", why);
	return -1;
}

static struct sip_registered *find_service(
	const struct sip_snapshot *snapshot, const char *name)
{
	const struct sip_registered_list *lists[] = { &snapshot->local,
		&snapshot->forward };

	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			if (strcmp(lists[l]->item[i]->service->name, name) == 0)
				return lists[l]->item[i];
		}
	}
	return NULL;
}

void sip_registered_start(struct sip_registered *registered)
{
	const struct sip_service *service = registered->service;

	/* A service that is registered while the server starts is started by either. */
	if (atomic_exchange(&registered->started, true))
		return;
	if (service->start != NULL && service->start() != 0)
		sip_log(SIP_LOG_ERROR, "registry", "service %s: its start() failed",
			service->name);
}

void sip_registered_stop(struct sip_registered *registered)
{
	if (!atomic_exchange(&registered->started, false))
		return;
	if (registered->service->stop != NULL)
		registered->service->stop();
}

/* The service as it is listed now, counted; NULL: it is not. */
static struct sip_registered *take_service(
	struct sip_server *server, const struct sip_service *service)
{
	struct sip_registered *found;

	pthread_mutex_lock(&server->registry_mutex);
	found = find_service(sip_rcu_read(&server->snapshot), service->name);
	if (found != NULL)
		found = found->service == service ? hold(found) : NULL;
	pthread_mutex_unlock(&server->registry_mutex);
	return found;
}

static bool is_serving(struct sip_server *server)
{
	bool serving;

	pthread_mutex_lock(&server->registry_mutex);
	serving = server->serving;
	pthread_mutex_unlock(&server->registry_mutex);
	return serving;
}

static int list_service(struct sip_server *server, struct sip_service *service)
{
	struct change change = { .kind = SERVICE, .stage = service->stage };
	const struct sip_snapshot *now;
	int result;

	pthread_mutex_lock(&server->registry_mutex);
	now = sip_rcu_read(&server->snapshot);
	if (find_service(now, service->name) != NULL) {
		result = refuse("service", service->name, "there is one of that name");
	} else {
		change.at = place_of(
			service->stage == SIP_STAGE_LOCAL ? &now->local : &now->forward,
			service_name, &now->settings->global.service_order,
			service->name);
		change.with = create_registered(
			service, service->name, service->may_block);
		if (change.with != NULL)
			change.with->gone = service->unload;
		result = add(server, change, "service", service->name);
	}
	pthread_mutex_unlock(&server->registry_mutex);
	return result;
}

/* load() and start() may register more, so no lock is held while they run. */
static int register_service(struct sip_server *server, struct sip_service *service)
{
	struct sip_registered *listed = take_service(server, service);

	if (listed != NULL) {
		sip_registered_unref(&listed);
		return refuse("service", service->name, "it is registered already");
	}
	if (service->load != NULL && service->load(server) != 0)
		return refuse("service", service->name, "its load() failed");
	if (list_service(server, service) != 0) {
		if (service->unload != NULL)
			service->unload();
		return -1;
	}
	listed = is_serving(server) ? take_service(server, service) : NULL;
	if (listed != NULL) {
		sip_registered_start(listed);
		sip_registered_unref(&listed);
	}
	return 0;
}

int ast_sip_register_service(struct sip_service *service)
{
	struct sip_server *server = sip_server_here();

	SIP_ASSERT(service != NULL);
	if (server == NULL)
		return refuse("service", service->name, "this thread has no server");
	if (service->name == NULL)
		return refuse("service", NULL, "it has no name");
	if (service->on_rx_request == NULL && service->on_rx_response == NULL &&
		service->on_tx_request == NULL && service->on_tx_response == NULL)
		return refuse("service", service->name, "it has no callback");
	return register_service(server, service);
}

static void remove_any(const void *any)
{
	struct sip_server *server = sip_server_here();
	struct change change = { .without = any };

	SIP_ASSERT(any != NULL);
	if (server == NULL)
		return;
	pthread_mutex_lock(&server->registry_mutex);
	if (publish(server, &change) != 0)
		sip_log(SIP_LOG_ERROR, "registry",
			"out of memory: something stays registered");
	pthread_mutex_unlock(&server->registry_mutex);
}

void ast_sip_unregister_service(struct sip_service *service)
{
	struct sip_server *server = sip_server_here();
	struct sip_registered *listed;

	SIP_ASSERT(service != NULL);
	if (server == NULL || service->name == NULL)
		return;
	listed = take_service(server, service);
	if (listed == NULL)
		return;
	remove_any(service);
	sip_registered_stop(listed);
	sip_registered_unref(&listed);
}

static int register_identifier(
	struct sip_server *server, struct ast_sip_endpoint_identifier *identifier)
{
	const char *name = identifier->name != NULL ? identifier->name : "(unnamed)";
	const struct sip_snapshot *now = sip_rcu_read(&server->snapshot);
	struct change change = { .kind = IDENTIFIER };

	for (size_t i = 0; i < now->identifiers.count; i++) {
		if (now->identifiers.item[i]->identifier == identifier)
			return refuse("identifier", name, "it is registered already");
	}
	change.at = place_of(&now->identifiers, identifier_name,
		&now->settings->global.endpoint_identifier_order, identifier->name);
	change.with = create_registered(identifier, name, identifier->may_block);
	if (change.with != NULL)
		change.with->request_site.what = "identify_endpoint";
	return add(server, change, "identifier", name);
}

int ast_sip_register_endpoint_identifier(struct ast_sip_endpoint_identifier *identifier)
{
	struct sip_server *server = sip_server_here();
	int result;

	SIP_ASSERT(identifier != NULL && identifier->identify_endpoint != NULL);
	if (server == NULL)
		return refuse(
			"identifier", identifier->name, "this thread has no server");
	pthread_mutex_lock(&server->registry_mutex);
	result = register_identifier(server, identifier);
	pthread_mutex_unlock(&server->registry_mutex);
	return result;
}

void ast_sip_unregister_endpoint_identifier(
	struct ast_sip_endpoint_identifier *identifier)
{
	remove_any(identifier);
}

static int register_authenticator(
	struct sip_server *server, struct ast_sip_authenticator *auth)
{
	const struct sip_snapshot *now = sip_rcu_read(&server->snapshot);
	struct change change = { .kind = AUTHENTICATOR };

	if (now->authenticator != NULL) {
		const char *mine = sip_modules_current();

		/* The newer instance of the same module replaces it in one swap. */
		if (mine == NULL || strcmp(mine, now->authenticator->module) != 0 ||
			now->authenticator->authenticator == auth)
			return refuse("authenticator", mine, "there is one already");
	}
	change.with = create_registered(auth, "authenticator", auth->may_block);
	if (change.with != NULL)
		change.with->request_site.what = "authenticate_request";
	return add(server, change, "authenticator", "of this module");
}

int ast_sip_register_authenticator(struct ast_sip_authenticator *auth)
{
	struct sip_server *server = sip_server_here();
	int result;

	SIP_ASSERT(auth != NULL);
	if (server == NULL)
		return refuse("authenticator", NULL, "this thread has no server");
	if (auth->requires_authentication == NULL ||
		auth->get_authentication_credentials == NULL ||
		(auth->authenticate_request == NULL &&
			auth->authenticate_request_later == NULL))
		return refuse("authenticator", NULL, "a callback is missing");
	pthread_mutex_lock(&server->registry_mutex);
	result = register_authenticator(server, auth);
	pthread_mutex_unlock(&server->registry_mutex);
	return result;
}

void ast_sip_unregister_authenticator(struct ast_sip_authenticator *auth)
{
	remove_any(auth);
}
