/* SPDX-License-Identifier: BSD-2-Clause */
/* 503 with Retry-After: see refuse.h. */
#include "server/refuse.h"

#include <stdio.h>

/* Soon enough for who waits at a phone, and far enough apart for a crowd. */
#define SOONEST_S 4u
#define SPREAD_S  12u

void sip_refuse_until(struct sip_rx_data *rdata, uint32_t seconds)
{
	char text[12];

	if (rdata->serving == NULL && sip_serving_begin(rdata, rdata->server) != 0) {
		sip_count(rdata->server->counters, SIP_COUNT_RX_NO_MEMORY);
		return;
	}
	snprintf(text, sizeof(text), "%u", seconds);
	sip_answer_with(rdata, 503, NULL, "Retry-After", text);
}

void sip_refuse(struct sip_rx_data *rdata)
{
	sip_refuse_until(rdata, SOONEST_S + (uint32_t)(rdata->call_hash % SPREAD_S));
}
