/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What we ask for: INVITE, UPDATE and PRACK (RFC 3261 sections 13.2.1 and 14.1, RFC 3311
 * section 5.1, RFC 3262 section 4, RFC 4028 section 7).
 *
 * One offer waits for its turn, and a refresh; sip_session_kick() is called whenever
 * something has ended that they may have waited for.
 */
#include "server/sessions/session.h"

#include "server/server.h"

#include "res_sip/remark.h"

#include <stdio.h>

/* ---- what becomes of them; answers are told to sip_session_on_response() ---- */

static void on_event(struct ast_sip_session *session, enum sip_method method,
	enum ast_sip_request_event event)
{
	if (event == AST_SIP_REQUEST_TIMEOUT || event == AST_SIP_REQUEST_FAILED)
		sip_session_refused(session, method, 0, NULL);
	else if (event == AST_SIP_REQUEST_ENDED)
		sip_session_unref(session);
}

static void on_invite_event(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	(void)response;
	on_event(SIP_CAST(ast_sip_session, token), SIP_INVITE, event);
}

static void on_update_event(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	(void)response;
	on_event(SIP_CAST(ast_sip_session, token), SIP_UPDATE, event);
}

static void on_fork_prack_event(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	(void)response;
	on_event(SIP_CAST(ast_sip_session, token), SIP_PRACK, event);
}

static void on_prack_event(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	struct ast_sip_session *session = SIP_CAST(ast_sip_session, token);

	if (event == AST_SIP_REQUEST_FAILED)
		session->pracked.failed = true;
	on_fork_prack_event(token, event, response);
}

/* ---- sending ---- */

static int send_now(struct ast_sip_session *session, struct sip_tx_data *tdata,
	ast_sip_on_response_fn *on_response)
{
	sip_session_ref(session);
	if (ast_sip_send_tx_data(tdata, session, on_response) == 0)
		return 0;
	sip_session_unref(session);
	return -1;
}

/* INVITE or UPDATE; the exchange has let it through. */
static int send_offer(
	struct ast_sip_session *session, enum sip_method method, struct sip_str text)
{
	const char *name = method == SIP_INVITE ? "INVITE" : "UPDATE";
	struct sip_tx_data *tdata;

	/* RFC 3262 section 3: "The RSeq numbering space is within a single transaction."
	 */
	if (method == SIP_INVITE) {
		session->in = (struct sip_reliable_in){ 0 };
		session->pracked = (struct sip_session_pracked){ 0 };
	}
	if (!session->ask_again)
		sip_refresh_request(&session->policy, &session->terms, &session->ask);
	session->ask_again = false;
	if (ast_sip_create_request(name, session->dlg, NULL, NULL, &tdata) != 0)
		return -1;
	if (sip_session_put_abilities(session, tdata) != 0 ||
		sip_session_put_ask(tdata, &session->ask) != 0 ||
		sip_session_put_body(tdata, text) != 0) {
		ast_sip_destroy_tx_data(tdata);
		return -1;
	}
	return send_now(
		session, tdata, method == SIP_INVITE ? on_invite_event : on_update_event);
}

int ast_sip_session_invite(struct ast_sip_session *session, struct sip_str offer)
{
	SIP_ASSERT(session != NULL);
	if (ast_sip_dialog_state(session->dlg) != AST_SIP_DIALOG_NEW ||
		sip_exchange_send(&session->exchange, SIP_INVITE, offer.len > 0) != 0)
		return sip_session_fail("invite", "it was used before");
	session->offered = offer.len > 0;
	if (sip_session_keep(&session->sent, offer) != 0)
		return sip_session_fail("invite", "out of memory");
	return send_offer(session, SIP_INVITE, offer);
}

static int send_prack(struct ast_sip_session *session, struct sip_dialog *dlg,
	const struct sip_rack *rack, struct sip_str text)
{
	struct sip_tx_data *tdata;
	char value[48];

	snprintf(value, sizeof(value), "%u %u INVITE", rack->rseq, rack->cseq);
	if (ast_sip_create_request("PRACK", dlg, NULL, NULL, &tdata) != 0)
		return -1;
	if (ast_sip_add_header(tdata, "RAck", value) != 0 ||
		sip_session_put_body(tdata, text) != 0) {
		ast_sip_destroy_tx_data(tdata);
		return -1;
	}
	return send_now(session, tdata,
		dlg == session->dlg ? on_prack_event : on_fork_prack_event);
}

int sip_session_send_prack(
	struct ast_sip_session *session, const struct sip_rack *rack, struct sip_str text)
{
	int result = send_prack(session, session->dlg, rack, text);

	session->pracked = (struct sip_session_pracked){
		.rseq = rack->rseq,
		.answers = text.len > 0,
		.failed = result != 0,
	};
	/* Sent again it answers nothing any more. */
	if (result == 0 && session->exchange.offer == SIP_OFFER_RECEIVED && text.len > 0)
		sip_exchange_body_sent(&session->exchange, SIP_PRACK);
	return result;
}

int sip_session_send_fork_prack(struct ast_sip_session *session, struct sip_dialog *fork,
	const struct sip_rack *rack, struct sip_str text)
{
	return send_prack(session, fork, rack, text);
}

/* ---- waiting for their turn ---- */

/* True: it is on its way, or will never be. */
static bool offer_wanted(struct ast_sip_session *session, bool confirmed)
{
	enum sip_method method = confirmed ? SIP_INVITE : SIP_UPDATE;

	/* RFC 3311 5.1: an offer that the INVITE asks for comes first, and not so. */
	if ((!confirmed && (!session->peer_updates || session->asked)) ||
		sip_exchange_send(&session->exchange, method, true) != 0)
		return false;
	sip_session_move(&session->sent, &session->wanted);
	session->sent_is_refresh = false;
	if (send_offer(session, method, sip_session_str(&session->sent)) != 0)
		sip_session_refused(session, method, 0, NULL);
	return true;
}

