/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files: loaded, replaced by a newer instance, unloaded.
 *
 *      load      load() -> start() -> all it has registered is published in one change
 *      replace   the same, and in that change what the older instance has registered goes
 *      unload    one change without it -> stop() -> unload() -> drained -> released
 *
 * Threads: loading and unloading by one thread at a time, as res_sip/server.h says.
 * Elsewhere: one instance, from its making to its release (module_instance.c).
 */
#include "server/modules/module_instance.h"

#include "res_sip/log.h"

#include <stdio.h>

/* ---- loading ---- */

static int fail(const struct sip_module_instance *instance, char *error, const char *what)
{
	snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: %s%s%s", instance->name, what,
		instance->reason[0] != '\0' ? ": " : "", instance->reason);
	return SIP_EINVALID;
}

/* Before anybody can ask them, in a server that serves. */
static int start_staged(struct sip_module_instance *instance, char *error)
{
	/* What is kept back changes by this thread only from here on. */
	for (struct sip_list *at = instance->staged.next; at != &instance->staged;
		at = at->next) {
		struct sip_registered *item = SIP_CONTAINER(
			at, struct sip_registered, added);

		if (item->kind != SIP_SERVICE || sip_registered_start(item) == 0)
			continue;
		snprintf(instance->reason, sizeof(instance->reason), "service %s",
			item->service->name);
		return fail(instance, error, "start() failed");
	}
	return 0;
}

/* Somebody else took the name, or the place of the authenticator, meanwhile.  Under
 * registry_mutex. */
static const char *find_conflict(struct sip_module_instance *instance)
{
	const struct sip_snapshot *now = sip_rcu_read(&instance->server->snapshot);

	for (struct sip_list *at = instance->staged.next; at != &instance->staged;
		at = at->next) {
		const struct sip_registered *item = SIP_CONTAINER(
			at, struct sip_registered, added);
		const struct sip_registered *same = NULL;

		if (item->kind == SIP_SERVICE)
			same = sip_registry_service(
				instance->server, item->service->name);
		else if (item->kind == SIP_AUTHENTICATOR)
			same = sip_snapshot_authenticator(now);
		if (same != NULL &&
			(instance->replaces == NULL ||
				same->instance != instance->replaces))
			return sip_registered_kind_name(item->kind);
	}
	return NULL;
}

/* Where it stands in the list: before the first of a greater rank.  Under
 * registry_mutex. */
static struct sip_list *place_of(const struct sip_module_instance *instance)
{
	struct sip_list *list = &instance->server->modules;
	struct sip_list *at = list->next;

	while (at != list &&
		SIP_CONTAINER(at, struct sip_module_instance, link)->rank <=
			instance->rank)
		at = at->next;
	return at;
}

/* Everything is published, and what it replaces goes, in one change. */
static int publish(struct sip_module_instance *instance, char *error)
{
	struct sip_server *server = instance->server;
	struct sip_module_instance *older = instance->replaces;
	const struct sip_change change = { .gone = older, .added = &instance->staged };
	const char *conflict;
	int result = 0;

	pthread_mutex_lock(&server->registry_mutex);
	conflict = find_conflict(instance);
	if (conflict != NULL)
		result = SIP_EEXISTS;
	else
		result = sip_registry_publish(server, &change);
	if (result == 0) {
		sip_module_set_state(instance, SIP_MODULE_RUNNING);
		if (older != NULL)
			sip_module_set_state(older, SIP_MODULE_UNLOADING);
		instance->replaces = NULL;
		sip_list_insert(older != NULL ? &older->link : place_of(instance),
			&instance->link);
	}
	pthread_mutex_unlock(&server->registry_mutex);
	if (conflict != NULL)
		snprintf(instance->reason, sizeof(instance->reason),
			"there is one of that name meanwhile");
	return result == 0
		? 0
		: fail(instance, error,
			  conflict != NULL ? conflict : sip_error_text(result));
}

/* The counts that keeping back has taken. */
static void drop_staged(struct sip_module_instance *instance, bool failed)
{
	for (;;) {
		struct sip_registered *item;

		pthread_mutex_lock(&instance->server->registry_mutex);
		item = sip_list_first(&instance->staged, struct sip_registered, added);
		if (item != NULL)
			sip_list_remove(&item->added);
		pthread_mutex_unlock(&instance->server->registry_mutex);
		if (item == NULL)
			return;
		if (failed)
			sip_registered_stop(item);
		sip_registered_unref(&item);
	}
}

static bool serves(struct sip_server *server)
{
	bool serving;

	pthread_mutex_lock(&server->registry_mutex);
	serving = server->serving;
	pthread_mutex_unlock(&server->registry_mutex);
	return serving;
}

/* It did not come to be: as if it had never been there. */
static void give_up(struct sip_module_instance *instance)
{
	struct sip_server *server = instance->server;

	pthread_mutex_lock(&server->registry_mutex);
	sip_module_set_state(instance, SIP_MODULE_UNLOADING);
	instance->replaces = NULL;
	sip_list_append(&server->modules, &instance->link);
	pthread_mutex_unlock(&server->registry_mutex);
	drop_staged(instance, true);
	sip_module_retire(instance);
}

static int bring_up(struct sip_module_instance *instance, char *error)
{
	struct sip_module_instance *older = instance->replaces;
	int result = 0;

	instance->loaded = sip_module_load(instance) == 0;
	if (!instance->loaded)
		result = fail(instance, error, "its load() failed");
	instance->reason[0] = '\0';
	if (result == 0 && serves(instance->server))
		result = start_staged(instance, error);
	if (result == 0)
		result = publish(instance, error);
	if (result != 0) {
		give_up(instance);
		return result;
	}
	drop_staged(instance, false);
	sip_module_tell(instance, "loaded");
	if (older != NULL)
		sip_module_retire(older);
	return 0;
}

