/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ending a dialog from our side: RFC 3261 sections 9.1 and 15.
 *
 *                       caller                       callee
 *      no final answer  CANCEL (a 2xx that crosses   603, or what was asked for
 *                       with it: ACK and BYE)
 *      2xx, no ACK      -                            BYE after the ACK, or when none came
 *      confirmed        BYE                          BYE
 */
#include "server/dialogs/outgoing.h"

#include "server/modules/callback.h"

/* ---- a BYE without memory ---- */

/* Nobody else would tell the peer: after T1, doubling to T2. */
static void try_later(struct sip_leg *leg)
{
	const struct sip_txn_timing *timing = &leg->server->timing;

	if (leg->again_ms == 0)
		leg->again_ms = timing->t1_ms;
	else
		leg->again_ms = leg->again_ms < timing->t2_ms / 2 ? leg->again_ms * 2
								  : timing->t2_ms;
	leg->waited_ms += leg->again_ms;
	sip_timer_start(&leg->again, leg->again_ms * UINT64_C(1000));
}

static void say_bye(struct sip_leg *leg)
{
	int result = sip_leg_send_own(leg, "BYE");

	leg->saying_bye = true;
	if (result == SIP_EMEMORY && leg->waited_ms < leg->server->timing.timer_b_ms)
		try_later(leg);
	else if (result != 0)
		/* What can't be sent for another reason the peer learns when he sends
		 * something. */
		sip_leg_bye_over(leg);
}

static void try_again(struct sip_timer *timer)
{
	say_bye(SIP_CONTAINER(timer, struct sip_leg, again));
}

void sip_leg_init_again(struct sip_leg *leg)
{
	sip_timer_init(&leg->again, try_again);
}

void sip_leg_say_bye(struct sip_leg *leg)
{
	sip_inviting_acknowledge(leg);
	sip_timer_stop(&leg->again);
	leg->again_ms = 0;
	leg->waited_ms = 0;
	say_bye(leg);
}

/* ---- ending ---- */

bool sip_leg_calls(const struct sip_leg *leg)
{
	return leg->inviting != NULL && leg->inviting->initial;
}

/* 9.1: the transaction waits for a provisional answer by itself. */
void sip_leg_cancel(struct sip_leg *leg)
{
	/* It was cancelled before; or there is no memory, and it is tried again. */
	SIP_IGNORE(sip_outgoing_cancel(leg->inviting));
}

void sip_leg_give_up(struct sip_leg *leg)
{
	if (sip_leg_calls(leg))
		sip_leg_cancel(leg);
	else
		/* 15.1.2: "still respond to any pending requests ... 487" */
		sip_uac_give_up(leg->inviting->txn);
}

static void end(struct sip_leg *leg)
{
	sip_leg_say_bye(leg);
	sip_leg_end(leg, AST_SIP_DIALOG_TERMINATED, NULL);
}

/* What it is refused with already goes as soon as there is memory for it. */
static void refuse(struct sip_leg *leg)
{
	if (leg->invite->serving->owed.code == 0)
		sip_answer(leg->invite,
			leg->terminate_code != 0 ? leg->terminate_code : 603, NULL);
}

void sip_leg_terminate(struct sip_leg *leg)
{
	if (leg->state == AST_SIP_DIALOG_ENDED || leg->ending)
		return;
	leg->terminating = true;
	if (leg->state == AST_SIP_DIALOG_CONFIRMED) {
		/* Section 15: "the callee's UA MUST NOT send a BYE on a confirmed dialog
		 * until it has received an ACK for its 2xx response or until the server
		 * transaction times out." */
		if (leg->accepted == NULL)
			end(leg);
	} else if (leg->invite != NULL)
		refuse(leg);
	else if (sip_leg_calls(leg))
		sip_leg_cancel(leg);
	else if (leg->state == AST_SIP_DIALOG_EARLY)
		end(leg); /* one of several forks */
	else
		sip_leg_end(leg, AST_SIP_DIALOG_TERMINATED, NULL);
}

static enum sip_task_result terminate_now(struct sip_task *task)
{
	struct sip_leg *leg = SIP_CONTAINER(task, struct sip_leg, terminate_task);

	if (sip_callback_must_move(leg->site))
		return SIP_TASK_ELSEWHERE;
	sip_leg_terminate(leg);
	sip_leg_unref(&leg);
	return SIP_TASK_DONE;
}

static enum sip_task_result stop_now(struct sip_task *task)
{
	struct sip_leg *leg = SIP_CONTAINER(task, struct sip_leg, terminate_task);

	if (sip_callback_must_move(leg->site))
		return SIP_TASK_ELSEWHERE;
	/* With a call it is that call's to end. */
	if (leg->call == NULL)
		sip_leg_end(leg, AST_SIP_DIALOG_STOPPED, NULL);
	sip_leg_unref(&leg);
	return SIP_TASK_DONE;
}

/* Once.  Without memory for a work there is none that anything was sent in. */
static void push_end(
	struct sip_leg *leg, enum sip_task_result (*run)(struct sip_task *task), int code)
{
	if (atomic_exchange(&leg->terminated, true))
		return;
	leg->terminate_code = code;
	leg->terminate_task.run = run;
	leg->terminate_task.pushed_us = sip_pool_now_us(leg->server->pool);
	sip_leg_ref(leg);
	if (sip_calls_push(leg->server->calls, leg->dialog.call_id, leg->call_hash,
		    &leg->terminate_task) != 0) {
		atomic_store(&leg->terminated, false);
		sip_leg_unref(&leg);
	}
}

void sip_leg_stop_unsent(struct sip_leg *leg)
{
	push_end(leg, stop_now, 0);
}

void ast_sip_dialog_terminate(struct sip_dialog *dlg, int code)
{
	struct sip_leg *leg = sip_leg_of(dlg);

	SIP_ASSERT(code == 0 || (code >= 300 && code <= 699));
	sip_core_enter();
	push_end(leg, terminate_now, code);
	sip_core_leave();
}
