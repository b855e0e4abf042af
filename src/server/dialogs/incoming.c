/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of the peer: RFC 3261 sections 12.2.2, 14.2 and 15.1.2.
 *
 * A request is of a leg by Call-ID and both tags, of which one is ours and can't be
 * guessed.  It passes without a challenge where it comes from an address that the leg
 * was told when its peer was proved: the one the latest message came from, that of the
 * target, that of the first route.  From elsewhere it goes along the table of steps as a
 * new request does, and is the leg's when it was proved to be from the same endpoint.
 */
#include "server/dialogs/leg.h"
#include "server/message/force_rport.h"
#include "server/modules/callback.h"
#include "server/show/dry_run.h"

#include <stdio.h>

static struct sip_leg *find(const struct sip_rx_data *rdata)
{
	struct sip_leg *leg = rdata->call->legs;

	/* Nobody has a dialog with who has not answered yet. */
	while (leg != NULL &&
		((leg->dialog.uac && leg->state == AST_SIP_DIALOG_NEW) ||
			!sip_dialog_has_request(&leg->dialog, &rdata->msg)))
		leg = leg->next;
	return leg;
}

static bool is_at(struct sip_str host, const struct sip_addr *peer)
{
	struct sip_addr addr;

	return sip_addr_parse(host, 5060, &addr) == 0 && sip_addr_same_host(&addr, peer);
}

static bool comes_from_peer(const struct sip_leg *leg, const struct sip_rx_data *rdata)
{
	const struct sip_addr *peer = &rdata->flow.peer;
	struct sip_uri uri;

	if (sip_addr_same_host(peer, &leg->flow.peer))
		return true;
	if (sip_uri_parse(leg->dialog.target, &uri) == 0 && is_at(uri.host, peer))
		return true;
	return sip_dialog_next_hop(&leg->dialog, &uri) == 0 && is_at(uri.host, peer);
}

/* 13.3.1.4: "Once the ACK has been received"; one of an INVITE that has been refused ends
 * at its transaction. */
static void receive_ack(struct sip_leg *leg, struct sip_rx_data *ack)
{
	if (leg->accepted == NULL || ack->msg.cseq != leg->accepted->msg.cseq)
		return; /* a copy */
	leg->flow = ack->flow;
	sip_leg_ref(leg);
	sip_leg_tell_request(leg, ack);
	sip_leg_acknowledged(leg);
	sip_leg_unref(&leg);
}

/* A BYE crosses with ours, and its copies may come when nobody knows the dialog any more:
 * they are its transaction's. */
static void answer_ended(struct sip_leg *leg, struct sip_rx_data *rdata)
{
	if (rdata->msg.method != SIP_BYE)
		sip_answer(rdata, 481, NULL);
	else if (ast_sip_keep_request(rdata) == 0) {
		sip_answer(rdata, 200, NULL);
		/* Then ours need not go, which has found no memory so far. */
		if (sip_timer_running(&leg->again))
			sip_leg_bye_over(leg);
	} else
		SIP_IGNORE(ast_sip_respond_busy(rdata)); /* lost, it comes again */
}

/* Of several phones our INVITE is under way in the dialog with each, until that one has
 * answered, whoever else has. */
static bool rings_there(const struct sip_leg *leg)
{
	return leg->dialog.uac && leg->state == AST_SIP_DIALOG_EARLY;
}

/* 14.2: 500 and a Retry-After of up to ten seconds while there is one without a final
 * answer, 491 while one of ours is; RFC 5407 section 3.1.4: or our 2xx without its ACK.
 */
static bool refuse_crossing(const struct sip_leg *leg, struct sip_rx_data *rdata)
{
	char seconds[24];

	if (leg->invite != NULL) {
		snprintf(seconds, sizeof(seconds), "%u",
			(unsigned)sip_random_below(&leg->server->random, 11));
		sip_answer_with(rdata, 500, NULL, "Retry-After", seconds);
		return true;
	}
	if (leg->inviting == NULL && leg->accepted == NULL && !rings_there(leg))
		return false;
	sip_answer(rdata, 491, NULL);
	return true;
}

/* Nobody has taken it.  RFC 3311 section 5.2: of who rings beside another, our INVITE has
 * no answer yet, and his UPDATE "MUST" get "a 491 response". */