/* The one that runs, by its name or, where that is NULL, its file; NULL: none does. */
static struct sip_module_instance *find_running(struct sip_server *server,
	const char *name, const struct ast_sip_module_file *file)
{
	struct sip_module_instance *found = NULL;
	struct sip_list *at;
	struct sip_list *ahead;

	pthread_mutex_lock(&server->registry_mutex);
	sip_list_each (&server->modules, at, ahead) {
		struct sip_module_instance *instance = SIP_CONTAINER(
			at, struct sip_module_instance, link);

		if (instance->state == SIP_MODULE_RUNNING &&
			(name != NULL ? strcmp(instance->name, name) == 0
				      : instance->file == file))
			found = instance;
	}
	pthread_mutex_unlock(&server->registry_mutex);
	return found;
}

static void release(const struct sip_module_source *source)
{
	if (source->released != NULL)
		source->released(source->arg);
}

static int load_source(struct sip_server *server, const struct sip_module_source *source,
	struct sip_module_instance *older, char *error)
{
	const struct ast_sip_module_file *file = source->file;
	struct sip_module_instance *instance;

	if (file->abi != AST_SIP_MODULE_ABI || file->name == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"built for interface %u, this server has %u", file->abi,
			AST_SIP_MODULE_ABI);
		release(source);
		return SIP_EVERSION;
	}
	instance = sip_module_create(server, source);
	if (instance == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: out of memory",
			file->name);
		release(source);
		return SIP_EMEMORY;
	}
	instance->number = ++server->modules_loaded;
	instance->replaces = older;
	return bring_up(instance, error);
}

int sip_server_add_module(
	struct sip_server *server, const struct sip_module_source *source, char *error)
{
	const char *name = source->file->name;

	if (name != NULL && find_running(server, name, NULL) != NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s is loaded already: reload replaces it", name);
		release(source);
		return SIP_EEXISTS;
	}
	return load_source(server, source, NULL, error);
}

int sip_server_replace_module(
	struct sip_server *server, const struct sip_module_source *source, char *error)
{
	const char *name = source->file->name;
	struct sip_module_instance *older = name != NULL
		? find_running(server, name, NULL)
		: NULL;

	if (name != NULL && older == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s is not loaded", name);
		release(source);
		return SIP_ENOTFOUND;
	}
	return load_source(server, source, older, error);
}

int sip_server_load_module(
	struct sip_server *server, const struct ast_sip_module_file *file, char *error)
{
	const struct sip_module_source source = { .file = file, .rank = SIZE_MAX };

	return load_source(server, &source, NULL, error);
}

/* ---- unloading ---- */

static bool is_last_authenticator(
	struct sip_server *server, const struct sip_module_instance *instance)
{
	struct sip_snapshot *now = sip_snapshot_take(server);
	const struct sip_registered *authenticator = sip_snapshot_authenticator(now);
	bool last = now->settings->global.authentication && authenticator != NULL &&
		authenticator->instance == instance;

	sip_snapshot_unref(&now);
	return last;
}

static int take_out(struct sip_module_instance *instance)
{
	struct sip_server *server = instance->server;
	int result;

	pthread_mutex_lock(&server->registry_mutex);
	result = sip_registry_publish(server, &(struct sip_change){ .gone = instance });
	if (result == 0)
		sip_module_set_state(instance, SIP_MODULE_UNLOADING);
	pthread_mutex_unlock(&server->registry_mutex);
	return result;
}

int sip_server_remove_module(struct sip_server *server, const char *name, char *error)
{
	struct sip_module_instance *instance = find_running(server, name, NULL);

	if (instance == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s is not loaded", name);
		return SIP_ENOTFOUND;
	}
	if (is_last_authenticator(server, instance)) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s has the only authenticator: without it every request "
			"would get 503, unless [global] says authentication=none; reload "
			"replaces it",
			name);
		return SIP_ESTATE;
	}
	if (take_out(instance) != 0) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s: out of memory, it stays as it is", name);
		return SIP_EMEMORY;
	}
	sip_module_retire(instance);
	return 0;
}

void sip_server_unload_module(
	struct sip_server *server, const struct ast_sip_module_file *file)
{
	struct sip_module_instance *instance = find_running(server, NULL, file);

	if (instance == NULL)
		return;
	pthread_mutex_lock(&server->registry_mutex);
	sip_registry_take_out(server, &(struct sip_change){ .gone = instance });
	sip_module_set_state(instance, SIP_MODULE_UNLOADING);
	pthread_mutex_unlock(&server->registry_mutex);
	sip_module_retire(instance);
	if (atomic_load(&server->ended))
		sip_registry_settle(server);
}

/* ---- looking ---- */

void sip_modules_each(struct sip_server *server,
	void (*visit)(void *arg, const struct sip_module_instance *instance), void *arg)
{
	struct sip_list *at;
	struct sip_list *ahead;

	pthread_mutex_lock(&server->registry_mutex);
	sip_list_each (&server->modules, at, ahead) {
		visit(arg, SIP_CONTAINER(at, struct sip_module_instance, link));
	}
	pthread_mutex_unlock(&server->registry_mutex);
}

void sip_modules_forget(struct sip_server *server)
{
	struct sip_list *at;
	struct sip_list *ahead;

	sip_list_each (&server->modules, at, ahead) {
		struct sip_module_instance *instance = SIP_CONTAINER(
			at, struct sip_module_instance, link);

		sip_list_remove(at);
		sip_module_destroy(&instance);
	}
}
