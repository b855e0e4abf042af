/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instance of a module file, from its making to its release.
 *
 * It is drained when no snapshot lists anything of it any more (each request ends
 * with the one it began with) and nothing that its code has begun is left: tasks, timers,
 * requests.  A grace period later the program is told that it may unmap the file.
 *
 * Threads: those of modules.c; the end comes on the thread of grace periods.
 */
#include "server/modules/module_instance.h"

#include "res_sip/endpoint.h"
#include "res_sip/log.h"
#include "server/dialogs/leg.h"
#include "server/modules/code_range.h"

#include <stdlib.h>

struct sip_module_instance *sip_modules_current(void)
{
	struct sip_owner *owner = sip_owner_current();

	return owner != NULL ? owner->module : NULL;
}

/* Its code, with this server. */
static void enter(struct sip_module_instance *instance, struct sip_server **before)
{
	*before = sip_server_chosen();
	ast_sip_set_server(instance->server);
	sip_callback_begin(&instance->site);
}

static void leave(struct sip_module_instance *instance, struct sip_server *before)
{
	sip_callback_end(&instance->site);
	ast_sip_set_server(before);
}

int sip_module_load(struct sip_module_instance *instance)
{
	struct sip_server *before;
	int result;

	if (instance->file->load == NULL)
		return 0;
	enter(instance, &before);
	result = instance->file->load();
	leave(instance, before);
	return result;
}

static void run(struct sip_module_instance *instance, void (*function)(void))
{
	struct sip_server *before;

	if (function == NULL)
		return;
	enter(instance, &before);
	function();
	leave(instance, before);
}

void sip_module_destroy(struct sip_module_instance **place)
{
	struct sip_module_instance *instance = *place;

	*place = NULL;
	sip_owner_fini(&instance->owner);
	free(instance->name);
	free(instance->path);
	free(instance);
}

struct sip_module_instance *sip_module_create(
	struct sip_server *server, const struct sip_module_source *source)
{
	struct sip_module_instance *instance = calloc(1, sizeof(*instance));
	uintptr_t begin;
	uintptr_t end;

	if (instance == NULL)
		return NULL;
	instance->server = server;
	instance->file = source->file;
	instance->released = source->released;
	instance->released_arg = source->arg;
	instance->flags = source->file->flags;
	instance->rank = source->rank;
	sip_list_init(&instance->link);
	sip_list_init(&instance->registered);
	sip_list_init(&instance->staged);
	instance->name = strdup(source->file->name);
	if (source->path != NULL)
		instance->path = strdup(source->path);
	if (instance->name == NULL || (source->path != NULL && instance->path == NULL) ||
		sip_owner_init(&instance->owner, instance->name) != 0) {
		sip_module_destroy(&instance);
		return NULL;
	}
	instance->owner.module = instance;
	if (sip_code_range(source->file, &begin, &end))
		sip_owner_set_code(server->pool, &instance->owner, begin, end);
	instance->site = (struct sip_call_site){
		.module = instance->name, .what = "module", .owner = &instance->owner
	};
	return instance;
}

void sip_module_tell(const struct sip_module_instance *instance, const char *what)
{
	struct sip_server *server = instance->server;
	bool serving;

	pthread_mutex_lock(&server->registry_mutex);
	serving = server->serving;
	pthread_mutex_unlock(&server->registry_mutex);
	sip_log(serving ? SIP_LOG_NOTICE : SIP_LOG_INFO, "modules",
		"%s name=%s instance=%u", what, instance->name, instance->number);
}

/* ---- the end of one ---- */

/* On the thread of grace periods: nothing can call into it any more. */
static void end(struct sip_rcu_head *head)
{
	struct sip_module_instance *instance = SIP_CONTAINER(
		head, struct sip_module_instance, rcu);
	struct sip_server *server = instance->server;

	if (instance->loaded)
		run(instance, instance->file->finish);
	ast_sip_release_options(); /* this thread asks seldom */
	pthread_mutex_lock(&server->registry_mutex);
	sip_list_remove(&instance->link);
	pthread_mutex_unlock(&server->registry_mutex);
	sip_owner_forget(server->pool, &instance->owner);
	sip_module_tell(instance, "gone");
	if (instance->released != NULL)
		instance->released(instance->released_arg);
	sip_module_destroy(&instance);
	atomic_fetch_sub(&server->draining, 1);
}

static void wait_until_idle(struct sip_rcu_head *head)
{
	struct sip_module_instance *instance = SIP_CONTAINER(
		head, struct sip_module_instance, rcu);

	if (sip_tally_idle(instance->owner.tally) ||
		atomic_load(&instance->server->destroyed))
		sip_rcu_defer(head, end);
	else {
		sip_unsent_end_of(instance->server, &instance->owner);
		sip_rcu_defer(head, wait_until_idle);
	}
}

void sip_modules_drain(struct sip_module_instance *instance)
{
	wait_until_idle(&instance->rcu);
}

bool sip_modules_lost(struct sip_module_instance *instance)
{
	return instance->state == SIP_MODULE_DRAINING &&
		sip_list_empty(&instance->registered);
}

void sip_module_set_state(
	struct sip_module_instance *instance, enum sip_module_state state)
{
	instance->state = state;
	instance->changed_us = sip_clock_wall_us(instance->server->clock_used);
}

/* The first service that runs still, counted; NULL: none does. */
static struct sip_registered *take_started(struct sip_module_instance *instance)
{
	struct sip_registered *found = NULL;
	struct sip_list *at;
	struct sip_list *ahead;

	pthread_mutex_lock(&instance->server->registry_mutex);
	sip_list_each (&instance->registered, at, ahead) {
		struct sip_registered *item = SIP_CONTAINER(
			at, struct sip_registered, link);

		/* One whose last count is gone is not to be counted again. */
		if (found == NULL && atomic_load(&item->started) &&
			sip_registered_revive(item))
			found = item;
	}
	pthread_mutex_unlock(&instance->server->registry_mutex);
	return found;
}

void sip_module_retire(struct sip_module_instance *instance)
{
	struct sip_server *server = instance->server;
	struct sip_registered *service;
	bool last;

	while ((service = take_started(instance)) != NULL) {
		sip_registered_stop(service);
		sip_registered_unref(&service);
	}
	if (instance->loaded)
		run(instance, instance->file->unload);
	atomic_fetch_add(&server->draining, 1);
	sip_module_tell(instance, "unloaded");
	pthread_mutex_lock(&server->registry_mutex);
	sip_module_set_state(instance, SIP_MODULE_DRAINING);
	last = sip_modules_lost(instance);
	pthread_mutex_unlock(&server->registry_mutex);
	/* Where it was not the last, the thread of grace periods may have freed it by
	 * now. */
	if (last)
		sip_modules_drain(instance);
}
