/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Passing requests on (RFC 3261 section 16): what a proxy is made of.
 *
 * A request that was kept (ast_sip_keep_request()) is forwarded to one or more
 * targets; each branch has a client transaction whose events come to the
 * proxy's function in the turn of the call.
 *
 * Threads: the turn of the request's work.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/location.h"
#include "res_sip/request.h"

SIP_API_BEGIN

struct ast_sip_branch; /* a copy on its way, and what comes back */

/** What the core found out about where a request is to go (RFC 3261 section 16.4). */
struct ast_sip_route {
	/** Next hop: the topmost Route that is not ours, else the Request-URI. */
	const struct sip_uri *target;
	/** The Request-URI, after a strict router's change was undone. */
	const struct sip_uri *request_uri;
	bool target_is_ours; /**< nothing but our own URIs are left: look the AOR up */
	bool has_route;      /**< `target` is a Route */
	/** A Record-Route of ours vouches for it: it belongs to a call that we let in,
	 * comes from one of its sides, and goes to the other. */
	bool vouched;
	bool has_to_tag;
	/** A Path of ours leads to a phone that registers elsewhere (RFC 5626 section
	 * 5.3): by `flow`, for who may send to other domains. */
	bool by_path;
	bool flow_failed; /**< by_path, and the flow is gone, or was not ours: 430, 403 */
	bool forged_path; /**< the latter */
	/** Vouched or by_path: the flow, as it was signed; send it there. */
	bool has_flow;
	struct sip_flow flow;
};

/** Borrows the request. */
const struct ast_sip_route *ast_sip_request_route(const struct sip_rx_data *rdata);

/** How one copy of a request goes on. */
struct ast_sip_forward {
	/** To where; with listener 0 to where `next_hop` leads. */
	struct sip_flow flow;
	/** The URI that says where: looked up where `flow` is not known (RFC 3263), its
	 * targets tried one after the other, each in a client transaction of its own;
	 * copied.  {NULL, 0}: nothing but the flow counts, as of who has registered. */
	struct sip_str next_hop;
	struct sip_str request_uri; /**< the new Request-URI; {NULL, 0}: as it is */
	struct sip_str route; /**< written as Route: a contact's Path (RFC 3327); {NULL,
				 0}: none */
	struct sip_str aor;   /**< whose contact it is: requests of the call follow it
				 where it moves; {NULL, 0}: nobody's */
	bool record_route;    /**< stay in the path of the dialog */
	bool path; /**< of a REGISTER: stay in the path to the phone (RFC 3327) */
	uint32_t max_breadth; /**< of this branch (RFC 5393); 0: none is written */
};

/** What the two that follow return for a name: ast_sip_forward.next_hop finds it. */
#define AST_SIP_FLOW_BY_NAME 1

/** Find the flow to a target whose host is an address.  0; AST_SIP_FLOW_BY_NAME, and a
 * flow of listener 0; -1: no listener or route fits. */
SIP_MUST_USE int ast_sip_flow_to_uri(const struct sip_uri *uri, struct sip_flow *flow);

/** Find the flow to a contact: the one that it registered on, as long as that listener is
 * there, else from another that fits; of a static one by its URI.  As the one before.
 */
SIP_MUST_USE int ast_sip_flow_to_contact(
	const struct ast_sip_contact *contact, struct sip_flow *flow);

/** The request came to us before with nothing changed that decides where it goes (RFC
 * 5393). */
bool ast_sip_request_loops(const struct sip_rx_data *rdata);

/**
 * Send a copy on, in a client transaction.
 *
 * Our Via is put on top, Max-Forwards counted down (70 where there was none), our own
 * Route removed, and the credentials of our realm; P-Asserted-Identity too, from whom it
 * is not trusted. 0 and *branch, valid until AST_SIP_REQUEST_ENDED; -1 (logged): out of
 * memory, or too large.
 *
 * AST_SIP_REQUEST_ENDED follows the first final response.  Further 2xx to an INVITE
 * (copies, or of other phones behind the branch) the core passes back itself, as
 * ast_sip_create_forwarded_response() makes them (RFC 3261 section 16.7 step 5).
 */
SIP_MUST_USE int ast_sip_forward_request(struct sip_rx_data *request,
	const struct ast_sip_forward *how, void *token,
	ast_sip_on_response_fn *on_response, struct ast_sip_branch **branch);

/** Send a copy on without a transaction: the ACK of a 2xx. */
SIP_MUST_USE int ast_sip_forward_ack(
	struct sip_rx_data *ack, const struct ast_sip_forward *how);

/** Cancel a branch that has no final answer; waits by itself for the first provisional
 * one.  One whose name is still being looked up ends with AST_SIP_REQUEST_TIMEOUT.
 * `reason` is the value of a Reason field or NULL. */
void ast_sip_cancel_branch(struct ast_sip_branch *branch, const char *reason);

/**
 * A response as it goes back: the received text without our Via.  Owned, see
 * ast_sip_send_response(); ast_sip_add_header() adds to it.
 */
SIP_MUST_USE int ast_sip_create_forwarded_response(struct sip_rx_data *request,
	struct sip_rx_data *response, struct sip_tx_data **tdata);

SIP_API_END
