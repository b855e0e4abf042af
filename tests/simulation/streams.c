/* SPDX-License-Identifier: BSD-2-Clause */
/* What a seed with streams is like: see streams.h. */
#include "streams.h"

#include "host_config.h"
#include "sim.h"
#include "storm.h"
#include "stream_calls.h"

#include "base/slab.h"
#include "transport/connection.h"

void faults_streams(struct sim *sim, struct draw *draw)
{
	struct streams *streams = memory_take(&sim->memory, sizeof(*streams));
	unsigned permille = (unsigned)draw_between(draw, 300, 1000);

	sim->streams = streams;
	streams->draw = *draw;
	stream_net_init(&streams->net, &sim->net, sim->options.seed);
	streams->trunk = draw_chance(draw, 500);
	for (unsigned i = 0; i < sim->cast.phone_count; i++) {
		enum cast_kind kind = sim->cast.phone[i].kind;
		bool drawn = draw_chance(draw, permille);

		streams->phone[i] = drawn &&
			(kind == CAST_HONEST || kind == CAST_WRONG_PASSWORD);
	}
	streams->max_per_source = (unsigned)draw_between(draw, 6, 20);
	streams->max_unsent_kib = draw_chance(draw, 300)
		? (unsigned)draw_between(draw, 1, 8)
		: 256;
	streams->keep_alive_s = draw_chance(draw, 500)
		? (unsigned)draw_between(draw, 1, 30)
		: 90;
	streams->first_ms = (unsigned)draw_between(draw, 1000, 30000);
	streams->message_ms = (unsigned)draw_between(draw, 5000, 20000);
	streams->write_ms = (unsigned)draw_between(draw, 2000, 10000);
	streams->draw = *draw;
}

void streams_begin(struct sim *sim)
{
	if (sim->streams != NULL)
		storm_begin(sim);
}

void streams_fini(struct sim *sim)
{
	if (sim->streams != NULL)
		stream_net_fini(&sim->streams->net);
	sim->streams = NULL;
}

static void lead_by_stream(
	const struct sim *sim, unsigned host, struct sip_config *config)
{
	struct memory *memory = (struct memory *)&sim->memory;

	for (size_t i = 0; i < config->aor_count; i++) {
		struct sip_aor_config *aor = (struct sip_aor_config *)&config->aor[i];
		const char **item;

		if (sim->cast.user[i].host == host)
			continue;
		item = memory_take(memory, sizeof(*item));
		*item = memory_format(memory, "%s;transport=tcp", aor->contact.item[0]);
		aor->contact = (struct sip_config_list){ item, 1 };
	}
}

void streams_configure(const struct sim *sim, unsigned host, struct sip_config *config)
{
	const struct streams *streams = sim->streams;
	struct sip_system_config *system = &config->system;

	if (streams == NULL)
		return;
	system->max_connections_per_source = streams->max_per_source;
	system->max_unsent_kib = streams->max_unsent_kib;
	system->first_message_timeout_ms = streams->first_ms;
	system->message_timeout_ms = streams->message_ms;
	system->write_timeout_ms = streams->write_ms;
	config->global.keep_alive_interval_s = streams->keep_alive_s;
	if (streams->trunk)
		lead_by_stream(sim, host, config);
}

void streams_open_port(struct host *host)
{
	struct sip_listener_config config = { .name = "streams", .kind = SIP_TCP };
	const struct sip_listener *listener;

	if (host->sim->streams == NULL)
		return;
	config.bind = host_addr(host->place);
	if (sip_transport_listen(host->server->transport, &config, &listener) != 0)
		sim_broken(host->sim, "server-works", (struct slice){ "", 0 },
			"server %s can't listen for connections",
			host->sim->cast.host[host->number].name);
}

static void check(struct host *host, const char *what, uint64_t found, uint64_t expected)
{
	if (found == expected)
		return;
	sim_broken(host->sim, "nothing-left", (struct slice){ "", 0 },
		"server %s has %llu %s, not %llu",
		host->sim->cast.host[host->number].name, (unsigned long long)found, what,
		(unsigned long long)expected);
}

void streams_check_empty(struct host *host)
{
	const struct sip_connections *connections;
	uint64_t parcels;
	unsigned sockets;

	if (host->sim->streams == NULL)
		return;
	connections = host->server->transport->connections;
	sockets = stream_descriptors(host->sim, host->number, false);
	parcels = sip_slab_live(connections->parcels);
	check(host, "connections", sip_slab_live(connections->slab), sockets);
	/* Keep-alives have no end. */
	if (!host->stopped && parcels > sockets)
		check(host, "parcels", parcels, sockets);
}

bool streams_wait(const struct host *host)
{
	return host->stopped && host->sim->streams != NULL &&
		sip_slab_live(host->server->transport->connections->parcels) > 0;
}

void streams_check_gone(struct host *host)
{
	if (host->sim->streams == NULL)
		return;
	check(host, "sockets of connections",
		stream_descriptors(host->sim, host->number, false), 0);
	check(host, "sockets that listen",
		stream_descriptors(host->sim, host->number, true), 0);
}

bool streams_is_mute(const struct sim *sim, struct place place)
{
	for (unsigned i = 0; i < CAST_HOSTS; i++) {
		if (sim->cast.host[i].place.ip == place.ip)
			return sim->host[i].mute;
	}
	return false;
}
