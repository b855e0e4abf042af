/* SPDX-License-Identifier: BSD-2-Clause */
/* `show works`: what the pool does, what waits, and who holds it up. */
#include "server/show/show.h"

#include <stdio.h>
#include <stdlib.h>

#define SITES_MOST 256u

static unsigned show_reactors(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "reactor", SIP_SHOW_NUMBER },
		{ "state", SIP_SHOW_TEXT }, { "module", SIP_SHOW_TEXT },
		{ "callback", SIP_SHOW_TEXT }, { "for us", SIP_SHOW_NUMBER },
		{ "queue", SIP_SHOW_NUMBER }, { "callbacks", SIP_SHOW_NUMBER } };
	struct sip_pool *pool = show->server->pool;
	unsigned runnable = 0;

	sip_show_table(show, "reactors", SIP_SHOW_ROWS, columns, 7);
	for (unsigned i = 0; i < sip_pool_reactor_count(pool); i++) {
		struct sip_reactor_look look;
		char number[24];
		char for_us[24];
		char queue[24];
		char callbacks[24];

		sip_pool_look(pool, i, &look);
		runnable += look.runnable;
		sip_show_row(show,
			(const char *const[]){ sip_show_number(number, i),
				look.in_callback      ? "callback"
					: look.sleeps ? "sleeps"
						      : "core",
				look.in_callback ? look.module : NULL,
				look.in_callback ? look.what : NULL,
				look.in_callback ? sip_show_number(for_us, look.for_us)
						 : NULL,
				sip_show_number(queue, look.runnable),
				sip_show_number(callbacks, look.callbacks) });
	}
	return runnable;
}

/* Copies of those that are worth a row. */
struct sites {
	size_t count;
	struct {
		char module[64];
		char what[32];
		uint64_t stalls;
	} item[SITES_MOST];
};

static void keep_site(void *arg, const struct sip_call_site *site)
{
	struct sites *sites = arg;
	/* relaxed: figures */
	uint64_t stalls = atomic_load_explicit(&site->stalls, memory_order_relaxed);

	if (stalls == 0 || sites->count == SITES_MOST)
		return;
	snprintf(sites->item[sites->count].module, 64, "%s", site->module);
	snprintf(sites->item[sites->count].what, 32, "%s", site->what);
	sites->item[sites->count++].stalls = stalls;
}

static void keep_list(struct sites *sites, const struct sip_registered_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		keep_site(sites, &list->item[i]->request_site);
		keep_site(sites, &list->item[i]->response_site);
		keep_site(sites, &list->item[i]->event_site);
	}
}

static void keep_registered(struct sip_server *server, struct sites *sites)
{
	struct sip_snapshot *snapshot = sip_snapshot_take(server);

	keep_list(sites, &snapshot->local);
	keep_list(sites, &snapshot->forward);
	keep_list(sites, &snapshot->identifiers);
	if (snapshot->authenticator != NULL)
		keep_site(sites, &snapshot->authenticator->request_site);
	sip_snapshot_unref(&snapshot);
}

static void show_stalls(const struct sip_show *show, const struct sites *sites)
{
	static const struct sip_show_column columns[] = { { "module", SIP_SHOW_TEXT },
		{ "callback", SIP_SHOW_TEXT }, { "stalls", SIP_SHOW_NUMBER } };

	sip_show_table(show, "stalls", SIP_SHOW_ROWS, columns, 3);
	for (size_t i = 0; i < sites->count; i++) {
		char stalls[24];

		sip_show_row(show,
			(const char *const[]){ sites->item[i].module, sites->item[i].what,
				sip_show_number(stalls, sites->item[i].stalls) });
	}
}

int sip_show_works(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "name", SIP_SHOW_TEXT },
		{ "value", SIP_SHOW_NUMBER } };
	struct sip_server *server = show->server;
	struct sites *sites = calloc(1, sizeof(*sites));
	struct sip_pool_figures figures;
	unsigned runnable;

	if (sites == NULL)
		return SIP_EMEMORY;
	runnable = show_reactors(show);
	keep_registered(server, sites);
	keep_site(sites, &server->program_site);
	sip_pool_each_site(server->pool, keep_site, sites);
	show_stalls(show, sites);
	free(sites);
	sip_pool_figures(server->pool, &figures);
	sip_show_table(show, "works", SIP_SHOW_PAIRS, columns, 2);
	sip_show_pair(show, "wait for a reactor", runnable);
	sip_show_pair(show, "wait for a spare", sip_pool_waiting_works(server->pool));
	sip_show_pair(show, "spares", figures.spares);
	sip_show_pair(show, "calls", sip_calls_count(server->calls));
	sip_show_pair(show, "longest wait us", figures.longest_wait_us);
	return 0;
}
