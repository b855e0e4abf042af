/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints by address: the `match=` of identify sections, compiled.  Their
 * `match_certificate=` is, too; who asks for it is in match_certificate.c.
 *
 * One table per length of prefix that occurs, the longest first; a look-up masks
 * the address to each length and asks for it with the port, then without.  IPv4
 * is taken as mapped into IPv6.
 *
 * Threads: made with the settings, read only afterwards.
 */
#include "server/settings/match.h"

#include "res_sip/endpoint.h"
#include "res_sip/explain.h"
#include "server/serving.h"

#include <stdio.h>
#include <stdlib.h>

/* Of prefixes, from 0 to 128 bits. */
#define LENGTHS 129

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

/* The level of each length of prefix; NULL: no network has it. */
struct levels {
	struct sip_match_level *of[LENGTHS];
};

static void count_networks(const struct sip_config *config, size_t count[LENGTHS])
{
	memset(count, 0, LENGTHS * sizeof(*count));
	for (size_t i = 0; i < config->identify_count; i++) {
		for (size_t j = 0; j < config->identify[i].match_count; j++)
			count[bits_of(&config->identify[i].match[j])]++;
	}
}

static int make_levels(
	struct sip_settings *s, const size_t count[LENGTHS], struct levels *levels)
{
	*levels = (struct levels){ { NULL } };
	s->match = sip_arena_zalloc(&s->arena, LENGTHS * sizeof(*s->match));
	if (s->match == NULL)
		return SIP_EMEMORY;
	for (unsigned bits = LENGTHS; bits-- > 0;) {
		struct sip_match_level *level = &s->match[s->match_count];

		if (count[bits] == 0)
			continue;
		if (sip_names_init(&level->names, &s->arena, count[bits]) != 0)
			return SIP_EMEMORY;
		level->bits = bits;
		levels->of[bits] = level;
		s->match_count++;
	}
	return 0;
}

/* What a table's key leads to; NULL: out of memory. */
static struct sip_match_section *copy_section(struct sip_settings *s,
	const struct sip_identify_config *identify, struct ast_sip_endpoint *endpoint)
{
	struct sip_match_section *section = sip_arena_zalloc(&s->arena, sizeof(*section));
	struct sip_str name;
	struct sip_str file = { NULL, 0 };

	if (section == NULL ||
		sip_arena_copy(&s->arena, sip_str_of(identify->name), &name) != 0)
		return NULL;
	if (identify->source.file != NULL &&
		sip_arena_copy(&s->arena, sip_str_of(identify->source.file), &file) != 0)
		return NULL;
	section->name = name.ptr;
	section->source = (struct sip_config_source){ file.ptr, identify->source.line };
	section->endpoint = endpoint;
	return section;
}

static int add_certificates(struct sip_settings *s, const struct sip_config_list *list,
	struct sip_match_section *section)
{
	for (size_t i = 0; i < list->count; i++) {
		struct sip_str name;

		if (sip_arena_copy(&s->arena, sip_str_of(list->item[i]), &name) != 0)
			return SIP_EMEMORY;
		/* Named twice: the section that stands first has it. */
		SIP_IGNORE(sip_names_add(&s->certificates, name, section));
	}
	return 0;
}

static int add_identify(struct sip_settings *s, const struct levels *levels,
	const struct sip_identify_config *identify, char *error)
{
	struct ast_sip_endpoint *endpoint = NULL;
	struct sip_match_section *section;
	struct key *key;

	if (identify->endpoint != NULL)
		endpoint = sip_names_find(&s->endpoints, sip_str_of(identify->endpoint));
	if (endpoint == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"identify %s: there is no endpoint %s", identify->name,
			identify->endpoint ? identify->endpoint : "");
		return SIP_EINVALID;
	}
	key = sip_arena_alloc(&s->arena, identify->match_count * sizeof(*key) + 1);
	section = copy_section(s, identify, endpoint);
	if (key == NULL || section == NULL)
		return SIP_EMEMORY;
	for (size_t j = 0; j < identify->match_count; j++, key++) {
		const struct sip_identify_match *match = &identify->match[j];
		struct sip_match_level *level = levels->of[bits_of(match)];

		key_of(key, &match->network, sip_addr_port(&match->network), level->bits);
		/* Named twice: the section that stands first has it. */
		SIP_IGNORE(sip_names_add(&level->names, key_text(key), section));
	}
	return add_certificates(s, &identify->match_certificate, section);
}

static int make_certificates(struct sip_settings *s, const struct sip_config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->identify_count; i++)
		count += config->identify[i].match_certificate.count;
	return sip_names_init(&s->certificates, &s->arena, count);
}

int sip_match_compile(
	struct sip_settings *settings, const struct sip_config *config, char *error)
{
	size_t count[LENGTHS];
	struct levels levels;
	int result;

	count_networks(config, count);
	result = make_levels(settings, count, &levels);
	if (result == 0)
		result = make_certificates(settings, config);
	for (size_t i = 0; i < config->identify_count && result == 0; i++)
		result = add_identify(settings, &levels, &config->identify[i], error);
	return result;
}

const struct sip_match_section *sip_match_section(
	const struct sip_settings *settings, const struct sip_addr *addr)
{
	const struct sip_match_section *found = NULL;

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

struct ast_sip_endpoint *sip_match_find(
	const struct sip_settings *settings, const struct sip_addr *addr)
{
	const struct sip_match_section *section = sip_match_section(settings, addr);

	return section != NULL ? section->endpoint : NULL;
}

/* The request that asks is a dry one. */
static void explain(const struct sip_rx_data *rdata, const struct sip_addr *addr)
{
	const struct sip_match_section *section = sip_match_section(
		rdata->serving->snapshot->settings, addr);
	char text[SIP_ADDR_TEXT_LEN];

	if (section != NULL)
		ast_sip_explain_line(rdata, &section->source,
			"ip: %s is in match= of the identify section %s",
			sip_addr_text(addr, text), section->name);
	else
		ast_sip_explain_line(rdata, NULL,
			"ip: %s is in no match= of an identify section",
			sip_addr_text(addr, text));
}

struct ast_sip_endpoint *ast_sip_endpoint_by_address(const struct sip_addr *addr)
{
	struct sip_server *server = sip_server_here();
	const struct sip_rx_data *rdata = ast_sip_current_request();
	struct ast_sip_endpoint *found;
	struct sip_snapshot *snapshot;

	SIP_ASSERT(addr != NULL);
	if (server == NULL)
		return NULL;
	snapshot = sip_snapshot_take(server);
	found = sip_match_find(snapshot->settings, addr);
	if (rdata != NULL && ast_sip_is_dry(rdata))
		explain(rdata, addr);
	if (found != NULL)
		ast_sip_endpoint_ref(found);
	sip_snapshot_unref(&snapshot);
	return found;
}
