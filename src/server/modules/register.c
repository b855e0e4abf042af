/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registering and unregistering: the design's methods.
 *
 * What a module's load() registers is kept back until load() has ended well, and comes
 * with all the rest of the module in one change (modules.c); everything else at once.
 *
 * Threads: any.
 */
#include "server/modules/registry.h"

#include "res_sip/log.h"

#include <stdio.h>

static int refuse(const char *kind, const char *name, const char *why)
{
	struct sip_module_instance *instance = sip_modules_current();

	sip_log(SIP_LOG_ERROR, "registry", "%s %s is refused: %s", kind,
		name != NULL ? name : "(no name)", why);
	/* For who has asked for the module: the first is the cause. */
	if (instance != NULL && instance->reason[0] == '\0')
		snprintf(instance->reason, sizeof(instance->reason),
			"%s %s is refused: %s", kind, name != NULL ? name : "(no name)",
			why);
	return -1;
}

static bool is_loading(const struct sip_module_instance *instance)
{
	return instance != NULL && instance->state == SIP_MODULE_LOADING;
}

/* What the instance has kept back; NULL: it has not.  Under registry_mutex. */
static struct sip_registered *find_staged(
	const struct sip_module_instance *instance, const void *any)
{
	for (struct sip_list *at = instance->staged.next; at != &instance->staged;
		at = at->next) {
		struct sip_registered *item = SIP_CONTAINER(
			at, struct sip_registered, added);

		if (item->any == any)
			return item;
	}
	return NULL;
}

static bool is_staged_name(const struct sip_module_instance *instance,
	enum sip_registered_kind kind, const char *name)
{
	for (struct sip_list *at = instance->staged.next; at != &instance->staged;
		at = at->next) {
		const struct sip_registered *item = SIP_CONTAINER(
			at, struct sip_registered, added);
		const char *other = sip_registered_name(item);

		if (item->kind == kind &&
			(name == NULL || (other != NULL && strcmp(name, other) == 0)))
			return true;
	}
	return false;
}

/* It goes with its module when the newer instance comes. */
static bool is_to_be_replaced(const struct sip_registered *item)
{
	const struct sip_module_instance *instance = sip_modules_current();

	return is_loading(instance) && instance->replaces != NULL &&
		item->instance == instance->replaces;
}

/* Publish it, or keep it back.  Under registry_mutex. */
static int add(struct sip_server *server, const struct sip_registered_plan *plan,
	void (*gone)(void))
{
	struct sip_module_instance *instance = sip_modules_current();
	struct sip_registered *item;
	struct sip_list added;
	int result = 0;

	if (instance != NULL && instance->state > SIP_MODULE_RUNNING)
		return refuse(sip_registered_kind_name(plan->kind), plan->name,
			"its module is being unloaded");
	item = sip_registered_create(server, plan);
	if (item == NULL)
		return refuse(sip_registered_kind_name(plan->kind), plan->name,
			sip_error_text(SIP_EMEMORY));
	if (is_loading(instance)) {
		sip_list_append(&instance->staged, &item->added);
		item->gone = gone;
		return 0;
	}
	sip_list_init(&added);
	sip_list_append(&added, &item->added);
	result = sip_registry_publish(server, &(struct sip_change){ .added = &added });
	sip_list_remove(&item->added);
	if (result == 0)
		item->gone = gone;
	sip_registered_unref(&item);
	return result == 0 ? 0
			   : refuse(sip_registered_kind_name(plan->kind), plan->name,
				     sip_error_text(result));
}

/* ---- services ---- */

/* The service as it is listed now or kept back, counted; NULL: it is not. */
static struct sip_registered *take_service(
	struct sip_server *server, const struct sip_service *service)
{
	const struct sip_module_instance *instance = sip_modules_current();
	struct sip_registered *found;

	pthread_mutex_lock(&server->registry_mutex);
	found = is_loading(instance) ? find_staged(instance, service) : NULL;
	if (found == NULL)
		found = sip_registry_service(server, service->name);
	if (found != NULL)
		found = found->service == service ? sip_registered_ref(found) : NULL;
	pthread_mutex_unlock(&server->registry_mutex);
	return found;
}

/* It serves, and nobody else will start what was registered just now. */
static bool must_start(struct sip_server *server)
{
	const struct sip_module_instance *instance = sip_modules_current();
	bool must;

	pthread_mutex_lock(&server->registry_mutex);
	must = server->serving && !is_loading(instance);
	pthread_mutex_unlock(&server->registry_mutex);
	return must;
}

