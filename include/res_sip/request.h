/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Sending requests of our own (RFC 3261 section 8.1).
 *
 * Nothing here waits: 0 means accepted, and what happens then comes to the
 * completion.  Threads: any.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/endpoint.h"
#include "res_sip/message.h"
#include "res_sip/response.h"

SIP_API_BEGIN

struct sip_dialog;

/** What a completion is told. */
enum ast_sip_request_event {
	AST_SIP_REQUEST_RESPONSE, /**< `response` came; provisional or final */
	AST_SIP_REQUEST_TIMEOUT,  /**< nothing final came in time */
	AST_SIP_REQUEST_FAILED,   /**< it could not be sent */
	/** The last event, exactly once: free the token.  Right after the final response,
	 * the timeout or the failure. */
	AST_SIP_REQUEST_ENDED,
};

/**
 * Completion, on the work that sent the request; on the Call-ID's where there was none,
 * or only that of a task that was pushed without a work.  A work of ast_sip_create_work()
 * must live until AST_SIP_REQUEST_ENDED. `response` is borrowed, and NULL but for
 * AST_SIP_REQUEST_RESPONSE.
 */
typedef void ast_sip_on_response_fn(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response);

/**
 * Send a request, one-off.
 *
 * In a dialog (res_sip/dialog.h) it goes to its peer; what the dialog says of it, CSeq,
 * tags, routes, is written when it is sent, in the dialog's turn.  INVITE begins one, BYE
 * ends one.  Without a dialog it goes to the contacts of `[global]
 * default_outbound_endpoint`, from its from_user and from_domain.  `body` may be NULL.
 *
 * 0   accepted
 * -1  (logged) no such endpoint or contact, an INVITE without a dialog, not a method
 */
SIP_MUST_USE int ast_sip_send_request(
	const char *method, const char *body, struct sip_dialog *dlg);

/**
 * Make a request to `uri` (NULL: the first contact of the endpoint's AORs) from the
 * endpoint's from_user and from_domain.  In a dialog both may be NULL, and are not looked
 * at; what can't be sent in its state then (another INVITE is under way) is told to the
 * completion as FAILED.  INVITE needs a dialog.  0 and *tdata, owned; -1 (logged): also
 * ACK and CANCEL, which the core sends.
 */
SIP_MUST_USE int ast_sip_create_request(const char *method, struct sip_dialog *dlg,
	struct ast_sip_endpoint *endpoint, const char *uri, struct sip_tx_data **tdata);

/** Send it; takes tdata in any case.  `on_response` may be NULL.  0: accepted, and
 * on_response will be called with AST_SIP_REQUEST_ENDED at last; -1: it won't be called.
 */
SIP_MUST_USE int ast_sip_send_tx_data(
	struct sip_tx_data *tdata, void *token, ast_sip_on_response_fn *on_response);

SIP_API_END
