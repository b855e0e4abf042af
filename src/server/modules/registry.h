/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Registries and module files, for the folder.
 *
 *      register.c    the design's methods: what is registered, and what is refused
 *      registry.c    a new snapshot, with what was added and without what has gone
 *      leaving.c     what has gone where there is no memory for a new snapshot
 *      registered.c  one thing that is registered, from its making to its end
 *      modules.c     module files, whose things come and go together
 *      module_instance.c  one of them, from its making to its release
 */
#pragma once

#include "server/settings/snapshot.h"

enum sip_module_state {
	SIP_MODULE_LOADING, /* what it registers is kept back until load() has ended well
			     */
	SIP_MODULE_RUNNING,
	SIP_MODULE_UNLOADING, /* nothing new comes to it; its unload() runs */
	SIP_MODULE_DRAINING,  /* until nothing of it runs or is to come */
};

/* A module file as it was loaded once. */
struct sip_module_instance {
	struct sip_list link; /* in the server's `modules`, under registry_mutex */
	struct sip_rcu_head rcu;
	struct sip_server *server;
	const struct ast_sip_module_file *file; /* the program's, until it is told */
	void (*released)(void *arg);
	void *released_arg;
	/* Copies: the file's own text goes with its mapping. */
	char *name;
	char *path; /* NULL: not known */
	uint32_t flags;
	size_t rank;
	unsigned number;        /* among all that the server had; from 1 */
	uint64_t changed_us;    /* wall time at which `state` began */
	struct sip_owner owner; /* of load() and unload(), and what those begin */
	struct sip_call_site site;
	struct sip_module_instance *replaces; /* while LOADING; NULL: nothing */
	bool loaded;                          /* its load() ended well */

	/* Under registry_mutex. */
	enum sip_module_state state;
	struct sip_list registered; /* struct sip_registered, by `link`: all that live */
	struct sip_list staged;     /* by `added`; while LOADING */
	char reason[160];           /* why the first registration was refused */
};

/** The instance whose code runs on this thread; NULL: none. */
struct sip_module_instance *sip_modules_current(void);

/** Visit every instance, the newest of a module before older ones; under
 * registry_mutex. */
void sip_modules_each(struct sip_server *server,
	void (*visit)(void *arg, const struct sip_module_instance *instance), void *arg);

/** Something that it registered is no more; under registry_mutex.  True: it is to be
 * passed to sip_modules_drain(). */
SIP_MUST_USE bool sip_modules_lost(struct sip_module_instance *instance);
/** Nothing of it is registered any more: it goes when what it has begun has ended. */
void sip_modules_drain(struct sip_module_instance *instance);

/** The server is destroyed: forget those that were never unloaded. */
void sip_modules_forget(struct sip_server *server);

/* ---- registered.c ---- */

/* What is to be registered. */
struct sip_registered_plan {
	enum sip_registered_kind kind;
	void *any;
	const char *name; /* of the program's, where no module's code runs */
	bool may_block;
	const char *what; /* the first callback's name */
};

/** `service`, `identifier` or `authenticator`. */
const char *sip_registered_kind_name(enum sip_registered_kind kind);

/** Counted once; NULL: out of memory.  Under registry_mutex. */
SIP_MUST_USE struct sip_registered *sip_registered_create(
	struct sip_server *server, const struct sip_registered_plan *plan);

/** Count it once more, unless the last count is gone. */
bool sip_registered_revive(struct sip_registered *registered);

/** Of a service or an identifier; NULL: it has none. */
const char *sip_registered_name(const struct sip_registered *registered);

/** Call start() or stop() of a service, once; with no lock held.  0, or what start()
 * returned. */
int sip_registered_start(struct sip_registered *registered);
void sip_registered_stop(struct sip_registered *registered);

/* ---- registry.c ---- */

/* What is to change between two snapshots. */
struct sip_change {
	const void *without; /* this one goes; NULL: none */
	/* All of this module's go; each thing of the same kind and name in `added` takes
	 * the place of one.  NULL: none. */
	const struct sip_module_instance *gone;
	struct sip_list *added;        /* struct sip_registered, by `added`; NULL: none */
	struct sip_settings *settings; /* another configuration; NULL: it stays */
};

/** Publish a new snapshot; under registry_mutex.  0; SIP_EMEMORY: nothing has changed. */
SIP_MUST_USE int sip_registry_publish(
	struct sip_server *server, const struct sip_change *change);

/** `change` names it as what goes. */
bool sip_change_takes_out(
	const struct sip_change *change, const struct sip_registered *item);

/** Publish `change`, which takes something out and adds nothing; under registry_mutex.
 * Without memory nobody asks that from now on, and it goes later by itself. */
void sip_registry_take_out(struct sip_server *server, const struct sip_change *change);

/** The service of that name in the current snapshot; NULL.  Under registry_mutex. */
struct sip_registered *sip_registry_service(struct sip_server *server, const char *name);

/** The next of words between spaces, as a service's `methods` and `understands` are.
 * False: no more. */
bool sip_words_next(struct sip_str *rest, struct sip_str *word);

/** Start or stop every registered service. */
void sip_registry_start(struct sip_server *server);
void sip_registry_stop(struct sip_server *server);

/** Publish other settings with what is registered, in their order.  SIP_ESTATE: it does
 * not serve, or has no authenticator where one is wanted (`error`); SIP_EMEMORY. */
SIP_MUST_USE int sip_registry_take_settings(
	struct sip_server *server, struct sip_settings *settings, char *error);

/** SIP_ESTATE, and says why in `error`. */
int sip_no_authenticator(char *error);

/** Unregister everything, and wait until what nobody uses any more was unloaded. */
void sip_registry_clear(struct sip_server *server);

/** Wait until whatever goes has gone; the pool has stopped. */
void sip_registry_settle(struct sip_server *server);
