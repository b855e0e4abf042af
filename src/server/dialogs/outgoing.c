/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of ours within a dialog: RFC 3261 sections 12.2.1, 13.2 and 14.1.
 *
 * Whoever makes one adds fields and a body; what the dialog is to say (Request-URI,
 * Route, From, To, CSeq) is written when it is sent, in the turn of the leg's call.
 *
 *      create --> add ... --> send: a task of the call --> start() --> its transaction
 */
#include "server/dialogs/outgoing.h"
#include "server/message/build.h"
#include "server/modules/callback.h"
#include "server/targets/tries.h"

#include "res_sip/log.h"

#include <stdlib.h>

/* Via, Max-Forwards, Contact, with addresses. */
#define ROOM_FOR_OURS 512

static struct sip_log_limit limit;

/* ---- making ---- */

static void drop_plan(struct sip_request_plan *plan)
{
	sip_leg_unref(&plan->leg);
	free(plan->method);
}

int sip_leg_create_request(
	struct sip_leg *leg, const char *method, struct sip_tx_data **out)
{
	struct sip_tx_data *tdata = sip_build_begin(leg->server, ROOM_FOR_OURS);
	struct sip_request_plan *plan = tdata != NULL ? calloc(1, sizeof(*plan)) : NULL;

	if (plan == NULL)
		goto no_memory;
	plan->method = strdup(method);
	if (plan->method == NULL)
		goto no_memory;
	plan->server = leg->server;
	plan->call_hash = leg->call_hash;
	plan->leg = sip_leg_ref(leg);
	plan->moved = atomic_load(&leg->moved);
	tdata->method = sip_method_of(sip_str_of(method));
	tdata->plan = plan;
	tdata->plan_fini = drop_plan;
	*out = tdata;
	return 0;
no_memory:
	free(plan);
	sip_tx_data_unref(&tdata);
	return SIP_EMEMORY;
}

/* ---- where it goes, and what it looks like ---- */

static int route_to_target(const struct sip_leg *leg, struct sip_flow *flow)
{
	struct sip_addr peer;
	struct sip_uri uri;

	/* RFC 7118: whatever a browser's Contact says, it is not there. */
	if (sip_is_websocket(leg->flow.kind))
		return SIP_ENOTFOUND;
	if (sip_dialog_next_hop(&leg->dialog, &uri) != 0 ||
		sip_addr_parse(uri.host, sip_uri_port(&uri), &peer) != 0 ||
		sip_addr_equal(&peer, &leg->flow.peer))
		return SIP_ENOTFOUND;
	if (sip_transport_route(leg->server->transport, leg->flow.listener,
		    leg->flow.kind, &peer, flow) != 0 &&
		sip_transport_route(
			leg->server->transport, 0, leg->flow.kind, &peer, flow) != 0)
		return SIP_ENOTFOUND;
	if (leg->dialog.secure)
		sip_transport_secure(flow);
	return 0;
}

void sip_leg_way(const struct sip_leg *leg, struct sip_flow *flow)
{
	bool by_flow = leg->rewrite_contact ||
		(leg->registered && leg->state == AST_SIP_DIALOG_NEW);

	if (!by_flow && route_to_target(leg, flow) == 0)
		return;
	/* A listener that has gone: what is sent there is told to have failed. */
	if (sip_transport_renew(leg->server->transport, &leg->flow, flow) != 0)
		*flow = leg->flow;
}

/* Our tag is its user part.  Phones sign the Request-URI, and with it this: credentials
 * for a URI without a user would fit every request. */
void sip_leg_put_own_contact(
	struct sip_builder *b, const struct sip_leg *leg, const struct sip_flow *flow)
{
	sip_put_our_contact(
		b, leg->server, flow, leg->dialog.sips, leg->dialog.local_tag);
}

void sip_leg_put_via(struct sip_builder *b, const struct sip_leg *leg,
	const struct sip_flow *flow, char *branch)
{
	struct sip_server *server = leg->server;
	uint32_t max_forwards;

	sip_branch_write(branch, leg->call_hash, 0, sip_random_u64(&server->random));
	sip_rcu_read_begin();
	max_forwards = sip_rcu_read(&server->snapshot)->settings->global.max_forwards;
	sip_rcu_read_end();
	sip_put_our_via(b, server, flow, (struct sip_str){ branch, SIP_BRANCH_LEN });
	sip_put(b, SIP_STR("Max-Forwards: "));
	sip_put_number(b, max_forwards);
	sip_put(b, SIP_STR("\r\n"));
}

/* The body and the fields that its maker has added are moved. */
static void move_content(struct sip_tx_data *from, struct sip_tx_data *to)
{
	sip_put(&to->head, (struct sip_str){ from->head.buf, from->head.len });
	to->body = from->body;
	to->body_len = from->body_len;
	to->has_content_type = from->has_content_type;
	to->type_of_body = from->type_of_body;
	from->body = NULL;
	from->body_len = 0;
}

