/* SPDX-License-Identifier: BSD-2-Clause */
/* The ACK of a non-2xx response: RFC 3261 section 17.1.1.3. */
#include "transaction/hop_request.h"
#include "transaction/txn_private.h"

int sip_ack_build(const struct sip_tx_data *request, const struct sip_rx_data *response,
	struct sip_tx_data **ack)
{
	/* "The To header field in the ACK MUST equal the To header field in the response
	 * being acknowledged" */
	struct sip_hop_request what = {
		.method = SIP_STR("ACK"),
		.to = sip_msg_header(&response->msg, SIP_HDR_TO),
	};

	return sip_hop_request_build(request, &what, ack);
}
