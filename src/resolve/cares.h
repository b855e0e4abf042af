/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Records from DNS servers, by c-ares.
 *
 * Its channel and its sockets belong to one reactor of the pool, whose owner alone calls
 * c-ares: a query goes there by message, and c-ares' sockets are polled with the others.
 * It does not look into the hosts file, and appends no domain to a name.
 */
#pragma once

#include "resolve/dns.h"

struct sip_cares;

struct sip_cares_config {
	struct sip_pool *pool;
	unsigned reactor; /* number; default 0 */
	/* `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:5353`, with commas between;
	 * NULL: the system's, as /etc/resolv.conf has them when it is created. */
	const char *servers;
	unsigned timeout_ms; /* of the first try with a server; default 1000 */
	unsigned tries;      /* with each server, the timeout doubled; default 2 */
};

/** The defaults; pool and servers NULL. */
void sip_cares_config_init(struct sip_cares_config *config);

/**
 * Before the pool starts.  Reads files of the system.
 *
 * 0; SIP_EINVALID: the servers can't be read, or there is none; SIP_ESYSTEM; SIP_EMEMORY.
 */
SIP_MUST_USE int sip_cares_create(
	const struct sip_cares_config *config, struct sip_cares **cares);

/** Borrowed; lives as long as `cares`. */
struct sip_dns_source *sip_cares_source(struct sip_cares *cares);

/** After the pool has stopped and the resolver is destroyed.  *cares becomes NULL; NULL
 * is allowed. */
void sip_cares_destroy(struct sip_cares **cares);
