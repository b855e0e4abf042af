/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server's life: created from a configuration, bound, started, stopped.
 *
 * Threads: one, as res_sip/server.h says.  Elsewhere: the path of a message
 * (receive.c), the registries (registry.c), what the console sees (show.c).
 */
#include "server/server.h"

#include "res_sip/endpoint.h"
#include "res_sip/log.h"

#include "server/admission/admission.h"
#include "server/admission/sources.h"
#include "server/auth/nonce.h"
#include "server/contacts/moves.h"
#include "server/contacts/qualify.h"
#include "server/contacts/static_contacts.h"
#include "server/dialogs/leg.h"
#include "server/message/request_branch.h"
#include "server/modules/registry.h"
#include "server/proxy/record_route.h"
#include "server/serving.h"
#include "server/settings/key_file.h"
#include "server/settings/limits.h"
#include "server/settings/listeners.h"
#include "server/show/trace.h"
#include "server/targets/lookup.h"

#include <stdio.h>
#include <stdlib.h>

static int say(char *error, int result, const char *what)
{
	snprintf(error, SIP_SERVER_ERROR_LEN, "%s: %s", what, sip_error_text(result));
	return result;
}

static void log_contact(void *arg, const char *aor, const struct ast_sip_contact *contact,
	const char *what)
{
	char peer[SIP_ADDR_TEXT_LEN];

	(void)arg;
	if (!sip_log_enabled(SIP_LOG_INFO))
		return;
	sip_log(SIP_LOG_INFO, "location", "contact %s aor=%s uri=%.*s source=%s", what,
		aor, SIP_STR_ARG(contact->uri), sip_addr_text(&contact->flow.peer, peer));
}

static int create_pool(struct sip_server *server, const struct sip_system_config *system,
	const struct sip_server_simulation *simulation)
{
	struct sip_pool_config config;

	sip_pool_config_init(&config);
	config.servants = simulation ? simulation->reactors : system->servants;
	config.servants_max = system->servants_max;
	config.stepped = simulation != NULL;
	config.spare_threads = simulation ? simulation->spare_threads : NULL;
	config.pin_cores = system->pin_cores;
	config.clock = server->clock_used;
	config.random = &server->random;
	config.counters = server->counters;
	return sip_pool_create(&config, &server->pool);
}

/* Half of it for messages in their slabs, half for what does not fit into them. */
static uint64_t received_bytes(const struct sip_system_config *system)
{
	return system->max_received_memory_mib * UINT64_C(1048576);
}

static const struct sip_msg_limits *limits_of(void *arg)
{
	return sip_limits_of(SIP_CAST(sip_server, arg));
}

static void lose_contacts(
	void *arg, const struct sip_flow *flow, const uint64_t *mark, unsigned count)
{
	struct sip_server *server = SIP_CAST(sip_server, arg);

	for (unsigned i = 0; i < count; i++)
		sip_location_lose(server->location, flow, mark[i]);
}

static int create_transport(
	struct sip_server *server, const struct sip_system_config *system)
{
	struct sip_transport_config config = {
		.pool = server->pool,
		.counters = server->counters,
		.rx_slab = server->rx_slab,
		.max_large_bytes = received_bytes(system) / 2,
		.tx_slab = server->tx_slab,
		.random = &server->random,
		.user = {
			.arg = server,
			.limits = limits_of,
			.received = sip_receive,
			.failed = sip_receive_failed,
			.ended = lose_contacts,
			.traced = sip_trace_message,
		},
	};

	config.streams = (struct sip_stream_config){
		.max_connections = system->max_connections,
		.max_per_source = system->max_connections_per_source,
		.max_handshakes_per_source = system->max_handshakes_per_source,
		.connect_ms = system->connect_timeout_ms,
		.first_ms = system->first_message_timeout_ms,
		.message_ms = system->message_timeout_ms,
		.write_ms = system->write_timeout_ms,
		.idle_ms = system->idle_timeout_ms,
		.ping_ms = system->websocket_ping_ms,
		.queue_bytes = system->max_unsent_kib * 1024,
	};
	return sip_transport_create(&config, &server->transport);
}

static void note_move(void *arg, const char *aor, const struct sip_flow *before,
	const struct sip_flow *now)
{
	struct sip_server *server = SIP_CAST(sip_server, arg);

	sip_moves_note(
		server->moves, sip_route_who(server, sip_str_of(aor)), before, now);
}

static bool tie_contact(void *arg, const struct sip_flow *flow, uint64_t mark)
{
	/* Out of memory: it stays for as long as it was registered. */
	return sip_transport_mark(SIP_CAST(sip_server, arg)->transport, flow, mark) !=
		SIP_ENOTFOUND;
}

static int create_location(
	struct sip_server *server, const struct sip_system_config *system)
{
	struct sip_location_config config = {
		.pool = server->pool,
		.clock = server->clock_used,
		.random = &server->random,
		.max_contacts = system->max_contacts,
		.t1_ms = system->timer_t1_ms,
		.changed = log_contact,
		.changed_arg = server,
		.moved = note_move,
		.tie = tie_contact,
		.moved_arg = server,
		.ask = sip_qualify,
		.ask_arg = server,
	};

