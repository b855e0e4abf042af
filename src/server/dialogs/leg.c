/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A leg's life: made, on its call's list, ended, gone with its last reference.
 *
 *      new --> early --> confirmed --> ended
 *        `-------`-----------`----------^
 *
 * Ended is told once.  Then the call lets the leg go; where a BYE of ours is under way,
 * when that is through, for a BYE of the peer's may cross with it; where an INVITE of the
 * peer's has no answer for want of memory, when it has one; and one of several phones
 * that ring when our INVITE is through, for a copy of what that phone has said would make
 * its dialog anew.
 */
#include "server/dialogs/leg.h"

#include "server/modules/callback.h"

#include <stdlib.h>

size_t sip_leg_size(void)
{
	return sizeof(struct sip_leg);
}

/* Whose code asks for it: that of the running callback. */
static struct sip_call_site *site_of(struct sip_server *server)
{
	struct sip_call_site *site = sip_callback_current();

	return site != NULL ? site : &server->program_site;
}

struct sip_leg *sip_leg_create(struct sip_server *server, struct sip_dialog *dialog,
	struct ast_sip_endpoint *endpoint, struct sip_call_site *site)
{
	struct sip_leg *leg = sip_slab_alloc(server->dialog_slab);

	if (leg == NULL) {
		sip_dialog_fini(dialog);
		return NULL;
	}
	*leg = (struct sip_leg){
		.dialog = *dialog,
		.server = server,
		.call_hash = sip_calls_hash(server->calls, dialog->call_id),
		.endpoint = ast_sip_endpoint_ref(endpoint),
		.rewrite_contact = endpoint->options.rewrite_contact,
		.site = site != NULL ? site : site_of(server),
	};
	atomic_init(&leg->refs, 1);
	sip_list_init(&leg->unsent);
	sip_leg_init_repeat(leg);
	sip_leg_init_again(leg);
	sip_owner_begin(leg->site->owner, SIP_PENDING_DIALOGS);
	sip_count(server->counters, SIP_COUNT_DIALOGS);
	return leg;
}

struct sip_leg *sip_leg_ref(struct sip_leg *leg)
{
	/* relaxed: who refers to it already keeps it alive; partner: sip_leg_unref() */
	atomic_fetch_add_explicit(&leg->refs, 1, memory_order_relaxed);
	return leg;
}

void sip_leg_unref(struct sip_leg **place)
{
	struct sip_leg *leg = *place;
	struct sip_owner *owner;

	*place = NULL;
	if (leg == NULL)
		return;
	/* acq_rel: the last one sees what the others (this same line) did before they let
	 * go */
	if (atomic_fetch_sub_explicit(&leg->refs, 1, memory_order_acq_rel) != 1)
		return;
	SIP_ASSERT(leg->call == NULL && leg->invite == NULL && leg->accepted == NULL);
	owner = leg->site->owner;
	ast_sip_endpoint_unref(leg->endpoint);
	sip_dialog_fini(&leg->dialog);
	free((char *)leg->said.ptr);
	sip_slab_free(leg->server->dialog_slab, leg);
	sip_owner_end(owner, SIP_PENDING_DIALOGS);
}

void sip_leg_enter(struct sip_leg *leg, struct sip_call *call)
{
	SIP_ASSERT(leg->call == NULL && leg->state != AST_SIP_DIALOG_ENDED);
	sip_unsent_remove(leg);
	leg->call = call;
	leg->next = call->legs;
	call->legs = leg;
	sip_call_pin(call);
}

/* The call's reference goes with it. */
static void leave(struct sip_leg *leg)
{
	struct sip_call *call = leg->call;

	sip_unsent_remove(leg);
	sip_timer_stop(&leg->again);
	sip_rx_data_unref(&leg->invite); /* the server stops */
	if (call != NULL) {
		struct sip_leg **at = &call->legs;

		while (*at != leg)
			at = &(*at)->next;
		*at = leg->next;
		leg->next = NULL;
		leg->call = NULL;
		sip_call_unpin(call);
	}
	sip_leg_unref(&leg);
}

void sip_leg_tell_state(struct sip_leg *leg, struct sip_rx_data *message)
{
	struct sip_callback_scope scope;

	if (leg->usage == NULL || leg->usage->on_state == NULL ||
		(leg->fork && !leg->taken))
		return;
	sip_callback_open(&scope, leg->site, message);
	leg->usage->on_state(&leg->dialog, leg->state, message);
	sip_callback_close(&scope);
}

bool sip_leg_tell_request(struct sip_leg *leg, struct sip_rx_data *request)
{
	struct sip_callback_scope scope;
	bool taken;

	if (leg->usage == NULL || leg->usage->on_request == NULL ||
		(leg->fork && !leg->taken))
		return false;
	sip_callback_open(&scope, leg->site, request);
	taken = leg->usage->on_request(&leg->dialog, request);
	sip_callback_close(&scope);
	return taken;
}

void sip_leg_tell_response(struct sip_leg *leg, struct sip_rx_data *response)
{
	struct sip_callback_scope scope;

	if (leg->usage == NULL || leg->usage->on_response == NULL ||
		(leg->fork && !leg->taken))
		return;
	sip_callback_open(&scope, leg->site, NULL);
	leg->usage->on_response(&leg->dialog, response);
	sip_callback_close(&scope);
}

/* A request of the peer's waits for an answer that nobody will give any more.  15.1.2:
 * "It is RECOMMENDED that a 487 (Request Terminated) response be generated". */
static void refuse_pending(struct sip_leg *leg)
{
	struct sip_rx_data *invite = leg->invite;

	if (invite == NULL)
		return;
	leg->invite = NULL;
	if (!invite->serving->answered)
		sip_answer(invite, 487, NULL);
	if (!invite->serving->answered && invite->txn != NULL)
		leg->invite = invite; /* it is owed */
	else
		sip_rx_data_unref(&invite);
}

/* Nothing can come any more that is for it. */
static void leave_when_over(struct sip_leg *leg)
{
	if (leg->state == AST_SIP_DIALOG_ENDED && !leg->saying_bye && !leg->lingers &&
		leg->invite == NULL)
		leave(leg);
}

void sip_leg_end(
	struct sip_leg *leg, enum ast_sip_dialog_cause cause, struct sip_rx_data *message)
{
	if (leg->state == AST_SIP_DIALOG_ENDED)
		return;
	leg->lingers = leg->fork && leg->state == AST_SIP_DIALOG_EARLY;
	leg->state = AST_SIP_DIALOG_ENDED;
	leg->cause = cause;
	/* Lost, or hung up on, while others may ring. */
	if (cause != AST_SIP_DIALOG_STOPPED && leg->inviting != NULL)
		sip_leg_give_up(leg);
	sip_repeat_stop(&leg->repeat);
	sip_leg_accepted_over(leg);
	refuse_pending(leg);
	leg->unacknowledged = NULL;
	sip_leg_ref(leg);
	if (!leg->told_ended) {
		leg->told_ended = true;
		sip_leg_tell_state(leg, message);
	}
	leave_when_over(leg);
	sip_leg_unref(&leg);
}

static enum sip_task_result end_now(struct sip_task *task)
{
	struct sip_leg *leg = SIP_CONTAINER(task, struct sip_leg, end_task);

	if (sip_callback_must_move(leg->site))
		return SIP_TASK_ELSEWHERE;
	sip_leg_end(leg, leg->cause, NULL);
	sip_leg_unref(&leg);
	return SIP_TASK_DONE;
}

void sip_leg_end_later(struct sip_leg *leg, enum ast_sip_dialog_cause cause)
{
	if (leg->state == AST_SIP_DIALOG_ENDED || leg->ending)
		return;
	leg->ending = true;
	leg->cause = cause;
	leg->end_task.run = end_now;
	leg->end_task.pushed_us = sip_pool_now_us(leg->server->pool);
	sip_leg_ref(leg);
	sip_work_push(&leg->call->work, &leg->end_task);
}

void sip_leg_bye_over(struct sip_leg *leg)
{
	if (!leg->saying_bye)
		return;
	leg->saying_bye = false;
	sip_timer_stop(&leg->again);
	leave_when_over(leg);
}

void sip_leg_invite_over(struct sip_leg *leg)
{
	if (leg->invite == NULL)
		return;
	sip_rx_data_unref(&leg->invite);
	leave_when_over(leg);
}

void sip_leg_fork_over(struct sip_leg *leg)
{
	if (!leg->lingers)
		return;
	leg->lingers = false;
	leave_when_over(leg);
}

void sip_legs_stop(struct sip_call *call)
{
	while (call->legs != NULL) {
		struct sip_leg *leg = call->legs;

		leg->saying_bye = false;
		if (leg->state == AST_SIP_DIALOG_ENDED)
			leave(leg);
		else
			sip_leg_end(leg, AST_SIP_DIALOG_STOPPED, NULL);
	}
}
