/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files: what they register is kept with their name.
 *
 * Threads: loading and unloading by one thread at a time, as res_sip/server.h says.
 */
#include "server/registry.h"

#include "res_sip/log.h"

#include <stdio.h>
#include <stdlib.h>

struct module {
	struct sip_list link;
	const struct ast_sip_module_file *file;
};

static _Thread_local const struct ast_sip_module_file *current;

const char *sip_modules_current(void)
{
	struct sip_call_site *site = sip_callback_current();

	if (current != NULL)
		return current->name;
	return site != NULL ? site->module : NULL;
}

bool sip_modules_current_may_block(void)
{
	return current != NULL && (current->flags & AST_SIP_MODULE_MAY_BLOCK) != 0;
}

/* Run load() or unload() as that module, with this server. */
static int run_as(
	struct sip_server *server, const struct ast_sip_module_file *file, bool loading)
{
	struct sip_server *before = sip_server_here();
	int result = 0;

	ast_sip_set_server(server);
	current = file;
	if (loading)
		result = file->load != NULL ? file->load() : 0;
	else if (file->unload != NULL)
		file->unload();
	current = NULL;
	ast_sip_set_server(before);
	return result;
}

int sip_server_load_module(
	struct sip_server *server, const struct ast_sip_module_file *file, char *error)
{
	struct module *module;

	if (file->abi != AST_SIP_MODULE_ABI || file->name == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"built for interface %u, this server has %u", file->abi,
			AST_SIP_MODULE_ABI);
		return SIP_EVERSION;
	}
	module = calloc(1, sizeof(*module));
	if (module == NULL)
		return SIP_EMEMORY;
	module->file = file;
	if (run_as(server, file, true) != 0) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: its load() failed",
			file->name);
		free(module);
		return SIP_EINVALID;
	}
	pthread_mutex_lock(&server->registry_mutex);
	sip_list_append(&server->modules, &module->link);
	pthread_mutex_unlock(&server->registry_mutex);
	sip_log(SIP_LOG_INFO, "modules", "loaded name=%s", file->name);
	return 0;
}

void sip_server_unload_module(
	struct sip_server *server, const struct ast_sip_module_file *file)
{
	struct sip_list *at;
	struct sip_list *ahead;

	run_as(server, file, false);
	pthread_mutex_lock(&server->registry_mutex);
	sip_list_each (&server->modules, at, ahead) {
		struct module *module = SIP_CONTAINER(at, struct module, link);

		if (module->file != file)
			continue;
		sip_list_remove(at);
		free(module);
	}
	pthread_mutex_unlock(&server->registry_mutex);
}

void sip_modules_each(struct sip_server *server,
	void (*visit)(void *arg, const struct ast_sip_module_file *file), void *arg)
{
	struct sip_list *at;
	struct sip_list *ahead;

	pthread_mutex_lock(&server->registry_mutex);
	sip_list_each (&server->modules, at, ahead) {
		visit(arg, SIP_CONTAINER(at, struct module, link)->file);
	}
	pthread_mutex_unlock(&server->registry_mutex);
}

static void start_list(const struct sip_registered_list *list, bool starting)
{
	for (size_t i = 0; i < list->count; i++) {
		if (starting)
			sip_registered_start(list->item[i]);
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
	sip_rcu_barrier();
}
