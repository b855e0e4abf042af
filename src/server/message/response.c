/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answering requests: res_sip/response.h, RFC 3261 section 8.2.6.
 *
 * What was not kept is answered without state: by a To tag that each copy of the
 * request gets alike, on the flow of 18.2.2.
 */
#include "server/dialogs/leg.h"
#include "server/message/build.h"
#include "server/modules/callback.h"
#include "server/show/dry_run.h"

#include "res_sip/log.h"

static struct sip_log_limit limit;

/* 8.2.6.2: To as received, with our tag where it has none (100 has none: 8.2.6.1). */
static void put_to(struct sip_builder *b, struct sip_rx_data *rdata, int code)
{
	const struct sip_msg *msg = &rdata->msg;
	struct sip_str value = sip_msg_header(msg, SIP_HDR_TO);

	if (SIP_UNLIKELY(value.len == 0))
		return;
	sip_put(b, SIP_STR("To: "));
	sip_put(b, value);
	if (msg->to_tag.ptr == NULL && code != 100) {
		sip_put(b, SIP_STR(";tag="));
		sip_put(b, sip_to_tag(rdata));
	}
	sip_put(b, SIP_STR("\r\n"));
}

static struct sip_str call_id_of(const struct sip_msg *msg)
{
	if (SIP_LIKELY(msg->call_id.ptr != NULL))
		return msg->call_id;
	return sip_msg_header(msg, SIP_HDR_CALL_ID);
}

/* 12.1.1: what makes a dialog takes the Record-Route along. */
static bool makes_dialog(const struct sip_msg *msg, int code)
{
	return code > 100 && code < 300 && msg->to_tag.ptr == NULL &&
		(msg->method == SIP_INVITE || msg->method == SIP_SUBSCRIBE ||
			msg->method == SIP_REFER || msg->method == SIP_NOTIFY);
}

/* 20.5: Allow belongs into a 405, and into what tells about us; RFC 4475 3.1.1.2: into a
 * 501. */
static bool tells_methods(const struct sip_msg *msg, int code)
{
	return code == 405 || code == 501 ||
		(msg->method == SIP_OPTIONS && code >= 200 && code < 300);
}

static void put_head(
	struct sip_builder *b, struct sip_rx_data *rdata, int code, struct sip_str reason)
{
	const struct sip_msg *msg = &rdata->msg;

	sip_put(b, SIP_STR("SIP/2.0 "));
	sip_put_number(b, (uint64_t)code);
	sip_put_char(b, ' ');
	sip_put_clean(b, reason);
	sip_put(b, SIP_STR("\r\n"));
	sip_put_vias(b, rdata);
	if (makes_dialog(msg, code))
		sip_put_copied(b, msg, SIP_HDR_RECORD_ROUTE);
	sip_put_same(b, SIP_STR("From: "), sip_msg_header(msg, SIP_HDR_FROM));
	put_to(b, rdata, code);
	sip_put_same(b, SIP_STR("Call-ID: "), call_id_of(msg));
	sip_put_same(b, SIP_STR("CSeq: "), sip_msg_header(msg, SIP_HDR_CSEQ));
	if (code == 100)
		sip_put_copied(b, msg, SIP_HDR_TIMESTAMP);
	if (tells_methods(msg, code))
		sip_put_same(b, SIP_STR("Allow: "), rdata->serving->snapshot->allow);
	if (SIP_UNLIKELY(rdata->serving->leg != NULL))
		sip_leg_put_contact(b, rdata, code);
}

/* The head of the request is copied with long names and CRLF; then there is what we add.
 */
static size_t room_for(const struct sip_rx_data *rdata, struct sip_str phrase)
{
	return rdata->msg.body_off + 8 * (size_t)rdata->msg.hdr_count + phrase.len +
		rdata->serving->snapshot->allow.len + 1024;
}

int ast_sip_create_response(
	struct sip_rx_data *rdata, int code, const char *reason, struct sip_tx_data **out)
{
	struct sip_str phrase;
	struct sip_tx_data *tdata;

	SIP_ASSERT(rdata != NULL && out != NULL);
	if (code < 100 || code > 699 || !rdata->msg.is_request || rdata->serving == NULL)
		return -1;
	/* 17.1.1.1: nobody waits for the answer to an ACK. */
	if (rdata->msg.method == SIP_ACK)
		return -1;
	phrase = reason != NULL ? sip_str_of(reason) : sip_status_reason(code);
	tdata = sip_build_begin(rdata->server, room_for(rdata, phrase));
	if (tdata == NULL)
		return -1;
	tdata->status = (uint16_t)code;
	tdata->method = (enum sip_method)rdata->msg.method;
	put_head(&tdata->head, rdata, code, phrase);
	if (tdata->head.error != 0) {
		sip_tx_data_unref(&tdata);
		return -1;
	}
	*out = tdata;
	return 0;
}

static int refuse(struct sip_rx_data *rdata, struct sip_tx_data *tdata, const char *why)
{
	const struct sip_registered *service = rdata->serving->service;

	sip_log_limited(&limit, SIP_LOG_WARNING, "response",
		"%u is not sent: %s method=%.*s module=%s", tdata->status, why,
		SIP_STR_ARG(rdata->msg.method_text),
		service != NULL ? service->module : "res_sip");
	sip_tx_data_unref(&tdata);
	return -1;
}

