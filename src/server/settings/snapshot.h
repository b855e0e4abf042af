/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A snapshot: the configuration and the registries that one message sees from
 * its first step to its last.
 *
 * Immutable once published.  Endpoints and registered things are counted
 * objects of their own; a new snapshot shares those that did not change.
 *
 * Threads: any.
 */
#pragma once

#include "server/server.h"
#include "server/settings/ha1.h"

#include "res_sip/authenticator.h"
#include "res_sip/service.h"
#include "work/owner.h"

struct sip_module_instance;

enum sip_registered_kind { SIP_SERVICE, SIP_IDENTIFIER, SIP_AUTHENTICATOR };

/*
 * Something registered, with the module that gave it.  Counted by the snapshots that list
 * it.  When none does any more, and what it has begun has ended, its gone() is called, a
 * grace period later.
 */
struct sip_registered {
	_Atomic uint32_t refs;
	struct sip_rcu_head rcu;
	struct sip_server *server;
	struct sip_module_instance *instance; /* NULL: the program's */
	struct sip_list link;   /* in the instance's list of all, under registry_mutex */
	struct sip_list added;  /* in a list of what is to be registered; likewise */
	char *module;           /* name of the module file, or the program's own */
	struct sip_owner owner; /* counts what it has begun */
	enum sip_registered_kind kind;
	enum sip_service_stage stage; /* a service's */
	uint32_t methods; /* bit per enum sip_method: which it is asked about; likewise */
	uint64_t order;   /* the later it was registered, the higher */
	size_t rank;      /* its module's place in the order; SIZE_MAX: at the end */
	_Atomic bool started; /* a service's start() was called, and its stop() was not */
	_Atomic bool leaving; /* see sip_registered_is_leaving() */
	union {
		struct sip_service *service;
		struct ast_sip_endpoint_identifier *identifier;
		struct ast_sip_authenticator *authenticator;
		void *any;
	};
	/* For each kind of callback; a service has all. */
	struct sip_call_site life_site; /* start(), stop(), unload() */
	struct sip_call_site request_site;
	struct sip_call_site response_site;
	struct sip_call_site event_site;
	void (*gone)(void); /* the service's unload(); NULL: nothing */
};

struct sip_registered_list {
	struct sip_registered **item;
	size_t count;
};

/* An endpoint: one piece of memory, with everything its options point to behind it. */
struct ast_sip_endpoint {
	_Atomic uint32_t refs;
	bool artificial;
	struct sip_endpoint_config options;
	struct sip_auth_config *auth; /* auth_count of them */
	struct sip_ha1 *ha1;          /* of each, for the realm of the settings */
	size_t auth_count;
};

struct sip_named { /* one entry of a name table */
	const char *name;
	uint32_t name_len;
	uint32_t hash; /* half of it: most others are seen to be others by that */
	void *object;
};

struct sip_names { /* open hash, power of two */
	struct sip_named *slot;
	size_t mask;
	bool has_at; /* some name has an @ */
};

struct sip_match_section { /* an identify section */
	const char *name;
	struct sip_config_source source;
	struct ast_sip_endpoint *endpoint;
};

struct sip_match_level {        /* the networks of one length of prefix, see match.c */
	unsigned bits;          /* IPv4: 96 more */
	struct sip_names names; /* to struct sip_match_section */
};

/* The configuration part, shared by snapshots that differ in registries only. */
struct sip_settings {
	_Atomic uint32_t refs;
	struct sip_rcu_head rcu; /* after the last reference */
	struct sip_arena arena;
	struct sip_global_config global;
	struct sip_system_config system;
	uint64_t least_wait_us; /* of the max_wait_...= in it */
	struct sip_transport_section *transport;
	size_t transport_count;
	struct ast_sip_endpoint **endpoint;
	size_t endpoint_count;
	struct ast_sip_endpoint *artificial;
	bool some_without_force_rport; /* an endpoint has force_rport=no */
	struct sip_aor_config *aor;
	size_t aor_count;
	struct sip_domain_alias_config *alias;
	size_t alias_count;
	struct sip_acl_section *acl;
	size_t acl_count;
	struct sip_names acls; /* what acl= may name */
	/* Transports that reloads took out, with their lists: they drain. */
	struct sip_transport_section *leaving;
	size_t leaving_count;
	bool filters; /* some list is to be asked before a request is parsed */
	struct sip_names endpoints;
	struct sip_names aors;
	struct sip_match_level *match; /* longest first */
	size_t match_count;
	struct sip_names certificates; /* match_certificate=, to struct
					  sip_match_section */
};

