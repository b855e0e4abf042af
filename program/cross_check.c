/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cross checks of transports, AORs, identify sections and [global].
 *
 * Elsewhere: endpoints and who they are (cross_check_who.c).
 */
#include "cross_check_tls.h"
#include "cross_check_who.h"

#include "nearest.h"
#include "values.h"

#define T1_TO_B    64
#define LEAST_C_MS 180000

struct position option_place(const struct section *section, const char *name)
{
	const struct entry *entry = section_entry(section, name);

	return entry == NULL ? section->at : entry_value_at(entry);
}

static struct position global_place(const struct settings *settings, const char *name)
{
	const struct objects *global = &settings->objects[OBJECT_GLOBAL];

	if (global->count != 0)
		return option_place(global->sections[0], name);
	return (struct position){ settings->file, 0, 0 };
}

const struct section *check_name(struct settings *settings, enum object_kind kind,
	const char *name, struct position at, const char *option, const char *type)
{
	const struct objects *objects = &settings->objects[kind];
	const struct section *found = settings_find(settings, kind, name);
	struct nearest nearest;

	if (found != NULL)
		return found;
	nearest_init(&nearest, sip_str_of(name));
	for (size_t i = 0; i < objects->count; i++)
		nearest_try(&nearest, objects->sections[i]->name);
	if (nearest.name != NULL)
		problem_add(settings->problems, PROBLEM_ERROR, at,
			"%s: there is no [%s] of type=%s; did you mean [%s]?", option,
			name, type, nearest.name);
	else
		problem_add(settings->problems, PROBLEM_ERROR, at,
			"%s: there is no [%s] of type=%s", option, name, type);
	return NULL;
}

static void check_bind(struct settings *settings, const struct section *section,
	const struct sip_transport_section *transport, struct names *addresses)
{
	char text[SIP_ADDR_TEXT_LEN];
	/* All others are at ports of TCP. */
	unsigned kind = transport->protocol == SIP_UDP ? SIP_UDP : SIP_TCP;
	const struct section *first;
	char *key;

	if (section_entry(section, "bind") == NULL) {
		problem_add(settings->problems, PROBLEM_ERROR, section->at,
			"transport [%s] has no bind=", section->name);
		return;
	}
	/* Port 0 is whatever is free; an address of no family was a mistake already. */
	if (transport->bind.sa.sa_family == AF_UNSPEC ||
		sip_addr_port(&transport->bind) == 0)
		return;
	key = store_format(settings->store, "%s", sip_addr_text(&transport->bind, text));
	first = names_get(addresses, kind, key);
	if (first != NULL)
		problem_add(settings->problems, PROBLEM_ERROR,
			option_place(section, "bind"),
			"bind: transport [%s] listens on %s already", first->name, key);
	else
		names_put(addresses, kind, key, (void *)(uintptr_t)section);
}

static void check_origins(struct settings *settings, const struct section *section,
	const struct sip_transport_section *transport)
{
	bool web = sip_is_websocket(transport->protocol);
	const struct entry *entry = section_entry(section, "websocket_origin");

	if (web && entry == NULL)
		problem_add(settings->problems, PROBLEM_WARNING, section->at,
			"transport [%s] has no websocket_origin=: pages in browsers are "
			"refused (websocket_origin=https://phone.example.com lets those of "
			"that address come, websocket_origin=* those of any)",
			section->name);
	else if (!web && entry != NULL)
		problem_add(settings->problems, PROBLEM_WARNING, entry_value_at(entry),
			"websocket_origin: transport [%s] is of protocol=%s, where it changes "
			"nothing",
			section->name, sip_transport_name(transport->protocol));
}

static void check_external(struct settings *settings, const struct section *section,
	const struct sip_transport_section *transport)
{
	const struct sip_addr *external = &transport->external_signaling;

	if (external->sa.sa_family != AF_UNSPEC &&
		transport->bind.sa.sa_family != AF_UNSPEC &&
		external->sa.sa_family != transport->bind.sa.sa_family)
		problem_add(settings->problems, PROBLEM_ERROR,
			option_place(section, "external_signaling_address"),
			"external_signaling_address: it is of another family than bind");
	if (external->sa.sa_family == AF_UNSPEC && transport->local_net_count > 0 &&
		section_entry(section, "external_signaling_address") == NULL)
		problem_add(settings->problems, PROBLEM_WARNING,
			option_place(section, "local_net"),
			"local_net: without external_signaling_address it changes nothing");
}

static void check_proxies(struct settings *settings, const struct section *section,
	const struct sip_transport_section *transport)
{
	if (transport->protocol == SIP_UDP && transport->proxy_protocol_from_count > 0)
		problem_add(settings->problems, PROBLEM_ERROR,
			option_place(section, "proxy_protocol_from"),
			"proxy_protocol_from: the PROXY protocol is for connections, and "
			"transport [%s] is of UDP",
			section->name);
}

static void check_transports(struct settings *settings)
{
	struct objects *objects = &settings->objects[OBJECT_TRANSPORT];
	struct names addresses = { .store = settings->store };

	for (size_t i = 0; i < objects->count; i++) {
		const struct section *section = objects->sections[i];

		cross_check_tls(settings, section, &settings->transports[i]);
		check_bind(settings, section, &settings->transports[i], &addresses);
		check_external(settings, section, &settings->transports[i]);
		check_proxies(settings, section, &settings->transports[i]);
		check_origins(settings, section, &settings->transports[i]);
	}
	if (objects->count == 0)
		problem_add(settings->problems, PROBLEM_ERROR,
			(struct position){ settings->file, 0, 0 },
			"there is no transport: nothing would be listened on");
}

