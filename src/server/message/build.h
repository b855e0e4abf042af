/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Messages being built, for the folder (public side: res_sip/response.h).
 */
#pragma once

#include "server/serving.h"

/** An empty one with its builder set up.  NULL: out of memory. */
SIP_MUST_USE struct sip_tx_data *sip_build_begin(struct sip_server *server, size_t size);

/** Server or User-Agent, Content-Type, Content-Length, the empty line and the body.  0,
 * or the builder's first error; SIP_ESPACE is mended here by a larger buffer, so it does
 * not come back. */
SIP_MUST_USE int sip_build_seal(struct sip_server *server, struct sip_tx_data *tdata);

/** The same of an answer to a request that is served, by its configuration. */
SIP_MUST_USE int sip_build_seal_answer(
	const struct sip_rx_data *rdata, struct sip_tx_data *tdata);

/** Copy the body in, in place of an earlier one; -1: out of memory. */
SIP_MUST_USE int sip_build_set_body(
	struct sip_tx_data *tdata, const void *bytes, size_t len);

/** Our Via for a request that goes by that flow, as a line (18.1.1). */
void sip_put_our_via(struct sip_builder *b, const struct sip_server *server,
	const struct sip_flow *flow, struct sip_str branch);

/** `sip:` (or `sips:`, where that is wanted and the flow is by TLS), `user@` where it is
 * not empty, our address as the peer of `flow` is told it, and the `transport` parameter
 * where it is needed: a URI of ours (19.1.2). */
void sip_put_our_uri(struct sip_builder *b, const struct sip_server *server,
	const struct sip_flow *flow, bool secure, struct sip_str user);

/** The Contact of a dialog of ours, as a line. */
void sip_put_our_contact(struct sip_builder *b, const struct sip_server *server,
	const struct sip_flow *flow, bool secure, struct sip_str user);

/** The topmost Via of a received request with received= and rport= as 18.2.1 and RFC 3581
 * want them, then its further ones. */
void sip_put_vias(struct sip_builder *b, const struct sip_rx_data *request);

/** The topmost one's value alone. */
void sip_put_top_via(struct sip_builder *b, const struct sip_rx_data *request);