static int list_service(struct sip_server *server, struct sip_service *service)
{
	const struct sip_registered_plan plan = { .kind = SIP_SERVICE,
		.any = service,
		.name = service->name,
		.may_block = service->may_block,
		.what = "on_rx_request" };
	const struct sip_module_instance *instance = sip_modules_current();
	const struct sip_registered *same;
	int result;

	pthread_mutex_lock(&server->registry_mutex);
	same = sip_registry_service(server, service->name);
	if ((same != NULL && !is_to_be_replaced(same)) ||
		(is_loading(instance) &&
			is_staged_name(instance, SIP_SERVICE, service->name)))
		result = refuse("service", service->name, "there is one of that name");
	else
		result = add(server, &plan, service->unload);
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
	listed = must_start(server) ? take_service(server, service) : NULL;
	if (listed != NULL) {
		/* It is said in the log, and serves nevertheless. */
		SIP_IGNORE(sip_registered_start(listed));
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

/* ---- all kinds ---- */

static bool is_listed(const struct sip_registered_list *list, const void *any)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->item[i]->any == any &&
			!sip_registered_is_leaving(list->item[i]))
			return true;
	}
	return false;
}

static bool is_registered(const struct sip_snapshot *now, const void *any)
{
	const struct sip_registered *authenticator = sip_snapshot_authenticator(now);

	return is_listed(&now->local, any) || is_listed(&now->forward, any) ||
		is_listed(&now->identifiers, any) ||
		(authenticator != NULL && authenticator->any == any);
}

/* Under registry_mutex. */
static void remove_locked(struct sip_server *server, const void *any)
{
	struct sip_module_instance *instance = sip_modules_current();
	struct sip_registered *staged = is_loading(instance) ? find_staged(instance, any)
							     : NULL;

	if (staged != NULL) {
		sip_list_remove(&staged->added);
		sip_registered_unref(&staged);
	} else if (is_registered(sip_rcu_read(&server->snapshot), any)) {
		sip_registry_take_out(server, &(struct sip_change){ .without = any });
	}
}

static void remove_any(const void *any)
{
	struct sip_server *server = sip_server_here();

	SIP_ASSERT(any != NULL);
	if (server == NULL)
		return;
	pthread_mutex_lock(&server->registry_mutex);
	remove_locked(server, any);
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

/* ---- identifiers ---- */

int ast_sip_register_endpoint_identifier(struct ast_sip_endpoint_identifier *identifier)
{
	struct sip_server *server = sip_server_here();
	struct sip_registered_plan plan = {
		.kind = SIP_IDENTIFIER, .any = identifier, .what = "identify_endpoint"
	};
	int result;

	SIP_ASSERT(identifier != NULL && identifier->identify_endpoint != NULL);
	plan.name = identifier->name != NULL ? identifier->name : "(unnamed)";
	plan.may_block = identifier->may_block;
	if (server == NULL)
		return refuse("identifier", plan.name, "this thread has no server");
	pthread_mutex_lock(&server->registry_mutex);
	if (is_listed(&sip_rcu_read(&server->snapshot)->identifiers, identifier))
		result = refuse("identifier", plan.name, "it is registered already");
	else
		result = add(server, &plan, NULL);
	pthread_mutex_unlock(&server->registry_mutex);
	return result;
}

void ast_sip_unregister_endpoint_identifier(
	struct ast_sip_endpoint_identifier *identifier)
{
	remove_any(identifier);
}

/* ---- the authenticator ---- */

/* One at a time: only the newer instance of the same module replaces it, in one swap. */
static int register_authenticator(
	struct sip_server *server, struct ast_sip_authenticator *auth)
{
	const struct sip_registered_plan plan = { .kind = SIP_AUTHENTICATOR,
		.any = auth,
		.name = "authenticator",
		.may_block = auth->may_block,
		.what = "authenticate_request" };
	const struct sip_module_instance *instance = sip_modules_current();
	const struct sip_registered *now = sip_snapshot_authenticator(
		sip_rcu_read(&server->snapshot));

	if ((now != NULL && !is_to_be_replaced(now)) ||
		(is_loading(instance) &&
			is_staged_name(instance, SIP_AUTHENTICATOR, NULL)))
		return refuse("authenticator", instance != NULL ? instance->name : NULL,
			"there is one already");
	return add(server, &plan, NULL);
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
