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
#include "res_sip/flow.h"
#include "res_sip/str.h"
#include "res_sip/uri.h"

SIP_API_BEGIN

struct sip_rx_data;

enum sip_method {
	SIP_METHOD_OTHER, /* see the text */
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_REGISTER,
	SIP_OPTIONS,
	SIP_MESSAGE,
	SIP_INFO,
	SIP_PRACK,
	SIP_UPDATE,
	SIP_SUBSCRIBE,
	SIP_NOTIFY,
	SIP_REFER,
	SIP_PUBLISH,
};

/** Header fields that are known by number; compact forms have the same one. */
enum sip_hdr_id {
	SIP_HDR_OTHER,
	SIP_HDR_ACCEPT,
	SIP_HDR_ACCEPT_ENCODING,
	SIP_HDR_ACCEPT_LANGUAGE,
	SIP_HDR_ALERT_INFO,
	SIP_HDR_ALLOW,
	SIP_HDR_ALLOW_EVENTS,
	SIP_HDR_AUTHENTICATION_INFO,
	SIP_HDR_AUTHORIZATION,
	SIP_HDR_CALL_ID,
	SIP_HDR_CALL_INFO,
	SIP_HDR_CONTACT,
	SIP_HDR_CONTENT_DISPOSITION,
	SIP_HDR_CONTENT_ENCODING,
	SIP_HDR_CONTENT_LANGUAGE,
	SIP_HDR_CONTENT_LENGTH,
	SIP_HDR_CONTENT_TYPE,
	SIP_HDR_CSEQ,
	SIP_HDR_DATE,
	SIP_HDR_ERROR_INFO,
	SIP_HDR_EVENT,
	SIP_HDR_EXPIRES,
	SIP_HDR_FROM,
	SIP_HDR_IN_REPLY_TO,
	SIP_HDR_MAX_BREADTH,
	SIP_HDR_MAX_FORWARDS,
	SIP_HDR_MIME_VERSION,
	SIP_HDR_MIN_EXPIRES,
	SIP_HDR_MIN_SE,
	SIP_HDR_ORGANIZATION,
	SIP_HDR_P_ASSERTED_IDENTITY,
	SIP_HDR_P_PREFERRED_IDENTITY,
	SIP_HDR_PATH,
	SIP_HDR_PRIORITY,
	SIP_HDR_PRIVACY,
	SIP_HDR_PROXY_AUTHENTICATE,
	SIP_HDR_PROXY_AUTHORIZATION,
	SIP_HDR_PROXY_REQUIRE,
	SIP_HDR_RACK,
	SIP_HDR_REASON,
	SIP_HDR_RECORD_ROUTE,
	SIP_HDR_REFER_TO,
	SIP_HDR_REFERRED_BY,
	SIP_HDR_REPLACES,
	SIP_HDR_REPLY_TO,
	SIP_HDR_REQUIRE,
	SIP_HDR_RETRY_AFTER,
	SIP_HDR_ROUTE,
	SIP_HDR_RSEQ,
	SIP_HDR_SERVER,
	SIP_HDR_SERVICE_ROUTE,
	SIP_HDR_SESSION_EXPIRES,
	SIP_HDR_SUBJECT,
	SIP_HDR_SUBSCRIPTION_STATE,
	SIP_HDR_SUPPORTED,
	SIP_HDR_TIMESTAMP,
	SIP_HDR_TO,
	SIP_HDR_UNSUPPORTED,
	SIP_HDR_USER_AGENT,
	SIP_HDR_VIA,
	SIP_HDR_WARNING,
	SIP_HDR_WWW_AUTHENTICATE,
	SIP_HDR_COUNT
};

/** From, To, Contact, Route, Record-Route, Reply-To and kin (RFC 3261 section 20.10). */
struct sip_name_addr {
	struct sip_str display; /* without quotes around it; escapes as received */
	struct sip_str uri;     /* without angle brackets; `*` for Contact: * */
	struct sip_str params;  /* behind the first `;` outside of the URI, or empty */
};

/** One Via (RFC 3261 section 20.42). */
struct sip_via {
	struct sip_str transport; /* `UDP` */
	struct sip_str host;
	uint16_t port;         /* 0: none given */
	struct sip_str branch; /* ptr NULL: none */
	struct sip_str received;
	struct sip_str params; /* all of them, behind the first `;` */
	bool rport;            /* asked for, with or without a value */
};

/** Credentials or a challenge of the Digest scheme, unquoted; ptr NULL: not there. */
struct sip_digest {
	struct sip_str scheme, realm, nonce, uri, username, response, algorithm, cnonce,
		nc, qop, opaque, stale, domain, userhash;
};

/* The message. */

bool sip_rx_data_is_request(const struct sip_rx_data *rdata);
enum sip_method sip_rx_data_method(
	const struct sip_rx_data *rdata); /* of a response: its CSeq's */
struct sip_str sip_rx_data_method_text(const struct sip_rx_data *rdata);
const struct sip_uri *sip_rx_data_request_uri(
	const struct sip_rx_data *rdata);                /* NULL: response */
int sip_rx_data_status(const struct sip_rx_data *rdata); /* 0: request */
struct sip_str sip_rx_data_reason(const struct sip_rx_data *rdata);
struct sip_str sip_rx_data_body(const struct sip_rx_data *rdata);
struct sip_str sip_rx_data_text(
	const struct sip_rx_data *rdata); /* all bytes; folds are spaces */
const struct sip_flow *sip_rx_data_flow(const struct sip_rx_data *rdata);
uint64_t sip_rx_data_arrival_us(const struct sip_rx_data *rdata); /* monotonic */

/* The fields that every message has, decoded. */

struct sip_str sip_rx_data_call_id(const struct sip_rx_data *rdata);
uint32_t sip_rx_data_cseq(const struct sip_rx_data *rdata);
const struct sip_name_addr *sip_rx_data_from(const struct sip_rx_data *rdata);
const struct sip_name_addr *sip_rx_data_to(const struct sip_rx_data *rdata);
struct sip_str sip_rx_data_from_tag(const struct sip_rx_data *rdata); /* ptr NULL: none */
struct sip_str sip_rx_data_to_tag(const struct sip_rx_data *rdata);
const struct sip_via *sip_rx_data_via(const struct sip_rx_data *rdata); /* the topmost */

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

/* Elements. */

/** 0 or SIP_ESYNTAX.  `Contact: *` is an address whose uri is `*`. */
SIP_MUST_USE int sip_name_addr_parse(struct sip_str text, struct sip_name_addr *addr);
SIP_MUST_USE int sip_via_parse(struct sip_str text, struct sip_via *via);
SIP_MUST_USE int sip_digest_parse(struct sip_str text, struct sip_digest *digest);

/**
 * Find `name` in `a=1;b;c="x"` (without case).
 *
 * True when it is there; *value is its value without quotes, {NULL, 0} where it has none.
 * `value` may be NULL.
 */
bool sip_param_find(struct sip_str params, struct sip_str name, struct sip_str *value);

/** A q value as thousandths, 0 to 1000; SIP_ESYNTAX. */
SIP_MUST_USE int sip_qvalue_parse(struct sip_str text, uint32_t *thousandths);

/** SIP_METHOD_OTHER where it is none of ours; method names have case (RFC 3261
 * section 7.1). */
enum sip_method sip_method_of(struct sip_str name);
struct sip_str sip_method_name(enum sip_method method);

/** The reason phrase of a status code; of its class where the code is unknown. */
struct sip_str sip_status_reason(int code);

SIP_API_END
