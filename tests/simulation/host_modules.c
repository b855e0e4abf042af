/* SPDX-License-Identifier: BSD-2-Clause */
/* The modules of a server in a simulation: see host_modules.h. */
#include "host_modules.h"

#include "module_copies.h"
#include "sim.h"

#include "base/rcu.h"

/* More than the steps that an end has. */
#define BARRIERS_MAX 50

static const char *const names[HOST_MODULES] = {
	[HOST_IDENTIFIER_IP] = "res_sip_endpoint_identifier_ip",
	[HOST_IDENTIFIER_USER] = "res_sip_endpoint_identifier_user",
	[HOST_IDENTIFIER_ANONYMOUS] = "res_sip_endpoint_identifier_anonymous",
	[HOST_AUTHENTICATOR] = "res_sip_authenticator_digest",
	[HOST_OPTIONS] = "res_sip_options",
	[HOST_REGISTRAR] = "res_sip_registrar",
	[HOST_PROXY] = "res_sip_proxy",
};

static void fail(struct host *host, enum host_module which, const char *error)
{
	sim_broken(host->sim, "server-works", (struct slice){ "", 0 },
		"server %s: %s: %s", host->sim->cast.host[host->number].name,
		names[which], error);
}

static struct sip_module_source source_of(
	struct module_copy *copy, enum host_module which)
{
	return (struct sip_module_source){ .file = module_copy_file(copy),
		.rank = which,
		.released = module_copy_released,
		.arg = copy };
}

static int add(struct host *host, enum host_module which, char *error)
{
	struct module_copy *copy = module_copy_take(names[which]);
	struct sip_module_source source = source_of(copy, which);
	int result = sip_server_add_module(host->server, &source, error);

	if (result == 0) {
		host->module[which] = copy;
		host->present_us[which] = host->sim->now_us;
	}
	return result;
}

bool host_add_module(struct host *host, enum host_module which)
{
	char error[SIP_SERVER_ERROR_LEN] = "";
	int result = 0;

	if (host->module[which] != NULL)
		return true;
	host_enter(host);
	result = add(host, which, error);
	host_leave();
	if (result != 0 && !host_starves(host))
		fail(host, which, error);
	return result == 0;
}

void host_load_modules(struct host *host)
{
	for (unsigned i = 0; i < HOST_MODULES; i++) {
		char error[SIP_SERVER_ERROR_LEN] = "";

		if (add(host, (enum host_module)i, error) != 0)
			fail(host, (enum host_module)i, error);
	}
}

void host_unload_modules(struct host *host)
{
	for (unsigned i = HOST_MODULES; i-- > 0;) {
		if (host->module[i] != NULL)
			sip_server_unload_module(
				host->server, module_copy_file(host->module[i]));
		host->module[i] = NULL;
	}
}

void host_replace_module(struct host *host, enum host_module which)
{
	char error[SIP_SERVER_ERROR_LEN] = "";
	struct sip_module_source source;
	struct module_copy *copy;
	int result;

	if (host->module[which] == NULL)
		return;
	copy = module_copy_take(names[which]);
	source = source_of(copy, which);
	host_enter(host);
	result = sip_server_replace_module(host->server, &source, error);
	host_leave();
	if (result == 0)
		host->module[which] = copy;
	else if (!host_starves(host))
		fail(host, which, error);
}

static void note_gone(struct host *host, enum host_module which)
{
	host->module[which] = NULL;
	host->gone_us[which] = host->sim->now_us;
	/* Whom nobody knows fails to prove who he is. */
	for (unsigned i = 0; which == HOST_IDENTIFIER_USER && i < CAST_USERS_MAX; i++)
		host->was_without[i] = true;
}

void host_remove_module(struct host *host, enum host_module which)
{
	char error[SIP_SERVER_ERROR_LEN] = "";
	int result;

	if (host->module[which] == NULL)
		return;
	host_enter(host);
	result = sip_server_remove_module(host->server, names[which], error);
	host_leave();
	if (which != HOST_AUTHENTICATOR && result != 0 && !host_starves(host))
		fail(host, which, error);
	if (which == HOST_AUTHENTICATOR && result != SIP_ESTATE)
		sim_broken(host->sim, "authenticator-stays", (struct slice){ "", 0 },
			"server %s: the only authenticator was unloaded",
			host->sim->cast.host[host->number].name);
	if (result == 0)
		note_gone(host, which);
}

void host_drop_module(struct host *host, enum host_module which)
{
	if (host->module[which] == NULL)
		return;
	host_enter(host);
	sip_server_unload_module(host->server, module_copy_file(host->module[which]));
	host_leave();
	/* What is tried again after a grace period is done at this instant, too. */
	if (host_starves(host))
		sip_rcu_barrier();
	note_gone(host, which);
}

void host_check_modules(struct host *host)
{
	struct sip_server *server = host->server;

	for (unsigned i = 0; i < BARRIERS_MAX && atomic_load(&server->draining) > 0; i++)
		sip_rcu_barrier();
	if (atomic_load(&server->draining) > 0)
		sim_broken(host->sim, "nothing-left", (struct slice){ "", 0 },
			"server %s has %u module instances left that were unloaded",
			host->sim->cast.host[host->number].name,
			atomic_load(&server->draining));
}
