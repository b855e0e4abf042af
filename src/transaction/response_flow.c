/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a response goes: RFC 3261 section 18.2.2 with RFC 3581.
 *
 * Always from the address that the request was sent to, and over UDP:
 *
 *     top Via has     goes to
 *     rport           where the request came from, address and port; the same
 *                     where server/ says that it is to be so (force_rport)
 *     neither         the address it came from, at the port of sent-by
 *
 * "sent-by" without a port means 5060.  The address in sent-by is never used:
 * where it differs from the source, section 18.2.1 puts the source beside it as
 * `received`, and that wins.
 *
 * maddr is not followed, against the MUST of 18.2.2: whoever sends one datagram
 * could have us answer somebody else with a larger one, and would not even have
 * to forge his own address.  It was made for requests by multicast, which we do
 * not take.
 */
#include "transaction/txn.h"

#define SIP_PORT 5060

void sip_response_flow(const struct sip_rx_data *request, struct sip_flow *flow)
{
	const struct sip_via *via = &request->msg.via;
	uint16_t port = via->port != 0 ? via->port : SIP_PORT;

	*flow = request->flow;
	/* "MUST be sent using the existing connection to the source of the original
	 * request" */
	if (flow->kind != SIP_UDP)
		return;
	if (!via->rport && !request->force_rport)
		sip_addr_set_port(&flow->peer, port);
}
