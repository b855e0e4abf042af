/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files, opened and given to the server, also while it serves.
 *
 * Threads: one at a time, the one that may change the server's state; the server says
 * from a thread of its own when a file may be closed.
 */
#pragma once

#include "modules.h"

#include <res_sip/server.h>

#include <pthread.h>

struct loaded;

struct loader {
	pthread_mutex_t lock; /* guards the list */
	struct loaded *first; /* the latest */
	pthread_cond_t closed;
};

void loader_init(struct loader *loader);

/*
 * Open a module's file; nothing of it runs yet.  Before root is given up: the folder may
 * be one that the other user can't look into, as a checkout below /root.  False:
 * error[SIP_SERVER_ERROR_LEN] says why not.
 */
SIP_MUST_USE bool loader_open(
	struct loader *loader, const struct module *module, char *error);

/* Have the server load what was opened, in that order.  False:
 * error[SIP_SERVER_ERROR_LEN] says why not. */
SIP_MUST_USE bool loader_load(
	struct loader *loader, struct sip_server *server, char *error);

/* A module that is to come while the server serves. */
struct loader_request {
	struct sip_server *server;
	const char *name;
	const char *path;
	size_t rank;      /* its place among the modules; SIZE_MAX: at the end */
	const char *user; /* who we have become instead of root; NULL: nobody */
};

/* Load a copy of a file: of a module that is not loaded; in the place of the instance
 * that runs.  False: error[SIP_SERVER_ERROR_LEN] says why not, and nothing has changed.
 */
SIP_MUST_USE bool loader_add(
	struct loader *loader, const struct loader_request *request, char *error);
SIP_MUST_USE bool loader_replace(
	struct loader *loader, const struct loader_request *request, char *error);

/* The file that the running instance of a module came from, into path[size]; false: none
 * runs. */
bool loader_path(struct loader *loader, const char *name, char *path, size_t size);

/* Number `index` of the modules that run, its name into name[size]; false: there are
 * fewer.
 */
bool loader_running(struct loader *loader, size_t index, char *name, size_t size);

/* Unload it; its file is closed when nothing of it is left.  False as above. */
SIP_MUST_USE bool loader_remove(
	struct loader *loader, struct sip_server *server, const char *name, char *error);

/* Wait for at most so long until the instances of that name that were unloaded are gone;
 * false: one still ends what it has begun. */
bool loader_wait(struct loader *loader, const char *name, unsigned ms);

/* Have the modules unregister what they registered, the last first; after the server was
 * stopped. */
void loader_unload(struct loader *loader, struct sip_server *server);

/* Close the files, after the server is destroyed. */
void loader_fini(struct loader *loader);
