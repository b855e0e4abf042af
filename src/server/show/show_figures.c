/* SPDX-License-Identifier: BSD-2-Clause */
/* `show counters` and `show pool`: names with a number each. */
#include "server/show/show.h"

static const struct sip_show_column columns[] = { { "name", SIP_SHOW_TEXT },
	{ "value", SIP_SHOW_NUMBER } };

int sip_show_counters(const struct sip_show *show)
{
	sip_show_table(show, "counters", SIP_SHOW_PAIRS, columns, 2);
	for (enum sip_counter c = 0; c < SIP_COUNTER_COUNT; c++)
		sip_show_pair(show, sip_counter_name(c),
			sip_counter_value(show->server->counters, c));
	return 0;
}

int sip_show_pool(const struct sip_show *show)
{
	const struct sip_server *server = show->server;
	const struct sip_slab *slabs[] = { server->rx_slab, server->tx_slab,
		server->branch_slab, server->dialog_slab };
	struct sip_pool_figures figures;

	sip_pool_figures(server->pool, &figures);
	sip_show_table(show, "pool", SIP_SHOW_PAIRS, columns, 2);
	sip_show_pair(show, "reactors", figures.reactors);
	sip_show_pair(show, "spares", figures.spares);
	sip_show_pair(show, "tasks", figures.tasks);
	sip_show_pair(show, "stalls", figures.stalls);
	sip_show_pair(show, "takeovers", figures.takeovers);
	sip_show_pair(show, "steals", figures.steals);
	sip_show_pair(show, "longest wait us", figures.longest_wait_us);
	sip_show_pair(show, "calls", sip_calls_count(server->calls));
	sip_show_pair(show, "transactions", sip_txns_count(server->txns));
	sip_show_pair(
		show, "connections", sip_transport_connection_count(server->transport));
	sip_show_pair(show, "contacts", sip_location_count(server->location));
	for (size_t i = 0; i < sizeof(slabs) / sizeof(slabs[0]); i++)
		sip_show_pair(show, sip_slab_name(slabs[i]), sip_slab_live(slabs[i]));
	return 0;
}
