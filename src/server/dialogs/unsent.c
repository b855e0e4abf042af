/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dialogs as caller that have sent nothing yet.
 *
 * They hang off no call, which would end them with the server, and no message of a peer
 * ever will.  So the server has a list of them, and ends what is left there: a module's
 * when that is unloaded, all when it stops.
 *
 * Threads: any; the list has a lock of its own.
 */
#include "server/dialogs/leg.h"

bool sip_unsent_add(struct sip_leg *leg)
{
	struct sip_server *server = leg->server;
	bool late;

	sip_leaf_lock(&server->unsent_lock);
	/* With sip_server_stop(), which sets it before it looks here. */
	late = atomic_load(&server->stopping);
	if (!late)
		sip_list_append(&server->unsent, &leg->unsent);
	leg->is_unsent = !late;
	sip_leaf_unlock(&server->unsent_lock);
	return !late;
}

void sip_unsent_remove(struct sip_leg *leg)
{
	if (!leg->is_unsent)
		return;
	leg->is_unsent = false;
	sip_leaf_lock(&leg->server->unsent_lock);
	sip_list_remove(&leg->unsent);
	sip_leaf_unlock(&leg->server->unsent_lock);
}

void sip_unsent_set_site(struct sip_leg *leg, struct sip_call_site *site)
{
	sip_leaf_lock(&leg->server->unsent_lock);
	leg->site = site;
	sip_leaf_unlock(&leg->server->unsent_lock);
}

/* The next one moves to `seen`, counted; NULL: there is none. */
static struct sip_leg *take_next(
	struct sip_server *server, const struct sip_owner *owner, struct sip_list *seen)
{
	struct sip_leg *found = NULL;
	struct sip_list *at;
	struct sip_list *ahead;

	sip_leaf_lock(&server->unsent_lock);
	sip_list_each (&server->unsent, at, ahead) {
		found = SIP_CONTAINER(at, struct sip_leg, unsent);
		if (owner == NULL || found->site->owner == owner)
			break;
		found = NULL;
	}
	if (found != NULL) {
		/* Who takes it off its list meanwhile holds the lock. */
		sip_list_remove(&found->unsent);
		sip_list_append(seen, &found->unsent);
		sip_leg_ref(found);
	}
	sip_leaf_unlock(&server->unsent_lock);
	return found;
}

static bool is_called(const struct sip_owner *owner)
{
	return sip_owner_pending(owner, SIP_PENDING_CALLBACKS) > 0 ||
		sip_owner_pending(owner, SIP_PENDING_TASKS) > 0;
}

/* Each is on the list until its task has run; without memory for one, to the end. */
static void put_back(struct sip_server *server, struct sip_list *seen)
{
	sip_leaf_lock(&server->unsent_lock);
	while (!sip_list_empty(seen)) {
		struct sip_list *link = seen->next;

		sip_list_remove(link);
		sip_list_append(&server->unsent, link);
	}
	sip_leaf_unlock(&server->unsent_lock);
}

void sip_unsent_end_of(struct sip_server *server, const struct sip_owner *owner)
{
	struct sip_list seen;
	struct sip_leg *leg;

	if (sip_owner_pending(owner, SIP_PENDING_DIALOGS) == 0)
		return;
	sip_list_init(&seen);
	while ((leg = take_next(server, owner, &seen)) != NULL) {
		/* It is counted and was seen before: the callback that has made it is not
		 * about to use it when none runs now. */
		if (!is_called(owner))
			ast_sip_dialog_terminate(&leg->dialog, 0);
		sip_leg_unref(&leg);
	}
	put_back(server, &seen);
}

void sip_unsent_stop(struct sip_server *server)
{
	struct sip_list seen;
	struct sip_leg *leg;

	sip_list_init(&seen);
	while ((leg = take_next(server, NULL, &seen)) != NULL) {
		sip_leg_stop_unsent(leg);
		sip_leg_unref(&leg);
	}
	put_back(server, &seen);
}

void sip_unsent_drop(struct sip_server *server)
{
	struct sip_leg *leg;

	while ((leg = sip_list_first(&server->unsent, struct sip_leg, unsent)) != NULL) {
		leg->told_ended = true;
		sip_leg_end(leg, AST_SIP_DIALOG_STOPPED, NULL);
	}
}