static void answer_it(const struct sip_leg *leg, struct sip_rx_data *rdata)
{
	if (rdata->serving->answered)
		return;
	switch (rdata->msg.method) {
	case SIP_BYE:
	case SIP_OPTIONS: sip_answer(rdata, 200, NULL); break;
	case SIP_UPDATE:
		sip_answer(rdata, leg->fork && !leg->taken ? 491 : 405, NULL);
		break;
	default: sip_answer(rdata, 405, NULL); break;
	}
}

static void offer(struct sip_leg *leg, struct sip_rx_data *rdata)
{
	bool bye = rdata->msg.method == SIP_BYE;

	sip_leg_ref(leg);
	if (rdata->msg.method == SIP_INVITE)
		leg->invite = sip_rx_data_ref(rdata);
	if (!sip_leg_tell_request(leg, rdata))
		answer_it(leg, rdata);
	/* Whoever takes a BYE and forgets it shall not keep its sender waiting. */
	if (bye) {
		answer_it(leg, rdata);
		sip_leg_end(leg, AST_SIP_DIALOG_HUNG_UP, rdata);
	}
	sip_leg_unref(&leg);
}

static void receive(struct sip_leg *leg, struct sip_rx_data *rdata)
{
	bool invite = rdata->msg.method == SIP_INVITE;

	if (rdata->msg.method == SIP_ACK) {
		receive_ack(leg, rdata);
		return;
	}
	if (leg->state == AST_SIP_DIALOG_ENDED) {
		answer_ended(leg, rdata);
		return;
	}
	if (!sip_dialog_in_order(&leg->dialog, rdata->msg.cseq)) {
		sip_answer(rdata, 500, "Server Internal Error: CSeq");
		return;
	}
	if (sip_refuse_unsupported(rdata))
		return;
	leg->flow = rdata->flow;
	if (rdata->serving->leg == NULL)
		rdata->serving->leg = sip_leg_ref(leg);
	if (ast_sip_keep_request(rdata) != 0) {
		SIP_IGNORE(ast_sip_respond_busy(rdata)); /* lost, it comes again */
		return;
	}
	/* Kept as well: a copy that comes when nothing crosses it any more is for nobody
	 * who waits for its answer. */
	if (!invite || !refuse_crossing(leg, rdata))
		offer(leg, rdata);
}

enum sip_step_result sip_leg_match(struct sip_rx_data *rdata)
{
	struct sip_leg *leg = find(rdata);

	if (leg == NULL)
		return SIP_STEP_NEXT;
	if (rdata->serving->dry_run != NULL) {
		sip_dry_say(rdata->serving->dry_run, NULL, "a dialog of ours knows it");
		return SIP_STEP_DONE;
	}
	if (!comes_from_peer(leg, rdata)) {
		rdata->serving->leg = sip_leg_ref(leg);
		return SIP_STEP_NEXT;
	}
	if (sip_callback_must_move(leg->site))
		return SIP_STEP_ELSEWHERE;
	rdata->serving->trusted = true;
	rdata->serving->endpoint = ast_sip_endpoint_ref(leg->endpoint);
	sip_force_rport_of_endpoint(rdata);
	receive(leg, rdata);
	return SIP_STEP_DONE;
}

void sip_leg_receive_proven(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;
	struct sip_leg *leg = serving->leg;
	bool same = serving->trusted &&
		strcmp(serving->endpoint->options.name, leg->endpoint->options.name) == 0;

	if (!same || leg->call != rdata->call)
		sip_answer(rdata, same ? 481 : 403, NULL);
	else
		receive(leg, rdata);
}

bool sip_leg_is_target(const struct sip_rx_data *rdata)
{
	return rdata->msg.to_tag.len > 0 &&
		sip_str_equal(rdata->serving->request_uri->user, rdata->msg.to_tag);
}

bool sip_leg_unknown(struct sip_rx_data *rdata)
{
	const struct ast_sip_route *route = &rdata->serving->route;

	if (!route->target_is_ours || route->vouched || !sip_leg_is_target(rdata) ||
		rdata->serving->leg != NULL || rdata->msg.method == SIP_ACK)
		return false;
	sip_answer(rdata, 481, NULL);
	return true;
}
