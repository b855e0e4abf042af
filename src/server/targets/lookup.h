/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Names: the server's resolver, and how much each source of requests may have it ask.
 *
 * A look-up that is answered from memory costs nobody anything.  One that goes out to DNS
 * is paid for by the source of the request that it is for, so that nobody floods a DNS
 * server through us; what is for nobody's request (keep-alives, our own) is free.
 *
 * Threads: any, unless a function says otherwise.
 */
#pragma once

#include "resolve/resolve.h"
#include "server/server.h"

struct sip_lookups;

/** Before the pool starts.  `simulated`: records come from `source` (NULL: names are not
 * looked up), else from the servers of the configuration or the system.
 *
 * 0, SIP_EINVALID (nameservers= can't be read), SIP_ESYSTEM, SIP_EMEMORY. */
SIP_MUST_USE int sip_lookups_create(struct sip_server *server,
	const struct sip_config *config, bool simulated, struct sip_dns_source *source,
	struct sip_lookups **lookups);
/** Before the pool is stopped: who waits is told so. */
void sip_lookups_stop(struct sip_lookups *lookups);
/** After the pool has stopped, before it is destroyed. */
void sip_lookups_destroy(struct sip_lookups **lookups);

/** NULL: names are not looked up. */
struct sip_resolver *sip_lookups_resolver(const struct sip_lookups *lookups);

/* Where to. */
struct sip_lookup {
	const struct sip_uri *uri;
	uint32_t listener;             /* it leaves by that one; 0: by any that is open */
	const struct sip_addr *source; /* of the request; NULL: it is our own */
};

/** sip_resolve(), for the listeners that there are.  Besides its results: SIP_EBUSY where
 * the source has spent what it may. */
SIP_MUST_USE int sip_lookup(struct sip_server *server, const struct sip_lookup *what,
	const struct sip_asker *asker, struct sip_targets *targets, struct sip_ask **ask);

/** Why a look-up failed, in words. */
const char *sip_lookup_error(int result);
