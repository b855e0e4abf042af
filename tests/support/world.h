/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole server in one thread: stepped pool, virtual clock, memory listeners, the
 * real modules.
 *
 *     struct world *w = world_create(NULL);          the usual phones
 *     wire_receive(&w->wire, "192.0.2.1:5060", "OPTIONS sip:127.0.0.1 SIP/2.0\n...");
 *     world_destroy(&w);                             checks that nothing is left
 *
 * The usual configuration: the listener 127.0.0.1:5060, the domain example.org,
 * phones 6001 and 6002 (digest, passwords secret1 and secret2, max_contacts 3), the
 * endpoint `open` without a password, known by the address 192.0.2.99, with the AOR
 * `open`; modules in their default order.
 */
#pragma once

#include "support/wire.h"

#include "server/server.h"

#include "res_sip.h"
#include "res_sip/module.h"

#define WORLD_MODULES_MAX 16

struct world {
	struct sip_clock clock;
	struct sip_server *server;
	struct wire wire;
	const struct ast_sip_module_file
		*module[WORLD_MODULES_MAX]; /* loaded from files */
	size_t module_count;
	bool bound;
	char error[SIP_SERVER_ERROR_LEN]; /* of the last reload */
	char told[4096];
};

/* What a test wants to be different.  All zero: the usual. */
struct world_options {
	/* Changes the configuration before the server is made. */
	void (*configure)(struct sip_config *config);
	/* NULL-terminated names of module files; NULL: all, in the default order. */
	const char *const *modules;
	/* Called instead of loading modules, with the server as the thread's. */
	void (*prepare)(void);
	unsigned reactors;                             /* 0: 1 */
	const struct sip_spare_threads *spare_threads; /* NULL: nothing can block */
	struct sip_dns_source *dns;                    /* NULL: names are not looked up */
	const char *address; /* of the listener; NULL: 127.0.0.1:5060 */
	bool bound; /* the transports of the configuration are listened on, too */
	/* NULL: that address and nothing else. */
	const struct sip_listener_config *listener;
};

struct world *world_create(const struct world_options *options);

/** Reload with the usual configuration, changed by `configure` (NULL: not at all).
 * Returns what sip_server_reload() did; world->error and world->told (all its lines) say
 * it in words. */
int world_reload(struct world *world, void (*configure)(struct sip_config *config));

/** Moves time until every transaction has ended, stops, and checks that no message,
 * transaction, call or branch is left. */
void world_destroy(struct world **world);

/** Stops now, in the middle of whatever is under way, with the same checks. */
void world_stop(struct world **world);

/** A request's text with the usual fields: `extra` is whole lines.  Static buffer. */
const char *world_request(const char *method, const char *uri, const char *from_user,
	const char *call_id, unsigned cseq, const char *branch, const char *extra);

/** Register `user` from `peer` with the right digest (a second request answers the
 * challenge); the Contact is sip:user@peer.  Fails the test unless 200 comes. */
void world_register(
	struct world *world, const char *user, const char *password, const char *peer);

/** An Authorization or Proxy-Authorization line that answers the latest challenge that
 * was sent.  Static buffer. */
const char *world_credentials(struct world *world, const char *user, const char *password,
	const char *method, const char *uri);

/** The value of a header field in a message that was sent; "" where it is not there.
 * Static buffer. */
const char *world_header(const struct wire_message *message, const char *name);
