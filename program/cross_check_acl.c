/* SPDX-License-Identifier: BSD-2-Clause */
/* Cross checks of access lists. */
#include "cross_check_who.h"
#include "nearest.h"

/* Whose list it is, for messages. */
struct owner {
	struct settings *settings;
	enum object_kind kind;
	const char *type;
	const char *name;
};

/* Where it says that option; where it begins, if it does not. */
static struct position place_of(const struct owner *owner, const char *option)
{
	return option_place(
		settings_find(owner->settings, owner->kind, owner->name), option);
}

static void check_list_name(
	const struct owner *owner, const char *name, const char *option)
{
	struct settings *settings = owner->settings;
	struct nearest nearest;
	const char *guess = "";

	if (settings_find(settings, OBJECT_ACL, name) != NULL ||
		settings_find(settings, OBJECT_NAMED_ACL, name) != NULL)
		return;
	nearest_init(&nearest, sip_str_of(name));
	for (size_t i = 0; i < settings->config.acl_count; i++)
		nearest_try(&nearest, settings->acls[i].name);
	if (nearest.name != NULL)
		guess = store_format(
			settings->store, "; did you mean [%s]?", nearest.name);
	problem_add(settings->problems, PROBLEM_ERROR, place_of(owner, option),
		"%s= of %s [%s]: there is no list [%s], neither of type=acl nor in "
		"acl.conf%s",
		option, owner->type, owner->name, name, guess);
}

static bool is_everything(const struct sip_acl_rule *rule, sa_family_t family)
{
	return rule->network.sa.sa_family == family && rule->prefix_len == 0;
}

static bool listens_on_ipv6(const struct settings *settings)
{
	for (size_t i = 0; i < settings->config.transport_count; i++) {
		if (settings->transports[i].bind.sa.sa_family == AF_INET6)
			return true;
	}
	return false;
}

static struct position rule_place(
	const struct sip_acl_config *acl, const struct sip_acl_rule *rule)
{
	return (struct position){ acl->files.item[rule->file], rule->line, 1 };
}

/* `deny=0.0.0.0/0` reads as if it were about everybody. */
static void check_families(const struct owner *owner, const struct sip_acl_config *acl)
{
	const struct sip_acl_rule *denied = NULL;

	for (size_t i = 0; i < acl->rule_count; i++) {
		const struct sip_acl_rule *rule = &acl->rule[i];

		if (rule->network.sa.sa_family == AF_INET6)
			return;
		if (!rule->permit && is_everything(rule, AF_INET))
			denied = rule;
	}
	if (denied != NULL && listens_on_ipv6(owner->settings))
		problem_add(owner->settings->problems, PROBLEM_WARNING,
			rule_place(acl, denied),
			"%s [%s] denies everybody of IPv4, and nobody of IPv6, on which a "
			"transport listens: `deny=::/0` goes with it",
			owner->type, owner->name);
}

static void check_denies(const struct owner *owner, const struct sip_acl_config *acl)
{
	for (size_t i = 0; i < acl->rule_count; i++) {
		if (!acl->rule[i].permit)
			return;
	}
	if (acl->rule_count != 0)
		problem_add(owner->settings->problems, PROBLEM_WARNING,
			rule_place(acl, &acl->rule[0]),
			"permit= of %s [%s] without a deny= keeps nobody out: who is in no line "
			"may come; `deny=0.0.0.0/0` and `deny=::/0` before it end that",
			owner->type, owner->name);
}

static void check_acl(
	const struct owner *owner, const struct sip_acl_config *acl, const char *option)
{
	for (size_t i = 0; i < acl->acl.count; i++)
		check_list_name(owner, acl->acl.item[i], option);
	check_families(owner, acl);
	check_denies(owner, acl);
}

/* One that is there to be named has nobody to name others for. */
static void check_named(const struct owner *owner, const struct sip_acl_section *acl)
{
	struct settings *settings = owner->settings;
	const struct section *twin = settings_find(settings, OBJECT_NAMED_ACL, acl->name);

	if (!acl->named_only)
		return;
	if (acl->source_acl.acl.count + acl->contact_acl.acl.count +
			acl->contact_acl.rule_count !=
		0)
		problem_add(settings->problems, PROBLEM_ERROR,
			place_of(owner, "named_only"),
			"acl [%s] has named_only=yes: it is permit= and deny= only",
			acl->name);
	if (twin != NULL && twin->at.file != acl->source.file)
		problem_add(settings->problems, PROBLEM_ERROR,
			place_of(owner, "named_only"), "acl [%s] stands in %s:%u as well",
			acl->name, twin->at.file, twin->at.line);
}

void check_acls(struct settings *settings)
{
	const struct sip_config *config = &settings->config;

	for (size_t i = 0; i < config->acl_count; i++) {
		const struct sip_acl_section *acl = &config->acl[i];
		const struct section *own = settings_find(
			settings, OBJECT_ACL, acl->name);
		enum object_kind kind = own != NULL && own->at.file == acl->source.file &&
				own->at.line == acl->source.line
			? OBJECT_ACL
			: OBJECT_NAMED_ACL;
		const struct owner owner = { settings, kind, "acl", acl->name };

		check_acl(&owner, &acl->source_acl, "acl");
		check_acl(&owner, &acl->contact_acl, "contact_acl");
		check_named(&owner, acl);
	}
	for (size_t i = 0; i < config->transport_count; i++) {
		const struct sip_transport_section *transport = &config->transport[i];
		const struct owner owner = { settings, OBJECT_TRANSPORT, "transport",
			transport->name };

		check_acl(&owner, &transport->source_acl, "acl");
	}
	for (size_t i = 0; i < config->endpoint_count; i++) {
		const struct sip_endpoint_config *endpoint = &config->endpoint[i];
		const struct owner owner = { settings, OBJECT_ENDPOINT, "endpoint",
			endpoint->name };

		check_acl(&owner, &endpoint->source_acl, "acl");
		check_acl(&owner, &endpoint->contact_acl, "contact_acl");
	}
}
