/* SPDX-License-Identifier: BSD-2-Clause */
/* 503 with Retry-After: see refuse.h. */
#include "server/admission/refuse.h"

#include "server/admission/admission.h"

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

static uint32_t spread_s(const struct sip_rx_data *rdata)
{
	return SOONEST_S + (uint32_t)(rdata->call_hash % SPREAD_S);
}

void sip_refuse(struct sip_rx_data *rdata)
{
	sip_refuse_until(rdata, spread_s(rdata));
}

int ast_sip_respond_busy(struct sip_rx_data *rdata)
{
	struct sip_tx_data *tdata;
	char text[12];

	SIP_ASSERT(rdata != NULL);
	sip_count(rdata->server->counters, SIP_COUNT_REFUSED_FULL);
	if (rdata->serving->dry_run == NULL)
		sip_admission_note_refused(rdata->server->admission, rdata);
	if (ast_sip_create_response(rdata, 503, NULL, &tdata) != 0)
		return -1;
	snprintf(text, sizeof(text), "%u", spread_s(rdata));
	if (ast_sip_add_header(tdata, "Retry-After", text) != 0) {
		ast_sip_destroy_tx_data(tdata);
		return -1;
	}
	return ast_sip_send_response(rdata, tdata);
}
