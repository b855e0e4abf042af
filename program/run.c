/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running a server, in this order:
 *
 *     configuration -> server -> ports -> control socket -> modules' files ->
 *         another user -> modules -> start
 *     ... a signal ...
 *     control socket -> stop -> modules -> destroy -> modules' files
 *
 * Ports and files are opened as root where we are root; modules already run as the other
 * user.
 */
#include "run.h"

#include "port_owner.h"
#include "reload.h"

#include <res_sip/endpoint.h>

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char subject[] = "res_sip";

static bool fail(const struct run *run)
{
	sip_log(SIP_LOG_ERROR, subject, "%s", run->error);
	return false;
}

/* Errors are what the command prints; the rest goes the way of all that is worth a line.
 */
static void log_problems(struct problems *problems)
{
	problems_sort(problems);
	for (size_t i = 0; i < problems->count; i++) {
		static const enum sip_log_level levels[] = { SIP_LOG_ERROR,
			SIP_LOG_WARNING, SIP_LOG_INFO };
		const struct problem *problem = &problems->items[i];

		sip_log(levels[problem->severity], "config", "%s",
			problem_log_line(problems->store, problem));
	}
}

static bool read_configuration(struct run *run)
{
	bool ok = configuration_read(&run->configuration, run->folder);

	sip_log_set_level(run->configuration.settings.log_level);
	if (ok) {
		log_problems(&run->configuration.problems);
		return true;
	}
	problems_print(&run->configuration.problems, stderr);
	snprintf(run->error, sizeof(run->error), "not started: %s",
		problems_summary(&run->configuration.problems));
	return fail(run);
}

/* Which transport's address is somebody's, and whose. */
static void say_who_has_port(const struct run *run)
{
	const struct sip_config *config = &run->configuration.settings.config;
	struct port_owner owner;

	for (size_t i = 0; i < config->transport_count; i++) {
		const struct sip_transport_section *transport = &config->transport[i];
		struct sip_addr bound;
		char text[SIP_ADDR_TEXT_LEN];

		if (sip_server_address(run->server, transport->name, &bound) == SIP_OK ||
			sip_addr_port(&transport->bind) == 0 ||
			!port_owner_find(&transport->bind, &owner))
			continue;
		sip_addr_text(&transport->bind, text);
		if (owner.pid != 0)
			sip_log(SIP_LOG_ERROR, subject,
				"transport [%s]: udp %s is taken by %s (process %ld)",
				transport->name, text, owner.name, (long)owner.pid);
		else
			sip_log(SIP_LOG_ERROR, subject,
				"transport [%s]: udp %s is taken by a process of user %ld (root "
				"sees which)",
				transport->name, text, (long)owner.uid);
		return;
	}
	fail(run);
}

static bool bind_ports(struct run *run)
{
	int result = sip_server_bind(run->server, run->error);

	if (result == SIP_OK)
		return true;
	if (result == SIP_EEXISTS)
		say_who_has_port(run);
	else
		fail(run);
	return false;
}

/* The key that root made must be readable when the other user starts the server himself.
 */
static bool hand_key_over(struct run *run)
{
	const char *path = run->configuration.settings.config.global.key_file;

	if (run->user.name == NULL || geteuid() != 0 || path == NULL || path[0] == '\0')
		return true;
	/* What a link leads to is the operator's to give. */
	if (user_give(&run->user, path, S_IFREG) || errno == ENOENT || errno == ELOOP)
		return true;
	snprintf(run->error, sizeof(run->error), "can't give %s to user %s: %s", path,
		run->user.name, strerror(errno));
	return false;
}

static bool open_modules(struct run *run)
{
	const struct module_list *modules = &run->configuration.modules;

	for (size_t i = 0; i < modules->count; i++) {
		if (!loader_open(&run->loader, &modules->items[i], run->error))
			return false;
		sip_log(SIP_LOG_INFO, subject, "module %s is %s", modules->items[i].name,
			modules->items[i].path);
	}
	return true;
}

