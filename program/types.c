/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of section types, and how a section of each gets its struct. */
#include "types.h"

#include <strings.h>

static struct sip_config_source source_of(const struct section *section)
{
	return (struct sip_config_source){ section->at.file, section->at.line };
}

static void *add_transport(struct settings *settings, const struct section *section)
{
	struct sip_transport_section *transport;

	settings->transports = store_grow(settings->store, settings->transports,
		settings->config.transport_count, sizeof(*transport));
	transport = &settings->transports[settings->config.transport_count++];
	settings->config.transport = settings->transports;
	sip_transport_section_init(transport);
	transport->name = section->name;
	transport->source = source_of(section);
	return transport;
}

static void *add_endpoint(struct settings *settings, const struct section *section)
{
	struct sip_endpoint_config *endpoint;

	settings->endpoints = store_grow(settings->store, settings->endpoints,
		settings->config.endpoint_count, sizeof(*endpoint));
	endpoint = &settings->endpoints[settings->config.endpoint_count++];
	settings->config.endpoint = settings->endpoints;
	sip_endpoint_config_init(endpoint);
	endpoint->name = section->name;
	endpoint->source = source_of(section);
	return endpoint;
}

static void *add_aor(struct settings *settings, const struct section *section)
{
	struct sip_aor_config *aor;

	settings->aors = store_grow(settings->store, settings->aors,
		settings->config.aor_count, sizeof(*aor));
	aor = &settings->aors[settings->config.aor_count++];
	settings->config.aor = settings->aors;
	sip_aor_config_init(aor);
	aor->name = section->name;
	aor->source = source_of(section);
	return aor;
}

static void *add_auth(struct settings *settings, const struct section *section)
{
	struct sip_auth_config *auth;

	settings->auths = store_grow(settings->store, settings->auths,
		settings->config.auth_count, sizeof(*auth));
	auth = &settings->auths[settings->config.auth_count++];
	settings->config.auth = settings->auths;
	sip_auth_config_init(auth);
	auth->name = section->name;
	auth->source = source_of(section);
	return auth;
}

static void *add_identify(struct settings *settings, const struct section *section)
{
	struct sip_identify_config *identify;

	settings->identifies = store_grow(settings->store, settings->identifies,
		settings->config.identify_count, sizeof(*identify));
	identify = &settings->identifies[settings->config.identify_count++];
	settings->config.identify = settings->identifies;
	*identify = (struct sip_identify_config){ .name = section->name };
	identify->source = source_of(section);
	return identify;
}

/* [global] and [system] are there once, from the beginning. */
static void *add_global(struct settings *settings, const struct section *section)
{
	settings->config.global.source = source_of(section);
	return settings;
}

static void *add_system(struct settings *settings, const struct section *section)
{
	settings->config.system.source = source_of(section);
	return settings;
}

static const struct section_type types[] = {
	{ "transport", OPTION_HONOURED, NULL, OBJECT_TRANSPORT, &transport_options,
		add_transport },
	{ "endpoint", OPTION_HONOURED, NULL, OBJECT_ENDPOINT, &endpoint_options,
		add_endpoint },
	{ "aor", OPTION_HONOURED, NULL, OBJECT_AOR, &aor_options, add_aor },
	{ "auth", OPTION_HONOURED, NULL, OBJECT_AUTH, &auth_options, add_auth },
	{ "identify", OPTION_HONOURED, NULL, OBJECT_IDENTIFY, &identify_options,
		add_identify },
	{ "global", OPTION_HONOURED, NULL, OBJECT_GLOBAL, &global_options, add_global },
	{ "system", OPTION_HONOURED, NULL, OBJECT_SYSTEM, &system_options, add_system },
	{ .name = "acl",
		.verdict = OPTION_REFUSED,
		.note = "requests are not filtered by address yet; use a packet filter" },
	{ .name = "registration", .verdict = OPTION_NOT_YET },
	{ .name = "domain_alias", .verdict = OPTION_NOT_YET },
	{ .name = "contact", .verdict = OPTION_NOT_YET },
	{ .name = "resource_list", .verdict = OPTION_NOT_YET },
	{ .name = "subscription_persistence", .verdict = OPTION_NOT_YET },
	{ .name = "inbound-publication", .verdict = OPTION_NOT_YET },
	{ .name = "outbound-publish", .verdict = OPTION_NOT_YET },
	{ .name = "asterisk-publication", .verdict = OPTION_NOT_YET },
	{ .name = "phoneprov", .verdict = OPTION_NOT_YET },
	{ .name = "wizard", .verdict = OPTION_NOT_YET },
};

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

const struct section_type *type_find(const char *name)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (strcasecmp(types[i].name, name) == 0)
			return &types[i];
	}
	return NULL;
}

const struct section_type *type_at(size_t index)
{
	return index < TYPE_COUNT ? &types[index] : NULL;
}
