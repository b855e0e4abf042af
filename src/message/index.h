/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sweep over a header block: where its lines end and what the fields are called.
 *
 * There is one function per kind of processor, all from index_sweep.h, and likewise for
 * the fields that are decoded at once (decode.h); the build chooses the files, and
 * sip_parser_best() chooses among them when asked.
 */
#pragma once

#include "message/message.h"

struct sip_index {
	uint32_t first_line_len; /* without its line end */
	uint32_t end;       /* behind the empty line; 0: there is none before `limit` */
	uint32_t headers;   /* how many the limits allow */
	uint64_t repeated;  /* bit per enum sip_hdr_id: more than one of the kind */
	int error;          /* the first: 0, SIP_ESPACE, SIP_ESYNTAX, SIP_ELIMIT */
	const char *reason; /* of the error, static */
	bool controls;      /* there are control characters or tabs besides line ends */
};

_Static_assert(SIP_HDR_COUNT <= 64, "a bit per kind");

/**
 * Fill msg->hdrs, hdr_count and first[] from the first `limit` (at most 65535) bytes of
 * the text, and at most `headers` fields.  Folds are overwritten.
 *
 * Reads SIP_MSG_PADDING bytes behind `limit`.  After SIP_ESPACE nothing else is of use;
 * after the other errors what was found is there.
 */
typedef void sip_index_fn(
	struct sip_msg *msg, uint32_t limit, uint32_t headers, struct sip_index *index);

sip_index_fn sip_index_plain;

/** Note an error; the first stays. */
void sip_index_fail(struct sip_index *index, int error, const char *reason);

/** The field in [line, end) of the text, by all the rules; CRLF stands at `end`.  Its
 * name_len is 0 where there is none, which is an error that leaves other lines readable.
 */
struct sip_hdr sip_index_odd_line(
	const char *text, const char *line, const char *end, struct sip_index *index);

/** Decode what every message needs on its way. */
struct sip_parse;
typedef void sip_decode_fn(struct sip_parse *parse);

sip_decode_fn sip_decode_plain;

/** sip_digest_parse() of a text that is a field's value of a message. */
typedef int sip_digest_fn(struct sip_str value, struct sip_digest *digest);

/** The parser for one kind of processor. */
struct sip_parser {
	const char *name;
	sip_index_fn *index;
	sip_decode_fn *decode;
	sip_digest_fn *digest;
};

/** The fastest that this processor can run. */
const struct sip_parser *sip_parser_best(void);

/** All that this processor can run; returns how many. The first is in plain C. */
size_t sip_parsers(const struct sip_parser **parsers);

/** sip_msg_parse() with a parser of the caller's choice: for tests and benchmarks. */
SIP_MUST_USE int sip_msg_parse_with(struct sip_msg *msg,
	const struct sip_msg_limits *limits, const struct sip_parser *parser);
