/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reload: new settings are built aside, whole, and published by one pointer.
 *
 *     settings --> listeners bound --> static contacts --> published --> listeners
 *     ------------- any of these can fail, and is undone ---------- opened, drained
 *
 * What is found by name (bindings, transactions, nonces) is not touched; endpoints
 * that did not change are the same objects.  Nothing here is in the way of a request:
 * the old settings are freed on rcu's thread.
 *
 * Threads: any but the pool's, one at a time by the reload_mutex.
 */
#include "base/heap.h"
#include "server/auth/nonce.h"
#include "server/contacts/static_contacts.h"
#include "server/modules/registry.h"
#include "server/serving.h"
#include "server/settings/endpoint_object.h"
#include "server/settings/limits.h"
#include "server/settings/listeners.h"
#include "server/settings/restart.h"

#include "res_sip/log.h"

#include <stdio.h>

struct reload {
	struct sip_server *server;
	struct sip_snapshot *before; /* counted: the settings it is compared with */
	struct sip_settings *after;
	struct sip_listener_plan *listeners;
	struct sip_limits *limits; /* NULL: they stay */
	const struct sip_config *config;
	const struct sip_reload_sink *sink;
};

static void say(const struct reload *reload, enum sip_log_level level, const char *line)
{
	sip_log(level, "reload", "%s", line);
	if (reload->sink != NULL && reload->sink->line != NULL)
		reload->sink->line(reload->sink->arg, level, line);
}

static void say_notice(void *arg, const char *line)
{
	say(arg, SIP_LOG_NOTICE, line);
}

static void say_warning(void *arg, const char *line)
{
	say(arg, SIP_LOG_WARNING, line);
}

/* Steps that can fail, in order; what was done is undone by give_up(). */
static int prepare(struct reload *reload, char *error)
{
	struct sip_server *server = reload->server;
	const struct sip_settings *before = reload->before->settings;
	int result = sip_settings_create(reload->config, before, &reload->after, error);

	if (result == 0)
		result = sip_restart_options_keep(before, reload->after);
	if (result == 0)
		result = sip_limits_prepare(
			server, &reload->after->global, &reload->limits);
	if (result == 0)
		result = sip_listeners_plan(
			server->listeners, reload->after, &reload->listeners, error);
	if (result == 0)
		result = sip_static_contacts_change(server, before, reload->after);
	return result;
}

static void give_up(struct reload *reload)
{
	sip_listeners_give_up(&reload->listeners);
	sip_limits_destroy(&reload->limits);
	sip_settings_unref(&reload->after);
}

/* How endpoints differ, by their names and by what they mean: one whose lines have moved
 * is an object of its own, for `explain` names them, and has not changed for anybody. */
static void say_counts(const struct reload *reload)
{
	const struct sip_settings *before = reload->before->settings;
	const struct sip_settings *after = reload->after;
	size_t same = 0;
	size_t changed = 0;
	char line[SIP_SERVER_ERROR_LEN];

	for (size_t i = 0; i < after->endpoint_count; i++) {
		const struct ast_sip_endpoint *was = sip_names_find(
			&before->endpoints, sip_str_of(after->endpoint[i]->options.name));

		if (was == NULL)
			continue;
		if (sip_endpoint_means_the_same(was, after->endpoint[i]))
			same++;
		else
			changed++;
	}
	snprintf(line, sizeof(line),
		"endpoints: %zu (%zu new, %zu changed, %zu gone), AORs: %zu",
		after->endpoint_count, after->endpoint_count - same - changed, changed,
		before->endpoint_count - same - changed, after->aor_count);
	say(reload, SIP_LOG_NOTICE, line);
}

/* From here on nothing fails. */
static void finish(struct reload *reload)
{
	struct sip_server *server = reload->server;
	const struct sip_settings *before = reload->before->settings;

	sip_limits_use(server, &reload->limits);
	sip_nonces_set_lifetime(server->nonces, reload->after->global.nonce_lifetime_s);
	sip_transport_set_keep_alive(
		server->transport, reload->after->global.keep_alive_interval_s * 1000);
	sip_location_set_max(server->location, reload->after->system.max_contacts);
	sip_listeners_commit(&reload->listeners, say_notice, reload);
	sip_restart_options_tell(server, before, reload->config, say_warning, reload);
	sip_static_contacts_tell_gone(server, before, reload->after, say_notice, reload);
	say_counts(reload);
}

static int run(struct reload *reload, char *error)
{
	int result = prepare(reload, error);

	if (result == 0) {
		result = sip_registry_take_settings(reload->server, reload->after, error);
		if (result != 0)
			sip_static_contacts_undo(
				reload->server, reload->before->settings, reload->after);
	}
	if (result == 0)
		finish(reload);
	else
		give_up(reload);
	return result;
}

void sip_release_memory(void)
{
	SIP_ASSERT(ast_sip_current_work() == NULL);
	sip_rcu_barrier();
	sip_heap_trim();
}

int sip_server_reload(struct sip_server *server, const struct sip_config *config,
	const struct sip_reload_sink *sink, char *error)
{
	struct reload reload = { .server = server, .config = config, .sink = sink };
	int result;

	SIP_ASSERT(ast_sip_current_work() == NULL);
	error[0] = '\0';
	pthread_mutex_lock(&server->reload_mutex);
	reload.before = sip_snapshot_take(server);
	atomic_store(&server->reloading, true);
	result = run(&reload, error);
	atomic_store(&server->reloading, false);
	sip_snapshot_unref(&reload.before);
	sip_settings_unref(&reload.after);
	pthread_mutex_unlock(&server->reload_mutex);
	if (result != 0 && error[0] == '\0')
		snprintf(error, SIP_SERVER_ERROR_LEN, "%s", sip_error_text(result));
	if (result != 0)
		sip_log(SIP_LOG_ERROR, "reload", "nothing was changed: %s", error);
	return result;
}