/* What is sent. */
struct what {
	struct sip_str method;
	uint32_t cseq;
	struct sip_tx_data *content; /* of its maker; NULL: none */
	struct sip_flow flow;
	char branch[SIP_BRANCH_LEN];
};

static struct sip_tx_data *build(struct sip_leg *leg, struct what *what)
{
	enum sip_method method = sip_method_of(what->method);
	size_t len = sip_dialog_request_len(&leg->dialog) + 2 * what->method.len +
		ROOM_FOR_OURS + (what->content != NULL ? what->content->head.len : 0);
	struct sip_tx_data *tdata = sip_build_begin(leg->server, len);
	struct sip_builder *b;

	if (tdata == NULL)
		return NULL;
	b = &tdata->head;
	tdata->method = method;
	tdata->flow = what->flow;
	sip_dialog_put_line(b, &leg->dialog, what->method);
	sip_leg_put_via(b, leg, &what->flow, what->branch);
	sip_dialog_put_fields(b, &leg->dialog, what->method, what->cseq);
	if (sip_dialog_refreshes(method))
		sip_leg_put_own_contact(b, leg, &what->flow);
	if (what->content != NULL)
		move_content(what->content, tdata);
	if (b->error == 0) {
		sip_request_show(leg->server, tdata);
		if (sip_build_seal(leg->server, tdata) == 0)
			return tdata;
	}
	sip_tx_data_unref(&tdata);
	return NULL;
}

/* ---- what becomes of it ---- */

static const struct sip_txn_user nobody = { .arg = NULL };

static void tell(struct sip_outgoing *outgoing, enum ast_sip_request_event event,
	struct sip_rx_data *response)
{
	if (!outgoing->listened)
		return;
	if (event == AST_SIP_REQUEST_ENDED)
		outgoing->listened = false;
	sip_listener_tell(
		outgoing->leg->server, &outgoing->listener, NULL, event, response);
}

/* Who was asked may have changed places since. */
static struct sip_leg *leg_of(const struct sip_outgoing *outgoing)
{
	return sip_leg_of_peer(
		outgoing->leg, outgoing->moved, sip_txn_call(outgoing->txn));
}

/* "If the response for a request within a dialog is a 481 ... or a 408 ..., the
 * UAC SHOULD terminate the dialog. ... For INVITE initiated dialogs, terminating the
 * dialog consists of sending a BYE." */
void sip_outgoing_lost(struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	struct sip_leg *leg = leg_of(outgoing);

	if (leg == NULL || leg->state == AST_SIP_DIALOG_ENDED ||
		outgoing->method == SIP_BYE)
		return;
	/* Section 15: the callee "MUST NOT send a BYE on a confirmed dialog until it has
	 * received an ACK for its 2xx response or until the server transaction times out"
	 */
	if (leg->accepted != NULL) {
		leg->terminating = true;
		return;
	}
	/* and "MUST NOT send a BYE on early dialogs": his answer to the INVITE ends it.
	 */
	if (leg->dialog.uac || leg->state == AST_SIP_DIALOG_CONFIRMED)
		sip_leg_say_bye(leg);
	sip_leg_end(leg, AST_SIP_DIALOG_GONE, response);
}

static void other_response(struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	struct sip_leg *leg = leg_of(outgoing);
	int status = response->msg.status;

	if (leg == NULL || leg->state == AST_SIP_DIALOG_ENDED)
		return;
	leg->flow = response->flow;
	/* Without memory the old target stays. */
	if (status / 100 == 2 && sip_dialog_refreshes(outgoing->method))
		SIP_IGNORE(sip_dialog_refresh(&leg->dialog, &response->msg));
	sip_leg_tell_response(leg, response);
	if (status == 408 || status == 481)
		sip_outgoing_lost(outgoing, response);
}

static void on_response(void *arg, struct sip_txn *txn, struct sip_rx_data *response)
{
	struct sip_outgoing *outgoing = SIP_CAST(sip_outgoing, arg);

	if (outgoing->method == SIP_INVITE)
		sip_inviting_response(outgoing, response);
	else
		other_response(outgoing, response);
	tell(outgoing, AST_SIP_REQUEST_RESPONSE, response);
	if (sip_txn_state(txn) == SIP_TXN_ACCEPTED)
		tell(outgoing, AST_SIP_REQUEST_ENDED, NULL);
}

static void on_timeout(void *arg, struct sip_txn *txn)
{
	struct sip_outgoing *outgoing = SIP_CAST(sip_outgoing, arg);

	(void)txn;
	/* 8.1.3.1: it is as a 408. */
	if (outgoing->initial)
		sip_inviting_failed(outgoing, AST_SIP_DIALOG_TIMEOUT);
	else
		sip_outgoing_lost(outgoing, NULL);
	tell(outgoing, AST_SIP_REQUEST_TIMEOUT, NULL);
}

