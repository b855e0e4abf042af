/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Received messages, read only.
 *
 * A `sip_rx_data` is a message with where it came from.  What the functions
 * here return borrows the message, and lives as long as it does: until the
 * callback it was given to returns, or until ast_sip_release_rx_data() after
 * ast_sip_hold_rx_data().
 *
 * Threads: the turn of the message's work; after a hold, any.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/field.h"
#include "res_sip/flow.h"
#include "res_sip/hdr_id.h"
#include "res_sip/method.h"
#include "res_sip/str.h"
#include "res_sip/uri.h"

SIP_API_BEGIN

struct sip_rx_data;

/* The message. */

/** It is a request; else a response. */
bool sip_rx_data_is_request(const struct sip_rx_data *rdata);

/** The method; of a response that of its CSeq. */
enum sip_method sip_rx_data_method(const struct sip_rx_data *rdata);

/** The method's name, for one that is SIP_METHOD_OTHER above all. */
struct sip_str sip_rx_data_method_text(const struct sip_rx_data *rdata);

/** The Request-URI as received; NULL of a response.  What is meant by it in the end says
 * ast_sip_request_route(). */
const struct sip_uri *sip_rx_data_request_uri(const struct sip_rx_data *rdata);

/** The status code, 100 to 699; 0 of a request. */
int sip_rx_data_status(const struct sip_rx_data *rdata);

/** The reason phrase; may be empty.  {NULL, 0} of a request. */
struct sip_str sip_rx_data_reason(const struct sip_rx_data *rdata);

/** The body: as many bytes as Content-Length says; may be empty. */
struct sip_str sip_rx_data_body(const struct sip_rx_data *rdata);

/** All bytes of it; the line ends of folds are spaces. */
struct sip_str sip_rx_data_text(const struct sip_rx_data *rdata);

/** Where it came from, and where an answer goes. */
const struct sip_flow *sip_rx_data_flow(const struct sip_rx_data *rdata);

/** When the kernel received it, in microseconds of the monotonic clock. */
uint64_t sip_rx_data_arrival_us(const struct sip_rx_data *rdata);

/**
 * The next name that the peer has proved by its certificate: host names in lower case,
 * and addresses in text (RFC 5922 section 7.1).  `*index` is 0 before the first.
 *
 *     size_t index = 0;
 *     struct sip_str name;
 *     while (sip_rx_data_next_peer_name(rdata, &index, &name)) ...
 *
 * False: no more.  There are none but over TLS, where `verify_client=yes` or
 * `require_client_cert=yes` (or, of a connection that we opened, `verify_server=yes` or a
 * sips: URI) had the peer's certificate verified.
 */
bool sip_rx_data_next_peer_name(
	const struct sip_rx_data *rdata, size_t *index, struct sip_str *name);

/* The fields that every message has, decoded. */

/** The value of Call-ID. */
struct sip_str sip_rx_data_call_id(const struct sip_rx_data *rdata);

/** The number in CSeq. */
uint32_t sip_rx_data_cseq(const struct sip_rx_data *rdata);

/** From, as the sender wrote it: it proves nothing (ast_sip_request_endpoint()). */
const struct sip_name_addr *sip_rx_data_from(const struct sip_rx_data *rdata);

/** To. */
const struct sip_name_addr *sip_rx_data_to(const struct sip_rx_data *rdata);

/** The tag of From; ptr NULL: none (RFC 2543). */
struct sip_str sip_rx_data_from_tag(const struct sip_rx_data *rdata);

/** The tag of To; ptr NULL: none, so a request is outside of any dialog. */
struct sip_str sip_rx_data_to_tag(const struct sip_rx_data *rdata);

/** The topmost Via. */
const struct sip_via *sip_rx_data_via(const struct sip_rx_data *rdata);

/** There are Vias below it.  False: the request came here first, or the response is meant
 * for this server and goes back to nobody (RFC 3261 section 16.7 step 3). */
bool sip_rx_data_has_further_via(const struct sip_rx_data *rdata);

/* Any field. */

/** A place in the list of header fields; all zero is before the first. */
struct sip_hdr_iter {
	size_t index; /* yours to zero, ours to change */
	size_t offset;
	struct sip_str name;  /* read only: the field's name as received */
	struct sip_str value; /* read only: its value (or one element of it), trimmed */
};

/** The first header field of that kind, whole; {NULL, 0} when there is none. */
struct sip_str sip_rx_data_header(const struct sip_rx_data *rdata, enum sip_hdr_id id);

/** Likewise by name, long or compact, without case. */
struct sip_str sip_rx_data_header_named(
	const struct sip_rx_data *rdata, struct sip_str name);

/** The next header field of that kind, whole (SIP_HDR_COUNT: of any kind). False: no
 * more. */
bool sip_rx_data_next_header(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_hdr_iter *iter);

/** The next element of the comma-separated lists of all fields of that kind.  False: no
 * more. */
bool sip_rx_data_next_element(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_hdr_iter *iter);

/** True when a list field of that kind (Require, Supported, Allow) has `token`, without
 * case. */
bool sip_rx_data_has_token(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, struct sip_str token);

/** The number in Expires, Max-Forwards, Min-Expires ...: 0, SIP_EMISSING, SIP_ESYNTAX;
 * a number above 2^32-1 is 2^32-1 (RFC 3261 section 20.19). */
SIP_MUST_USE int sip_rx_data_number(
	const struct sip_rx_data *rdata, enum sip_hdr_id id, uint32_t *number);

SIP_API_END
