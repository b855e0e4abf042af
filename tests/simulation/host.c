/* SPDX-License-Identifier: BSD-2-Clause */
/* A server in a simulation: see host.h. */
#include "host.h"

#include "desk.h"
#include "host_config.h"
#include "host_modules.h"
#include "plant.h"
#include "sim.h"
#include "streams.h"

#include "res_sip/location.h"
#include "server/admission/admission.h"
#include "server/serving.h"

#include <errno.h>
#include <string.h>

static void fail(struct host *host, const char *what, const char *error)
{
	sim_broken(host->sim, "server-works", (struct slice){ "", 0 },
		"server %s: %s: %s", host->sim->cast.host[host->number].name, what,
		error);
}

static void on_sent(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	struct host *host = arg;
	struct place to = host_place(&flow->peer);
	struct slice bytes = { text.ptr, text.len };
	struct scarcity *before = scarcity_use(NULL);

	if (!host->mute && !plant_swallows(host->sim, bytes)) {
		if (host->pace.on)
			pace_send(host, to, bytes);
		else
			net_send(&host->sim->net, host->place, to, bytes);
		/* The last line of the ladder is what broke a rule. */
		watch_sent(host->sim->watch, host->number, to, bytes);
	}
	scarcity_use(before);
}

void host_enter(struct host *host)
{
	ast_sip_set_server(host->server);
	scarcity_use(&host->scarcity);
}

void host_leave(void)
{
	scarcity_use(NULL);
}

bool host_starves(const struct host *host)
{
	return host->scarcity.failed_us == host->sim->now_us;
}

static void on_received(void *arg, struct place from, struct slice text)
{
	struct host *host = arg;
	struct sim *sim = host->sim;
	struct sip_addr peer = host_addr(from);
	unsigned reactor = (unsigned)draw_below(
		&sim->draw, sim->cast.host[host->number].reactors);
	int result;

	if (!host->pace.on)
		watch_received(sim->watch, host->number, from, text, sim->now_us);
	else if (!pace_arrive(host, from, text))
		return;
	host_enter(host);
	result = sip_transport_inject(host->server->transport, host->listener, &peer,
		(struct sip_str){ text.at, text.len }, reactor);
	host_leave();
	if (result != 0 && !host_starves(host))
		fail(host, "a datagram arrives", "no memory");
}

static void on_refused(void *arg, struct place to, struct slice text)
{
	struct host *host = arg;
	struct sip_flow flow = { .peer = host_addr(to) };

	watch_refused_there(host->sim->watch, host->number, text);
	host_enter(host);
	sip_receive_failed(
		host->server, &flow, (struct sip_str){ text.at, text.len }, ECONNREFUSED);
	host_leave();
}

static void configure(
	struct host *host, struct sip_config *config, const struct cast_user *without)
{
	struct sim *sim = host->sim;

	host_configure(config, &sim->cast, host->number, without, &sim->memory);
	streams_configure(sim, host->number, config);
	if (sim->blocking[host->number].on)
		config->system.servants_max = sim->blocking[host->number].servants_max;
}

static void create_server(struct host *host)
{
	struct sim *sim = host->sim;
	char error[SIP_SERVER_ERROR_LEN] = "";
	struct sip_config config;

	configure(host, &config, host->without);
	if (sip_server_create_simulated(&config,
		    &(struct sip_server_simulation){ .clock = &host->clock,
			    .seed = draw_u64(&host->draw),
			    .reactors = sim->cast.host[host->number].reactors,
			    .spare_threads = blocking_begin(host) },
		    &host->server, error) != 0)
		fail(host, "create", error);
}

static void open_port(struct host *host)
{
	struct sip_listener_config listener = { .name = "net", .kind = SIP_UDP };

	listener.bind = host_addr(host->place);
	if (sip_transport_listen_memory(host->server->transport, &listener, on_sent, host,
		    &host->listener) != 0)
		fail(host, "listen", "no memory");
}

void host_start(struct host *host)
{
	struct net *net = &host->sim->net;
	char error[SIP_SERVER_ERROR_LEN] = "";

	create_server(host);
	if (host->keeps_keys)
		memcpy(host->server->route_key, host->route_key, sizeof(host->route_key));
	open_port(host);
	streams_open_port(host);
	ast_sip_set_server(host->server);
	host_load_modules(host);
	desk_open(host);
	if (sip_server_start(host->server, error) != 0)
		fail(host, "start", error);
	net_attach(net, host->place, on_received, host);
	net_on_refusal(net, host->place, on_refused);
}

void host_create(struct host *host, struct sim *sim, unsigned number)
{
	*host = (struct host){
		.sim = sim, .number = number, .place = sim->cast.host[number].place
	};
	host->scarcity.now_us = &sim->now_us;
	host->scarcity.memory = &sim->memory;
	draw_init(&host->draw, sim->options.seed, sim->cast.host[number].name);
	sip_clock_init_virtual(&host->clock);
	host_start(host);
	plant_begin(host);
}

void host_stop(struct host *host, bool orderly, bool refuses)
{
	struct net *net = &host->sim->net;

	memcpy(host->route_key, host->server->route_key, sizeof(host->route_key));
	host->mute = !orderly;
	host_destroy(host);
	host->mute = false;
	pace_stop(host);
	net_attach(net, host->place, NULL, NULL);
	if (refuses)
		net_refuse(net, host->place);
	watch_forget_server(host->sim->watch, host->number);
}

