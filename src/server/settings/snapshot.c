/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Snapshots: taken by every request, replaced by every registration.
 *
 * A reader finds the current one in an RCU read section and counts it there; the
 * publisher gives up its own count after a grace period, so that a count taken
 * in a read section is never the first.
 */
#include "server/settings/snapshot.h"

#include <stdlib.h>

static void drop_list(struct sip_registered_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		sip_registered_unref(&list->item[i]);
	free(list->item);
}

static void destroy(struct sip_snapshot *snapshot)
{
	drop_list(&snapshot->local);
	drop_list(&snapshot->forward);
	drop_list(&snapshot->identifiers);
	sip_registered_unref(&snapshot->authenticator);
	free(snapshot->allow_text);
	sip_settings_unref(&snapshot->settings);
	free(snapshot);
}

int sip_snapshot_create(struct sip_settings *settings, struct sip_snapshot **snapshot)
{
	*snapshot = calloc(1, sizeof(**snapshot));
	if (*snapshot == NULL)
		return SIP_EMEMORY;
	atomic_init(&(*snapshot)->refs, 1);
	atomic_fetch_add(&settings->refs, 1);
	(*snapshot)->settings = settings;
	return 0;
}

struct sip_snapshot *sip_snapshot_take(struct sip_server *server)
{
	struct sip_snapshot *snapshot;

	sip_rcu_read_begin();
	snapshot = sip_rcu_read(&server->snapshot);
	sip_snapshot_ref(snapshot);
	sip_rcu_read_end();
	return snapshot;
}

struct sip_snapshot *sip_snapshot_ref(struct sip_snapshot *snapshot)
{
	/* Relaxed: the caller holds one already, or the read section holds the
	 * publisher's. */
	atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
	return snapshot;
}

void sip_snapshot_unref(struct sip_snapshot **place)
{
	struct sip_snapshot *snapshot = *place;

	*place = NULL;
	if (snapshot != NULL && atomic_fetch_sub(&snapshot->refs, 1) == 1)
		destroy(snapshot);
}

static void after_grace(struct sip_rcu_head *head)
{
	struct sip_snapshot *snapshot = SIP_CONTAINER(head, struct sip_snapshot, rcu);

	sip_snapshot_unref(&snapshot);
}

void sip_snapshot_publish(struct sip_server *server, struct sip_snapshot *snapshot)
{
	struct sip_snapshot *before = sip_rcu_read(&server->snapshot);

	sip_rcu_publish(&server->snapshot, snapshot);
	atomic_store(&server->filters, snapshot->settings->filters);
	if (before != NULL)
		sip_rcu_defer(&before->rcu, after_grace);
}
