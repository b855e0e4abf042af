/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What we answer: RFC 3261 sections 13.3.1 and 14.2, RFC 3262 section 3.
 *
 * A reliable provisional response is sent again until its PRACK has come; a further one
 * waits for that, and so does a 2xx where the response had a description.
 */
#include "server/sessions/session.h"

#include "server/server.h"
#include "server/serving.h"

#define NOTHING ((struct sip_str){ NULL, 0 })

/* Our description has a place in an answer to their INVITE: what an UPDATE or PRACK has
 * offered is answered in theirs. */
static bool wants_text(const struct ast_sip_session *session)
{
	return session->other.request == NULL &&
		(session->asked || session->exchange.offer == SIP_OFFER_RECEIVED);
}

/* ---- provisional ---- */

static int send_progress(
	struct ast_sip_session *session, int code, struct sip_str text, uint32_t rseq)
{
	struct sip_rx_data *invite = session->invite.request;
	struct sip_tx_data *tdata;

	if (ast_sip_create_response(invite, code, NULL, &tdata) != 0)
		return -1;
	if (sip_session_put_abilities(session, tdata) != 0 ||
		(rseq != 0 &&
			(ast_sip_add_header(tdata, "Require", "100rel") != 0 ||
				sip_session_put_number(tdata, "RSeq", rseq) != 0)) ||
		sip_session_put_body(tdata, text) != 0) {
		ast_sip_destroy_tx_data(tdata);
		return -1;
	}
	return ast_sip_send_response(invite, tdata);
}

static void repeat(void *arg)
{
	struct ast_sip_session *session = SIP_CAST(ast_sip_session, arg);

	if (!sip_reliable_again(&session->out, session->server->timing.t1_ms)) {
		/* "SHOULD reject the original request with a 5xx response" */
		SIP_IGNORE(ast_sip_session_refuse(session, 504)); /* it is owed */
		return;
	}
	/* One copy that can't be sent is one that was lost. */
	SIP_IGNORE(send_progress(session, session->progress.code,
		sip_session_str(&session->progress.text), session->out.rseq));
	ast_sip_timer_start(session->repeat_timer, session->out.waits_ms);
}

static int send_reliable(struct ast_sip_session *session, int code, struct sip_str text)
{
	struct sip_reliable_out out = session->out;
	int result = sip_reliable_send(&out, &session->server->random,
		session->server->timing.t1_ms, text.len > 0);

	if (result != 0 || sip_session_keep(&session->progress.text, text) != 0 ||
		sip_session_start_timer(
			session, &session->repeat_timer, repeat, out.waits_ms) != 0)
		return sip_session_fail("progress", "out of memory");
	if (send_progress(session, code, text, out.rseq) != 0) {
		sip_session_stop_timer(session->repeat_timer);
		return -1;
	}
	session->out = out;
	session->progress.code = code;
	if (text.len == 0)
		return 0;
	sip_exchange_body_sent(&session->exchange, SIP_INVITE);
	session->asked = false;
	/* What is offered is agreed upon once it is answered. */
	return sip_session_keep(session->exchange.offer == SIP_OFFER_SENT
			? &session->sent
			: &session->local,
		text);
}

/* RFC 3261 13.2.1: an offer that the INVITE has not "MUST be in the first reliable
 * non-failure message", so what comes before it is not reliable. */
static bool goes_reliably(const struct ast_sip_session *session, struct sip_str text)
{
	return session->insisted ||
		(session->peer_reliable && (!session->asked || text.len > 0) &&
			session->usage->reliable != AST_SIP_SESSION_RELIABLE_NO);
}

int ast_sip_session_progress(
	struct ast_sip_session *session, int code, struct sip_str answer)
{
	SIP_ASSERT(session != NULL && code > 100 && code < 200);
	if (session->ended || session->invite.request == NULL || session->accepting)
		return sip_session_fail("progress", "there is no INVITE to answer");
	if (!wants_text(session))
		answer = NOTHING;
	if (!goes_reliably(session, answer)) {
		if (answer.len > 0 &&
			sip_session_keep(&session->progress.text, answer) != 0)
			return sip_session_fail("progress", "out of memory");
		return send_progress(session, code, answer, 0);
	}
	if (!session->out.outstanding)
		return send_reliable(session, code, answer);
	if (sip_session_keep(&session->next.text, answer) != 0)
		return sip_session_fail("progress", "out of memory");
	session->next.code = code;
	return 0;
}

/* ---- final ---- */

int sip_session_send_2xx(struct ast_sip_session *session, struct sip_session_owed *owed,
	struct sip_str text)
{
	enum sip_method method = sip_rx_data_method(owed->request);
	struct sip_refresh_terms terms = owed->terms;
	struct sip_session_text copy = { NULL, 0 };
	struct sip_tx_data *tdata;

	if (sip_session_keep(&copy, text) != 0 ||
		ast_sip_create_response(owed->request, 200, NULL, &tdata) != 0)
		goto out;
	if ((method != SIP_PRACK &&
		    (sip_session_put_abilities(session, tdata) != 0 ||
			    sip_session_put_answer(tdata, &owed->answer) != 0)) ||
		sip_session_put_body(tdata, text) != 0) {
		ast_sip_destroy_tx_data(tdata);
		goto out;
	}
	if (ast_sip_send_response(owed->request, tdata) != 0)
		goto out;
	if (text.len > 0) {
		sip_exchange_body_sent(&session->exchange, method);
		sip_session_move(session->exchange.offer == SIP_OFFER_SENT
				? &session->sent
				: &session->local,
			&copy);
	}
	if (method == SIP_INVITE && !session->established)
		session->status = 200;
	sip_session_settle(session, owed, 200);
	if (method != SIP_PRACK)
		sip_session_live(session, &terms);
	return 0;
out:
	sip_session_drop(&copy);
	return sip_session_fail("an answer", "it can't be sent");
}

