/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a response goes: RFC 3261 section 18.2.2 with RFC 3581.
 *
 * Always from the address that the request was sent to, and over UDP:
 *
 *     top Via has     goes to
 *     maddr           that address, at the port of sent-by
 *     rport           where the request came from, address and port
 *     neither         the address it came from, at the port of sent-by
 *
 * "sent-by" without a port means 5060.  The address in sent-by is never used:
 * where it differs from the source, section 18.2.1 puts the source beside it as
 * `received`, and that wins.  maddr counts where it is a unicast address that
 * this socket can send to; a name would have to be resolved first, and a
 * multicast address would let a stranger have us speak to many.
 */
#include "transaction/txn.h"

#include <arpa/inet.h>

#define SIP_PORT 5060

static bool is_unicast(const struct sip_addr *addr)
{
	if (addr->sa.sa_family == AF_INET) {
		uint32_t host = ntohl(addr->v4.sin_addr.s_addr);

		return host != INADDR_ANY && host != INADDR_BROADCAST &&
			!IN_MULTICAST(host);
	}
	return !IN6_IS_ADDR_UNSPECIFIED(&addr->v6.sin6_addr) &&
		!IN6_IS_ADDR_MULTICAST(&addr->v6.sin6_addr);
}

static bool find_maddr(const struct sip_via *via, const struct sip_flow *flow,
	uint16_t port, struct sip_addr *addr)
{
	struct sip_str value;

	if (!sip_param_find(via->params, SIP_STR("maddr"), &value) || value.ptr == NULL)
		return false;
	if (sip_addr_parse(value, port, addr) != 0)
		return false;
	sip_addr_set_port(addr, port);
	return addr->sa.sa_family == flow->peer.sa.sa_family && is_unicast(addr);
}

void sip_response_flow(const struct sip_rx_data *request, struct sip_flow *flow)
{
	const struct sip_via *via = &request->msg.via;
	uint16_t port = via->port != 0 ? via->port : SIP_PORT;
	struct sip_addr maddr;

	*flow = request->flow;
	/* "MUST be sent using the existing connection to the source of the original
	 * request" */
	if (flow->kind != SIP_UDP)
		return;
	if (find_maddr(via, flow, port, &maddr))
		flow->peer = maddr;
	else if (!via->rport)
		sip_addr_set_port(&flow->peer, port);
}
