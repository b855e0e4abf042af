/* SPDX-License-Identifier: BSD-2-Clause */
/* Cross checks of endpoints, auth and identify sections, and the order of identifiers. */
#include "cross_check_who.h"

#include <strings.h>

/* The realm of our challenges, as the server chooses it. */
static const char *realm_of(const struct sip_global_config *global)
{
	if (global->default_realm != NULL)
		return global->default_realm;
	return global->domain.count != 0 ? global->domain.item[0] : "res_sip";
}

static bool has_hash(const struct sip_auth_config *auth)
{
	return auth->md5_cred != NULL || auth->sha256 != NULL || auth->sha512_256 != NULL;
}

static const char *missing_secret(const struct sip_auth_config *auth)
{
	if (auth->username == NULL || auth->username[0] == '\0')
		return "username=";
	switch (auth->auth_type) {
	case SIP_AUTH_USERPASS: return auth->password == NULL ? "password=" : NULL;
	case SIP_AUTH_MD5: return auth->md5_cred == NULL ? "md5_cred=" : NULL;
	case SIP_AUTH_DIGEST: break;
	}
	return auth->password == NULL && !has_hash(auth) ? "password= or password_digest="
							 : NULL;
}

/* Mistakes of one auth section that an endpoint names in auth=. */
static void check_auth(struct settings *settings, size_t index)
{
	const struct sip_auth_config *auth = &settings->auths[index];
	const struct section *section = settings->objects[OBJECT_AUTH].sections[index];
	const char *realm = realm_of(&settings->config.global);
	const char *missing = missing_secret(auth);
	bool hashed = has_hash(auth);

	if (missing != NULL)
		problem_add(settings->problems, PROBLEM_ERROR, section->at,
			"auth [%s] has no %s", auth->name, missing);
	if (auth->realm == NULL || auth->realm[0] == '\0' ||
		strcmp(auth->realm, realm) == 0)
		return;
	if (hashed)
		problem_add(settings->problems, PROBLEM_ERROR,
			option_place(section, "realm"),
			"auth [%s]: its hashes were made for realm `%s`, and the realm of our "
			"challenges is `%s`: nobody could log in",
			auth->name, auth->realm, realm);
	else
		problem_add(settings->problems, PROBLEM_WARNING,
			option_place(section, "realm"),
			"auth [%s]: the realm of our challenges is `%s` (default_realm), not `%s`",
			auth->name, realm, auth->realm);
}

static void check_max_contacts(struct settings *settings,
	const struct sip_endpoint_config *endpoint, const struct section *section)
{
	const struct sip_aor_config *aor = &settings->aors[section->index];

	/* With a contact= in the file it is a trunk, which never registers. */
	if (endpoint->auth.count == 0 || aor->max_contacts != 0 ||
		aor->contact.count != 0)
		return;
	problem_add(settings->problems, PROBLEM_WARNING,
		option_place(section, "max_contacts"),
		"aor [%s]: nobody may register: max_contacts is 0%s", section->name,
		section_entry(section, "max_contacts") == NULL ? ", the default" : "");
}

static void check_names(struct settings *settings,
	const struct sip_endpoint_config *endpoint, const struct section *section,
	bool *auth_seen)
{
	struct position at = option_place(section, "aors");
	const struct section *named;

	for (size_t i = 0; i < endpoint->aors.count; i++) {
		named = check_name(
			settings, OBJECT_AOR, endpoint->aors.item[i], at, "aors", "aor");
		if (named != NULL)
			check_max_contacts(settings, endpoint, named);
	}
	at = option_place(section, "auth");
	for (size_t i = 0; i < endpoint->auth.count; i++) {
		named = check_name(settings, OBJECT_AUTH, endpoint->auth.item[i], at,
			"auth", "auth");
		if (named != NULL)
			auth_seen[named->index] = true;
	}
}

static void check_transport_of(struct settings *settings,
	const struct sip_endpoint_config *endpoint, const struct section *section)
{
	/* What is wrong with the name it says. */
	if (endpoint->transport != NULL)
		SIP_IGNORE(check_name(settings, OBJECT_TRANSPORT, endpoint->transport,
				   option_place(section, "transport"), "transport",
				   "transport") == NULL);
}

static void check_open(struct settings *settings,
	const struct sip_endpoint_config *endpoint, const struct section *section)
{
	/* `anonymous` is meant for whoever comes. */
	if (endpoint->auth.count != 0 || strcmp(endpoint->name, "anonymous") == 0 ||
		strncmp(endpoint->name, "anonymous@", 10) == 0)
		return;
	if ((endpoint->identify_by & SIP_IDENTIFY_USERNAME) != 0)
		problem_add(settings->problems, PROBLEM_WARNING, section->at,
			"endpoint [%s] has no auth= and is identified by From: whoever writes "
			"that name in From is that endpoint (identify_by=ip would end that)",
			endpoint->name);
}

