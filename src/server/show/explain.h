/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What the steps say about themselves in a dry run (res_sip/explain.h).
 *
 * Called for dry messages only.  Threads: the turn of the message's work.
 */
#pragma once

#include "server/serving.h"

/** What a step that has run came to, and why. */
typedef void sip_explain_fn(struct sip_rx_data *rdata, enum sip_step_result result);

sip_explain_fn sip_explain_match, sip_explain_route, sip_explain_admit,
	sip_explain_identify, sip_explain_authenticate, sip_explain_serve;

struct sip_acl_verdict;

/** Before anything: may it come from there?  Says nothing where no list is to be asked.
 */
SIP_MUST_USE bool sip_explain_lists(struct sip_rx_data *rdata);

/** What a list said of an address, `what` it is; with the line that decided. */
void sip_explain_verdict(const struct sip_rx_data *rdata, const char *what,
	const struct sip_addr *addr, const struct sip_acl_verdict *verdict);

/** Before them: it was parsed, or not; and what its call is. */
void sip_explain_parse(struct sip_rx_data *rdata, int error);
void sip_explain_work(struct sip_rx_data *rdata);

/** Behind them: what would be sent. */
void sip_explain_respond(struct sip_rx_data *rdata);

/** A response: who waits for it.  `call` is known. */
void sip_explain_response(struct sip_rx_data *rdata);

/** One identifier was asked. */
void sip_explain_identifier(const struct sip_rx_data *rdata,
	const struct ast_sip_endpoint_identifier *identifier,
	const struct ast_sip_endpoint *found);

/** Does the token of our Route hold?  {NULL, 0}: there is none. */
void sip_explain_token(struct sip_rx_data *rdata, struct sip_str token);
