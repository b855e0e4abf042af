/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers to our requests: RFC 3261 sections 13.2.2 and 14.1, RFC 3262 section 4, RFC
 * 3311 section 5.1, RFC 4028 section 7.2.
 */
#include "server/sessions/session.h"

#include "server/dialogs/leg.h"
#include "server/server.h"

#include <stdlib.h>

/* A description that can't be read is none. */
static struct sip_str description_of(const struct sip_rx_data *response)
{
	struct sip_str text;

	if (sip_session_description(response, &text) != 0)
		text = (struct sip_str){ NULL, 0 };
	return text;
}

/* ---- provisional ---- */

/* False: it is none. */
static bool reliable(const struct sip_rx_data *response, struct sip_rack *rack)
{
	if (!sip_rx_data_has_token(response, SIP_HDR_REQUIRE, SIP_STR("100rel")) ||
		sip_rx_data_number(response, SIP_HDR_RSEQ, &rack->rseq) != 0)
		return false;
	rack->cseq = sip_rx_data_cseq(response);
	rack->method = SIP_STR("INVITE");
	return true;
}

/* Acknowledge it, or let the service answer first what it offers. */
static void take_reliable(struct ast_sip_session *session, struct sip_rx_data *response,
	const struct sip_rack *rack)
{
	struct sip_str text = description_of(response);
	bool answers = text.ptr != NULL && session->exchange.offer == SIP_OFFER_SENT;
	bool offers = text.ptr != NULL && session->exchange.offer == SIP_OFFER_NONE &&
		!session->offered && session->owes_prack.rseq == 0 &&
		session->local.ptr == NULL;

	if (answers || offers)
		sip_exchange_body_received(&session->exchange, SIP_INVITE);
	if (offers) {
		session->owes_prack = *rack;
		sip_session_tell_offer(session, text);
		return;
	}
	/* Without memory for it: repeat_prack(). */
	SIP_IGNORE(sip_session_send_prack(session, rack, (struct sip_str){ NULL, 0 }));
	if (!answers)
		return;
	sip_session_tell_answer(session, text);
	sip_session_kick(session);
}

/* A copy came: it is the next try of a PRACK that was not sent for want of memory. */
static void repeat_prack(struct ast_sip_session *session, const struct sip_rack *rack)
{
	const struct sip_session_pracked *before = &session->pracked;
	struct sip_str text = { NULL, 0 };

	if (rack->rseq != before->rseq || !before->failed ||
		session->owes_prack.rseq != 0)
		return;
	if (before->answers)
		text = sip_session_str(&session->local);
	SIP_IGNORE(sip_session_send_prack(session, rack, text)); /* nor now */
}

static void on_provisional(struct ast_sip_session *session, struct sip_rx_data *response)
{
	struct sip_rack rack = { 0 };
	bool acknowledged = reliable(response, &rack);

	/* A copy, or one before it is missing: it comes again. */
	if (acknowledged && sip_reliable_receive(&session->in, rack.rseq) != 0) {
		repeat_prack(session, &rack);
		return;
	}
	sip_session_read_peer(session, response);
	if (!session->ended && session->usage->on_progress != NULL)
		session->usage->on_progress(session, response);
	if (acknowledged)
		take_reliable(session, response, &rack);
}

/* ---- final ---- */

static void agree(struct ast_sip_session *session, const struct sip_rx_data *response)
{
	struct sip_session_expires answer = { 0, SIP_REFRESHER_NONE };
	struct sip_str text = sip_rx_data_header(response, SIP_HDR_SESSION_EXPIRES);
	struct sip_refresh_terms terms;

	/* What can't be read was not said. */
	if (text.ptr != NULL && sip_session_expires_parse(text, &answer) != 0)
		answer.interval_s = 0;
	sip_refresh_accepted(&session->ask, &answer, &terms);
	sip_session_live(session, &terms);
}

/* Another phone has accepted the call than the one that had rung first. */
static bool is_another(const struct ast_sip_session *session)
{
	return !session->established && atomic_load(&sip_leg_of(session->dlg)->moved);
}

/* What the first has asked, or was asked, is void; what it was offered this one gets when
 * the call is up. */
static void forget_first(struct ast_sip_session *session)
{
	if (session->other.request != NULL)
		SIP_IGNORE(ast_sip_session_refuse(session, 481)); /* it is owed */
	session->owes_prack.rseq = 0;
	if (session->exchange.offer == SIP_OFFER_SENT &&
		session->exchange.carrier == SIP_UPDATE && session->wanted.ptr == NULL)
		sip_session_move(&session->wanted, &session->sent);
	sip_exchange_final(&session->exchange, SIP_SIDE_OURS, SIP_UPDATE, 481);
	/* It is the first's answer. */
	if (!session->offered)
		sip_session_drop(&session->local);
}

/* Their 2xx has no answer to what we have offered. */
static void lacks_answer(struct ast_sip_session *session)
{
	bool refresh = session->sent_is_refresh;

	session->sent_is_refresh = false;
	sip_session_drop(&session->sent);
	if (!session->established)
		ast_sip_session_end(session, 0);
	else if (!refresh)
		sip_session_tell_refused(session, 0);
}

/* 13.2.1: what he has said reliably while he rang is his answer, and his 2xx need not
 * repeat it; or his offer, which his PRACK has declined. */
