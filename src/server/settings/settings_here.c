/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options as modules see them, and for how long (docs/decisions/020).
 *
 * While a request is served its own settings hold them, for nothing.  Elsewhere the
 * thread holds the settings that it was shown: to the end of the turn in which it
 * asked, so that a task sees one set of them; on a thread that has no turn until it
 * asks again, or ends.
 *
 * Threads: any.
 */
#include "server/settings/settings_here.h"

#include "server/serving.h"
#include "server/settings/emergency.h"

#include "res_sip/endpoint.h"

static _Thread_local struct sip_settings *held; /* counted; NULL: none */
static _Thread_local bool of_turn;              /* asked for in the turn that runs */

/* Gives back what a thread holds when it ends. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;

static void release(void)
{
	of_turn = false;
	sip_settings_unref(&held);
}

static void release_at_thread_end(void *arg)
{
	SIP_ASSERT(arg == &held);
	release();
}

static void create_key(void)
{
	SIP_ASSERT(pthread_key_create(&thread_end, release_at_thread_end) == 0);
}

void ast_sip_release_options(void)
{
	if (ast_sip_current_work() == NULL)
		release();
}

static void hold_current(struct sip_server *server)
{
	struct sip_settings *settings;

	sip_rcu_read_begin();
	settings = sip_rcu_read(&server->snapshot)->settings;
	if (settings != held)
		sip_settings_ref(settings);
	sip_rcu_read_end();
	if (settings == held)
		return;
	release();
	held = settings;
}

static const struct sip_settings *settings_of_turn(struct sip_server *server)
{
	/* What is held from before the turn may be of long ago. */
	if (!of_turn) {
		hold_current(server);
		of_turn = true;
		sip_turn_at_end(release);
	}
	return held;
}

static const struct sip_settings *settings_of_thread(struct sip_server *server)
{
	hold_current(server);
	SIP_ASSERT(pthread_once(&once, create_key) == 0);
	SIP_ASSERT(pthread_setspecific(thread_end, &held) == 0);
	return held;
}

const struct sip_settings *sip_settings_here(struct sip_server *server)
{
	struct sip_rx_data *rdata = ast_sip_current_request();

	if (rdata != NULL && rdata->serving != NULL)
		return rdata->serving->snapshot->settings;
	return ast_sip_current_work() != NULL ? settings_of_turn(server)
					      : settings_of_thread(server);
}

/* A request has both at hand.  NULL: there is no server. */
static const struct sip_settings *settings_and_server(struct sip_server **server)
{
	struct sip_rx_data *rdata = ast_sip_current_request();

	if (SIP_LIKELY(rdata != NULL && rdata->serving != NULL)) {
		*server = rdata->server;
		return rdata->serving->snapshot->settings;
	}
	*server = sip_server_here();
	return *server != NULL ? sip_settings_here(*server) : NULL;
}

bool ast_sip_uri_is_emergency(const struct sip_uri *uri)
{
	struct sip_server *server;
	const struct sip_settings *settings = settings_and_server(&server);

	return settings != NULL && sip_uri_is_emergency(server, settings, uri);
}

bool ast_sip_uri_is_ours(const struct sip_uri *uri)
{
	struct sip_server *server;
	const struct sip_settings *settings = settings_and_server(&server);

	return settings != NULL && sip_uri_ours(server, settings, uri);
}

struct sip_str ast_sip_domain_of(struct sip_str host)
{
	struct sip_server *server;
	const struct sip_settings *settings = settings_and_server(&server);

	return settings != NULL ? sip_settings_domain(settings, host) : host;
}

const struct sip_aor_config *ast_sip_aor_of_uri(const struct sip_uri *uri)
{
	struct sip_server *server;
	const struct sip_settings *settings = settings_and_server(&server);

	return settings != NULL ? sip_settings_aor(settings, uri) : NULL;
}

const struct sip_aor_config *ast_sip_aor_find(const char *name)
{
	struct sip_server *server;
	const struct sip_settings *settings = settings_and_server(&server);

	return settings != NULL ? sip_names_find(&settings->aors, sip_str_of(name))
				: NULL;
}

bool ast_sip_endpoints_have_domains(void)
{
	struct sip_server *server;
	const struct sip_settings *settings = settings_and_server(&server);

	return settings != NULL && settings->endpoints.has_at;
}

const struct sip_global_config *ast_sip_global_options(void)
{
	struct sip_server *server;
	const struct sip_settings *settings = settings_and_server(&server);

	return settings != NULL ? &settings->global : NULL;
}

const struct sip_system_config *ast_sip_system_options(void)
{
	struct sip_server *server;
	const struct sip_settings *settings = settings_and_server(&server);

	return settings != NULL ? &settings->system : NULL;
}
