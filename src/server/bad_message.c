/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages that can't be parsed.
 *
 * A request with a CSeq and a Via, as far as its transport, is answered with the code
 * that the parser names (400, 413, 501, 505, 513) and a phrase that names the field,
 * however little else of it can be read (docs/decisions/053); anything else is dropped. A
 * bad ACK or response is never answered, nor is who has sent many of them lately.
 */
#include "server/bad_message.h"

#include "res_sip/explain.h"
#include "res_sip/log.h"
#include "server/admission/sources.h"
#include "server/serving.h"

#include <stdio.h>

static struct sip_log_limit limit;

static void log_bad(const struct sip_rx_data *rdata, const char *done)
{
	char peer[SIP_ADDR_TEXT_LEN];

	sip_log_limited(&limit, SIP_LOG_INFO, "receive",
		"bad message %s source=%s reason=\"%s\"", done,
		sip_addr_text(&rdata->flow.peer, peer),
		rdata->msg.error != NULL ? rdata->msg.error : "not SIP");
}

static void answer(struct sip_rx_data *rdata)
{
	const struct sip_msg *msg = &rdata->msg;
	char reason[96];

	snprintf(reason, sizeof(reason), "%.*s: %s",
		SIP_STR_ARG(sip_status_reason(msg->error_status)), msg->error);
	sip_answer(rdata, msg->error_status, reason);
}

/* Its source has sent too many of the kind. */
static bool is_ignored(struct sip_server *server, const struct sip_rx_data *rdata)
{
	if (!ast_sip_is_dry(rdata))
		return sip_source_is_noisy(server, &rdata->flow.peer);
	if (!sip_source_rehearse_noise(server, &rdata->flow.peer))
		return false;
	ast_sip_explain_line(rdata, NULL,
		"it is ignored: too many messages that can't be read came from there");
	return true;
}

void sip_receive_bad(struct sip_server *server, struct sip_rx_data *rdata)
{
	const struct sip_msg *msg = &rdata->msg;

	if (is_ignored(server, rdata)) {
		sip_serving_count(rdata, SIP_COUNT_RX_BAD_IGNORED);
		return;
	}
	if (!msg->answerable || !msg->is_request || msg->method == SIP_ACK ||
		(rdata->serving == NULL && sip_serving_begin(rdata, server) != 0)) {
		sip_serving_count(rdata, SIP_COUNT_RX_BAD_DROPPED);
		log_bad(rdata, "dropped");
		return;
	}
	sip_serving_count(rdata, SIP_COUNT_RX_BAD_ANSWERED);
	log_bad(rdata, "answered");
	answer(rdata);
}
