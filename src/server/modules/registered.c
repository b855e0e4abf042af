/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One thing that is registered, from its making to its end.
 *
 *      listed --> no snapshot lists it --> idle --> a grace period --> unload(), free
 *
 * Idle is when none of the tasks, timers and requests that its code has begun is left.
 * That is looked at by the thread that waits for grace periods, again and again, since
 * whoever ends the last of them must not touch what may be gone by then.
 */
#include "server/dialogs/leg.h"
#include "server/modules/registry.h"

#include "res_sip/endpoint.h"
#include "res_sip/log.h"

#include <stdlib.h>

const char *sip_registered_kind_name(enum sip_registered_kind kind)
{
	static const char *const names[] = { "service", "identifier", "authenticator" };

	return names[kind];
}

static void set_sites(
	struct sip_registered *registered, const struct sip_registered_plan *plan)
{
	const struct sip_module_instance *instance = registered->instance;
	struct sip_call_site site = { .module = registered->module,
		.owner = &registered->owner,
		.may_block = plan->may_block ||
			(instance != NULL &&
				(instance->flags & AST_SIP_MODULE_MAY_BLOCK) != 0) };

	site.what = plan->what;
	registered->request_site = site;
	site.what = "on_response";
	registered->response_site = site;
	site.what = "on_txn_state";
	registered->event_site = site;
	site.what = sip_registered_kind_name(plan->kind);
	registered->life_site = site;
}

static void destroy(struct sip_registered *registered)
{
	sip_owner_fini(&registered->owner);
	free(registered->module);
	free(registered);
}

/* Names that nobody knows here have one bit. */
static uint32_t methods_of(const struct sip_service *service)
{
	struct sip_str rest = sip_str_of(service->methods);
	struct sip_str word;
	uint32_t methods = 0;

	if (!service->methods_only)
		return UINT32_MAX;
	while (sip_words_next(&rest, &word))
		methods |= UINT32_C(1) << sip_method_of(word);
	return methods;
}

static void set_service(struct sip_registered *registered)
{
	registered->stage = registered->service->stage;
	registered->methods = methods_of(registered->service);
}

struct sip_registered *sip_registered_create(
	struct sip_server *server, const struct sip_registered_plan *plan)
{
	struct sip_registered *registered = calloc(1, sizeof(*registered));
	struct sip_module_instance *instance = sip_modules_current();

	if (registered == NULL)
		return NULL;
	atomic_init(&registered->refs, 1);
	registered->server = server;
	registered->instance = instance;
	registered->kind = plan->kind;
	registered->any = plan->any;
	registered->order = ++server->registrations;
	registered->rank = instance != NULL ? instance->rank : SIZE_MAX;
	if (plan->kind == SIP_SERVICE)
		set_service(registered);
	registered->module = strdup(instance != NULL ? instance->name : plan->name);
	if (registered->module == NULL ||
		sip_owner_init(&registered->owner, registered->module) != 0) {
		destroy(registered);
		return NULL;
	}
	registered->owner.module = instance;
	set_sites(registered, plan);
	sip_list_init(&registered->added);
	sip_list_init(&registered->link);
	if (instance != NULL)
		sip_list_append(&instance->registered, &registered->link);
	atomic_fetch_add(&server->registered, 1);
	return registered;
}

const char *sip_registered_name(const struct sip_registered *registered)
{
	switch (registered->kind) {
	case SIP_SERVICE: return registered->service->name;
	case SIP_IDENTIFIER: return registered->identifier->name;
	case SIP_AUTHENTICATOR: break;
	}
	return NULL;
}

struct sip_registered *sip_registered_ref(struct sip_registered *registered)
{
	atomic_fetch_add(&registered->refs, 1);
	return registered;
}

static void wait_until_idle(struct sip_rcu_head *head);

static void tell(struct sip_registered *registered)
{
	void (*gone)(void) = registered->gone;

	registered->gone = NULL;
	ast_sip_set_server(registered->server);
	sip_callback_begin(&registered->life_site);
	gone();
	sip_callback_end(&registered->life_site);
	ast_sip_set_server(NULL);
	ast_sip_release_options(); /* this thread asks seldom */
}

bool sip_registered_revive(struct sip_registered *registered)
{
	uint32_t refs = atomic_load(&registered->refs);

	while (refs > 0) {
		if (atomic_compare_exchange_weak(&registered->refs, &refs, refs + 1))
			return true;
	}
	return false;
}

/* On the thread of grace periods; nobody can see it any more. */
static void end(struct sip_rcu_head *head)
{
	struct sip_registered *registered = SIP_CONTAINER(
		head, struct sip_registered, rcu);
	struct sip_server *server = registered->server;
	struct sip_module_instance *instance = registered->instance;
	bool last = false;

	if (registered->gone != NULL) {
		tell(registered);
		/* It may have begun something still. */
		wait_until_idle(head);
		return;
	}
	pthread_mutex_lock(&server->registry_mutex);
	sip_list_remove(&registered->link);
	if (instance != NULL)
		last = sip_modules_lost(instance);
	pthread_mutex_unlock(&server->registry_mutex);
	sip_owner_forget(server->pool, &registered->owner);
	destroy(registered);
	if (last)
		sip_modules_drain(instance);
	atomic_fetch_sub(&server->registered, 1);
}

static void wait_until_idle(struct sip_rcu_head *head)
{
	struct sip_registered *registered = SIP_CONTAINER(
		head, struct sip_registered, rcu);

	struct sip_server *server = registered->server;

	/* Once the pool has ended what is left is what nobody has destroyed, timers above
	 * all: the module is told, and may do so yet. */
	if (sip_tally_idle(registered->owner.tally) ||
		(atomic_load(&server->ended) && registered->gone != NULL) ||
		atomic_load(&server->destroyed))
		sip_rcu_defer(head, end);
	else {
		sip_unsent_end_of(server, &registered->owner);
		sip_rcu_defer(head, wait_until_idle);
	}
}

void sip_registered_unref(struct sip_registered **place)
{
	struct sip_registered *registered = *place;

	*place = NULL;
	if (registered != NULL && atomic_fetch_sub(&registered->refs, 1) == 1)
		wait_until_idle(&registered->rcu);
}

int sip_registered_start(struct sip_registered *registered)
{
	const struct sip_service *service = registered->service;
	int result;

	/* A service that is registered while the server starts is started by either. */
	if (atomic_exchange(&registered->started, true) || service->start == NULL)
		return 0;
	sip_core_enter();
	sip_callback_begin(&registered->life_site);
	result = service->start();
	sip_callback_end(&registered->life_site);
	sip_core_leave();
	if (result != 0)
		sip_log(SIP_LOG_ERROR, "registry", "service %s: its start() failed",
			service->name);
	return result;
}

void sip_registered_stop(struct sip_registered *registered)
{
	if (registered->kind != SIP_SERVICE ||
		!atomic_exchange(&registered->started, false) ||
		registered->service->stop == NULL)
		return;
	sip_core_enter();
	sip_callback_begin(&registered->life_site);
	registered->service->stop();
	sip_callback_end(&registered->life_site);
	sip_core_leave();
}

bool sip_registered_dry_safe(const struct sip_registered *registered)
{
	return registered->instance != NULL &&
		(registered->instance->flags & AST_SIP_MODULE_DRY_SAFE) != 0;
}
