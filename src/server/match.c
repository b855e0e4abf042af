/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints by address: the `match=` of identify sections, compiled.
 *
 * One table per length of prefix that occurs, the longest first; a look-up masks
 * the address to each length and asks for it with the port, then without.  IPv4
 * is taken as mapped into IPv6.
 *
 * Threads: made with the settings, read only afterwards.
 */
#include "server/match.h"

#include "res_sip/endpoint.h"

#include <stdio.h>
#include <stdlib.h>

/* A network and a port (0: any), as a key. */
struct key {
	uint8_t addr[16];
	uint8_t port[2];
};

static void key_of(
	struct key *key, const struct sip_addr *addr, uint16_t port, unsigned bits)
{
	memset(key, 0, sizeof(*key));
	if (addr->sa.sa_family == AF_INET6) {
		memcpy(key->addr, &addr->v6.sin6_addr, 16);
	} else {
		key->addr[10] = key->addr[11] = 0xff;
		memcpy(key->addr + 12, &addr->v4.sin_addr, 4);
	}
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = bits <= 8 * i ? 0 : bits - 8 * i;

		if (kept < 8)
			key->addr[i] &= (uint8_t)(0xff00 >> kept);
	}
	key->port[0] = (uint8_t)(port >> 8);
	key->port[1] = (uint8_t)port;
}

static struct sip_str key_text(const struct key *key)
{
	return (struct sip_str){ (const char *)key, sizeof(*key) };
}

static unsigned bits_of(const struct sip_identify_match *match)
{
	return match->prefix_len + (match->network.sa.sa_family == AF_INET ? 96u : 0);
}

/* How many networks have a prefix of `bits`. */
static size_t count_level(const struct sip_config *config, unsigned bits)
{
	size_t count = 0;

	for (size_t i = 0; i < config->identify_count; i++) {
		for (size_t j = 0; j < config->identify[i].match_count; j++)
			count += bits_of(&config->identify[i].match[j]) == bits;
	}
	return count;
}

static int add_identify(struct sip_settings *s, struct sip_match_level *level,
	const struct sip_identify_config *identify, char *error)
{
	struct ast_sip_endpoint *endpoint = sip_names_find(
		&s->endpoints, sip_str_of(identify->endpoint));

	if (endpoint == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"identify %s: there is no endpoint %s", identify->name,
			identify->endpoint ? identify->endpoint : "");
		return SIP_EINVALID;
	}
	for (size_t j = 0; j < identify->match_count; j++) {
		const struct sip_identify_match *match = &identify->match[j];
		struct key *key;

		if (bits_of(match) != level->bits)
			continue;
		key = sip_arena_alloc(&s->arena, sizeof(*key));
		if (key == NULL)
			return SIP_EMEMORY;
		key_of(key, &match->network, sip_addr_port(&match->network), level->bits);
		/* Named twice: the section that stands first has it. */
		SIP_IGNORE(sip_names_add(&level->names, key_text(key), endpoint));
	}
	return 0;
}

static int add_level(struct sip_settings *s, const struct sip_config *config,
	unsigned bits, size_t count, char *error)
{
	struct sip_match_level *level = &s->match[s->match_count++];
	int result = sip_names_init(&level->names, &s->arena, count);

	level->bits = bits;
	for (size_t i = 0; i < config->identify_count && result == 0; i++)
		result = add_identify(s, level, &config->identify[i], error);
	return result;
}

int sip_match_compile(
	struct sip_settings *settings, const struct sip_config *config, char *error)
{
	int result = 0;

	/* A section without a network must name an endpoint all the same. */
	for (size_t i = 0; i < config->identify_count && result == 0; i++) {
		struct sip_match_level none = { .bits = UINT32_MAX };

		result = add_identify(settings, &none, &config->identify[i], error);
	}
	settings->match = sip_arena_zalloc(
		&settings->arena, 129 * sizeof(*settings->match));
	if (settings->match == NULL)
		return SIP_EMEMORY;
	for (unsigned bits = 129; bits-- > 0 && result == 0;) {
		size_t count = count_level(config, bits);

		if (count > 0)
			result = add_level(settings, config, bits, count, error);
	}
	return result;
}

struct ast_sip_endpoint *sip_match_find(
	const struct sip_settings *settings, const struct sip_addr *addr)
{
	struct ast_sip_endpoint *found = NULL;

	for (size_t i = 0; i < settings->match_count && found == NULL; i++) {
		const struct sip_match_level *level = &settings->match[i];
		struct key key;

		key_of(&key, addr, sip_addr_port(addr), level->bits);
		found = sip_names_find(&level->names, key_text(&key));
		if (found == NULL) {
			key.port[0] = key.port[1] = 0;
			found = sip_names_find(&level->names, key_text(&key));
		}
	}
	return found;
}

struct ast_sip_endpoint *ast_sip_endpoint_by_address(const struct sip_addr *addr)
{
	struct sip_server *server = sip_server_here();
	struct ast_sip_endpoint *found;
	struct sip_snapshot *snapshot;

	SIP_ASSERT(addr != NULL);
	if (server == NULL)
		return NULL;
	snapshot = sip_snapshot_take(server);
	found = sip_match_find(snapshot->settings, addr);
	if (found != NULL)
		ast_sip_endpoint_ref(found);
	sip_snapshot_unref(&snapshot);
	return found;
}
