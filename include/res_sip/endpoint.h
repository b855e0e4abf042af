/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Endpoints: the configured phones, trunks and peers; and who is one.
 *
 * Threads: any.  An endpoint is immutable and lives while somebody holds a
 * reference; a reload makes a new one.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/config.h"
#include "res_sip/message.h"

SIP_API_BEGIN

struct ast_sip_endpoint;

/** The endpoint of that name, with a reference for the caller; NULL: none. */
struct ast_sip_endpoint *ast_sip_endpoint_find(const char *name);

/** Some endpoint is named `user@domain`; false: to look for one so is in vain. */
bool ast_sip_endpoints_have_domains(void);

/** One more reference for the caller; returns `endpoint`. */
struct ast_sip_endpoint *ast_sip_endpoint_ref(struct ast_sip_endpoint *endpoint);

/** Give a reference back.  NULL is allowed. */
void ast_sip_endpoint_unref(struct ast_sip_endpoint *endpoint);

/** The name of its section; borrows the endpoint.  Never NULL. */
const char *ast_sip_endpoint_name(const struct ast_sip_endpoint *endpoint);

/** Its options; borrows the endpoint. */
const struct sip_endpoint_config *ast_sip_endpoint_options(
	const struct ast_sip_endpoint *endpoint);

/** Stands for whoever is not known, so that he is challenged as a known one would be. */
bool ast_sip_endpoint_is_artificial(const struct ast_sip_endpoint *endpoint);

/** The auth section `index` of its `auth=`; NULL behind the last.  Borrows the endpoint.
 */
const struct sip_auth_config *ast_sip_endpoint_auth(
	const struct ast_sip_endpoint *endpoint, size_t index);

/** Hex of MD5(username:realm:password) of that section, 32 digits without a NUL, for the
 * realm of [global] (default_realm=): made once.  NULL: it has no password or no
 * username.  Borrows the endpoint. */
const char *ast_sip_endpoint_ha1(const struct ast_sip_endpoint *endpoint, size_t index);

/**
 * May the endpoint register that contact, as far as access lists say (contact_permit=,
 * contact_deny= and contact_acl= of the endpoint and of type=acl)?
 *
 * Judged are the address in `contact`, a URI, and `source`, where calls to it will go
 * to where the REGISTER came from; NULL: they go to the URI, and one with a host's name
 * is not allowed where there is a list, for nobody knows what it stands for.  A denial is
 * counted and logged with the line that decided.
 */
bool ast_sip_contact_allowed(const struct ast_sip_endpoint *endpoint,
	struct sip_str contact, const struct sip_addr *source);

/** `aors=` names that AOR. */
bool ast_sip_endpoint_has_aor(const struct ast_sip_endpoint *endpoint, const char *aor);

/** The endpoint the request was identified as (artificial where nobody knew it), borrowed
 * for as long as the request; NULL before that step, and for what needs none. */
struct ast_sip_endpoint *ast_sip_request_endpoint(const struct sip_rx_data *rdata);

/** The request proved who it is from: right credentials, or an endpoint without `auth=`
 * that was found by an identifier that proves (its address). */
bool ast_sip_request_trusted(const struct sip_rx_data *rdata);

/* What is ours. */

/** Served domain or one of our addresses (host and port). */
bool ast_sip_uri_is_ours(const struct sip_uri *uri);

/** `urn:service:sos` and its kin (RFC 5031), or one of ours whose user part is one of
 * `[global] emergency_numbers=`. */
bool ast_sip_uri_is_emergency(const struct sip_uri *uri);

/*
 * Options, borrowed.  What the next five return stays as it is, whatever a reload does
 * meanwhile: in a callback about a request as long as the request lives, in any other
 * callback until it returns; on a thread that is none of the server's until its next call
 * of one of the five, or it ends.
 */

/** The AOR section a URI means: `user@domain`, then `user` (unescaped), an alias of a
 * domain before the domain itself; a tel: URI by its number.  NULL: none. */
const struct sip_aor_config *ast_sip_aor_of_uri(const struct sip_uri *uri);

/** By its section's name; NULL: none. */
const struct sip_aor_config *ast_sip_aor_find(const char *name);

/** `[global]`; default_realm is never NULL here. */
const struct sip_global_config *ast_sip_global_options(void);

/** `[system]`. */
const struct sip_system_config *ast_sip_system_options(void);

/** The domain that `host` is another name of (type=domain_alias); `host` itself where it
 * is none. */
struct sip_str ast_sip_domain_of(struct sip_str host);

/** On a thread that is none of the server's: give up what the five returned, so that a
 * reload's old options do not stay in memory for a thread that asks seldom. */
void ast_sip_release_options(void);

/* Identifiers. */

/** An entity responsible for identifying the source of a SIP message. */
struct ast_sip_endpoint_identifier {
	/** The endpoint the message claims to be from, with a reference; NULL: another is
	 * asked. */
	struct ast_sip_endpoint *(*identify_endpoint)(struct sip_rx_data *data);
	/* Beyond the design's own field: */
	/** `ip`, `username`, ...: for `[global] endpoint_identifier_order=` and the log;
	 * may be NULL. */
	const char *name;
	bool may_block;
	/** It goes by what the sender can't choose, as his source address is: an endpoint
	 * without `auth=` that it finds has proved who it is (ast_sip_request_trusted()).
	 */
	bool proves;
	/** It goes by the peer's certificate, and is asked only where that was verified
	 * (sip_rx_data_next_peer_name()); `explain` asks it anyway. */
	bool by_certificate;
	/** It goes by the source address, and is asked only where an identify section's
	 * `match=` has that (ast_sip_endpoint_by_address()); `explain` asks it anyway. */
	bool by_address;
};

/** 0; -1 (logged): registered already, out of memory, no server. */
SIP_MUST_USE int ast_sip_register_endpoint_identifier(
	struct ast_sip_endpoint_identifier *identifier);

/** No new request is given to it; those under way finish.  Returns at once. */
void ast_sip_unregister_endpoint_identifier(
	struct ast_sip_endpoint_identifier *identifier);

/**
 * Ask the registered identifiers, in order; access lists are not looked at.
 *
 * The first endpoint found, with a reference for the caller; NULL: no matching endpoint.
 */
struct ast_sip_endpoint *ast_sip_identify_endpoint(struct sip_rx_data *rdata);

/**
 * The endpoint an identify section's `match=` names for that address, with a reference;
 * NULL: none. The longest match wins.  The table is compiled when the configuration is
 * read.
 */
struct ast_sip_endpoint *ast_sip_endpoint_by_address(const struct sip_addr *addr);

/**
 * The endpoint an identify section's `match_certificate=` names for one of the names that
 * the request's peer has proved (sip_rx_data_next_peer_name()), the first that is in one,
 * with a reference; NULL: none.
 */
struct ast_sip_endpoint *ast_sip_endpoint_by_certificate(const struct sip_rx_data *rdata);

SIP_API_END