static void on_error(void *arg, struct sip_txn *txn, int error)
{
	struct sip_outgoing *outgoing = SIP_CAST(sip_outgoing, arg);

	(void)txn;
	(void)error;
	if (outgoing->initial)
		sip_inviting_failed(outgoing, AST_SIP_DIALOG_FAILED);
	tell(outgoing, AST_SIP_REQUEST_FAILED, NULL);
}

/* Through, or ended before. */
static void on_over(void *arg, struct sip_txn *txn)
{
	struct sip_outgoing *outgoing = SIP_CAST(sip_outgoing, arg);
	struct sip_leg *leg = outgoing->leg;

	if (txn != NULL)
		sip_txn_set_user(txn, &nobody);
	if (outgoing->method == SIP_INVITE)
		sip_inviting_over(outgoing);
	tell(outgoing, AST_SIP_REQUEST_ENDED, NULL);
	if (outgoing->method == SIP_BYE)
		sip_leg_bye_over(leg);
	sip_tx_data_unref(&outgoing->original);
	outgoing->magic = 0;
	free(outgoing);
	sip_leg_unref(&leg);
}

struct sip_call_site *sip_outgoing_site(void *arg)
{
	const struct sip_outgoing *outgoing = arg;

	return outgoing->magic == sip_outgoing_MAGIC ? outgoing->leg->site : NULL;
}

/* ---- sending ---- */

static const struct sip_txn_user events = {
	.on_response = on_response,
	.on_timeout = on_timeout,
	.on_error = on_error,
	.on_through = on_over,
	.on_ended = on_over,
};

static struct sip_tx_data *build_copy(
	void *arg, const struct sip_flow *flow, struct sip_str branch)
{
	struct sip_outgoing *outgoing = SIP_CAST(sip_outgoing, arg);

	return sip_retarget(outgoing->leg->server, outgoing->original,
		&outgoing->original->flow, flow, branch);
}

static void note_try(void *arg, struct sip_txn *txn)
{
	SIP_CAST(sip_outgoing, arg)->txn = txn;
}

/* Its next hop is a name. */
static int start_tries(struct sip_outgoing *outgoing, struct sip_tx_data *tdata)
{
	struct sip_leg *leg = outgoing->leg;
	struct sip_tries_user user = {
		.build = build_copy,
		.began = note_try,
		.events = events,
	};
	struct sip_uri uri;
	struct sip_tries_start tries = {
		.server = leg->server,
		.call = leg->call,
		.call_hash = leg->call_hash,
		.where = { .uri = &uri, .listener = leg->listener },
		.user = &user,
	};
	int result;

	if (sip_dialog_next_hop(&leg->dialog, &uri) != 0)
		return SIP_ESYNTAX;
	user.events.arg = outgoing;
	outgoing->original = sip_tx_data_ref(tdata);
	result = sip_tries_start(&tries, &outgoing->tries);
	if (result != 0)
		sip_tx_data_unref(&outgoing->original);
	return result;
}

static int start_only(
	struct sip_outgoing *outgoing, struct what *what, struct sip_tx_data *tdata)
{
	struct sip_txn_user user = events;

	user.arg = outgoing;
	return sip_uac_create(outgoing->leg->server->txns, outgoing->leg->call, tdata,
		&what->flow, (struct sip_str){ what->branch, SIP_BRANCH_LEN }, &user,
		&outgoing->txn);
}

int sip_outgoing_cancel(struct sip_outgoing *outgoing)
{
	struct sip_txn *cancel;

	if (outgoing->tries != NULL)
		return sip_tries_cancel(outgoing->tries, (struct sip_str){ NULL, 0 });
	return sip_uac_cancel(
		outgoing->txn, (struct sip_str){ NULL, 0 }, &nobody, &cancel);
}

/* Its transaction begins; the listener is its own, where there is one. */
static int start(struct sip_leg *leg, struct what *what,
	const struct sip_request_listener *listener)
{
	struct sip_outgoing *outgoing = calloc(1, sizeof(*outgoing));
	struct sip_tx_data *tdata = NULL;
	int result = SIP_EMEMORY;

	if (outgoing == NULL)
		return SIP_EMEMORY;
	what->cseq = leg->dialog.local_cseq + 1;
	sip_leg_way(leg, &what->flow);
	*outgoing = (struct sip_outgoing){
		.magic = sip_outgoing_MAGIC,
		.method = sip_method_of(what->method),
		.cseq = what->cseq,
		.offered = what->content != NULL && what->content->body_len > 0,
		.listened = listener != NULL,
		.moved = atomic_load(&leg->moved),
		.leg = sip_leg_ref(leg),
	};
	outgoing->initial = outgoing->method == SIP_INVITE &&
		leg->state == AST_SIP_DIALOG_NEW;
	tdata = build(leg, what);
	if (tdata != NULL)
		result = what->flow.listener != 0 ? start_only(outgoing, what, tdata)
						  : start_tries(outgoing, tdata);
	sip_tx_data_unref(&tdata);
	if (result != 0) {
		sip_leg_unref(&outgoing->leg);
		free(outgoing);
		return result;
	}
	leg->dialog.local_cseq = what->cseq;
	if (listener != NULL)
		outgoing->listener = *listener;
	if (outgoing->method == SIP_INVITE)
		leg->inviting = outgoing;
	return 0;
}

