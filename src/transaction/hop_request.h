/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two requests that go along the same hop as another one: the ACK of a
 * non-2xx (RFC 3261 section 17.1.1.3) and CANCEL (section 9.1).
 *
 * Both have the Request-URI, the top Via, From, Call-ID, CSeq number and Route
 * of the request they belong to, and a single Via.
 */
#pragma once

#include "transport/tx_data.h"

struct sip_hop_request {
	struct sip_str method;
	struct sip_str to;    /* ptr NULL: the request's own */
	struct sip_str extra; /* whole header lines */
};

/** `request` is sealed; *built is owned, and sealed.  SIP_EMEMORY. */
SIP_MUST_USE int sip_hop_request_build(const struct sip_tx_data *request,
	const struct sip_hop_request *what, struct sip_tx_data **built);
