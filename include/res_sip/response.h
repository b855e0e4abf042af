/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Answering requests (RFC 3261 section 8.2.6).
 *
 * Within on_rx_request() the answer is stateless unless the request was kept.
 * A request has exactly one final answer; a kept one that gets none within 32 s
 * (INVITE: 3 min after the last provisional) is answered 500 by the core, which
 * names the service.
 *
 * A copy of a request that was not kept (a retransmission) is offered to the services
 * again: what must happen once belongs to a request that is kept, whose transaction
 * absorbs its copies.
 *
 * Threads: the turn of the request's work.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/message.h"

SIP_API_BEGIN

struct sip_tx_data;

/**
 * A response with Via, From, To (with a tag), Call-ID and CSeq of the request.
 *
 * `reason` NULL: the usual phrase.  0 and *tdata, owned (ast_sip_send_response() takes
 * it); -1: the code is not 100 to 699, the reason has a line end in it, or out of memory.
 */
SIP_MUST_USE int ast_sip_create_response(struct sip_rx_data *rdata, int code,
	const char *reason, struct sip_tx_data **tdata);

/** Send it; takes tdata in any case.  0; -1 (logged): there is a final answer already, or
 * an error while it was built. */
SIP_MUST_USE int ast_sip_send_response(
	struct sip_rx_data *rdata, struct sip_tx_data *tdata);

/** Create and send. */
SIP_MUST_USE int ast_sip_respond(struct sip_rx_data *rdata, int code, const char *reason);

/** Answer 503 with a Retry-After that is spread over some seconds: there is no room for
 * it now (a maximum was reached, or there is no memory).  Counted.  0; -1 as above. */
SIP_MUST_USE int ast_sip_respond_busy(struct sip_rx_data *rdata);

/**
 * Before returning true from on_rx_request(): make the transaction, so that any later
 * task of this work answers.  The request lives until SIP_TXN_ENDED, which comes in a
 * task of its own once nothing can become of the request any more: after the final answer
 * (INVITE: after the ACK of a refusal; after a 2xx see below).  The core goes on
 * absorbing copies without the service.  Who needs the message longer holds it.
 *
 * An INVITE answered 2xx may be answered with further ones until SIP_TXN_ENDED: half a
 * minute later; where it was forwarded, when each branch has a final answer.
 *
 * 0; -1: ACK, or out of memory.
 */
SIP_MUST_USE int ast_sip_keep_request(struct sip_rx_data *rdata);

/**
 * End a request without any answer.
 *
 * A kept one: for a proxy whose target gave none in time, when it is not an INVITE
 * (RFC 4320: nobody listens for a 408 any more).  Copies of it are absorbed until 64*T1
 * from its arrival.
 *
 * One that was not kept: what it wants is done, and there is no memory to say so.  A copy
 * is offered to the services, which answer it.
 */
void ast_sip_abandon_request(struct sip_rx_data *rdata);

/** Keep something of the service's to find again in on_txn_state(). */
void ast_sip_request_set_token(struct sip_rx_data *rdata, void *token);
/** What was kept; NULL before. */
void *ast_sip_request_token(const struct sip_rx_data *rdata);

/** Keep the message readable beyond the callback; not a transaction. */
struct sip_rx_data *ast_sip_hold_rx_data(struct sip_rx_data *rdata);
void ast_sip_release_rx_data(struct sip_rx_data *rdata); /* NULL is allowed */

/**
 * `size` bytes, aligned for anything and not cleared, that go with the message: for what
 * a callback returns "for as long as the request lives".  NULL: out of memory.
 */
SIP_MUST_USE void *ast_sip_rx_data_alloc(struct sip_rx_data *rdata, size_t size);

/** The request the running task serves, borrowed; NULL: none. */
struct sip_rx_data *ast_sip_current_request(void);

/* Any message that is being built. */

/**
 * Add a header field at the end.  0; -1: NULL, not a token, a CR, LF or NUL in the value,
 * a field that the core writes itself (Via, Content-Length, CSeq, Call-ID, From, To,
 * Max-Forwards), or no memory.
 */
SIP_MUST_USE int ast_sip_add_header(
	struct sip_tx_data *tdata, const char *name, const char *value);

/** Set the body, in place of an earlier one; Content-Type is text/plain unless a header
 * said otherwise. 0; -1: out of memory. */
SIP_MUST_USE int ast_sip_add_body(struct sip_tx_data *tdata, const char *body);

/** Likewise for any bytes; `type` is the Content-Type. */
SIP_MUST_USE int ast_sip_add_body_bytes(
	struct sip_tx_data *tdata, const char *type, const void *bytes, size_t len);

/** Give up a message that was created and is not going to be sent.  NULL is allowed. */
void ast_sip_destroy_tx_data(struct sip_tx_data *tdata);

SIP_API_END