static void check_endpoints(struct settings *settings)
{
	bool *auth_seen = store_alloc(settings->store, settings->config.auth_count + 1);

	for (size_t i = 0; i < settings->config.endpoint_count; i++) {
		const struct sip_endpoint_config *endpoint = &settings->endpoints[i];
		const struct section *section = settings->objects[OBJECT_ENDPOINT]
							.sections[i];

		check_names(settings, endpoint, section, auth_seen);
		check_transport_of(settings, endpoint, section);
		check_open(settings, endpoint, section);
	}
	/* An auth section that only outbound_auth= names has another's realm, rightly. */
	for (size_t i = 0; i < settings->config.auth_count; i++) {
		if (auth_seen[i])
			check_auth(settings, i);
	}
}

/* Two identify sections that want the same network would make it a matter of their order.
 */
static void check_matches(struct settings *settings,
	const struct sip_identify_config *identify, const struct section *section,
	struct names *networks)
{
	char text[SIP_ADDR_TEXT_LEN];

	for (size_t i = 0; i < identify->match_count; i++) {
		const struct sip_identify_match *match = &identify->match[i];
		const char *key = store_format(settings->store, "%s/%u",
			sip_addr_text(&match->network, text), match->prefix_len);
		const struct sip_identify_config *first = names_get(networks, 0, key);

		if (first == NULL)
			names_put(networks, 0, key, (void *)(uintptr_t)identify);
		else if (first->endpoint != NULL && identify->endpoint != NULL &&
			strcmp(first->endpoint, identify->endpoint) != 0)
			problem_add(settings->problems, PROBLEM_ERROR,
				option_place(section, "match"),
				"match: [%s] gives %s/%u to endpoint [%s] already",
				first->name, sip_addr_host_text(&match->network, text),
				match->prefix_len, first->endpoint);
	}
}

/* Likewise of names in certificates. */
static void check_certificates(struct settings *settings,
	const struct sip_identify_config *identify, const struct section *section,
	struct names *certificates)
{
	for (size_t i = 0; i < identify->match_certificate.count; i++) {
		const char *name = identify->match_certificate.item[i];
		const struct sip_identify_config *first = names_get(
			certificates, 0, name);

		if (first == NULL)
			names_put(certificates, 0, name, (void *)(uintptr_t)identify);
		else if (first->endpoint != NULL && identify->endpoint != NULL &&
			strcmp(first->endpoint, identify->endpoint) != 0)
			problem_add(settings->problems, PROBLEM_ERROR,
				option_place(section, "match_certificate"),
				"match_certificate: [%s] gives %s to endpoint [%s] already",
				first->name, name, first->endpoint);
	}
}

static bool some_client_is_verified(const struct settings *settings)
{
	for (size_t i = 0; i < settings->config.transport_count; i++) {
		const struct sip_tls_config *tls = &settings->transports[i].tls;

		if (tls->verify_client || tls->require_client_cert)
			return true;
	}
	return false;
}

/* What its options say has to be looked for by who looks for its endpoint. */
static void check_identified_by(struct settings *settings,
	const struct sip_identify_config *identify, const struct section *section,
	const struct section *endpoint)
{
	const struct {
		const char *option;
		bool given;
		uint32_t bit;
		const char *word;
	} ways[] = {
		{ "match", identify->match_count > 0, SIP_IDENTIFY_IP, "ip" },
		{ "match_certificate", identify->match_certificate.count > 0,
			SIP_IDENTIFY_CERTIFICATE, "certificate" },
	};
	uint32_t by = settings->endpoints[endpoint->index].identify_by;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (ways[i].given && (by & ways[i].bit) == 0)
			problem_add(settings->problems, PROBLEM_WARNING,
				option_place(section, ways[i].option),
				"%s= of identify [%s] does nothing: identify_by= of "
				"endpoint [%s] has no `%s`",
				ways[i].option, identify->name, identify->endpoint,
				ways[i].word);
	}
}

static void check_identify(struct settings *settings,
	const struct sip_identify_config *identify, const struct section *section)
{
	const struct section *endpoint = NULL;

	if (identify->endpoint == NULL)
		problem_add(settings->problems, PROBLEM_ERROR, section->at,
			"identify [%s] has no endpoint=", identify->name);
	else
		endpoint = check_name(settings, OBJECT_ENDPOINT, identify->endpoint,
			option_place(section, "endpoint"), "endpoint", "endpoint");
	if (endpoint != NULL)
		check_identified_by(settings, identify, section, endpoint);
	if (section_entry(section, "match") == NULL &&
		section_entry(section, "match_certificate") == NULL)
		problem_add(settings->problems, PROBLEM_ERROR, section->at,
			"identify [%s] has no match= and no match_certificate=: it would "
			"identify nobody",
			identify->name);
	if (identify->match_certificate.count > 0 && !some_client_is_verified(settings))
		problem_add(settings->problems, PROBLEM_WARNING,
			option_place(section, "match_certificate"),
			"match_certificate: no transport has verify_client=yes, so nobody "
			"proves a name");
}

void check_who(struct settings *settings)
{
	struct names networks = { .store = settings->store };
	struct names certificates = { .store = settings->store };

	check_endpoints(settings);
	for (size_t i = 0; i < settings->config.identify_count; i++) {
		const struct section *section = settings->objects[OBJECT_IDENTIFY]
							.sections[i];

		check_identify(settings, &settings->identifies[i], section);
		check_matches(settings, &settings->identifies[i], section, &networks);
		check_certificates(
			settings, &settings->identifies[i], section, &certificates);
	}
}