static void check_aors(struct settings *settings)
{
	for (size_t i = 0; i < settings->config.aor_count; i++) {
		const struct sip_aor_config *aor = &settings->aors[i];
		const struct section *section = settings->objects[OBJECT_AOR].sections[i];

		if (aor->minimum_expiration > aor->maximum_expiration)
			problem_add(settings->problems, PROBLEM_ERROR,
				option_place(section, "minimum_expiration"),
				"aor [%s]: minimum_expiration=%u is above maximum_expiration=%u",
				aor->name, aor->minimum_expiration,
				aor->maximum_expiration);
		else if (aor->default_expiration < aor->minimum_expiration ||
			aor->default_expiration > aor->maximum_expiration)
			problem_add(settings->problems, PROBLEM_WARNING,
				option_place(section, "default_expiration"),
				"aor [%s]: default_expiration=%u is not between "
				"minimum_expiration=%u and maximum_expiration=%u",
				aor->name, aor->default_expiration,
				aor->minimum_expiration, aor->maximum_expiration);
	}
}

static bool is_domain(const struct sip_global_config *global, const char *name)
{
	for (size_t i = 0; i < global->domain.count; i++) {
		if (strcmp(global->domain.item[i], name) == 0)
			return true;
	}
	return false;
}

static void check_domain_aliases(struct settings *settings)
{
	for (size_t i = 0; i < settings->config.domain_alias_count; i++) {
		const struct sip_domain_alias_config
			*alias = &settings->domain_aliases[i];
		const struct section *section = settings->objects[OBJECT_DOMAIN_ALIAS]
							.sections[i];

		if (!is_host(sip_str_of(alias->name)))
			problem_add(settings->problems, PROBLEM_ERROR, section->at,
				"domain_alias [%s]: its name is to be a domain",
				section->name);
		if (alias->domain == NULL)
			problem_add(settings->problems, PROBLEM_ERROR, section->at,
				"domain_alias [%s] has no domain=", section->name);
		else if (strcmp(alias->domain, alias->name) == 0)
			problem_add(settings->problems, PROBLEM_ERROR,
				option_place(section, "domain"),
				"domain_alias [%s] is an alias of itself", section->name);
		if (is_domain(&settings->config.global, alias->name))
			problem_add(settings->problems, PROBLEM_WARNING, section->at,
				"domain_alias [%s] is a domain= of [global] as well",
				section->name);
	}
}

static void check_global(struct settings *settings)
{
	const struct sip_global_config *global = &settings->config.global;

	if (global->default_outbound_endpoint != NULL)
		check_name(settings, OBJECT_ENDPOINT, global->default_outbound_endpoint,
			global_place(settings, "default_outbound_endpoint"),
			"default_outbound_endpoint", "endpoint");
	if (global->emergency_endpoint != NULL)
		check_name(settings, OBJECT_ENDPOINT, global->emergency_endpoint,
			global_place(settings, "emergency_endpoint"),
			"emergency_endpoint", "endpoint");
	if (!global->authentication)
		problem_add(settings->problems, PROBLEM_WARNING,
			global_place(settings, "authentication"),
			"authentication=none: nobody is asked for a password, auth= of endpoints "
			"does nothing");
	if (global->domain.count == 0 && settings->config.domain_alias_count == 0)
		problem_add(settings->problems, PROBLEM_NOTICE,
			global_place(settings, "domain"),
			"no domain= in [global]: only the addresses of the transports are ours");
}

static void check_system(struct settings *settings)
{
	struct sip_system_config *system = &settings->config.system;
	const struct objects *objects = &settings->objects[OBJECT_SYSTEM];
	const struct section *section;

	if (objects->count == 0)
		return;
	section = objects->sections[0];
	if (section_entry(section, "timer_b") == NULL)
		system->timer_b_ms = T1_TO_B * system->timer_t1_ms;
	else if (system->timer_b_ms < T1_TO_B * system->timer_t1_ms)
		problem_add(settings->problems, PROBLEM_WARNING,
			option_place(section, "timer_b"),
			"timer_b=%u is less than 64 * timer_t1: an INVITE that is lost is not "
			"repeated often enough",
			system->timer_b_ms);
	if (system->timer_c_ms < LEAST_C_MS)
		problem_add(settings->problems, PROBLEM_WARNING,
			option_place(section, "timer_c"),
			"timer_c=%u: RFC 3261 wants three minutes at least; shorter ones end calls "
			"that still ring",
			system->timer_c_ms);
	if (system->timer_t2_ms < system->timer_t1_ms)
		problem_add(settings->problems, PROBLEM_WARNING,
			option_place(section, "timer_t2"),
			"timer_t2=%u is less than timer_t1=%u", system->timer_t2_ms,
			system->timer_t1_ms);
}

void cross_check(struct settings *settings)
{
	check_transports(settings);
	check_aors(settings);
	check_who(settings);
	check_domain_aliases(settings);
	check_acls(settings);
	check_global(settings);
	check_system(settings);
}
