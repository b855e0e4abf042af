/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of section types, and how a section of each gets its struct. */
#include "types.h"

#include "values.h"

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

static void *add_domain_alias(struct settings *settings, const struct section *section)
{
	struct sip_domain_alias_config *alias;

	settings->domain_aliases = store_grow(settings->store, settings->domain_aliases,
		settings->config.domain_alias_count, sizeof(*alias));
	alias = &settings->domain_aliases[settings->config.domain_alias_count++];
	settings->config.domain_alias = settings->domain_aliases;
	*alias = (struct sip_domain_alias_config){ 0 };
	alias->name = lower_copy(settings->store, sip_str_of(section->name));
	alias->source = source_of(section);
	return alias;
}

static void *add_acl(struct settings *settings, const struct section *section)
{
	struct sip_acl_section *acl;

	settings->acls = store_grow(settings->store, settings->acls,
		settings->config.acl_count, sizeof(*acl));
	acl = &settings->acls[settings->config.acl_count++];
	settings->config.acl = settings->acls;
	*acl = (struct sip_acl_section){ .name = section->name };
	acl->source = source_of(section);
	return acl;
}

static void *add_named_acl(struct settings *settings, const struct section *section)
{
	struct sip_acl_section *acl = add_acl(settings, section);

	acl->named_only = true;
	return acl;
}

static const char why_geolocation[] = "Geolocation is passed on as it came";
static const char why_stir_shaken[] =
	"Identity header fields are neither checked nor made yet";
static const char why_publication[] = "there is no presence or mailbox to tell of yet";

static const struct section_type types[] = {
	{ .name = "transport",
		.help = "A socket that the server listens on and sends from.",
		.options = &transport_options,
		.kind = OBJECT_TRANSPORT,
		.add = add_transport },
	{ .name = "endpoint",
		.help = "A phone, trunk or peer: who it is and what it may do.",
		.options = &endpoint_options,
		.kind = OBJECT_ENDPOINT,
		.add = add_endpoint },
	{ .name = "aor",
		.help = "An address of record: what is called, and who may register there. "
			"Its section's name is the user part, or `user@domain`.",
		.options = &aor_options,
		.kind = OBJECT_AOR,
		.add = add_aor },
	{ .name = "auth",
		.help = "A user name and its secret.",
		.options = &auth_options,
		.kind = OBJECT_AUTH,
		.add = add_auth },
	{ .name = "identify",
		.help = "Addresses whose requests are an endpoint's.",
		.options = &identify_options,
		.kind = OBJECT_IDENTIFY,
		.add = add_identify },
	{ .name = "domain_alias",
		.help = "Another name of a domain; both are ours.",
		.options = &domain_alias_options,
		.kind = OBJECT_DOMAIN_ALIAS,
		.add = add_domain_alias },
	{ .name = "acl",
		.help = "Addresses that requests may come from, and that phones may register. "
			"What comes from another is dropped before it is read; nobody is "
			"answered.",
		.options = &acl_options,
		.kind = OBJECT_ACL,
		.add = add_acl },
	{ .name = "global",
		.help = "What holds for the whole server; there is one such section.",
		.options = &global_options,
		.kind = OBJECT_GLOBAL,
		.add = add_global },
	{ .name = "system",
		.help = "Threads, timers and maximums; there is one such section. A reload "
			"says what of it wants a restart.",
		.options = &system_options,
		.kind = OBJECT_SYSTEM,
		.add = add_system },
	{ .name = "registration",
		.verdict = OPTION_NOT_YET,
		.help = "A registration of ours at somebody else's server.",
		.note = "let the trunk know this server by its address, and give its aor a "
			"contact=",
		.options = &registration_options },
	{ .name = "contact",
		.verdict = OPTION_NOT_YET,
		.help = "A contact that Asterisk has stored.",
		.note = "contact= of an aor is a contact that is always there",
		.options = &contact_options },
	{ .name = "resource_list",
		.verdict = OPTION_NOT_YET,
		.help = "A list that phones subscribe to as one (RFC 4662).",
		.options = &resource_list_options },
	{ .name = "subscription_persistence",
		.verdict = OPTION_NOT_YET,
		.help = "A subscription that Asterisk has stored.",
		.options = &subscription_persistence_options },
	{ .name = "inbound-publication",
		.verdict = OPTION_NOT_YET,
		.help = "States that another server publishes here (RFC 3903).",
		.note = why_publication,
		.options = &inbound_publication_options },
	{ .name = "outbound-publish",
		.verdict = OPTION_NOT_YET,
		.help = "States that are published at another server (RFC 3903).",
		.note = why_publication,
		.options = &outbound_publish_options },
	{ .name = "asterisk-publication",
		.verdict = OPTION_NOT_YET,
		.help = "States of devices and mailboxes among Asterisk servers.",
		.note = why_publication,
		.options = &asterisk_publication_options },
	{ .name = "phoneprov",
		.verdict = OPTION_NOT_YET,
		.help = "Files for phones that fetch their configuration by HTTP.",
		.options = &phoneprov_options,
		.any_option = true },
	{ .name = "wizard",
		.verdict = OPTION_NOT_YET,
		.help = "Of pjsip_wizard.conf: makes several sections of one.",
		.note = "a template says as much: [phone](!) and [6001](phone)",
		.options = &wizard_options },
	{ .name = "location",
		.verdict = OPTION_NO_MEANING,
		.help = "Of geolocation.conf: a place.",
		.note = why_geolocation },
	{ .name = "profile",
		.verdict = OPTION_NO_MEANING,
		.help = "Of geolocation.conf: how places are told.",
		.note = why_geolocation },
	{ .name = "attestation",
		.verdict = OPTION_REFUSED,
		.help = "Of stir_shaken.conf: how callers are vouched for.",
		.note = why_stir_shaken },
	{ .name = "verification",
		.verdict = OPTION_REFUSED,
		.help = "Of stir_shaken.conf: how callers are checked.",
		.note = why_stir_shaken },
	{ .name = "tn",
		.verdict = OPTION_REFUSED,
		.help = "Of stir_shaken.conf: a number to vouch for.",
		.note = why_stir_shaken },
};

/* A file of its own, whose sections say no type. */
static const struct section_type named_acl = {
	.name = "acl",
	.options = &named_acl_options,
	.kind = OBJECT_NAMED_ACL,
	.add = add_named_acl,
};

const struct section_type *type_of_acl_file(void)
{
	return &named_acl;
}

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

const struct section_type *type_find(const char *name)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (same_name(types[i].name, name))
			return &types[i];
	}
	return NULL;
}

const struct section_type *type_at(size_t index)
{
	return index < TYPE_COUNT ? &types[index] : NULL;
}
