/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Finding the peer: where a request to a URI can be sent, in the order to try
 * (RFC 3263).
 *
 * An address, and a name whose records are in the cache, are answered at once.  Else the
 * answer comes as a task to the asker's work.  Nothing here waits.
 *
 * Threads: any, unless a function says otherwise.
 * Not here: where records come from (dns.h, cares.h).
 */
#pragma once

#include "res_sip/flow.h"
#include "res_sip/uri.h"
#include "resolve/dns.h"

/* ---- the resolver ---- */

struct sip_resolver;

struct sip_resolver_config {
	struct sip_pool *pool;
	struct sip_random *random; /* SRV's weights are drawn from it */
	struct sip_counters *counters;
	struct sip_dns_source *source;
	/* Which of our addresses the system would use: sip_route_ask(). */
	int (*route)(const struct sip_addr *peer, struct sip_addr *local);
	unsigned asks_max;       /* that wait; default 1000 */
	unsigned queries_max;    /* that the source has; default 500 */
	unsigned cache_max;      /* answers; default 4096 */
	uint32_t ttl_min_s;      /* of what is kept; default 5 */
	uint32_t ttl_max_s;      /* default 1 day */
	uint32_t none_ttl_max_s; /* of what does not exist; default 5 min */
	uint32_t stale_s; /* beyond its time, while nobody answers; default 1 day */
	uint64_t stale_patience_us; /* wait for better than stale; default 1 s */
	uint64_t stale_again_us;    /* ask again for what is stale; default 30 s */
	uint64_t deadline_us;       /* of an ask; default 5 s */
	uint64_t failed_us;         /* a target that failed is put last; default 30 s */
};

/** The defaults; what they need from outside is NULL, and `route` is sip_route_ask(). */
void sip_resolver_config_init(struct sip_resolver_config *config);

/** Borrows what *config points to until it is destroyed.  0, SIP_EMEMORY. */
SIP_MUST_USE int sip_resolver_create(
	const struct sip_resolver_config *config, struct sip_resolver **resolver);

/** Before the pool stops: all that wait are answered SIP_ESTATE, and so is who asks DNS
 * from now on. */
void sip_resolver_stop(struct sip_resolver *resolver);

/** After the pool has stopped, and with it all asks.  *resolver becomes NULL; NULL is
 * allowed. */
void sip_resolver_destroy(struct sip_resolver **resolver);

/* ---- asking ---- */

#define SIP_FAMILY_IPV4 1u
#define SIP_FAMILY_IPV6 2u

struct sip_resolve_request {
	enum sip_uri_scheme scheme; /* SIP_URI_SIP or SIP_URI_SIPS */
	struct sip_str host;        /* as in the URI: a name, an address, [an address] */
	uint16_t port;              /* 0: none given */
	struct sip_str transport;   /* the parameter's value; ptr NULL: none given */
	uint8_t families[SIP_WSS + 1]; /* we have a listener of, by transport */
};

/** Of one answer at most. */
#define SIP_TARGETS_MAX 16

struct sip_target {
	enum sip_transport_kind kind;
	struct sip_addr addr; /* with its port */
};

struct sip_targets {
	unsigned count;
	struct sip_target target[SIP_TARGETS_MAX]; /* the first is tried first */
};

/* Somebody waits for an answer. */
struct sip_ask;

/** Core code, in the turn of the asker's work; borrows `targets`.  `result` is as of
 * sip_resolve(), or SIP_ETIMEOUT, SIP_EREFUSED, SIP_ESTATE; `targets` are empty unless 0.
 */
typedef void sip_resolved_fn(void *arg, int result, const struct sip_targets *targets);

struct sip_asker {
	struct ast_sip_work *work; /* lives until it was told, or has given up */
	sip_resolved_fn *resolved;
	void *arg;
};

/**
 * Where to send a request.  Borrows all but the asker's work.
 *
 * 0 and *ask NULL: *targets is the answer, of one target at least.
 * 0 and *ask: asker->resolved() is called exactly once, unless the ask is given up.
 * Without an asker (NULL, and ask NULL) only what is known at once is answered.
 *
 * SIP_ESYNTAX       the host is neither an address nor a name that can be looked up
 * SIP_EINVALID      a transport that is unknown, or not secure where sips: wants that
 * SIP_EUNSUPPORTED  there is no listener for what the URI asks for
 * SIP_ENOTFOUND     there is no such name, or no address of it; a name in .invalid
 *                   (RFC 7118 section 5), which nobody is asked about
 * SIP_EBUSY         asks_max wait already, or queries_max are under way
 * SIP_EDEPTH        the records lead on to more look-ups than one ask may make (32)
 * SIP_ELIMIT        a name has more than SIP_DNS_RECORDS_MAX records of a kind
 * SIP_EMISSING      without an asker: it is not known at once
 * SIP_EMEMORY       out of memory
 * SIP_ESTATE        the resolver was stopped
 */
SIP_MUST_USE int sip_resolve(struct sip_resolver *resolver,
	const struct sip_resolve_request *request, const struct sip_asker *asker,
	struct sip_targets *targets, struct sip_ask **ask);

/** In the turn of its asker's work, before it was told: it will not be.  *ask becomes
 * NULL. */
void sip_ask_give_up(struct sip_ask **ask);

/* ---- what came of it ---- */

/** Nobody answered there: for `for_us` (0: config.failed_us) it comes behind the others
 * of any answer. */
void sip_target_failed(
	struct sip_resolver *resolver, const struct sip_target *target, uint64_t for_us);

/** Somebody did. */
void sip_target_answered(struct sip_resolver *resolver, const struct sip_target *target);

/* ---- for an operator ---- */

/** For how long it comes behind the others yet; 0: it does not. */
uint64_t sip_target_shunned_us(
	struct sip_resolver *resolver, const struct sip_target *target);

struct sip_resolver_figures {
	unsigned asks;    /* that wait */
	unsigned queries; /* that the source has; of some moments ago */
};

void sip_resolver_figures(
	struct sip_resolver *resolver, struct sip_resolver_figures *figures);