void host_is_restless(struct host *host)
{
	sim_broken(host->sim, "quiet-in-the-end", (struct slice){ "", 0 },
		"server %s is never done", host->sim->cast.host[host->number].name);
}

static bool step_once(struct host *host)
{
	bool any = sip_pool_step_once(host->server->pool);

	return blocking_run(host) || any;
}

bool host_step(struct host *host)
{
	unsigned rounds = 0;

	if (host->server == NULL)
		return false;
	if (host->pace.on)
		return pace_step(host);
	host_enter(host);
	while (step_once(host)) {
		if (++rounds == HOST_ROUNDS_MOST)
			host_is_restless(host);
	}
	host_leave();
	return rounds > 0;
}

uint64_t host_next_us(const struct host *host)
{
	uint64_t now_us = sip_clock_now_us(&host->clock);
	uint64_t next_us = SIP_NEVER;
	uint64_t round_us = NEVER;

	if (host->server != NULL)
		next_us = sip_pool_next_deadline_us(host->server->pool);
	if (host->server != NULL && host->pace.on)
		round_us = pace_next_us(host);
	if (next_us == SIP_NEVER || round_us != NEVER)
		return round_us;
	return host->sim->now_us + (next_us > now_us ? next_us - now_us : 0);
}

void host_forward(struct host *host, uint64_t us)
{
	sip_clock_forward_us(&host->clock, us);
}

void host_reload(struct host *host, const struct cast_user *without)
{
	struct sim *sim = host->sim;
	char error[SIP_SERVER_ERROR_LEN] = "";
	struct sip_config config;
	int result = 0;

	configure(host, &config, without);
	/* One that is away reads it when it comes back. */
	if (host->server != NULL) {
		host_enter(host);
		result = sip_server_reload(host->server, &config, NULL, error);
		host_leave();
	}
	/* Nothing was changed. */
	if ((result == SIP_EMEMORY && host_starves(host)) ||
		(result == SIP_ESTATE && host->module[HOST_AUTHENTICATOR] == NULL))
		return;
	if (result != 0)
		fail(host, "reload", error);
	host->without = without;
	if (host->changed_us < sim->now_us)
		host->changed_us = sim->now_us;
	if (without != NULL)
		host->was_without[without - sim->cast.user] = true;
}

void host_step_wall(struct host *host, int64_t us)
{
	host->clock.wall_offset_us += (uint64_t)us;
	host->step[host->steps++] = (struct host_step){
		.at_us = host->sim->now_us,
		.by_us = us,
	};
	/* A nonce of the time to come is none until then. */
	if (host->changed_us < host->sim->now_us)
		host->changed_us = host->sim->now_us;
	if (us < 0)
		host->changed_us += (uint64_t)-us;
}

static void check_zero(struct host *host, const char *what, uint64_t count)
{
	if (count == 0)
		return;
	sim_broken(host->sim, "nothing-left", (struct slice){ "", 0 },
		"server %s has %llu %s left", host->sim->cast.host[host->number].name,
		(unsigned long long)count, what);
}

static uint64_t places_taken(struct sip_server *server)
{
	struct sip_admission_figures figures;

	sip_admission_look(server->admission, &figures);
	return figures.in_works;
}

void host_check_empty(struct host *host)
{
	struct sip_server *server = host->server;

	check_zero(host, "transactions", sip_txns_count(server->txns));
	check_zero(host, "calls", sip_calls_count(server->calls));
	check_zero(host, "dialogs", sip_slab_live(server->dialog_slab));
	check_zero(host, "calls of its desk", desk_calls(host));
	check_zero(host, "branches", sip_slab_live(server->branch_slab));
	check_zero(host, "places taken", places_taken(server));
	/* Some may wait for connections, which a server that stops has still. */
	if (!streams_wait(host))
		check_zero(host, "messages to send", sip_slab_live(server->tx_slab));
	check_zero(host, "received messages", sip_slab_live(server->rx_slab));
	streams_check_empty(host);
}

void host_destroy(struct host *host)
{
	if (host->server == NULL)
		return;
	host_enter(host);
	host->stopping = true;
	sip_server_stop(host->server);
	host->stopping = false;
	host->stopped = true;
	host_check_empty(host);
	host->stopped = false;
	desk_close(host);
	host_unload_modules(host);
	sip_server_destroy(&host->server);
	host_leave();
	streams_check_gone(host);
	blocking_end(host);
}

size_t host_contacts(
	struct host *host, const char *aor, struct host_contact *contact, size_t room)
{
	uint64_t now_us = sip_clock_now_us(&host->clock);
	struct ast_sip_contacts found;
	size_t count = 0;

	if (host->server == NULL)
		return 0;
	ast_sip_set_server(host->server);
	if (ast_sip_location_find(aor, &found) != 0)
		fail(host, "find contacts", "no memory");
	for (size_t i = 0; i < found.count; i++) {
		const struct ast_sip_contact *at = found.contact[i];

		if (at->flow.listener == 0 || count == room)
			continue;
		contact[count].place = stream_who(host_place(&at->flow.peer));
		contact[count].expires_us = host->sim->now_us + at->expires_at_us -
			now_us;
		count++;
	}
	ast_sip_contacts_release(&found);
	return count;
}
