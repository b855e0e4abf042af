/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Requests under way: a client transaction with whom its events go to.
 */
#pragma once

#include "server/serving.h"

#include "res_sip/request.h"
#include "res_sip/transaction.h"

size_t sip_request_branch_size(void);

/* Who is told what becomes of a request, and in whose turn. */
struct sip_request_listener {
	struct ast_sip_work *work;    /* NULL: in the turn of the request's call */
	struct sip_call *pinned;      /* `work` is its; until ENDED was told */
	struct sip_listener_end *end; /* made early, so that ENDED is told for sure */
	struct sip_call_site *site;   /* of the function; its owner counts the request */
	void *token;
	ast_sip_on_response_fn *on_response; /* NULL: nobody listens */
};

/** On behalf of the running task: its turn is where the events go to.  0, SIP_EMEMORY. */
SIP_MUST_USE int sip_listener_init(struct sip_request_listener *listener,
	struct sip_server *server, void *token, ast_sip_on_response_fn *on_response);
/** Of one that nothing was told to, in the turn that made it. */
void sip_listener_fini(struct sip_request_listener *listener);

/** Tell it; `request` is what is being forwarded.  ENDED is the last, and the listener is
 * gone with it. */
void sip_listener_tell(struct sip_server *server,
	const struct sip_request_listener *listener, struct sip_rx_data *request,
	enum ast_sip_request_event event, struct sip_rx_data *response);

/* A request about to be sent. */
struct sip_request_start {
	struct sip_tx_data *tdata; /* sealed; NULL where `how` makes it */
	const struct sip_flow *flow;
	struct sip_str branch;       /* of its topmost Via */
	struct sip_rx_data *request; /* that is being forwarded; NULL: our own */
	struct sip_request_listener listener;
	/* The URI that the flow is of; {NULL, 0}: it may go by that flow only.  Where the
	 * flow's listener is 0 its host is a name. */
	struct sip_str next_hop;
	uint32_t listener_number;          /* it leaves by that one; 0: by any */
	const struct ast_sip_forward *how; /* of one that is forwarded; copied */
};

/** In the call's turn.  0 and *branch, and the listener is the branch's; SIP_EMEMORY;
 * sip_tries_start()'s. */
SIP_MUST_USE int sip_request_start(struct sip_server *server, struct sip_call *call,
	const struct sip_request_start *start, struct ast_sip_branch **branch);

/** sip_uac_cancel(), or what sip_tries_cancel() does. */
SIP_MUST_USE int sip_request_branch_cancel(
	struct ast_sip_branch *branch, struct sip_str extra);

/** It could not be started: its listener is told FAILED and ENDED, and is gone. */
void sip_request_never_began(
	struct sip_server *server, const struct sip_request_start *start);

/** The site of the function that gets the transaction's events; NULL: nobody's. */
struct sip_call_site *sip_request_branch_site(const struct sip_txn *txn);
