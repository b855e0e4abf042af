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

/** Stop serving: what is queued runs, threads end, services are stopped and unloaded. */
void sip_server_stop(struct sip_server *server);

void sip_server_destroy(struct sip_server **server);

/** The thread's server, for every function that has none in its signature.  Tasks have
 * theirs; with one server in the process, that one is everybody's. */
void ast_sip_set_server(struct sip_server *server);
struct sip_server *ast_sip_server(void);

/** Call a module file's load() or unload(); what it registers is kept with its name.
 * `file` is borrowed until it was unloaded and the server stopped.  load: 0,
 * SIP_EVERSION, SIP_EINVALID (load() failed). */
SIP_MUST_USE int sip_server_load_module(
	struct sip_server *server, const struct ast_sip_module_file *file, char *error);
void sip_server_unload_module(
	struct sip_server *server, const struct ast_sip_module_file *file);

/* Looking; res_sip/show.h has the rest. */

/** One message, sent or received. */
struct sip_trace_message {
	uint64_t wall_us; /* since 1970 */
	bool sent;
	struct sip_flow flow;
	struct sip_str text;
};

/**
 * Be called with every message, from any thread; it must not block.  One at a time; NULL
 * ends it, and returns when no call is under way.
 */
typedef void sip_trace_fn(void *arg, const struct sip_trace_message *message);
void sip_server_trace(struct sip_server *server, sip_trace_fn *trace, void *arg);

/** The address of a bound listener, by the name of its section; SIP_ENOTFOUND. */
SIP_MUST_USE int sip_server_address(
	const struct sip_server *server, const char *name, struct sip_addr *addr);

/** `0.1.0` */
const char *sip_version(void);

SIP_API_END
