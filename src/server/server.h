/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What one server consists of.
 *
 * Threads: immutable after sip_server_start(), but for what says otherwise.
 */
#pragma once

#include "base/counter.h"
#include "base/hash.h"
#include "base/lock.h"
#include "base/rcu.h"
#include "base/slab.h"
#include "location/location.h"
#include "res_sip/server.h"
#include "server/message/reconnect.h"
#include "transaction/txn.h"
#include "transport/transport.h"
#include "work/pool.h"

struct sip_limits;
struct sip_listeners;
struct sip_snapshot;
struct sip_nonces;
struct sip_sources;
struct sip_admission;
struct sip_trace;
struct sip_lookups;
struct sip_dns_source;

/* Keys of Record-Route: the current one first, then one that still holds for a while. */
#define SIP_ROUTE_KEYS 2

struct sip_route_key {
	struct sip_hash_key key;
	uint64_t until_s; /* wall time at which it ends; UINT64_MAX: the current one */
};

struct sip_server {
#define sip_server_MAGIC 0x73727672u
	uint32_t magic;
	bool bound;
	bool serving; /* between start and stop */
	_Atomic bool stopping;
	_Atomic bool traced;     /* somebody watches: trace.c */
	_Atomic bool filters;    /* of the current settings: see acl.c */
	struct sip_server *next; /* in the list of servers, see current.c */

	struct sip_clock clock;
	struct sip_clock *clock_used; /* that one, or a test's */
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_slab *rx_slab;
	struct sip_slab *tx_slab;
	struct sip_slab *branch_slab;
	struct sip_slab *dialog_slab;
	struct sip_pool *pool;
	struct sip_transport *transport;
	struct sip_calls *calls;
	struct sip_txns *txns;
	struct sip_location *location;
	struct sip_nonces *nonces;
	struct sip_sources *sources;
	struct sip_admission *admission;
	struct sip_trace *trace;
	struct sip_moves *moves;
	struct sip_lookups *lookups;
	struct sip_reconnects reconnects;
	uint64_t started_ms; /* wall time at which it was made */

	struct sip_call_site program_site; /* callbacks that no module gave */
	struct sip_hash_key tag_key;       /* of To tags that keep no state */
	struct sip_hash_key loop_key;      /* of the loop hash in our branches */
	struct sip_route_key route_key[SIP_ROUTE_KEYS];

	_Atomic(struct sip_limits *) limits; /* see limits.h */
	_Atomic bool reloading;  /* contacts may be of settings to come: qualify.c */
	_Atomic uint32_t asking; /* contacts that wait for their answer: qualify.c */
	struct sip_txn_timing timing;
	int *pin_cores; /* one for each reactor; NULL: not pinned */
	struct sip_listeners *listeners;

	/* What one message sees from its first step to its last: configuration and
	 * registries. Published by RCU; replaced under the lock. */
	pthread_mutex_t
		registry_mutex; /* guards: replacing `snapshot`, `serving`, `modules` */
	_Atomic(struct sip_snapshot *) snapshot;
	bool some_leave; /* `leaving` is under way, see leaving.c; likewise guarded */
	struct sip_rcu_head leaving;
	struct sip_list modules;     /* struct sip_module_instance, see modules.c */
	unsigned modules_loaded;     /* ever; by who loads them */
	_Atomic unsigned registered; /* struct sip_registered that live */
	_Atomic unsigned draining;   /* instances that were unloaded and still live */
	_Atomic bool ended;          /* the pool has run its last task */
	_Atomic bool destroyed;      /* what has not ended never will */
	uint64_t registrations;      /* ever; guarded by the registry_mutex */

	struct sip_leaf_lock unsent_lock; /* guards: unsent */
	struct sip_list unsent;           /* struct sip_leg, see dialogs/unsent.c */

	/* Held for a whole reload; no request waits for it. */
	pthread_mutex_t reload_mutex;
};

/* For tests: a server on a stepped pool, a virtual clock and repeatable random numbers.
 */
struct sip_server_simulation {
	struct sip_clock *clock;
	uint64_t seed;
	unsigned reactors;
	const struct sip_spare_threads *spare_threads; /* NULL: no spares */
	struct sip_dns_source *dns; /* borrowed; NULL: names are not looked up */
};

SIP_MUST_USE int sip_server_create_simulated(const struct sip_config *config,
	const struct sip_server_simulation *simulation, struct sip_server **server,
	char *error);

/** The server of a message; of the thread where there is none. */
struct sip_server *sip_server_here(void);

/** What ast_sip_set_server() has set on this thread, to set it again; NULL: nothing. */
struct sip_server *sip_server_chosen(void);

/** current.c: known to sip_server_here() from now on, and no more. */
void sip_server_enlist(struct sip_server *server);
void sip_server_delist(struct sip_server *server);
