/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread's current server: the one exception to the rule of no globals.
 *
 * The design's methods name no server.  Inside of a task it is the one whose pool
 * runs the task; elsewhere what ast_sip_set_server() named; with one server in
 * the process, that one.
 *
 * Threads: any; the list is behind its lock, a thread remembers its last answer.
 */
#include "server/server.h"

static struct {
	pthread_mutex_t mutex; /* guards: first and the links behind it */
	struct sip_server *first;
	_Atomic uint32_t changes; /* counted under the mutex; a thread's memory of before
				     is void */
} servers = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static _Thread_local struct sip_server *chosen;

/* The last pool this thread asked about, and its server. */
static _Thread_local struct {
	struct sip_pool *pool;
	struct sip_server *server;
	uint32_t changes;
} remembered;

void sip_server_enlist(struct sip_server *server)
{
	pthread_mutex_lock(&servers.mutex);
	server->next = servers.first;
	servers.first = server;
	atomic_fetch_add(&servers.changes, 1);
	pthread_mutex_unlock(&servers.mutex);
}

void sip_server_delist(struct sip_server *server)
{
	pthread_mutex_lock(&servers.mutex);
	for (struct sip_server **at = &servers.first; *at != NULL; at = &(*at)->next) {
		if (*at != server)
			continue;
		*at = server->next;
		break;
	}
	atomic_fetch_add(&servers.changes, 1);
	pthread_mutex_unlock(&servers.mutex);
	if (chosen == server)
		chosen = NULL;
}

/* The server of `pool`; without a pool the only server there is. */
static struct sip_server *look_up(const struct sip_pool *pool)
{
	struct sip_server *found = NULL;

	pthread_mutex_lock(&servers.mutex);
	if (pool == NULL && servers.first != NULL && servers.first->next == NULL)
		found = servers.first;
	for (struct sip_server *at = servers.first; pool != NULL && at != NULL;
		at = at->next) {
		if (at->pool == pool)
			found = at;
	}
	pthread_mutex_unlock(&servers.mutex);
	return found;
}

static SIP_NOINLINE struct sip_server *remember(struct sip_pool *pool, uint32_t changes)
{
	remembered.pool = pool;
	remembered.changes = changes;
	remembered.server = look_up(pool);
	return remembered.server;
}

struct sip_server *sip_server_here(void)
{
	struct sip_pool *pool = ast_sip_current_work() != NULL ? sip_pool_current()
							       : NULL;
	uint32_t changes = atomic_load(&servers.changes);

	if (pool == NULL && chosen != NULL)
		return chosen;
	if (remembered.server != NULL && remembered.pool == pool &&
		remembered.changes == changes)
		return remembered.server;
	return remember(pool, changes);
}

void ast_sip_set_server(struct sip_server *server)
{
	chosen = server;
	sip_pool_set_current(server != NULL ? server->pool : NULL);
}

struct sip_server *sip_server_chosen(void)
{
	return chosen;
}

struct sip_server *ast_sip_server(void)
{
	return sip_server_here();
}
