/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several phones that one INVITE of ours reaches: RFC 3261 section 13.2.2.4.
 *
 * A proxy on the way may have forked it: each To tag in a provisional answer or a 2xx is
 * a dialog.  The leg that has sent it becomes the first; the others are legs of their
 * own.  Which phone answers first nobody knows: where it is one of those and nobody has
 * taken it, it changes places with the first, so that who does not care for forks has
 * the one dialog that counts.
 *
 * What was sent, or is about to be, to a phone that changes places remains that phone's:
 * a request and its answer are of the leg that has the phone then.
 */
#include "server/dialogs/outgoing.h"
#include "server/modules/callback.h"
#include "transaction/key.h"

static bool is_beside(const struct sip_leg *leg, const struct sip_leg *other)
{
	return leg->dialog.uac && other->dialog.uac &&
		sip_str_equal(leg->dialog.local_tag, other->dialog.local_tag) &&
		sip_str_equal(leg->dialog.call_id, other->dialog.call_id);
}

bool sip_fork_is_of(const struct sip_leg *leg, const struct sip_outgoing *outgoing)
{
	return is_beside(leg, outgoing->leg);
}

static bool has_remote_tag(const struct sip_leg *leg, struct sip_str tag)
{
	return leg->state != AST_SIP_DIALOG_NEW &&
		sip_txn_same_text(leg->dialog.remote_tag, tag);
}

static struct sip_leg *make_fork(struct sip_outgoing *outgoing)
{
	struct sip_leg *first = outgoing->leg;
	struct sip_dialog dialog;
	struct sip_leg *fork;

	if (sip_dialog_init_fork(&dialog, &first->dialog) != 0) {
		sip_dialog_fini(&dialog);
		return NULL;
	}
	fork = sip_leg_create(first->server, &dialog, first->endpoint, first->site);
	if (fork == NULL)
		return NULL;
	fork->usage = first->usage;
	fork->token = first->token;
	fork->flow = first->flow;
	fork->fork = true;
	fork->dialog.local_cseq = outgoing->cseq;
	sip_leg_enter(fork, sip_txn_call(outgoing->txn));
	return fork;
}

struct sip_leg *sip_fork_known(struct sip_outgoing *outgoing, struct sip_str tag)
{
	struct sip_leg *leg = sip_txn_call(outgoing->txn)->legs;

	while (leg != NULL &&
		!(sip_fork_is_of(leg, outgoing) && has_remote_tag(leg, tag)))
		leg = leg->next;
	return leg;
}

struct sip_leg *sip_fork_find(struct sip_outgoing *outgoing, struct sip_str tag)
{
	struct sip_leg *leg = sip_txn_call(outgoing->txn)->legs;
	unsigned count = 0;

	for (; leg != NULL; leg = leg->next) {
		if (!sip_fork_is_of(leg, outgoing))
			continue;
		if (has_remote_tag(leg, tag))
			return leg;
		count++;
	}
	if (outgoing->leg->state == AST_SIP_DIALOG_NEW)
		return outgoing->leg;
	return count < SIP_FORKS_MAX ? make_fork(outgoing) : NULL;
}

bool sip_fork_is_over(const struct sip_outgoing *outgoing, struct sip_str tag)
{
	return outgoing->leg->state == AST_SIP_DIALOG_ENDED &&
		sip_txn_same_text(outgoing->leg->dialog.remote_tag, tag);
}

void sip_fork_offer(struct sip_leg *fork, const struct sip_outgoing *outgoing,
	struct sip_rx_data *response)
{
	struct sip_leg *first = outgoing->leg;
	struct sip_callback_scope scope;

	if (!fork->fork || fork->taken || first->state == AST_SIP_DIALOG_ENDED ||
		first->terminating || first->usage == NULL ||
		first->usage->on_fork == NULL)
		return;
	sip_callback_open(&scope, first->site, NULL);
	fork->taken = first->usage->on_fork(&first->dialog, &fork->dialog, response);
	sip_callback_close(&scope);
}

/* Who had rung first rings on, where the other never did. */
void sip_fork_change_places(struct sip_leg *first, struct sip_leg *fork)
{
	struct sip_flow flow = first->flow;
	struct sip_str said = first->said;

	sip_dialog_swap_peers(&first->dialog, &fork->dialog);
	first->said = fork->said;
	fork->said = said;
	first->flow = fork->flow;
	fork->flow = flow;
	fork->state = AST_SIP_DIALOG_EARLY;
	atomic_store(&first->moved, true);
	atomic_store(&fork->moved, true);
}

/* Of one INVITE's legs two change places at most: the first is confirmed then. */
struct sip_leg *sip_leg_of_peer(
	struct sip_leg *leg, bool moved, const struct sip_call *call)
{
	struct sip_leg *at = call->legs;

	if (atomic_load(&leg->moved) == moved)
		return leg;
	while (at != NULL &&
		(at == leg || !atomic_load(&at->moved) || !is_beside(at, leg)))
		at = at->next;
	return at;
}
