/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIP messages as the simulation's own eyes see them: RFC 3261 section 25 as far as the
 * simulated phones and the checks need it, strict, and sharing nothing with the server.
 *
 * Slices point into the text that was parsed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *at;
	size_t len;
};

#define SLICE_ARG(slice) (int)(slice).len, (slice).at

/* More fields than a message of the simulation has. */
#define TEXT_FIELDS_MAX 64

struct sip_text {
	struct slice whole;
	bool is_request;
	struct slice method; /* of a response: that of its CSeq */
	struct slice uri;
	unsigned code; /* 0 of a request */
	struct {
		struct slice name;
		struct slice value;
	} field[TEXT_FIELDS_MAX];
	unsigned field_count;
	struct slice body;

	struct slice call_id;
	struct slice from_tag; /* empty: none */
	struct slice to_tag;
	struct slice branch;  /* of the topmost Via */
	struct slice sent_by; /* of the topmost Via, with its port */
	uint32_t cseq;
};

/** NULL, or what is wrong with it. */
const char *sip_text_parse(struct sip_text *text, const char *bytes, size_t len);

/** How long the message is that the bytes of a stream begin with (18.3); 0: it is not
 * whole. */
size_t sip_text_whole(struct slice bytes);

bool slice_is(struct slice slice, const char *text);
bool slice_equal(struct slice a, struct slice b);
/** For tables: equal ones have the same. */
unsigned slice_hash(struct slice slice);

/** The value of the field; .at is NULL where there is none. */
struct slice sip_text_field(const struct sip_text *text, const char *name);

/** The n-th (from 0) value of a field that is a list, over all fields of that name; .at
 * is NULL where there are not so many. */
struct slice sip_text_item(const struct sip_text *text, const char *name, unsigned n);

/** A parameter behind a name-addr, an addr-spec or a Via, or in a challenge, without
 * quotes; .at is NULL: it is not there. */
struct slice slice_param(struct slice value, const char *name);

/** The URI in a name-addr or addr-spec. */
struct slice slice_uri(struct slice value);

/* host:port of the simulation: numeric IPv4 only. */
struct place {
	uint32_t ip;
	uint16_t port;
};

#define PLACE_TEXT_LEN 24

bool place_equal(struct place a, struct place b);
const char *place_text(struct place place, char text[PLACE_TEXT_LEN]);

/** host[:port] of a sip URI, port 5060 by default; false: its host is no address. */
bool place_of_uri(struct slice uri, struct place *place);

/** The user part; empty: none. */
struct slice user_of_uri(struct slice uri);
