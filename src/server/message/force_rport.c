/* SPDX-License-Identifier: BSD-2-Clause */
/* To which port a request is answered: force_rport.h. */
#include "server/message/force_rport.h"

bool sip_sent_by_differs(const struct sip_rx_data *request)
{
	struct sip_addr sent_by;

	return sip_addr_parse(request->msg.via.host, 5060, &sent_by) != 0 ||
		!sip_addr_same_host(&sent_by, &request->flow.peer);
}

void sip_force_rport_begin(struct sip_rx_data *rdata)
{
	const struct sip_settings *settings = rdata->serving->snapshot->settings;

	/* Who wrote his own address may mean his own port, too; who is behind a NAT
	 * can't know either. */
	rdata->force_rport = rdata->flow.kind == SIP_UDP &&
		(!settings->some_without_force_rport || sip_sent_by_differs(rdata));
}

void sip_force_rport_of_endpoint(struct sip_rx_data *rdata)
{
	const struct ast_sip_endpoint *endpoint = rdata->serving->endpoint;

	/* What nobody knows stays with the rule of those who are not known. */
	if (endpoint != NULL && !endpoint->artificial)
		rdata->force_rport = rdata->flow.kind == SIP_UDP &&
			endpoint->options.force_rport;
}
