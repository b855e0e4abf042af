/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Step "admit": may this request have a share of the server?
 *
 * Calls in progress were let through by the steps before.  Everything passes: the
 * limits by waiting time and by source are the subject of a later version, and
 * stand here then.
 */
#include "server/serving.h"

enum sip_step_result sip_step_admit(struct sip_rx_data *rdata)
{
	(void)rdata;
	return SIP_STEP_NEXT;
}