/* RFC 4028 section 7.4: "UPDATE ... is RECOMMENDED"; an INVITE repeats what holds. */
static void refresh(struct ast_sip_session *session)
{
	bool update = session->peer_updates || session->local.ptr == NULL;
	enum sip_method method = update ? SIP_UPDATE : SIP_INVITE;
	struct sip_str text = { NULL, 0 };

	if (sip_exchange_send(&session->exchange, method, !update) != 0)
		return;
	session->refresh_due = false;
	if (!update) {
		session->sent_is_refresh = true;
		text = sip_session_str(&session->local);
	}
	if (send_offer(session, method, text) != 0)
		sip_session_refused(session, method, 0, NULL);
}

void sip_session_kick(struct ast_sip_session *session)
{
	bool confirmed;

	if (session->ended ||
		(session->retry_timer != NULL &&
			ast_sip_timer_running(session->retry_timer)))
		return;
	confirmed = ast_sip_dialog_state(session->dlg) == AST_SIP_DIALOG_CONFIRMED;
	if (session->wanted.ptr != NULL && offer_wanted(session, confirmed))
		return;
	if (session->refresh_due && confirmed)
		refresh(session);
}

int ast_sip_session_offer(struct ast_sip_session *session, struct sip_str offer)
{
	SIP_ASSERT(session != NULL && offer.len > 0);
	if (session->ended)
		return sip_session_fail("offer", "the session has ended");
	if (ast_sip_dialog_state(session->dlg) == AST_SIP_DIALOG_NEW ||
		(!session->peer_updates && !session->established &&
			ast_sip_dialog_state(session->dlg) == AST_SIP_DIALOG_EARLY))
		return sip_session_fail("offer", "the peer takes no UPDATE yet");
	if (sip_session_keep(&session->wanted, offer) != 0)
		return sip_session_fail("offer", "out of memory");
	sip_session_kick(session);
	return 0;
}

/* ---- again ---- */

static void retry(void *arg)
{
	sip_session_kick(SIP_CAST(ast_sip_session, arg));
}

/* As if it had not been sent; a newer offer takes its place. */
static void take_back(struct ast_sip_session *session, bool carried)
{
	if (!carried || session->sent_is_refresh) {
		session->refresh_due = true;
	} else if (session->wanted.ptr == NULL) {
		sip_session_move(&session->wanted, &session->sent);
	}
}

static bool lengthen(struct ast_sip_session *session, const struct sip_rx_data *response)
{
	uint32_t min_se_s;

	session->ask_again = sip_min_se_parse(
				     sip_rx_data_header(response, SIP_HDR_MIN_SE),
				     &min_se_s) == 0 &&
		sip_refresh_lengthen(&session->ask, min_se_s) == 0;
	return session->ask_again;
}

int sip_session_invite_again(
	struct ast_sip_session *session, const struct sip_rx_data *response)
{
	return lengthen(session, response)
		? send_offer(session, SIP_INVITE, sip_session_str(&session->sent))
		: -1;
}

/* Offers wait behind it meanwhile. */
#define PUT_OFF_MOST_S 32u

/* 21.5.1 and 21.5.4: the answer says when it may be sent again. */
static bool is_put_off(
	struct ast_sip_session *session, const struct sip_rx_data *response)
{
	struct sip_retry_after value;

	if (sip_retry_after_parse(
		    sip_rx_data_header(response, SIP_HDR_RETRY_AFTER), &value) != 0 ||
		value.after_s > PUT_OFF_MOST_S)
		return false;
	/* Not without a pause, until it expires. */
	return sip_session_start_timer(session, &session->retry_timer, retry,
		       (value.after_s > 0 ? value.after_s : 1) * UINT64_C(1000)) == 0;
}

/* True: it will be sent again. */
static bool again(struct ast_sip_session *session, enum sip_method method, int status,
	bool refreshes, struct sip_rx_data *response)
{
	if (status == 491)
		return sip_session_start_timer(session, &session->retry_timer, retry,
			       sip_exchange_retry_ms(&session->server->random,
				       ast_sip_dialog_is_uac(session->dlg))) == 0;
	if (status == 422)
		return lengthen(session, response);
	if (refreshes && (status == 500 || status == 503))
		return is_put_off(session, response);
	if (method == SIP_UPDATE && (status == 405 || status == 501) &&
		session->peer_updates) {
		session->peer_updates = false;
		return true;
	}
	return false;
}

void sip_session_refused(struct ast_sip_session *session, enum sip_method method,
	int status, struct sip_rx_data *response)
{
	bool carried = session->exchange.offer == SIP_OFFER_SENT &&
		session->exchange.carrier == method &&
		session->exchange.carrier_side == SIP_SIDE_OURS;
	bool tell = false;

	sip_exchange_final(
		&session->exchange, SIP_SIDE_OURS, method, status != 0 ? status : 408);
	if (session->ended || method == SIP_PRACK)
		return;
	/* The call ends with it. */
	if (method == SIP_INVITE && !session->established) {
		session->status = status;
		return;
	}
	if (again(session, method, status, !carried || session->sent_is_refresh,
		    response))
		take_back(session, carried);
	else
		tell = carried && !session->sent_is_refresh;
	if (carried) {
		sip_session_drop(&session->sent);
		session->sent_is_refresh = false;
	}
	if (tell)
		sip_session_tell_refused(session, status);
	sip_session_kick(session);
}
