/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A server: for programs that run one.
 *
 *     sip_server_create(&config, &server, error);
 *     sip_server_bind(server, error);           (as root, for ports below 1024)
 *     ast_sip_set_server(server);
 *     ... register services, identifiers, an authenticator (or load modules) ...
 *     sip_server_start(server, error);
 *     ... until it is time ...
 *     sip_server_stop(server);
 *     sip_server_destroy(&server);
 *
 * Threads: the functions that change a server's state are called by one thread,
 * never from a task; those that look may be called by any.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/config.h"
#include "res_sip/error.h"
#include "res_sip/log.h"
#include "res_sip/module.h"

SIP_API_BEGIN

struct sip_server;

/** Room for a sentence about what went wrong. */
#define SIP_SERVER_ERROR_LEN 256

/** 0, SIP_EMEMORY, SIP_EINVALID: `error[SIP_SERVER_ERROR_LEN]` says what. */
SIP_MUST_USE int sip_server_create(
	const struct sip_config *config, struct sip_server **server, char *error);

/** Bind all listeners.  0, SIP_EEXISTS (in use), SIP_ESYSTEM. */
SIP_MUST_USE int sip_server_bind(struct sip_server *server, char *error);

/** Begin to serve.  SIP_ESTATE: no authenticator, and `authentication=none` is not set.
 */
SIP_MUST_USE int sip_server_start(struct sip_server *server, char *error);

/** A line about what a reload did, or could not do; it is logged, too. */
struct sip_reload_sink {
	void *arg;
	void (*line)(void *arg, enum sip_log_level level, const char *text);
};

/**
 * Serve by another configuration, whole or not at all, while requests go on.
 *
 * What is registered, calls and bindings stay.  `config` is borrowed until it returns,
 * `sink` may be NULL.  Each message sees the old configuration or the new one from its
 * first step to its last.  Listeners that are new are bound first; those that are gone
 * take nothing new and are closed when what they began has ended.  Options that hold
 * until a restart are told, and the others are in force when it returns.
 *
 * Threads: any that is none of the server's; it takes as long as building takes.
 *
 * 0; SIP_EINVALID, SIP_EEXISTS or SIP_ESYSTEM (a listener can't be bound), SIP_EMEMORY,
 * SIP_ESTATE (it does not serve, or has no authenticator): nothing was changed, and
 * `error[SIP_SERVER_ERROR_LEN]` says why.
 */
SIP_MUST_USE int sip_server_reload(struct sip_server *server,
	const struct sip_config *config, const struct sip_reload_sink *sink, char *error);

/**
 * Give the memory that reloads have left free back to the system: with glibc, whose
 * allocator keeps it otherwise; with another nothing.
 *
 * What a reload replaced is freed first, except what a request still holds; the next call
 * gives that back.  Requests go on meanwhile.
 *
 * Threads: any that is none of a server's; waits for those that are freeing.
 */
void sip_release_memory(void);

/** Stop serving: what is queued runs, threads end, services are stopped and unloaded. */
void sip_server_stop(struct sip_server *server);

/** Free it, after sip_server_stop(); *server becomes NULL.  NULL is allowed. */
void sip_server_destroy(struct sip_server **server);

/** The thread's server, for every function that has none in its signature.  Tasks have
 * theirs; with one server in the process, that one is everybody's. */
void ast_sip_set_server(struct sip_server *server);

/** That server; NULL: none was set, and there is none or more than one. */
struct sip_server *ast_sip_server(void);

/* Module files (res_sip/module.h): loaded, replaced and unloaded by one thread at a time,
 * never from a task, also while the server serves. */

/** One mapping of a module's file. */
struct sip_module_source {
	const struct ast_sip_module_file *file; /**< borrowed until released() */
	const char *path; /**< for `show modules`; copied; NULL: not known */
	/** Its place among the modules: what it registers comes before what a module of a
	 * greater rank has; SIZE_MAX: at the end. */
	size_t rank;
	/** Nothing can call into the file any more: it may be unmapped.  Exactly once,
	 * also where loading failed (then perhaps at once); on any thread.  NULL: nobody
	 * wants to know. */
	void (*released)(void *arg);
	void *arg;
};

/**
 * Load a module.  Whole or not at all: `error[SIP_SERVER_ERROR_LEN]` says why not.
 *
 * SIP_EVERSION (made for another interface), SIP_EEXISTS (a module of that name runs),
 * SIP_EINVALID (its load() or a service's start() failed, or a name is taken),
 * SIP_EMEMORY.
 */
SIP_MUST_USE int sip_server_add_module(
	struct sip_server *server, const struct sip_module_source *source, char *error);

/**
 * The newer instance takes the place of the one that runs, in one change: each request is
 * served by the one or the other.  The older goes when what it has begun has ended.
 *
 * SIP_ENOTFOUND (none of that name runs), or as above; then the older goes on untouched.
 */
SIP_MUST_USE int sip_server_replace_module(
	struct sip_server *server, const struct sip_module_source *source, char *error);

/**
 * Unload the module that runs; it goes when what it has begun has ended.
 *
 * SIP_ENOTFOUND (none of that name runs), SIP_ESTATE (it has the only authenticator, and
 * the configuration does not say authentication=none), SIP_EMEMORY: it goes on.
 */
SIP_MUST_USE int sip_server_remove_module(
	struct sip_server *server, const char *name, char *error);

/** sip_server_add_module() for a file that stays mapped, under any name. */
SIP_MUST_USE int sip_server_load_module(
	struct sip_server *server, const struct ast_sip_module_file *file, char *error);

/** Unload what came from that file, whatever it is; also of a server that was stopped.
 * It can't fail: without memory nobody asks it from now on, and it goes when there is. */
void sip_server_unload_module(
	struct sip_server *server, const struct ast_sip_module_file *file);

/* Looking; more of it: res_sip/show.h, res_sip/trace.h. */

/** The address of a bound listener, by the name of its section; SIP_ENOTFOUND. */
SIP_MUST_USE int sip_server_address(
	const struct sip_server *server, const char *name, struct sip_addr *addr);

/** `0.1.0` */
const char *sip_version(void);

SIP_API_END
