/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A SIP message as text with an index (RFC 3261 section 7).
 *
 * The message is parsed where it was received.  Parsing allocates nothing and
 * copies nothing: the index is an array that the caller gives, and every field
 * is a slice of the buffer.  The one change made to the bytes is that the line
 * end of a fold becomes two spaces (three-byte ends likewise), so no decoder
 * ever meets a fold.
 *
 * The fields that every message needs on its way are decoded at once; the
 * others when somebody asks.
 *
 * Threads: pure functions; a message is immutable after sip_msg_parse().
 */
#pragma once

#include "res_sip/error.h"
#include "res_sip/message.h"

/* The caller's buffer has this many readable bytes behind the end: the scan reads in
 * blocks. */
#define SIP_MSG_PADDING 64

/* One header field: where its line starts, and its value without spaces at its ends. */
struct sip_hdr {
	uint16_t name_off;
	uint16_t value_off;
	uint16_t value_len;
	uint8_t name_len;
	uint8_t id; /* enum sip_hdr_id */
};

struct sip_msg_limits {
	uint32_t
		header_bytes; /* of the header block with its empty line; at most 65535 */
	uint32_t headers;     /* number of fields */
	uint32_t body_bytes;
};

#define SIP_MSG_LIMITS_DEFAULT                                                           \
	((struct sip_msg_limits){                                                        \
		.header_bytes = 65535, .headers = 256, .body_bytes = 65535 })

struct sip_msg {
	char *text;   /* start of the message; SIP_MSG_PADDING readable bytes behind `len`
		       */
	uint32_t len; /* with the body, without what stood behind it */
	uint32_t body_off; /* first byte behind the empty line */
	uint32_t body_len; /* by Content-Length; without one: all that is there */
	uint16_t hdr_count;
	uint16_t hdr_room;             /* entries in `hdrs` */
	struct sip_hdr *hdrs;          /* the caller's array */
	uint16_t first[SIP_HDR_COUNT]; /* index of the first of each kind, UINT16_MAX:
					  none */

	bool is_request;   /* by the first line, as what follows `repeated` */
	uint8_t method;    /* enum sip_method; of a response: its CSeq's */
	uint16_t status;   /* 0: request */
	uint64_t repeated; /* a bit for each kind of field: there are more than one */
	struct sip_str method_text;
	struct sip_str reason; /* of a response */
	struct sip_uri request_uri;

	/* Decoded at once. */
	struct sip_via via;       /* the topmost */
	struct sip_str via_value; /* its text, one element */
	struct sip_name_addr from;
	struct sip_name_addr to;
	struct sip_str from_tag;
	struct sip_str to_tag;
	struct sip_str call_id;
	uint32_t cseq;
	enum sip_method cseq_method;
	struct sip_str cseq_method_text;
	uint32_t max_forwards; /* UINT32_MAX: none given */

	/* Why parsing failed: the code to answer with, and the field's name or a few
	 * words, static. */
	uint16_t error_status; /* 400, 413, 501, 505, 513 */
	bool answerable; /* a request with a Via, as far as its transport, and a CSeq */
	const char *error;
};

/**
 * Parse one whole message: msg->text, len, hdrs and hdr_room are set by the caller.
 *
 * Lines end with CRLF and nothing else.  Control characters, NUL among them, stand only
 * where RFC 3261 section 25.1 has them: behind a backslash in a quoted string.  Bytes
 * from 0x80 on pass. Leading CRLFs are to be skipped by the caller; what stands behind
 * the body is cut off (RFC 3261 section 18.3).
 *
 * 0
 * SIP_ESPACE   hdr_room is too small: parse again with room for limits->headers
 * SIP_ESYNTAX  not a SIP message, or one field is wrong: msg->error says which; where
 *              msg->answerable, answer with error_status, else drop it
 * SIP_EMISSING a mandatory field is missing: likewise
 * SIP_ELIMIT   beyond a limit: likewise (513, 413)
 */
SIP_MUST_USE int sip_msg_parse(struct sip_msg *msg, const struct sip_msg_limits *limits);

/** sip_digest_parse() of the value of a field of a message: what stands behind that is
 * looked at. */
SIP_MUST_USE int sip_msg_digest(struct sip_str value, struct sip_digest *digest);

/** Entry of the first header field of that kind, or NULL. */
const struct sip_hdr *sip_msg_hdr(const struct sip_msg *msg, enum sip_hdr_id id);

struct sip_str sip_msg_hdr_value(const struct sip_msg *msg, const struct sip_hdr *hdr);
struct sip_str sip_msg_hdr_name(const struct sip_msg *msg, const struct sip_hdr *hdr);

/** The functions of res_sip/message.h, without the rx_data around the message. */
struct sip_str sip_msg_header(const struct sip_msg *msg, enum sip_hdr_id id);
struct sip_str sip_msg_header_named(const struct sip_msg *msg, struct sip_str name);
bool sip_msg_next_header(
	const struct sip_msg *msg, enum sip_hdr_id id, struct sip_hdr_iter *iter);
bool sip_msg_next_element(
	const struct sip_msg *msg, enum sip_hdr_id id, struct sip_hdr_iter *iter);
/** More than the topmost one. */
bool sip_msg_has_further_via(const struct sip_msg *msg);
size_t sip_msg_count_elements(const struct sip_msg *msg, enum sip_hdr_id id);
bool sip_msg_has_token(
	const struct sip_msg *msg, enum sip_hdr_id id, struct sip_str token);
SIP_MUST_USE int sip_msg_number(
	const struct sip_msg *msg, enum sip_hdr_id id, uint32_t *number);

/** The kind of a header field by its name, long or compact, without case. */
enum sip_hdr_id sip_hdr_id_of(struct sip_str name);

/** The URI of one address, as in Contact, Route and Record-Route.  SIP_ESYNTAX. */
SIP_MUST_USE int sip_name_addr_uri(struct sip_str text, struct sip_uri *uri);

/** The URI, which was parsed, is a sips: one. */
bool sip_uri_is_sips(struct sip_str uri);

/** Its port, or the scheme's own (19.1.2). */
uint16_t sip_uri_port(const struct sip_uri *uri);

/** The next element of one comma-separated list; quotes, <> and escapes are respected.
 * *rest shrinks.  False: no more.  Empty elements are skipped. */
bool sip_list_next(struct sip_str *rest, struct sip_str *element);

/** Likewise where these are characters as others: Call-IDs (In-Reply-To). */
bool sip_list_next_bare(struct sip_str *rest, struct sip_str *element);
