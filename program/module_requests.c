/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules of a running server: which file, which place in the order, and what is said.
 *
 * modules.conf stays as it is: what is done here holds until the restart.
 */
#include "module_requests.h"

#include "run.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define PATIENCE_MS 200 /* for an older instance that has next to nothing to end */

/* Its place in the order of the start; SIZE_MAX: it has none. */
static size_t rank_of(const struct run *run, const char *name)
{
	const struct module_list *modules = &run->configuration.modules;

	for (size_t i = 0; i < modules->count; i++) {
		if (strcmp(modules->items[i].name, name) == 0)
			return i;
	}
	return SIZE_MAX;
}

static bool refuse(struct text *answer, const char *error)
{
	text_fini(answer);
	text_add_visible(answer, sip_str_of(error));
	return false;
}

/* Where the file is; false: `error` says why it is nowhere. */
static bool find_file(const struct run *run, const char *name, char *path, char *error)
{
	switch (module_look(&run->folders, name, path, PATH_MAX)) {
	case MODULE_FOUND: return true;
	case MODULE_HIDDEN:
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %.64s: %s%s can't look into %.100s: allow it, or restart",
			name, run->user.name != NULL ? "root was given up, user " : "",
			run->user.name != NULL ? run->user.name : "the server", path);
		return false;
	case MODULE_MISSING: break;
	}
	snprintf(error, SIP_SERVER_ERROR_LEN, "there is no module %.64s in %.100s", name,
		run->folders.count != 0 ? run->folders.items[0] : "any folder");
	return false;
}

static struct loader_request request_of(
	const struct run *run, const char *name, const char *path)
{
	return (struct loader_request){ .server = run->server,
		.name = name,
		.path = path,
		.rank = rank_of(run, name),
		.user = run->user.name };
}

bool answer_module_load(const struct request_context *context,
	const struct arguments *arguments, struct text *answer)
{
	struct run *run = context->run;
	const char *name = arguments_word(arguments, 0);
	char error[SIP_SERVER_ERROR_LEN] = "";
	char path[PATH_MAX];
	struct loader_request request;

	if (!find_file(run, name, path, error))
		return refuse(answer, error);
	request = request_of(run, name, path);
	if (!loader_add(&run->loader, &request, error))
		return refuse(answer, error);
	text_format(answer, "module %s is loaded from %s\n", name, path);
	if (request.rank == SIZE_MAX)
		text_format(answer,
			"until the server is restarted: modules.conf does not name it\n");
	return true;
}

/* What the older instance does. */
static void tell_older(struct run *run, const char *name, struct text *answer)
{
	if (loader_wait(&run->loader, name, PATIENCE_MS))
		text_add(answer, SIP_STR("nothing of the old one is left\n"));
	else
		text_add(answer,
			SIP_STR("the old one ends what it has begun: `show modules` says "
				"what it waits for\n"));
}

bool answer_module_reload(const struct request_context *context,
	const struct arguments *arguments, struct text *answer)
{
	struct run *run = context->run;
	const char *name = arguments_word(arguments, 0);
	char error[SIP_SERVER_ERROR_LEN] = "";
	char path[PATH_MAX];
	struct loader_request request;

	/* The file that it came from, unless it is gone. */
	if ((!loader_path(&run->loader, name, path, sizeof(path)) ||
		    access(path, F_OK) != 0) &&
		!find_file(run, name, path, error))
		return refuse(answer, error);
	request = request_of(run, name, path);
	if (!loader_replace(&run->loader, &request, error))
		return refuse(answer, error);
	text_format(answer, "module %s is loaded anew from %s\n", name, path);
	tell_older(run, name, answer);
	return true;
}

bool answer_module_unload(const struct request_context *context,
	const struct arguments *arguments, struct text *answer)
{
	struct run *run = context->run;
	const char *name = arguments_word(arguments, 0);
	char error[SIP_SERVER_ERROR_LEN] = "";

	if (!loader_remove(&run->loader, run->server, name, error))
		return refuse(answer, error);
	text_format(
		answer, "module %s is unloaded, until the server is restarted\n", name);
	tell_older(run, name, answer);
	return true;
}
