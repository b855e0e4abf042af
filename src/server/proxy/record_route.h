/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Our Record-Route: signed, so that it vouches for requests inside of a call.
 *
 * Its URI has a token: the time, both sides' next hops and a MAC over these, the
 * Call-ID and the caller's tag.  A request with a To tag passes without a
 * challenge only from one of the two sides, and goes only to the other.
 */
#pragma once

#include "server/serving.h"

/* One side of a call as the token names it. */
struct sip_route_side {
	struct sip_flow flow; /* by which it is reached; our address is not in it */
	uint32_t who;         /* sip_route_who() of its AOR; 0: not known */
};

/** An AOR as it stands in a token: nobody else can tell which one it is. */
uint32_t sip_route_who(const struct sip_server *server, struct sip_str aor);

/**
 * The header field lines: one, or two where the call leaves by another listener, family
 * or address than it came in by, or one side knows us by our external address (RFC 5658):
 * the outer one on top.  `aor`: whose contact it goes to; empty: nobody's.
 */
void sip_put_record_route(struct sip_builder *b, const struct sip_rx_data *request,
	const struct sip_flow *to, struct sip_str aor);

/**
 * The Path of a REGISTER that goes on to another registrar (RFC 3327), as a line: it has
 * the flow that the phone is reached by, signed, and `ob` (RFC 5626 section 5.1).
 */
void sip_put_path(struct sip_builder *b, const struct sip_rx_data *request,
	const struct sip_flow *to);

/** The URI is a Path of this server: *token gets its token. */
bool sip_path_has_token(const struct sip_uri *uri, struct sip_str *token);

/** The flow that the token names; false: it is not ours. */
SIP_MUST_USE bool sip_path_verify(
	const struct sip_server *server, struct sip_str token, struct sip_flow *flow);

/** The URI is a Record-Route of this server: *token gets its token.  (Whether it holds is
 * another matter.) */
bool sip_route_has_token(const struct sip_uri *uri, struct sip_str *token);

/**
 * Does the token hold for this request?  *side says where it comes from, *other where it
 * may go. SIP_SIDE_NONE: it does not.
 */
enum sip_side sip_route_verify(const struct sip_rx_data *request, struct sip_str token,
	struct sip_route_side *other);

/** Why a token does not hold; NULL: it does. */
const char *sip_route_fault(const struct sip_rx_data *request, struct sip_str token);
