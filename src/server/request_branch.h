/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Requests under way: a client transaction with whom its events go to.
 */
#pragma once

#include "server/serving.h"

#include "res_sip/request.h"

size_t sip_request_branch_size(void);

/* A request about to be sent. */
struct sip_request_start {
	struct sip_tx_data *tdata; /* sealed */
	const struct sip_flow *flow;
	struct sip_str branch;       /* of its topmost Via */
	struct sip_rx_data *request; /* that is being forwarded; NULL: our own */
	struct ast_sip_work *work; /* whose turn the events belong to; NULL: the call's */
	struct sip_call_site *site; /* of the function */
	void *token;
	ast_sip_on_response_fn *on_response; /* NULL: nobody listens */
};

/** In the call's turn.  0 and *txn, SIP_EMEMORY. */
SIP_MUST_USE int sip_request_start(struct sip_server *server, struct sip_call *call,
	const struct sip_request_start *start, struct sip_txn **txn);

/** It could not be started: its function is told FAILED and ENDED. */
void sip_request_never_began(
	struct sip_server *server, const struct sip_request_start *start);

/** The site of the function that gets the transaction's events; NULL: nobody's. */
struct sip_call_site *sip_request_branch_site(const struct sip_txn *txn);