/* Early in this call, or what holds in it. */
static struct sip_str said_before(const struct ast_sip_session *session)
{
	return sip_session_str(session->progress.text.ptr != NULL && !session->established
			? &session->progress.text
			: &session->local);
}

static int accept_invite(struct ast_sip_session *session, struct sip_str answer)
{
	if (!wants_text(session))
		answer = NOTHING;
	else if (answer.len == 0)
		answer = said_before(session);
	if (wants_text(session) && answer.len == 0)
		return sip_session_fail("answer", "an offer wants a description");
	/* RFC 3262 section 3: "it MUST NOT send the 2xx until the ... acknowledged". */
	if (!session->out.outstanding || !session->out.body)
		return sip_session_send_2xx(session, &session->invite, answer);
	if (sip_session_keep(&session->accept, answer) != 0)
		return sip_session_fail("answer", "out of memory");
	session->accepting = true;
	return 0;
}

void sip_session_acknowledged(struct ast_sip_session *session)
{
	struct sip_session_progress next = session->next;
	struct sip_session_text text = session->accept;
	bool accepting = session->accepting;

	if (session->invite.request == NULL)
		return;
	session->next = (struct sip_session_progress){ 0 };
	session->accept = (struct sip_session_text){ NULL, 0 };
	session->accepting = false;
	/* It was promised: what can't be kept ends the INVITE. */
	if (accepting) {
		if (sip_session_send_2xx(
			    session, &session->invite, sip_session_str(&text)) != 0)
			SIP_IGNORE(ast_sip_session_refuse(session, 500)); /* it is owed */
	} else if (next.code != 0) {
		/* What is lost is one of several; a final answer follows. */
		SIP_IGNORE(send_reliable(session, next.code,
			wants_text(session) ? sip_session_str(&next.text) : NOTHING));
	}
	sip_session_drop(&next.text);
	sip_session_drop(&text);
}

/* ---- what the service says to an offer ---- */

/* In the ACK of their 2xx. */
static int answer_2xx(struct ast_sip_session *session, struct sip_str answer)
{
	if (sip_session_keep(&session->local, answer) != 0 ||
		ast_sip_dialog_ack(
			session->dlg, "application/sdp", answer.ptr, answer.len) != 0)
		return sip_session_fail("answer", "no ACK can be sent");
	session->owes_ack = false;
	sip_exchange_body_sent(&session->exchange, SIP_INVITE);
	sip_session_kick(session);
	return 0;
}

/* In the PRACK of their 1xx. */
static int answer_1xx(struct ast_sip_session *session, struct sip_str answer)
{
	if (sip_session_keep(&session->local, answer) != 0 ||
		sip_session_send_prack(session, &session->owes_prack, answer) != 0)
		return sip_session_fail("answer", "no PRACK can be sent");
	session->owes_prack.rseq = 0;
	return 0;
}

/* In an INVITE: what its PRACK has said holds until then. */
static int answer_anew(struct ast_sip_session *session, struct sip_str answer)
{
	if (answer.len == 0)
		return sip_session_fail("answer", "an offer wants a description");
	if (ast_sip_session_offer(session, answer) != 0)
		return -1;
	session->owes_anew = false;
	return 0;
}

int ast_sip_session_answer(struct ast_sip_session *session, struct sip_str answer)
{
	int result;

	SIP_ASSERT(session != NULL);
	if (session->ended)
		return sip_session_fail("answer", "the session has ended");
	if (session->other.request != NULL) {
		result = sip_session_send_2xx(session, &session->other, answer);
		sip_session_kick(session);
		return result;
	}
	if (session->owes_prack.rseq != 0)
		return answer_1xx(session, answer);
	if (session->owes_ack)
		return answer_2xx(session, answer);
	if (session->owes_anew)
		return answer_anew(session, answer);
	if (session->invite.request != NULL && !session->accepting)
		return accept_invite(session, answer);
	return sip_session_fail("answer", "nothing waits for it");
}

/* The request is through with: without memory it gets its answer when there is some. */
static int refuse(
	struct ast_sip_session *session, struct sip_session_owed *owed, int code)
{
	sip_answer(owed->request, code, NULL);
	if (owed == &session->invite && !session->established)
		session->status = code;
	sip_session_settle(session, owed, code);
	sip_session_kick(session);
	return 0;
}

/* 13.2.2.4: "MUST generate a valid answer in the ACK and then send a BYE request
 * immediately": what ends a dialog sees to both. */
static int refuse_response(struct ast_sip_session *session)
{
	session->owes_ack = false;
	session->owes_anew = false;
	session->owes_prack.rseq = 0;
	ast_sip_session_end(session, 0);
	return 0;
}

int ast_sip_session_refuse(struct ast_sip_session *session, int code)
{
	SIP_ASSERT(session != NULL && code >= 300 && code < 700);
	if (session->ended)
		return sip_session_fail("refuse", "the session has ended");
	if (session->other.request != NULL)
		return refuse(session, &session->other, code);
	if (session->owes_prack.rseq != 0 || session->owes_ack || session->owes_anew)
		return refuse_response(session);
	if (session->invite.request != NULL)
		return refuse(session, &session->invite, code);
	return sip_session_fail("refuse", "nothing waits for it");
}
