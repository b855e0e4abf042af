/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Names that TLS peers have to prove, by number: struct sip_flow's `host`.
 *
 * RFC 5922: the name that was asked for, and none that DNS made of it.  A flow is copied
 * freely and keeps nothing alive, so it has a number, and the names are kept here, as
 * many as there is room for: the one of its place that was asked for least lately goes.
 * A flow whose name has gone can't open a connection any more.
 *
 * Threads: any.
 */
#pragma once

#include "base/hash.h"
#include "base/lock.h"
#include "base/random.h"
#include "res_sip/flow.h"

/* RFC 1035 2.3.4, and the NUL. */
#define SIP_TLS_HOST_LEN 254

#define SIP_TLS_HOST_PLACES 256u
#define SIP_TLS_HOST_WAYS   8u

struct sip_tls_host {
	char *name;     /* malloc()ed, lower case; NULL: free */
	uint32_t given; /* how often the place was */
	uint64_t used;  /* by count of look-ups */
};

struct sip_tls_hosts {
	struct sip_leaf_lock lock; /* guards all below but the key */
	uint64_t used;
	struct sip_hash_key key;
	struct sip_tls_host host[SIP_TLS_HOST_PLACES][SIP_TLS_HOST_WAYS];
};

/** A host's name, from whose end the root's dot is taken.  False: it is none, a wildcard
 * for instance, or one with a NUL in it. */
SIP_MUST_USE bool sip_tls_is_host(struct sip_str *name);

/** `hosts` is all zero. */
void sip_tls_hosts_init(struct sip_tls_hosts *hosts, struct sip_random *random);
void sip_tls_hosts_fini(struct sip_tls_hosts *hosts);

/** The number of `name`, the same for each spelling of it: case, a dot at its end.  0 of
 * an address, which proves itself as the peer's.  SIP_ESYNTAX: it is neither a host's
 * name nor an address; SIP_EMEMORY. */
SIP_MUST_USE int sip_tls_hosts_find(
	struct sip_tls_hosts *hosts, struct sip_str name, uint32_t *number);

/** Likewise, of one that was asked for already; 0: it was not, or has gone. */
uint32_t sip_tls_hosts_number(struct sip_tls_hosts *hosts, struct sip_str name);

/** The name of `number` (SIP_HOST_SECURE or not) into text[SIP_TLS_HOST_LEN].  False: it
 * has gone. */
SIP_MUST_USE bool sip_tls_hosts_name(
	struct sip_tls_hosts *hosts, uint32_t number, char *text);