int sip_leg_send_own(struct sip_leg *leg, const char *method)
{
	struct what what = { .method = sip_str_of(method) };

	return leg->call != NULL ? start(leg, &what, NULL) : SIP_ESTATE;
}

/* Why it can't be sent in that state; NULL: it can. */
static const char *refusal(const struct sip_leg *leg, enum sip_method method)
{
	if (leg->state == AST_SIP_DIALOG_ENDED || leg->ending)
		return "the dialog has ended";
	if (method == SIP_INVITE) {
		/* 14.1: "a UAC MUST NOT initiate a new INVITE transaction within a dialog
		 * while another INVITE transaction is in progress in either direction" */
		if (leg->inviting != NULL || leg->invite != NULL)
			return "another INVITE is in progress";
		return leg->state == AST_SIP_DIALOG_EARLY ? "the dialog is early" : NULL;
	}
	if (leg->state == AST_SIP_DIALOG_NEW && leg->dialog.uac)
		return "nobody has answered yet";
	if (method == SIP_BYE && leg->state != AST_SIP_DIALOG_CONFIRMED)
		return "the dialog is not confirmed";
	if (method == SIP_BYE && leg->accepted != NULL)
		return "the 2xx was not acknowledged yet";
	return NULL;
}

static int start_planned(struct sip_leg *leg, struct sip_request_plan *plan)
{
	struct what what = { .method = sip_str_of(plan->method), .content = plan->tdata };
	enum sip_method method = sip_method_of(what.method);
	const char *why;

	if (leg->call == NULL && leg->state == AST_SIP_DIALOG_NEW && leg->dialog.uac)
		sip_leg_enter(leg, sip_call_current());
	why = refusal(leg, method);
	if (why != NULL) {
		sip_log_limited(&limit, SIP_LOG_WARNING, "dialog",
			"%s is not sent: %s call_id=%.*s", plan->method, why,
			SIP_STR_ARG(leg->dialog.call_id));
		return SIP_ESTATE;
	}
	return start(leg, &what, &plan->listener);
}

/* Who rings beside the first says it again, and that is the next try. */
static void was_not_sent(struct sip_leg *leg, enum sip_method method)
{
	if (method == SIP_PRACK && leg->fork && leg->reliable.rseq > 0)
		leg->reliable.rseq--;
}

static enum sip_task_result start_task(struct sip_task *task)
{
	struct sip_request_plan *plan = SIP_CONTAINER(
		task, struct sip_request_plan, task);
	struct sip_tx_data *tdata = plan->tdata;
	struct sip_leg *leg = plan->leg;
	bool bye = tdata->method == SIP_BYE;
	bool first = tdata->method == SIP_INVITE && leg->dialog.uac &&
		leg->state == AST_SIP_DIALOG_NEW;
	int result;

	if (sip_callback_must_move(leg->site))
		return SIP_TASK_ELSEWHERE;
	leg = sip_leg_of_peer(leg, plan->moved, sip_call_current());
	if (leg != NULL)
		sip_leg_ref(leg);
	result = leg != NULL ? start_planned(leg, plan) : SIP_ESTATE;
	if (result == 0 && bye) {
		leg->saying_bye = true;
		sip_leg_end(leg, AST_SIP_DIALOG_TERMINATED, NULL);
	}
	if (result == SIP_EMEMORY)
		was_not_sent(leg, tdata->method);
	if (result != 0) {
		sip_listener_tell(plan->server, &plan->listener, NULL,
			AST_SIP_REQUEST_FAILED, NULL);
		sip_listener_tell(
			plan->server, &plan->listener, NULL, AST_SIP_REQUEST_ENDED, NULL);
		if (first && leg != NULL && leg->inviting == NULL)
			sip_leg_end(leg, AST_SIP_DIALOG_FAILED, NULL);
	}
	plan->tdata = NULL;
	sip_tx_data_unref(&tdata);
	sip_leg_unref(&leg);
	return SIP_TASK_DONE;
}

void sip_leg_prepare_send(struct sip_request_plan *plan)
{
	plan->task.run = start_task;
}
