/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dlopen() and what can go wrong with it.
 *
 * A file that was given to the server belongs to it until it is released; that closes it.
 */
#include "loader.h"

#include "module_copy.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct loaded {
	struct loaded *next; /* the one that was opened before */
	struct loader *loader;
	char *name;
	char *path;
	void *handle; /* NULL: not opened */
	int copy_fd;  /* -1: the file itself is mapped */
	const struct ast_sip_module_file *file;
	bool given; /* to the server, which is to release it */
	bool runs;  /* nobody has unloaded or replaced it */
};

static const char symbol[] = "ast_sip_module_file";

void loader_init(struct loader *loader)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&loader->closed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&loader->lock, NULL);
	loader->first = NULL;
}

static void close_file(struct loaded *loaded)
{
	if (loaded->handle != NULL)
		dlclose(loaded->handle);
	if (loaded->copy_fd >= 0)
		close(loaded->copy_fd);
	free(loaded->name);
	free(loaded->path);
	free(loaded);
}

static void put(struct loader *loader, struct loaded *loaded)
{
	pthread_mutex_lock(&loader->lock);
	loaded->next = loader->first;
	loader->first = loaded;
	pthread_mutex_unlock(&loader->lock);
}

static void take(struct loader *loader, const struct loaded *loaded)
{
	struct loaded **at = &loader->first;

	pthread_mutex_lock(&loader->lock);
	while (*at != loaded)
		at = &(*at)->next;
	*at = loaded->next;
	pthread_cond_broadcast(&loader->closed);
	pthread_mutex_unlock(&loader->lock);
}

/* Any thread: nothing calls into the file any more. */
static void released(void *arg)
{
	struct loaded *loaded = arg;

	take(loaded->loader, loaded);
	close_file(loaded);
}

/* ---- opening ---- */

/* The file's description; NULL: `error` says why there is none. */
static const struct ast_sip_module_file *describe(
	const struct loaded *loaded, char *error)
{
	const struct ast_sip_module_file *file = dlsym(loaded->handle, symbol);

	if (file == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s: %s is no module: it has no symbol %s", loaded->name,
			loaded->path, symbol);
		return NULL;
	}
	if (file->abi != AST_SIP_MODULE_ABI) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s: made for version %u of the module interface, and this server "
			"has %u",
			loaded->name, file->abi, (unsigned)AST_SIP_MODULE_ABI);
		return NULL;
	}
	if (file->name == NULL || file->load == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s: it has no name or no load()", loaded->name);
		return NULL;
	}
	return file;
}

static bool open_file(struct loaded *loaded, const char *path, char *error)
{
	const char *reason;

	loaded->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (loaded->handle == NULL) {
		reason = dlerror();
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: %s", loaded->name,
			reason != NULL ? reason : "can't be opened");
		return false;
	}
	loaded->file = describe(loaded, error);
	return loaded->file != NULL;
}

/* Not opened; NULL: `error` says that there is no memory. */
static struct loaded *create(
	struct loader *loader, const char *name, const char *path, char *error)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));

	if (loaded != NULL) {
		loaded->loader = loader;
		loaded->copy_fd = -1;
		loaded->name = strdup(name);
		loaded->path = strdup(path);
	}
	if (loaded != NULL && loaded->name != NULL && loaded->path != NULL)
		return loaded;
	if (loaded != NULL)
		close_file(loaded);
	snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: out of memory", name);
	return NULL;
}

bool loader_open(struct loader *loader, const struct module *module, char *error)
{
	struct loaded *loaded = create(loader, module->name, module->path, error);

	if (loaded == NULL)
		return false;
	if (!open_file(loaded, loaded->path, error)) {
		close_file(loaded);
		return false;
	}
	put(loader, loaded);
	return true;
}

/* ---- at the start ---- */

/* The first that was opened and not yet given; *before: how many were. */
static struct loaded *find_next(struct loader *loader, size_t *before)
{
	struct loaded *found = NULL;

	*before = 0;
	pthread_mutex_lock(&loader->lock);
	for (struct loaded *at = loader->first; at != NULL; at = at->next) {
		if (!at->given)
			found = at;
		else
			++*before;
	}
	pthread_mutex_unlock(&loader->lock);
	return found;
}

static struct sip_module_source source_of(struct loaded *loaded, size_t rank)
{
	loaded->given = true;
	return (struct sip_module_source){ .file = loaded->file,
		.path = loaded->path,
		.rank = rank,
		.released = released,
		.arg = loaded };
}

bool loader_load(struct loader *loader, struct sip_server *server, char *error)
{
	char reason[SIP_SERVER_ERROR_LEN] = "";
	struct loaded *loaded;
	size_t rank;

	while ((loaded = find_next(loader, &rank)) != NULL) {
		struct sip_module_source source = source_of(loaded, rank);
		char path[128];

		/* Where it fails the file goes at once, and its path with it. */
		snprintf(path, sizeof(path), "%s", loaded->path);
		if (sip_server_add_module(server, &source, reason) == SIP_OK) {
			loaded->runs = true;
			continue;
		}
		snprintf(error, SIP_SERVER_ERROR_LEN, "can't load %s: %.110s", path,
			reason[0] != '\0' ? reason : "out of memory");
		return false;
	}
	return true;
}

/* ---- while the server serves ---- */

