/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the files again, and telling what came of it: to the asker and to the log.
 *
 * Elsewhere: building and publishing, which is the library's (sip_server_reload).
 */
#include "reload.h"

#include "port_owner.h"
#include "run.h"

#include <inttypes.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

static const char subject[] = "reload";

/* One reload on its way. */
struct reload {
	struct run *run;
	struct configuration read;
	struct text *answer; /* what the asker is told */
	uint64_t began_us;
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* What the library says, which has logged it. */
static void take_line(void *arg, enum sip_log_level level, const char *text)
{
	struct reload *reload = arg;

	text_format(reload->answer, "%s%s\n", level == SIP_LOG_WARNING ? "warning: " : "",
		text);
}

static void tell(struct reload *reload, enum sip_log_level level, const char *text)
{
	sip_log(level, subject, "%s", text);
	take_line(reload, level, text);
}

static void tell_problems(struct reload *reload)
{
	static const enum sip_log_level levels[] = { SIP_LOG_ERROR, SIP_LOG_WARNING,
		SIP_LOG_INFO };
	struct problems *problems = &reload->read.problems;

	problems_sort(problems);
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->items[i];

		sip_log(levels[problem->severity], "config", "%s",
			problem_log_line(problems->store, problem));
		if (problem->severity != PROBLEM_NOTICE)
			text_format(reload->answer, "%s\n",
				problem_line(problems->store, problem));
	}
}

/* The first line of a refusal; what was said before stands behind it. */
static void refuse(struct reload *reload, const char *reason)
{
	struct text lines = *reload->answer;

	*reload->answer = (struct text){ 0 };
	text_format(reload->answer, "nothing is changed: %s\n", reason);
	text_add(reload->answer, (struct sip_str){ lines.ptr, lines.len });
	text_fini(&lines);
}

/* Somebody else's process, where a transport can't be bound. */
static void tell_port_owner(struct reload *reload)
{
	const struct sip_config *config = &reload->read.settings.config;
	char address[SIP_ADDR_TEXT_LEN];
	struct port_owner owner;

	for (size_t i = 0; i < config->transport_count; i++) {
		const struct sip_addr *bind = &config->transport[i].bind;
		char line[256];

		if (!port_owner_find(bind, &owner) || owner.pid == 0 ||
			owner.pid == getpid())
			continue;
		snprintf(line, sizeof(line),
			"transport [%s]: udp %s is taken by %s (process %ld)",
			config->transport[i].name, sip_addr_text(bind, address),
			owner.name, (long)owner.pid);
		tell(reload, SIP_LOG_ERROR, line);
		return;
	}
}

static bool serve(struct reload *reload)
{
	const struct sip_reload_sink sink = { reload, take_line };
	char error[SIP_SERVER_ERROR_LEN];
	int result = sip_server_reload(
		reload->run->server, &reload->read.settings.config, &sink, error);

	if (result == SIP_OK)
		return true;
	if (result == SIP_EEXISTS)
		tell_port_owner(reload);
	refuse(reload, error);
	return false;
}

static void tell_own_options(struct reload *reload)
{
	const struct settings *settings = &reload->read.settings;
	const char *socket = reload->run->configuration.settings.control_socket;
	char line[512];

	sip_log_set_level(settings->log_level);
	if (strcmp(settings->control_socket, socket) == 0)
		return;
	snprintf(line, sizeof(line),
		"control_socket=%.200s wants a restart: %.200s holds until then",
		settings->control_socket, socket);
	tell(reload, SIP_LOG_WARNING, line);
}

static bool is_listed(const struct module_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].name, name) == 0)
			return true;
	}
	return false;
}

/* They come and go by commands of their own, which say what their calls wait for. */
static void tell_modules(struct reload *reload)
{
	const struct module_list *wanted = &reload->read.modules;
	struct loader *loader = &reload->run->loader;
	char name[128];
	char text[PATH_MAX];
	char line[256];

	for (size_t i = 0; i < wanted->count; i++) {
		if (loader_path(loader, wanted->items[i].name, text, sizeof(text)))
			continue;
		snprintf(line, sizeof(line), "not loaded yet: res_sip module load %.100s",
			wanted->items[i].name);
		tell(reload, SIP_LOG_WARNING, line);
	}
	for (size_t i = 0; loader_running(loader, i, name, sizeof(name)); i++) {
		if (is_listed(wanted, name))
			continue;
		snprintf(line, sizeof(line), "still loaded: res_sip module unload %.100s",
			name);
		tell(reload, SIP_LOG_WARNING, line);
	}
}

static void tell_time(struct reload *reload, uint64_t read_us)
{
	uint64_t us = now_us();
	char line[128];

	snprintf(line, sizeof(line),
		"done in %" PRIu64 " ms, of which reading took %" PRIu64,
		(us - reload->began_us) / 1000, (read_us - reload->began_us) / 1000);
	tell(reload, SIP_LOG_NOTICE, line);
}

static void refuse_read(struct reload *reload, const char *reason)
{
	sip_log(SIP_LOG_ERROR, subject, "nothing is changed: %s", reason);
	refuse(reload, reason);
}

/* What came of the reading. */
static void tell_read(void *arg)
{
	struct reload *reload = arg;
	const struct problems *problems = &reload->read.problems;

	tell_problems(reload);
	if (problems->of[PROBLEM_ERROR] != 0)
		refuse_read(reload, problems_summary(problems));
}

static bool run_reload(struct reload *reload)
{
	struct configuration *running = &reload->run->configuration;
	struct configuration *read = &reload->read;
	bool ok = configuration_read(read, reload->run->folder);
	uint64_t read_us = now_us();

	/* The server must not end where the store ends. */
	if (!configuration_try(read, tell_read, reload)) {
		refuse_read(reload, "out of memory");
		ok = false;
	}
	if (!ok || !serve(reload))
		return false;
	tell_own_options(reload);
	tell_modules(reload);
	tell_time(reload, read_us);
	/* The socket stays where it is. */
	read->settings.control_socket = running->settings.control_socket;
	if (configuration_shrink(read))
		configuration_replace(running, read);
	return true;
}

static bool reload(struct run *run, struct text *answer)
{
	struct reload reload = { .run = run, .answer = answer, .began_us = now_us() };
	bool ok = run_reload(&reload);

	configuration_fini(&reload.read);
	sip_release_memory();
	return ok;
}

bool answer_reload(const struct request_context *context,
	const struct arguments *arguments, struct text *answer)
{
	(void)arguments;
	return reload(context->run, answer);
}

static void reload_on_signal(void *arg)
{
	struct run *run = arg;
	struct text answer = { 0 };

	/* From here on another signal may mean files that this one does not see. */
	atomic_store(&run->reload_waits, false);
	/* The log has all of it. */
	SIP_IGNORE(reload(run, &answer));
	text_fini(&answer);
}

bool reload_soon(struct run *run)
{
	if (atomic_exchange(&run->reload_waits, true))
		return true;
	if (control_change(run->control, reload_on_signal, run))
		return true;
	atomic_store(&run->reload_waits, false);
	return false;
}