/* Services that want to see what goes out. */
static void show_to_services(const struct sip_snapshot *snapshot,
	struct sip_rx_data *rdata, struct sip_tx_data *tdata)
{
	const struct sip_registered_list *lists[] = { &snapshot->local,
		&snapshot->forward };

	/* What could not be parsed is answered by the reactor, outside of any work:
	 * nobody's code may run there. */
	if (!snapshot->watches_tx_responses || rdata->call == NULL)
		return;
	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			struct sip_registered *registered = lists[l]->item[i];
			struct sip_callback_scope scope;

			if (registered->service->on_tx_response == NULL ||
				sip_registered_is_leaving(registered) ||
				(rdata->serving->dry_run != NULL &&
					!sip_registered_dry_safe(registered)))
				continue;
			sip_callback_open(&scope, &registered->event_site, rdata);
			registered->service->on_tx_response(tdata);
			sip_callback_close(&scope);
		}
	}
}

static int send_sealed(struct sip_rx_data *rdata, struct sip_tx_data *tdata)
{
	struct sip_flow flow;

	if (rdata->txn != NULL)
		return sip_uas_respond(rdata->txn, tdata);
	sip_response_flow(rdata, &flow);
	if (rdata->serving->dry_run != NULL)
		sip_dry_send(rdata->serving->dry_run, &flow, tdata);
	else
		sip_transport_send(rdata->server->transport, &flow, tdata);
	return 0;
}

/* In core. */
static int send_response(struct sip_rx_data *rdata, struct sip_tx_data *tdata)
{
	struct sip_serving *serving = rdata->serving;
	bool final = tdata->status >= 200;
	/* RFC 3261 16.7 step 5: further 2xx to INVITE pass after the first final answer.
	 */
	bool again = serving->answered && serving->kept &&
		rdata->msg.method == SIP_INVITE && tdata->status < 300 && final;

	if (serving->answered && !again)
		return refuse(rdata, tdata, "the request has a final answer already");
	if (serving->kept && rdata->txn == NULL && serving->dry_run == NULL)
		return refuse(rdata, tdata, "the transaction is over");
	/* 8.2.7: "a stateless UAS MUST NOT send provisional (1xx) responses." */
	if (!serving->kept && !final)
		return refuse(rdata, tdata, "the request was not kept");
	show_to_services(serving->snapshot, rdata, tdata);
	if (sip_build_seal_answer(rdata, tdata) != 0)
		return refuse(rdata, tdata, "it can't be built");
	if (send_sealed(rdata, tdata) != 0)
		return refuse(rdata, tdata, "the transaction does not allow it");
	serving->answered = serving->answered || final;
	if (serving->kept && serving->dry_run == NULL)
		sip_keep_answered(rdata, tdata->status);
	if (SIP_UNLIKELY(serving->leg != NULL))
		sip_leg_answered(rdata, tdata);
	sip_tx_data_unref(&tdata);
	return 0;
}

void sip_pass_further_2xx(struct sip_txn *txn, struct sip_rx_data *response)
{
	struct sip_server *server = response->server;
	struct sip_snapshot *snapshot;
	struct sip_tx_data *tdata;

	/* The callee repeats what is lost here. */
	if (sip_forwarded_response(server, response, &tdata) != 0)
		return;
	snapshot = sip_snapshot_take(server);
	show_to_services(snapshot, NULL, tdata);
	sip_snapshot_unref(&snapshot);
	if (sip_build_seal(server, tdata) == 0)
		SIP_IGNORE(sip_uas_respond(txn, tdata));
	sip_tx_data_unref(&tdata);
}

int ast_sip_send_response(struct sip_rx_data *rdata, struct sip_tx_data *tdata)
{
	int result;

	SIP_ASSERT(rdata != NULL && tdata != NULL);
	sip_core_enter();
	result = send_response(rdata, tdata);
	sip_core_leave();
	return result;
}

int ast_sip_respond(struct sip_rx_data *rdata, int code, const char *reason)
{
	struct sip_tx_data *tdata;

	if (ast_sip_create_response(rdata, code, reason, &tdata) != 0)
		return -1;
	return ast_sip_send_response(rdata, tdata);
}

void sip_answer(struct sip_rx_data *rdata, int code, const char *reason)
{
	if (ast_sip_respond(rdata, code, reason) != 0)
		sip_keep_owe(rdata, code, NULL, NULL);
}

static int respond_with(struct sip_rx_data *rdata, int code, const char *reason,
	const char *name, const char *value)
{
	struct sip_tx_data *tdata;

	if (ast_sip_create_response(rdata, code, reason, &tdata) != 0)
		return -1;
	if (ast_sip_add_header(tdata, name, value) == 0)
		return ast_sip_send_response(rdata, tdata);
	ast_sip_destroy_tx_data(tdata);
	return -1;
}

void sip_answer_with(struct sip_rx_data *rdata, int code, const char *reason,
	const char *name, const char *value)
{
	if (respond_with(rdata, code, reason, name, value) != 0)
		sip_keep_owe(rdata, code, name, value);
}
