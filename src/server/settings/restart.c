/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options that hold until the server is started again: threads and their cores are
 * there already, transactions under way have their timers, a table has its size, and a
 * key is in use.
 */
#include "server/settings/restart.h"

#include <stdio.h>

static const struct {
	const char *name;
	size_t at; /* of a uint32_t in struct sip_system_config */
} numbers[] = {
	{ "servants", offsetof(struct sip_system_config, servants) },
	{ "servants_max", offsetof(struct sip_system_config, servants_max) },
	{ "timer_t1", offsetof(struct sip_system_config, timer_t1_ms) },
	{ "timer_t2", offsetof(struct sip_system_config, timer_t2_ms) },
	{ "timer_t4", offsetof(struct sip_system_config, timer_t4_ms) },
	{ "timer_b", offsetof(struct sip_system_config, timer_b_ms) },
	{ "max_transactions", offsetof(struct sip_system_config, max_transactions) },
	{ "max_connections", offsetof(struct sip_system_config, max_connections) },
	{ "max_connections_per_source",
		offsetof(struct sip_system_config, max_connections_per_source) },
	{ "max_handshakes_per_source",
		offsetof(struct sip_system_config, max_handshakes_per_source) },
	{ "connect_timeout", offsetof(struct sip_system_config, connect_timeout_ms) },
	{ "first_message_timeout",
		offsetof(struct sip_system_config, first_message_timeout_ms) },
	{ "message_timeout", offsetof(struct sip_system_config, message_timeout_ms) },
	{ "write_timeout", offsetof(struct sip_system_config, write_timeout_ms) },
	{ "idle_timeout", offsetof(struct sip_system_config, idle_timeout_ms) },
	{ "websocket_ping", offsetof(struct sip_system_config, websocket_ping_ms) },
	{ "max_unsent", offsetof(struct sip_system_config, max_unsent_kib) },
	{ "max_lookups", offsetof(struct sip_system_config, max_lookups) },
	{ "max_lookups_per_source",
		offsetof(struct sip_system_config, max_lookups_per_source) },
	{ "max_received_memory",
		offsetof(struct sip_system_config, max_received_memory_mib) },
};

#define NUMBER_COUNT (sizeof(numbers) / sizeof(numbers[0]))

static uint32_t value_of(const struct sip_system_config *system, size_t at)
{
	uint32_t value;

	memcpy(&value, (const char *)system + at, sizeof(value));
	return value;
}

static const struct {
	const char *name;
	size_t at; /* of a const char * in struct sip_global_config */
} texts[] = {
	{ "key_file", offsetof(struct sip_global_config, key_file) },
	{ "nameservers", offsetof(struct sip_global_config, nameservers) },
};

#define TEXT_COUNT (sizeof(texts) / sizeof(texts[0]))

static const char *text_at(const struct sip_global_config *global, size_t at)
{
	const char *text;

	memcpy(&text, (const char *)global + at, sizeof(text));
	return text;
}

int sip_restart_options_keep(
	const struct sip_settings *before, struct sip_settings *after)
{
	for (size_t i = 0; i < NUMBER_COUNT; i++)
		memcpy((char *)&after->system + numbers[i].at,
			(const char *)&before->system + numbers[i].at, sizeof(uint32_t));
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		const char *text = text_at(&before->global, texts[i].at);
		struct sip_str copy = { NULL, 0 };

		if (text != NULL &&
			sip_arena_copy(&after->arena, sip_str_of(text), &copy) != 0)
			return SIP_EMEMORY;
		memcpy((char *)&after->global + texts[i].at, &copy.ptr, sizeof(copy.ptr));
	}
	return 0;
}

/* A core for each reactor, or none. */
static bool same_cores(const struct sip_server *server, const int *cores)
{
	const int *mine = server->pin_cores;

	if (mine == NULL || cores == NULL)
		return mine == cores;
	for (unsigned i = 0; i < sip_pool_reactor_count(server->pool); i++) {
		if (mine[i] != cores[i])
			return false;
	}
	return true;
}

static const char *text_of(const char *text)
{
	return text != NULL ? text : "(none)";
}

void sip_restart_options_tell(const struct sip_server *server,
	const struct sip_settings *before, const struct sip_config *config,
	void (*say)(void *arg, const char *line), void *arg)
{
	char line[SIP_SERVER_ERROR_LEN];

	for (size_t i = 0; i < NUMBER_COUNT; i++) {
		uint32_t is = value_of(&before->system, numbers[i].at);
		uint32_t wanted = value_of(&config->system, numbers[i].at);

		if (is == wanted)
			continue;
		snprintf(line, sizeof(line), "%s=%u wants a restart: %u holds until then",
			numbers[i].name, wanted, is);
		say(arg, line);
	}
	/* Another number of servants means other cores anyhow. */
	if (before->system.servants == config->system.servants &&
		!same_cores(server, config->system.pin_cores))
		say(arg,
			"pin_cores wants a restart: the servants stay where they are "
			"until then");
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		const char *is = text_of(text_at(&before->global, texts[i].at));
		const char *wanted = text_of(text_at(&config->global, texts[i].at));

		if (strcmp(is, wanted) == 0)
			continue;
		snprintf(line, sizeof(line),
			"%s=%.80s wants a restart: %.80s holds until then", texts[i].name,
			wanted, is);
		say(arg, line);
	}
}
