/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Step "admit": may this request have a share of the server?
 *
 * Calls in progress were let through by the steps before, and what our signed Route
 * vouches for is one.  Everything else is refused where its source waits (sources.h).
 */
#include "server/serving.h"

#include "server/sources.h"

enum sip_step_result sip_step_admit(struct sip_rx_data *rdata)
{
	if (rdata->serving->route.vouched)
		return SIP_STEP_NEXT;
	return sip_source_refused(rdata) ? SIP_STEP_DONE : SIP_STEP_NEXT;
}