/* Why it can't be read, and what to do about it. */
static void explain(const struct loader_request *request, int number, char *error)
{
	if (number == EACCES && request->user != NULL)
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s: user %s can't read %.100s, root was given up: allow it, "
			"or restart",
			request->name, request->user, request->path);
	else
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s: %.120s: %s",
			request->name, request->path, strerror(number));
}

/* A copy of the file, opened; NULL: `error` says why not. */
static struct loaded *open_copy(
	struct loader *loader, const struct loader_request *request, char *error)
{
	struct loaded *loaded = create(loader, request->name, request->path, error);
	struct module_copy copy;

	if (loaded == NULL)
		return NULL;
	if (!module_copy_make(&copy, request->path, request->name)) {
		explain(request, errno, error);
		close_file(loaded);
		return NULL;
	}
	loaded->copy_fd = copy.fd;
	if (!open_file(loaded, copy.path, error)) {
		close_file(loaded);
		return NULL;
	}
	put(loader, loaded);
	return loaded;
}

/* The instance of that name that runs; NULL: none does.  It stays while this thread does
 * not unload it. */
static struct loaded *find_running(struct loader *loader, const char *name)
{
	struct loaded *found = NULL;

	pthread_mutex_lock(&loader->lock);
	for (struct loaded *at = loader->first; at != NULL && found == NULL;
		at = at->next) {
		if (at->runs && strcmp(at->name, name) == 0)
			found = at;
	}
	pthread_mutex_unlock(&loader->lock);
	return found;
}

bool loader_add(struct loader *loader, const struct loader_request *request, char *error)
{
	struct loaded *loaded;
	struct sip_module_source source;

	if (find_running(loader, request->name) != NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s is loaded already: `module reload` replaces it",
			request->name);
		return false;
	}
	loaded = open_copy(loader, request, error);
	if (loaded == NULL)
		return false;
	source = source_of(loaded, request->rank);
	/* Where it fails it goes by itself. */
	if (sip_server_add_module(request->server, &source, error) != SIP_OK)
		return false;
	loaded->runs = true;
	return true;
}

bool loader_replace(
	struct loader *loader, const struct loader_request *request, char *error)
{
	struct loaded *older = find_running(loader, request->name);
	struct loaded *loaded;
	struct sip_module_source source;

	if (older == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"module %s is not loaded: `module load` loads it", request->name);
		return false;
	}
	loaded = open_copy(loader, request, error);
	if (loaded == NULL)
		return false;
	source = source_of(loaded, request->rank);
	/* It may be released at any time once it is replaced. */
	older->runs = false;
	if (sip_server_replace_module(request->server, &source, error) != SIP_OK) {
		older->runs = true;
		return false;
	}
	loaded->runs = true;
	return true;
}

bool loader_path(struct loader *loader, const char *name, char *path, size_t size)
{
	const struct loaded *loaded = find_running(loader, name);

	if (loaded == NULL)
		return false;
	snprintf(path, size, "%s", loaded->path);
	return true;
}

bool loader_running(struct loader *loader, size_t index, char *name, size_t size)
{
	bool found = false;

	pthread_mutex_lock(&loader->lock);
	for (const struct loaded *at = loader->first; at != NULL && !found;
		at = at->next) {
		if (!at->runs || index-- != 0)
			continue;
		snprintf(name, size, "%s", at->name);
		found = true;
	}
	pthread_mutex_unlock(&loader->lock);
	return found;
}

bool loader_remove(
	struct loader *loader, struct sip_server *server, const char *name, char *error)
{
	struct loaded *loaded = find_running(loader, name);

	if (loaded == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "module %s is not loaded", name);
		return false;
	}
	loaded->runs = false;
	if (sip_server_remove_module(server, loaded->file->name, error) == SIP_OK)
		return true;
	loaded->runs = true;
	return false;
}

/* With the lock held. */
static bool any_ends(const struct loader *loader, const char *name)
{
	for (const struct loaded *at = loader->first; at != NULL; at = at->next) {
		if (at->given && !at->runs && strcmp(at->name, name) == 0)
			return true;
	}
	return false;
}

bool loader_wait(struct loader *loader, const char *name, unsigned ms)
{
	struct timespec until;
	bool ends;
	int late = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += (time_t)(ms / 1000) + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&loader->lock);
	while ((ends = any_ends(loader, name)) && late == 0)
		late = pthread_cond_timedwait(&loader->closed, &loader->lock, &until);
	pthread_mutex_unlock(&loader->lock);
	return !ends;
}

/* ---- at the end ---- */

static struct loaded *take_latest(struct loader *loader)
{
	struct loaded *found = NULL;

	pthread_mutex_lock(&loader->lock);
	for (struct loaded *at = loader->first; at != NULL && found == NULL;
		at = at->next) {
		if (at->runs)
			found = at;
	}
	pthread_mutex_unlock(&loader->lock);
	if (found != NULL)
		found->runs = false;
	return found;
}

void loader_unload(struct loader *loader, struct sip_server *server)
{
	struct loaded *loaded;

	while ((loaded = take_latest(loader)) != NULL)
		sip_server_unload_module(server, loaded->file);
}

void loader_fini(struct loader *loader)
{
	while (loader->first != NULL) {
		struct loaded *loaded = loader->first;

		take(loader, loaded);
		close_file(loaded);
	}
	pthread_cond_destroy(&loader->closed);
	pthread_mutex_destroy(&loader->lock);
}
