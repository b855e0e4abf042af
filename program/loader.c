/* SPDX-License-Identifier: BSD-2-Clause */
/* dlopen() and what can go wrong with it. */
#include "loader.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct loaded {
	struct loaded *next;
	void *handle;
	const struct ast_sip_module_file *file; /* NULL: not loaded by the server */
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

bool loader_load(struct loader *loader, struct sip_server *server,
	const struct module *module, char *error)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));
	char reason[SIP_SERVER_ERROR_LEN] = "";
	const struct ast_sip_module_file *file;

	if (loaded == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: out of memory",
			module->name);
		return false;
	}
	loaded->handle = open_file(module, error);
	if (loaded->handle == NULL) {
		free(loaded);
		return false;
	}
	/* Also where it fails below: what load() registered may still point into the
	 * file. */
	loaded->next = loader->loaded;
	loader->loaded = loaded;
	file = describe(loaded->handle, module, error);
	if (file == NULL)
		return false;
	if (sip_server_load_module(server, file, reason) == SIP_OK) {
		loaded->file = file;
		return true;
	}
	snprintf(error, SIP_SERVER_ERROR_LEN, "can't load %s: %.180s", module->path,
		reason[0] != '\0' ? reason : "out of memory");
	return false;
}

void loader_unload(struct loader *loader, struct sip_server *server)
{
	for (struct loaded *loaded = loader->loaded; loaded != NULL;
		loaded = loaded->next) {
		if (loaded->file != NULL)
			sip_server_unload_module(server, loaded->file);
		loaded->file = NULL;
	}
}

void loader_fini(struct loader *loader)
{
	while (loader->loaded != NULL) {
		struct loaded *loaded = loader->loaded;

		loader->loaded = loaded->next;
		dlclose(loaded->handle);
		free(loaded);
	}
}