struct sip_snapshot {
	_Atomic uint32_t refs;
	struct sip_rcu_head rcu;
	struct sip_settings *settings;
	struct sip_registered_list local; /* services by stage, in order */
	struct sip_registered_list forward;
	struct sip_registered_list identifiers;
	struct sip_registered *authenticator; /* NULL: none */
	struct sip_str allow; /* value of Allow: every method that is served */
	char *allow_text;
	bool watches_tx_requests; /* some service has on_tx_request */
	bool watches_tx_responses;
};

/** The current one, counted. */
struct sip_snapshot *sip_snapshot_take(struct sip_server *server);
struct sip_snapshot *sip_snapshot_ref(struct sip_snapshot *snapshot);
void sip_snapshot_unref(struct sip_snapshot **snapshot);

struct sip_registered *sip_registered_ref(struct sip_registered *registered);
/** Its module may be called for a dry run (AST_SIP_MODULE_DRY_SAFE). */
bool sip_registered_dry_safe(const struct sip_registered *registered);

/** It is listed for want of memory only (leaving.c): nothing new comes to it. */
static inline bool sip_registered_is_leaving(const struct sip_registered *registered)
{
	/* relaxed: what comes meanwhile may see either; partner: pass_over(). */
	return SIP_UNLIKELY(
		atomic_load_explicit(&registered->leaving, memory_order_relaxed));
}

/** NULL: there is none. */
static inline struct sip_registered *sip_snapshot_authenticator(
	const struct sip_snapshot *snapshot)
{
	struct sip_registered *found = snapshot->authenticator;

	return found != NULL && sip_registered_is_leaving(found) ? NULL : found;
}

/** Give one count up; with the last it begins to go. */
void sip_registered_unref(struct sip_registered **registered);

/** Copy and check `config`.  Endpoints that are the same in `before` (NULL: none) are
 * shared with it.  0, SIP_EMEMORY, SIP_EINVALID with `error`. */
SIP_MUST_USE int sip_settings_create(const struct sip_config *config,
	const struct sip_settings *before, struct sip_settings **settings, char *error);
struct sip_settings *sip_settings_ref(struct sip_settings *settings);
/** What goes with the last reference is freed on rcu's thread: see sip_rcu_barrier(). */
void sip_settings_unref(struct sip_settings **settings);
/** Without anything registered; takes a reference of its own.  SIP_EMEMORY. */
SIP_MUST_USE int sip_snapshot_create(
	struct sip_settings *settings, struct sip_snapshot **snapshot);

/** NULL: none. */
void *sip_names_find(const struct sip_names *names, struct sip_str name);
SIP_MUST_USE int sip_names_init(
	struct sip_names *names, struct sip_arena *arena, size_t count);
/** False: there is one of that name. */
bool sip_names_add(struct sip_names *names, struct sip_str name, void *object);

/** In two steps, have a name and what it names, as far as `len` bytes, come from memory;
 * between them that takes a while.  `hash` is the name's. */
uint64_t sip_names_hash(struct sip_str name);
void sip_names_prefetch(const struct sip_names *names, uint64_t hash);
void sip_names_prefetch_object(const struct sip_names *names, uint64_t hash, size_t len);

/** Is that URI ours (rules: "What is ours")? */
bool sip_uri_ours(const struct sip_server *server, const struct sip_settings *settings,
	const struct sip_uri *uri);

/** The domain that `host` is an alias of; itself where it is none. */
struct sip_str sip_settings_domain(
	const struct sip_settings *settings, struct sip_str host);

/** `user@domain`, then `user`; a tel: number without separators. */
const struct sip_aor_config *sip_settings_aor(
	const struct sip_settings *settings, const struct sip_uri *uri);

/** Publish `snapshot` in place of the current one; under registry_mutex. */
void sip_snapshot_publish(struct sip_server *server, struct sip_snapshot *snapshot);
