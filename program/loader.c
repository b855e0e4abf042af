/* SPDX-License-Identifier: BSD-2-Clause */
/* dlopen() and what can go wrong with it. */
#include "loader.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct loaded {
	const struct module *module;
	void *handle;
	const struct ast_sip_module_file *file;
	bool is_loaded; /* by the server */
};

static const char symbol[] = "ast_sip_module_file";

/* The file's description; NULL: `error` says why there is none. */
static const struct ast_sip_module_file *describe(
	void *handle, const struct module *module, char *error)
{
	const struct ast_sip_module_file *file = dlsym(handle, symbol);

	if (file == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s: %s is no module: it has no symbol %s", module->name,
			module->path, symbol);
		return NULL;
	}
	if (file->abi != AST_SIP_MODULE_ABI) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s: made for version %u of the module interface, and this server "
			"has %u",
			module->name, file->abi, (unsigned)AST_SIP_MODULE_ABI);
		return NULL;
	}
	if (file->name == NULL || file->load == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s: it has no name or no load()", module->name);
		return NULL;
	}
	return file;
}

static void *open_file(const struct module *module, char *error)
{
	void *handle = dlopen(module->path, RTLD_NOW | RTLD_LOCAL);
	const char *reason;

	if (handle == NULL) {
		reason = dlerror();
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: %s", module->name,
			reason != NULL ? reason : "can't be opened");
	}
	return handle;
}

bool loader_open(struct loader *loader, const struct module *module, char *error)
{
	size_t size = (loader->count + 1) * sizeof(*loader->items);
	struct loaded *items = realloc(loader->items, size);
	struct loaded *loaded;

	if (items == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: out of memory",
			module->name);
		return false;
	}
	loader->items = items;
	loaded = &items[loader->count];
	*loaded = (struct loaded){ .module = module, .handle = open_file(module, error) };
	if (loaded->handle == NULL)
		return false;
	loader->count++;
	loaded->file = describe(loaded->handle, module, error);
	return loaded->file != NULL;
}

bool loader_load(struct loader *loader, struct sip_server *server, char *error)
{
	char reason[SIP_SERVER_ERROR_LEN] = "";

	for (size_t i = 0; i < loader->count; i++) {
		struct loaded *loaded = &loader->items[i];

		if (sip_server_load_module(server, loaded->file, reason) != SIP_OK) {
			snprintf(error, SIP_SERVER_ERROR_LEN, "can't load %s: %.180s",
				loaded->module->path,
				reason[0] != '\0' ? reason : "out of memory");
			return false;
		}
		loaded->is_loaded = true;
	}
	return true;
}

void loader_unload(struct loader *loader, struct sip_server *server)
{
	for (size_t i = loader->count; i > 0; i--) {
		struct loaded *loaded = &loader->items[i - 1];

		if (loaded->is_loaded)
			sip_server_unload_module(server, loaded->file);
		loaded->is_loaded = false;
	}
}

void loader_fini(struct loader *loader)
{
	while (loader->count > 0)
		dlclose(loader->items[--loader->count].handle);
	free(loader->items);
	loader->items = NULL;
}