static struct sip_str said_by_another(
	struct ast_sip_session *session, struct sip_str text)
{
	struct sip_str said = sip_leg_of(session->dlg)->said;

	forget_first(session);
	session->owes_anew = said.ptr != NULL && !session->offered;
	return session->owes_anew || text.ptr == NULL ? said : text;
}

static void on_invite_2xx(struct ast_sip_session *session, struct sip_rx_data *response)
{
	struct sip_str text = description_of(response);
	bool another = is_another(session);
	bool lacks, open, answers, offers;

	if (another)
		text = said_by_another(session, text);
	open = session->exchange.offer == SIP_OFFER_SENT;
	answers = text.ptr != NULL && (open || (another && session->offered));
	offers = text.ptr != NULL && !open && !answers && !session->established &&
		!session->offered && session->local.ptr == NULL && !session->owes_anew;
	lacks = open && !answers;
	if ((answers && open) || offers)
		sip_exchange_body_received(&session->exchange, SIP_INVITE);
	sip_exchange_final(&session->exchange, SIP_SIDE_OURS, SIP_INVITE,
		lacks ? 488 : sip_rx_data_status(response));
	if (!session->established)
		session->status = sip_rx_data_status(response);
	sip_session_read_peer(session, response);
	agree(session, response);
	if (offers) {
		session->owes_ack = true;
		ast_sip_dialog_defer_ack(session->dlg);
	}
	if (lacks) {
		lacks_answer(session);
		return;
	}
	if (answers)
		sip_session_tell_answer(session, text);
	else if (offers || session->owes_anew)
		sip_session_tell_offer(session, text);
	sip_session_tell_established(session);
	sip_session_kick(session);
}

static void on_update_2xx(struct ast_sip_session *session, struct sip_rx_data *response)
{
	struct sip_str text = description_of(response);
	bool open = session->exchange.offer == SIP_OFFER_SENT &&
		session->exchange.carrier == SIP_UPDATE;

	if (open && text.ptr != NULL)
		sip_exchange_body_received(&session->exchange, SIP_UPDATE);
	sip_exchange_final(&session->exchange, SIP_SIDE_OURS, SIP_UPDATE, 200);
	sip_session_read_peer(session, response);
	agree(session, response);
	if (open && text.ptr != NULL)
		sip_session_tell_answer(session, text);
	else if (open)
		sip_session_tell_refused(session, 0);
	sip_session_kick(session);
}

void sip_session_on_response(struct sip_dialog *dlg, struct sip_rx_data *response)
{
	struct ast_sip_session *session = SIP_CAST(
		ast_sip_session, ast_sip_dialog_token(dlg));
	enum sip_method method = sip_rx_data_method(response);
	int status = sip_rx_data_status(response);

	if (method != SIP_INVITE && method != SIP_UPDATE && method != SIP_PRACK)
		return;
	if (status >= 300)
		sip_session_refused(session, method, status, response);
	else if (method == SIP_INVITE && status >= 200)
		on_invite_2xx(session, response);
	else if (method == SIP_INVITE && status > 100)
		on_provisional(session, response);
	else if (method == SIP_UPDATE && status >= 200)
		on_update_2xx(session, response);
	else if (status >= 200)
		sip_exchange_final(&session->exchange, SIP_SIDE_OURS, SIP_PRACK, status);
}

/* RFC 3262 section 5: "it MUST generate an answer in the PRACK", which declines, for the
 * service is asked of who accepts the call. */
static int send_fork_prack(struct ast_sip_session *session, struct sip_leg *fork,
	const struct sip_rack *rack, struct sip_str text)
{
	struct sip_str decline = { NULL, 0 };
	int result;

	if (text.ptr != NULL && !session->offered &&
		sip_session_decline_offer(text, &decline) != 0)
		return SIP_EMEMORY;
	result = sip_session_send_fork_prack(session, &fork->dialog, rack, decline);
	free((char *)decline.ptr);
	return result;
}

/* What that phone has described first.  False: out of memory. */
static bool keep_said(struct sip_leg *fork, uint32_t rseq, struct sip_str text)
{
	char *said;

	if (text.ptr == NULL || fork->said.ptr != NULL)
		return true;
	said = sip_str_copy(text);
	if (said == NULL)
		return false;
	fork->said = (struct sip_str){ said, text.len };
	fork->said_rseq = rseq;
	return true;
}

/* What they have said counts when one of them accepts the call.  RFC 3262 section 4: a
 * copy has no PRACK of its own, nor has what is not the next. */
void sip_session_acknowledge_fork(struct ast_sip_session *session, struct sip_leg *fork,
	const struct sip_rx_data *response)
{
	struct sip_reliable_in before = fork->reliable;
	struct sip_str text = { NULL, 0 };
	struct sip_rack rack;

	if (!reliable(response, &rack) ||
		sip_reliable_receive(&fork->reliable, rack.rseq) != 0)
		return;
	/* Or a copy of it, which is the next try of its PRACK. */
	if (fork->said.ptr == NULL || fork->said_rseq == rack.rseq)
		text = description_of(response);
	/* Without memory for it: the response comes again. */
	if (!keep_said(fork, rack.rseq, text) ||
		send_fork_prack(session, fork, &rack, text) != 0)
		fork->reliable = before;
}