	return sip_location_create(&config, &server->location);
}

static int create_slabs(struct sip_server *server, const struct sip_system_config *system)
{
	server->counters = sip_counters_create();
	server->rx_slab = sip_slab_create("received messages", SIP_RX_SLAB_LEN,
		received_bytes(system) / 2 / SIP_RX_SLAB_LEN);
	server->tx_slab = sip_slab_create("messages to send", SIP_TX_SLAB_LEN, 0);
	server->branch_slab = sip_slab_create("branches", sip_request_branch_size(), 0);
	server->dialog_slab = sip_slab_create("dialogs", sip_leg_size(), 0);
	if (server->counters == NULL || server->rx_slab == NULL ||
		server->tx_slab == NULL || server->branch_slab == NULL ||
		server->dialog_slab == NULL)
		return SIP_EMEMORY;
	return 0;
}

/* The configuration's own is gone when a reload compares with it. */
static int remember_cores(struct sip_server *server, const int *cores)
{
	size_t size = sip_pool_reactor_count(server->pool) * sizeof(*cores);

	if (cores == NULL)
		return 0;
	server->pin_cores = malloc(size);
	if (server->pin_cores == NULL)
		return SIP_EMEMORY;
	memcpy(server->pin_cores, cores, size);
	return 0;
}

/* Everything that stands on the pool, from the ground up. */
static int create_layers(struct sip_server *server, const struct sip_config *config,
	const struct sip_server_simulation *simulation)
{
	int result = create_pool(server, &config->system, simulation);

	if (result == 0)
		result = create_transport(server, &config->system);
	if (result == 0)
		result = sip_lookups_create(server, config, simulation != NULL,
			simulation != NULL ? simulation->dns : NULL, &server->lookups);
	if (result == 0)
		result = sip_calls_create(server->pool, &server->random, &server->calls);
	if (result == 0)
		sip_calls_on_end(server->calls, sip_legs_stop);
	if (result == 0)
		result = sip_txns_create(server->calls, server->transport,
			server->counters, &server->timing,
			config->system.max_transactions, &server->txns);
	if (result == 0)
		result = sip_moves_create(&server->moves);
	if (result == 0)
		result = create_location(server, &config->system);
	if (result == 0)
		result = sip_nonces_create(&server->random, config->auth_count,
			config->global.nonce_lifetime_s, config->system.timer_b_ms,
			&server->nonces);
	if (result == 0)
		result = sip_sources_create(&server->random, &server->sources);
	if (result == 0)
		result = sip_admission_create(server, &server->admission);
	if (result == 0)
		result = sip_trace_create(server, &server->trace);
	if (result == 0)
		result = sip_listeners_create(server, &server->listeners);
	if (result == 0)
		result = remember_cores(server, config->system.pin_cores);
	return result;
}

static int create_snapshot(
	struct sip_server *server, const struct sip_config *config, char *error)
{
	struct sip_settings *settings = NULL;
	struct sip_snapshot *snapshot = NULL;
	int result = sip_settings_create(config, NULL, &settings, error);

	if (result == 0)
		result = sip_snapshot_create(settings, &snapshot);
	if (result == 0) {
		sip_transport_set_keep_alive(
			server->transport, settings->global.keep_alive_interval_s * 1000);
		sip_rcu_publish(&server->snapshot, snapshot);
		atomic_store(&server->filters, settings->filters);
		result = sip_static_contacts_change(server, NULL, settings);
	}
	sip_settings_unref(&settings);
	return result;
}

static int take_options(struct sip_server *server, const struct sip_config *config)
{
	const struct sip_system_config *system = &config->system;
	struct sip_limits *limits;
	int result = sip_limits_prepare(server, &config->global, &limits);

	server->timing = (struct sip_txn_timing){
		.t1_ms = system->timer_t1_ms,
		.t2_ms = system->timer_t2_ms,
		.t4_ms = system->timer_t4_ms,
		.timer_b_ms = system->timer_b_ms,
		.timer_d_ms = 32000,
	};
	if (result == 0)
		sip_limits_use(server, &limits);
	return result;
}

