/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints by the names that a peer's certificate has proved: `match_certificate=` of
 * identify sections.
 *
 * Only names of a certificate that was verified come here: see transport/peer_names.h.
 * They are asked for in the certificate's order, and the first that a section has
 * decides.
 *
 * Threads: the table is made with the settings (match.c), and read only afterwards.
 */
#include "server/settings/match.h"

#include "res_sip/endpoint.h"
#include "res_sip/explain.h"
#include "server/serving.h"
#include "transport/peer_names.h"

/* Names that nobody wants and an explanation lists. */
#define LISTED 4u

static const struct sip_match_section *find(const struct sip_settings *settings,
	const struct sip_peer_names *names, struct sip_str *name)
{
	size_t count = names != NULL ? names->count : 0;
	const struct sip_match_section *found = NULL;

	for (size_t i = 0; i < count && found == NULL; i++) {
		*name = names->name[i];
		found = sip_names_find(&settings->certificates, *name);
	}
	return found;
}

struct ast_sip_endpoint *sip_match_certificate(
	const struct sip_settings *settings, const struct sip_peer_names *names)
{
	struct sip_str name;
	const struct sip_match_section *section = find(settings, names, &name);

	return section != NULL ? section->endpoint : NULL;
}

/* The request is a dry one, and the names it has are in no section. */
static void explain_unknown(const struct sip_rx_data *rdata)
{
	const struct sip_peer_names *names = rdata->peer_names;

	if (names == NULL) {
		ast_sip_explain_line(
			rdata, NULL, "certificate: the peer has none that was verified");
		return;
	}
	if (names->count == 0)
		ast_sip_explain_line(rdata, NULL,
			"certificate: that of the peer has no name of a host in it");
	for (size_t i = 0; i < names->count && i < LISTED; i++)
		ast_sip_explain_line(rdata, NULL,
			"certificate: %.*s is in no match_certificate= of an identify "
			"section",
			SIP_STR_ARG(names->name[i]));
}

static void explain(const struct sip_rx_data *rdata,
	const struct sip_match_section *section, struct sip_str name)
{
	if (section == NULL)
		explain_unknown(rdata);
	else
		ast_sip_explain_line(rdata, &section->source,
			"certificate: %.*s is in match_certificate= of the identify "
			"section %s",
			SIP_STR_ARG(name), section->name);
}

struct ast_sip_endpoint *ast_sip_endpoint_by_certificate(const struct sip_rx_data *rdata)
{
	struct sip_server *server = sip_server_here();
	const struct sip_match_section *section;
	struct ast_sip_endpoint *endpoint;
	struct sip_snapshot *snapshot;
	struct sip_str name;
	bool dry;

	SIP_ASSERT(rdata != NULL);
	dry = ast_sip_is_dry(rdata);
	if (server == NULL || (rdata->peer_names == NULL && !dry))
		return NULL;
	snapshot = sip_snapshot_take(server);
	section = find(snapshot->settings, rdata->peer_names, &name);
	if (dry)
		explain(rdata, section, name);
	endpoint = section != NULL ? ast_sip_endpoint_ref(section->endpoint) : NULL;
	sip_snapshot_unref(&snapshot);
	return endpoint;
}
