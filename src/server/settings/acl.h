/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Access lists: who may come, by address (docs/decisions/029-access-lists.md).
 *
 * Three places ask: before a request is parsed (type=acl and transports), when it is
 * identified (endpoints), and when a contact is registered.  Each can be asked what it
 * would say, and which line of the configuration decides.
 *
 * Threads: any, on settings that the caller holds.
 */
#pragma once

#include "server/serving.h"

/* What a list says of an address. */
struct sip_acl_verdict {
	bool allowed;
	const char *kind; /* "acl", "transport" or "endpoint": whose list it is */
	const char *name; /* the section's name */
	const char *list; /* of the list that decided: the same, or one that acl= names */
	struct sip_config_source source; /* its line; no file: no line decided */
};

/** Are there rules or names in it at all? */
static inline bool sip_acl_is_given(const struct sip_acl_config *acl)
{
	return acl->rule_count + acl->acl.count != 0;
}

/** What the lists of type=acl and of the listener's transport say of a request from
 * `addr`.  `listener` is its name; NULL: it is closed, and nothing may come from one that
 * had a list perhaps. */
void sip_acl_judge_source(const struct sip_settings *settings, const char *listener,
	const struct sip_addr *addr, struct sip_acl_verdict *verdict);

/** What the endpoint's list says. */
void sip_acl_judge_endpoint(const struct sip_settings *settings,
	const struct ast_sip_endpoint *endpoint, const struct sip_addr *addr,
	struct sip_acl_verdict *verdict);

/** What the contact lists of type=acl and of the endpoint say of one address. */
void sip_acl_judge_contact(const struct sip_settings *settings,
	const struct ast_sip_endpoint *endpoint, const struct sip_addr *addr,
	struct sip_acl_verdict *verdict);

/** Lists are about requests: a response belongs to a request of ours, or to nobody.  The
 * message need not be parsed yet. */
bool sip_acl_is_about(const struct sip_rx_data *rdata);

/** A message that is not parsed yet may go on.  If not, that is counted and logged.
 * Responses always may. */
bool sip_acl_admits(struct sip_server *server, const struct sip_rx_data *rdata);

/** The endpoint may come from where this request came from.  Likewise. */
bool sip_acl_admits_endpoint(
	const struct sip_rx_data *rdata, const struct ast_sip_endpoint *endpoint);

/** Do acl= and contact_acl= of all sections name lists that there are?  SIP_EINVALID with
 * `error`: not so. */
SIP_MUST_USE int sip_acl_check(const struct sip_settings *settings, char *error);