int sip_server_create_simulated(const struct sip_config *config,
	const struct sip_server_simulation *simulation, struct sip_server **out,
	char *error)
{
	struct sip_server *server = calloc(1, sizeof(*server));
	int result;

	error[0] = '\0';
	if (server == NULL)
		return say(error, SIP_EMEMORY, "server");
	server->magic = sip_server_MAGIC;
	pthread_mutex_init(&server->registry_mutex, NULL);
	pthread_mutex_init(&server->reload_mutex, NULL);
	sip_list_init(&server->modules);
	sip_leaf_lock_init(&server->unsent_lock);
	sip_list_init(&server->unsent);
	server->program_site = (struct sip_call_site){ .module = "program",
		.what = "on_response" };
	sip_clock_init_real(&server->clock);
	server->clock_used = simulation ? simulation->clock : &server->clock;
	server->started_ms = sip_clock_wall_us(server->clock_used) / 1000;
	if (simulation)
		sip_random_init_seed(&server->random, simulation->seed);
	else
		sip_random_init(&server->random);
	sip_random_bytes(&server->random, &server->tag_key, sizeof(server->tag_key));
	sip_random_bytes(&server->random, &server->loop_key, sizeof(server->loop_key));
	result = take_options(server, config);
	if (result == 0)
		result = create_slabs(server, &config->system);
	if (result == 0)
		result = create_layers(server, config, simulation);
	if (result == 0)
		result = create_snapshot(server, config, error);
	if (result == 0)
		result = sip_key_file_load(server, config->global.key_file, error);
	if (result != 0) {
		sip_server_destroy(&server);
		return error[0] != '\0' ? result : say(error, result, "server");
	}
	sip_server_enlist(server);
	*out = server;
	return 0;
}

int sip_server_create(
	const struct sip_config *config, struct sip_server **server, char *error)
{
	return sip_server_create_simulated(config, NULL, server, error);
}

int sip_server_bind(struct sip_server *server, char *error)
{
	const struct sip_settings *settings = sip_rcu_read(&server->snapshot)->settings;
	int result;

	SIP_ASSERT(!server->bound);
	result = sip_listeners_bind(server->listeners, settings, error);
	server->bound = result == 0;
	return result;
}

int sip_server_start(struct sip_server *server, char *error)
{
	const struct sip_snapshot *snapshot = sip_rcu_read(&server->snapshot);
	int result;

	SIP_ASSERT(!server->serving);
	if (sip_snapshot_authenticator(snapshot) == NULL &&
		snapshot->settings->global.authentication)
		return sip_no_authenticator(error);
	result = sip_pool_start(server->pool);
	if (result != 0)
		return say(error, result, "threads");
	pthread_mutex_lock(&server->registry_mutex);
	server->serving = true;
	pthread_mutex_unlock(&server->registry_mutex);
	sip_registry_start(server);
	return 0;
}

void sip_server_stop(struct sip_server *server)
{
	if (!server->serving)
		return;
	sip_registry_stop(server);
	pthread_mutex_lock(&server->registry_mutex);
	server->serving = false;
	pthread_mutex_unlock(&server->registry_mutex);
	/* What comes from now on is dropped; what goes on is ended in its turn. */
	atomic_store(&server->stopping, true);
	sip_calls_end(server->calls);
	sip_txns_end(server->txns);
	sip_lookups_stop(server->lookups);
	sip_pool_stop(server->pool);
	/* Nobody who has made one and is about to use it runs any more. */
	sip_unsent_stop(server);
	SIP_IGNORE(sip_pool_step(server->pool));
	atomic_store(&server->ended, true);
	sip_registry_clear(server);
}

void sip_server_destroy(struct sip_server **place)
{
	struct sip_server *server = *place;
	struct sip_snapshot *snapshot;
	struct sip_limits *limits;

	*place = NULL;
	if (server == NULL)
		return;
	SIP_ASSERT(!server->serving);
	ast_sip_release_options();
	sip_unsent_drop(server);
	pthread_mutex_lock(&server->registry_mutex);
	atomic_store(&server->destroyed, true);
	pthread_mutex_unlock(&server->registry_mutex);
	snapshot = sip_rcu_read(&server->snapshot);
	sip_snapshot_unref(&snapshot);
	sip_registry_settle(server);
	sip_modules_forget(server);
	sip_server_delist(server);
	sip_listeners_destroy(&server->listeners);
	sip_trace_destroy(&server->trace);
	sip_admission_destroy(&server->admission);
	sip_sources_destroy(&server->sources);
	sip_nonces_destroy(&server->nonces);
	sip_moves_destroy(&server->moves);
	sip_location_destroy(&server->location);
	sip_txns_destroy(&server->txns);
	sip_calls_destroy(&server->calls);
	sip_transport_destroy(&server->transport);
	sip_lookups_destroy(&server->lookups);
	sip_pool_destroy(&server->pool);
	sip_rcu_barrier();
	sip_slab_destroy(&server->dialog_slab);
	sip_slab_destroy(&server->branch_slab);
	sip_slab_destroy(&server->tx_slab);
	sip_slab_destroy(&server->rx_slab);
	sip_counters_destroy(&server->counters);
	limits = atomic_load(&server->limits);
	sip_limits_destroy(&limits);
	free(server->pin_cores);
	sip_leaf_lock_fini(&server->unsent_lock);
	pthread_mutex_destroy(&server->registry_mutex);
	free(server);
}

int sip_server_address(
	const struct sip_server *server, const char *name, struct sip_addr *addr)
{
	const struct sip_listener *listener = sip_listener_named(server->transport, name);

	if (listener == NULL)
		return SIP_ENOTFOUND;
	*addr = listener->bound;
	return 0;
}
