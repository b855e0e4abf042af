/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is unregistered goes with the next snapshot.
 *
 * Where there is no memory for one, it stays listed and is passed over from now on; any
 * later snapshot is made without it, and the thread of grace periods tries to make one
 * until that is done.
 *
 * Threads: any, under registry_mutex.
 */
#include "server/modules/registry.h"

#include "res_sip/log.h"

/* One after another whatever it lists; NULL: no more. */
static struct sip_registered *listed(const struct sip_snapshot *snapshot, size_t at)
{
	const struct sip_registered_list *lists[] = { &snapshot->local,
		&snapshot->forward, &snapshot->identifiers };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (at < lists[i]->count)
			return lists[i]->item[at];
		at -= lists[i]->count;
	}
	return at == 0 ? snapshot->authenticator : NULL;
}

static bool some_leave(const struct sip_snapshot *snapshot)
{
	const struct sip_registered *item;

	for (size_t i = 0; (item = listed(snapshot, i)) != NULL; i++) {
		if (sip_registered_is_leaving(item))
			return true;
	}
	return false;
}

/* Deferred with the lock held, so that who destroys the server knows that it is either
 * under way or never will be. */
static void try_again(struct sip_rcu_head *head)
{
	struct sip_server *server = SIP_CONTAINER(head, struct sip_server, leaving);

	pthread_mutex_lock(&server->registry_mutex);
	server->some_leave = !atomic_load(&server->destroyed) &&
		some_leave(sip_rcu_read(&server->snapshot)) &&
		sip_registry_publish(server, &(struct sip_change){ 0 }) != 0;
	if (server->some_leave)
		sip_rcu_defer(head, try_again);
	pthread_mutex_unlock(&server->registry_mutex);
}

static void pass_over(struct sip_server *server, const struct sip_change *change)
{
	const struct sip_snapshot *now = sip_rcu_read(&server->snapshot);
	struct sip_registered *item;

	for (size_t i = 0; (item = listed(now, i)) != NULL; i++) {
		/* Partner: sip_registered_is_leaving(). */
		if (sip_change_takes_out(change, item))
			atomic_store_explicit(&item->leaving, true, memory_order_relaxed);
	}
	if (server->some_leave)
		return;
	server->some_leave = true;
	sip_rcu_defer(&server->leaving, try_again);
}

void sip_registry_take_out(struct sip_server *server, const struct sip_change *change)
{
	if (sip_registry_publish(server, change) == 0)
		return;
	sip_log(SIP_LOG_WARNING, "registry",
		"out of memory: what was unregistered is asked no more, and goes later");
	pass_over(server, change);
}
