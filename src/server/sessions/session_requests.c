/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests within a call: RFC 3261 section 14.2, RFC 3311 section 5.2, RFC 3262 section
 * 3, RFC 4028 section 9.
 */
#include "server/sessions/session.h"

#include "server/server.h"

/* An UPDATE or PRACK that the service does not answer within this time is refused: its
 * sender waits for 32 s in all, and its retransmissions tell that it is slow. */
#define OWED_MS 16000

static void owed_too_long(void *arg)
{
	struct ast_sip_session *session = SIP_CAST(ast_sip_session, arg);

	/* It is owed, or the timer would not run. */
	SIP_IGNORE(ast_sip_session_refuse(session, 504));
}

void sip_session_owe(struct ast_sip_session *session, struct sip_session_owed *owed,
	struct sip_str offer)
{
	if (owed == &session->invite) {
		session->asked = offer.ptr == NULL;
		session->invite_cseq = sip_rx_data_cseq(owed->request);
		session->out = (struct sip_reliable_out){ 0 };
	} else if (sip_session_start_timer(
			   session, &session->owed_timer, owed_too_long, OWED_MS) != 0) {
		SIP_IGNORE(ast_sip_session_refuse(session, 500)); /* it is owed */
		return;
	}
	sip_session_tell_offer(session, offer);
}

void sip_session_settle(
	struct ast_sip_session *session, struct sip_session_owed *owed, int status)
{
	sip_exchange_final(&session->exchange, SIP_SIDE_THEIRS,
		sip_rx_data_method(owed->request), status);
	ast_sip_release_rx_data(owed->request);
	owed->request = NULL;
	if (owed == &session->other) {
		sip_session_stop_timer(session->owed_timer);
		return;
	}
	/* RFC 3262 section 3: nothing provisional is sent again. */
	sip_session_stop_timer(session->repeat_timer);
	sip_session_drop(&session->accept);
	sip_session_drop(&session->next.text);
	session->next.code = 0;
	session->asked = false;
	session->accepting = false;
}

static void on_ack(struct ast_sip_session *session, struct sip_rx_data *ack)
{
	struct sip_str answer;
	bool answers = session->exchange.offer == SIP_OFFER_SENT &&
		sip_session_description(ack, &answer) == 0 && answer.ptr != NULL;

	if (answers)
		sip_exchange_body_received(&session->exchange, SIP_INVITE);
	sip_exchange_acknowledged(&session->exchange);
	if (answers)
		sip_session_tell_answer(session, answer);
	sip_session_tell_established(session);
	sip_session_kick(session);
}

/* What is right with INVITE and UPDATE alike.  0, or it was answered. */
static int judge(struct ast_sip_session *session, struct sip_rx_data *request,
	struct sip_session_owed *owed, struct sip_str *offer)
{
	struct sip_session_owed judged = { .request = NULL };
	struct sip_refresh_ask ask;
	int status = sip_session_check_require(request);

	if (status != 0)
		return status;
	status = sip_session_read_ask(request, &ask);
	if (status == 0)
		status = sip_session_description(request, offer);
	if (status == 0)
		status = sip_refresh_judge(
			&session->policy, &ask, &judged.answer, &judged.terms);
	if (status == 0)
		status = sip_exchange_receive(&session->exchange,
			sip_rx_data_method(request), offer->ptr != NULL);
	if (status != 0) {
		sip_session_reject(session, request, status);
		return status;
	}
	sip_session_read_peer(session, request);
	judged.request = ast_sip_hold_rx_data(request);
	/* The exchange lets one through at a time. */
	SIP_ASSERT(owed->request == NULL);
	*owed = judged;
	return 0;
}

static void on_invite(struct ast_sip_session *session, struct sip_rx_data *request)
{
	struct sip_str offer;

	if (judge(session, request, &session->invite, &offer) == 0)
		sip_session_owe(session, &session->invite, offer);
}

static void on_update(struct ast_sip_session *session, struct sip_rx_data *request)
{
	struct sip_session_owed alone = { .request = NULL };
	struct sip_str offer = { NULL, 0 };
	bool offers = sip_rx_data_body(request).len > 0;

	if (judge(session, request, offers ? &session->other : &alone, &offer) != 0)
		return;
	if (offers) {
		sip_session_owe(session, &session->other, offer);
		return;
	}
	/* Nobody has to be asked about a refresh. */
	if (sip_session_send_2xx(session, &alone, offer) != 0)
		sip_session_settle(session, &alone, 500);
}

static void answer_prack(
	struct ast_sip_session *session, struct sip_rx_data *request, struct sip_str body)
{
	bool answers = session->exchange.offer == SIP_OFFER_SENT && body.ptr != NULL;
	int status = sip_exchange_receive(
		&session->exchange, SIP_PRACK, body.ptr != NULL);

	if (status != 0) {
		sip_session_reject(session, request, status);
	} else if (body.ptr != NULL && !answers) {
		session->other = (struct sip_session_owed){
			.request = ast_sip_hold_rx_data(request),
		};
		sip_session_owe(session, &session->other, body);
	} else {
		SIP_IGNORE(ast_sip_respond(request, 200, NULL)); /* it is sent again */
		if (answers)
			sip_session_tell_answer(session, body);
	}
}

/* RFC 3262 section 3 */
static void on_prack(struct ast_sip_session *session, struct sip_rx_data *request)
{
	struct sip_str body;
	struct sip_rack rack;
	int status = sip_session_check_require(request);

	if (status != 0)
		return;
	status = sip_session_description(request, &body);
	if (sip_rack_parse(sip_rx_data_header(request, SIP_HDR_RACK), &rack) != 0)
		status = 400;
	if (status == 0 &&
		!sip_reliable_acknowledge(&session->out, &rack, session->invite_cseq))
		status = 481;
	if (status != 0) {
		sip_session_reject(session, request, status);
		return;
	}
	sip_session_stop_timer(session->repeat_timer);
	answer_prack(session, request, body);
	sip_session_acknowledged(session);
	sip_session_kick(session);
}

bool sip_session_on_request(struct sip_dialog *dlg, struct sip_rx_data *request)
{
	struct ast_sip_session *session = SIP_CAST(
		ast_sip_session, ast_sip_dialog_token(dlg));

	switch (sip_rx_data_method(request)) {
	case SIP_ACK: on_ack(session, request); return true;
	case SIP_INVITE: on_invite(session, request); return true;
	case SIP_UPDATE: on_update(session, request); return true;
	case SIP_PRACK: on_prack(session, request); return true;
	case SIP_BYE: return false;
	default: break;
	}
	if (session->usage->on_request != NULL &&
		session->usage->on_request(session, request))
		return true;
	if (sip_rx_data_method(request) != SIP_OPTIONS)
		return false;
	sip_session_answer_options(session, request);
	return true;
}

void sip_session_on_cancel(struct sip_dialog *dlg, struct sip_rx_data *invite)
{
	struct ast_sip_session *session = SIP_CAST(
		ast_sip_session, ast_sip_dialog_token(dlg));

	if (session->invite.request != invite)
		return;
	if (!session->established)
		session->status = 487;
	sip_session_settle(session, &session->invite, 487);
	sip_session_kick(session);
}
