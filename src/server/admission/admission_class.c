/* SPDX-License-Identifier: BSD-2-Clause */
/* Classes of requests: see admission_class.h. */
#include "server/admission/admission_class.h"

#include "server/auth/authentication.h"
#include "server/auth/nonce.h"
#include "server/settings/emergency.h"
#include "server/settings/match.h"

static const struct {
	const char *name;
	size_t max_wait; /* a uint32_t of struct sip_system_config, ms */
} classes[SIP_CLASSES] = {
	[SIP_CLASS_EMERGENCY] = { "emergency",
		offsetof(struct sip_system_config, max_wait_emergency_ms) },
	[SIP_CLASS_OPTIONS] = { "options",
		offsetof(struct sip_system_config, max_wait_options_ms) },
	[SIP_CLASS_KNOWN] = { "known",
		offsetof(struct sip_system_config, max_wait_known_ms) },
	[SIP_CLASS_INVITE] = { "invite",
		offsetof(struct sip_system_config, max_wait_invite_ms) },
	[SIP_CLASS_REGISTER] = { "register",
		offsetof(struct sip_system_config, max_wait_register_ms) },
	[SIP_CLASS_OTHER] = { "other",
		offsetof(struct sip_system_config, max_wait_other_ms) },
};

uint64_t sip_class_max_wait_us(
	const struct sip_settings *settings, enum sip_admission_class class)
{
	uint32_t max_ms;

	memcpy(&max_ms, (const char *)&settings->system + classes[class].max_wait,
		sizeof(max_ms));
	return max_ms * UINT64_C(1000);
}

uint64_t sip_class_least_wait_us(const struct sip_settings *settings)
{
	uint64_t least_us = UINT64_MAX;

	for (int class = 0; class < SIP_CLASSES; class ++) {
		uint64_t max_us = sip_class_max_wait_us(
			settings, (enum sip_admission_class) class);

		if (max_us < least_us)
			least_us = max_us;
	}
	return least_us;
}

const char *sip_class_name(enum sip_admission_class class)
{
	return classes[class].name;
}

static const struct sip_aor_config *named_aor(
	const struct sip_rx_data *rdata, const struct sip_settings *settings)
{
	const struct sip_name_addr *name = rdata->msg.method == SIP_REGISTER
		? &rdata->msg.to
		: &rdata->msg.from;
	struct sip_uri uri;

	return sip_uri_parse(name->uri, &uri) == 0 ? sip_settings_aor(settings, &uri)
						   : NULL;
}

bool sip_is_registered_there(
	const struct sip_rx_data *rdata, const struct sip_settings *settings)
{
	const struct sip_aor_config *aor = named_aor(rdata, settings);
	struct ast_sip_contacts found;
	bool there = false;

	if (aor == NULL ||
		sip_location_find(
			rdata->server->location, sip_str_of(aor->name), &found) != 0)
		return false;
	for (size_t i = 0; i < found.count && !there; i++) {
		there = found.contact[i]->flow.listener != 0 &&
			sip_addr_equal(&found.contact[i]->flow.peer, &rdata->flow.peer);
	}
	ast_sip_contacts_release(&found);
	return there;
}

/* Nobody answers our challenge who does not read what is sent to that address. */
static bool answers_challenge(
	const struct sip_rx_data *rdata, const struct sip_settings *settings)
{
	struct sip_digest credentials;

	return sip_find_credentials(
		       rdata, settings->global.default_realm, &credentials) == 0 &&
		sip_nonce_is_ours(rdata->server->nonces, credentials.nonce,
			credentials.realm, &rdata->flow.peer);
}

/* It is from an address that we know, or from whom its certificate says. */
static bool names_endpoint(
	const struct sip_rx_data *rdata, const struct sip_settings *settings)
{
	return sip_match_find(settings, &rdata->flow.peer) != NULL ||
		sip_match_certificate(settings, rdata->peer_names) != NULL ||
		sip_is_registered_there(rdata, settings);
}

enum sip_admission_class sip_admission_class_of(
	const struct sip_rx_data *rdata, const struct sip_settings *settings)
{
	enum sip_method method = (enum sip_method)rdata->msg.method;

	if (method == SIP_INVITE &&
		sip_uri_is_emergency(rdata->server, settings, &rdata->msg.request_uri) &&
		names_endpoint(rdata, settings))
		return SIP_CLASS_EMERGENCY;
	if (method == SIP_OPTIONS)
		return SIP_CLASS_OPTIONS;
	if (answers_challenge(rdata, settings))
		return SIP_CLASS_KNOWN;
	if (method == SIP_REGISTER)
		return sip_is_registered_there(rdata, settings) ? SIP_CLASS_KNOWN
								: SIP_CLASS_REGISTER;
	return method == SIP_INVITE ? SIP_CLASS_INVITE : SIP_CLASS_OTHER;
}