static bool open_server(struct run *run)
{
	const struct settings *settings = &run->configuration.settings;
	uid_t owner = geteuid() == 0 ? run->user.uid : (uid_t)-1;

	if (sip_server_create(&settings->config, &run->server, run->error) != SIP_OK)
		return fail(run);
	ast_sip_set_server(run->server);
	if (!bind_ports(run))
		return false;
	run->control = control_open(settings->control_socket, owner, run->error);
	if (run->control == NULL || !hand_key_over(run) || !open_modules(run) ||
		!user_become(&run->user, run->error) ||
		!loader_load(&run->loader, run->server, run->error))
		return fail(run);
	if (sip_server_start(run->server, run->error) != SIP_OK)
		return fail(run);
	if (control_start(run->control,
		    &(struct request_context){ .server = run->server, .run = run }))
		return true;
	snprintf(run->error, sizeof(run->error), "no thread for the control socket");
	return fail(run);
}

static void say_ready(const struct run *run)
{
	const struct sip_config *config = &run->configuration.settings.config;

	for (size_t i = 0; i < config->transport_count; i++) {
		const char *name = config->transport[i].name;
		struct sip_addr addr;
		char text[SIP_ADDR_TEXT_LEN];

		if (sip_server_address(run->server, name, &addr) == SIP_OK)
			sip_log(SIP_LOG_NOTICE, subject, "listening on %s %s [%s]",
				sip_transport_name(config->transport[i].protocol),
				sip_addr_text(&addr, text), name);
	}
	if (geteuid() == 0)
		sip_log(SIP_LOG_WARNING, subject,
			"running as root: --user NAME would give it up after the ports are bound");
	sip_log(SIP_LOG_NOTICE, subject, "version %s serves", sip_version());
}

static void close_server(struct run *run)
{
	control_close(&run->control);
	if (run->server != NULL) {
		sip_server_stop(run->server);
		loader_unload(&run->loader, run->server);
		sip_server_destroy(&run->server);
	}
	loader_fini(&run->loader);
}

/* The signals that are waited for; blocked in every thread of the server. */
static void block_signals(sigset_t *signals)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static void shrink(void *arg)
{
	struct run *run = arg;

	/* Then it stays as large as it is. */
	SIP_IGNORE(configuration_shrink(&run->configuration));
	sip_release_memory();
}

/* What was read belongs to that thread from now on. */
static void give_back_memory(struct run *run)
{
	SIP_IGNORE(control_change(run->control, shrink, run));
}

static void begin_reload(struct run *run)
{
	if (!reload_soon(run))
		sip_log(SIP_LOG_WARNING, subject,
			"SIGHUP: too much waits to be changed; nothing is done");
}

/* A second one ends a stop that takes too long; a SIGHUP is too late for anything. */
static void let_end(const sigset_t *signals)
{
	sigset_t ends = *signals;

	sigdelset(&ends, SIGHUP);
	pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
}

static void wait_for_end(struct run *run, const sigset_t *signals)
{
	int signal = 0;

	for (;;) {
		if (sigwait(signals, &signal) != 0)
			continue;
		if (signal != SIGHUP)
			break;
		begin_reload(run);
	}
	sip_log(SIP_LOG_NOTICE, subject, "%s: stopping",
		signal == SIGINT ? "SIGINT" : "SIGTERM");
	let_end(signals);
}

/* What a reload reads is given back to the system: the largest that it lets malloc keep
 * is said once, for it would learn from what is freed to keep more. */
#define KEPT_LEN (512 * 1024)

int command_run(const char *folder, const char *user)
{
	struct run run = { .folder = folder };
	sigset_t signals;
	bool ok;

	SIP_IGNORE(mallopt(M_MMAP_THRESHOLD, KEPT_LEN) == 0);
	module_folders_init(&run.folders, &run.folder_store);
	loader_init(&run.loader);
	block_signals(&signals);
	ok = read_configuration(&run) &&
		(user_find(user, &run.user, run.error) || fail(&run)) &&
		open_server(&run);
	if (ok) {
		/* Modules have asked for some while they were loaded. */
		ast_sip_release_options();
		say_ready(&run);
		give_back_memory(&run);
		wait_for_end(&run, &signals);
	}
	close_server(&run);
	if (ok)
		sip_log(SIP_LOG_NOTICE, subject, "stopped");
	configuration_fini(&run.configuration);
	store_fini(&run.folder_store);
	return ok ? 0 : 1;
}
