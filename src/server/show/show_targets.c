/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `show targets`: where the names in contact= lead, as far as that is known, in the order
 * in which they would be tried now.  Nobody is asked for it.
 */
#include "server/show/show.h"
#include "server/targets/lookup.h"

#include <stdio.h>

/* What is tried last, and for how long yet. */
static const char *health_of(const struct sip_show *show, const struct sip_target *target,
	char cell[SIP_SHOW_CELL])
{
	uint64_t left_us = sip_target_shunned_us(
		sip_lookups_resolver(show->server->lookups), target);

	if (left_us == 0)
		return "usual";
	snprintf(cell, SIP_SHOW_CELL, "failed, last for %llu s",
		(unsigned long long)((left_us + 999999) / 1000000));
	return cell;
}

static void show_contact(
	const struct sip_show *show, const char *aor, const struct sip_uri *uri)
{
	struct sip_targets targets;
	char name[SIP_SHOW_CELL];
	int result = sip_lookup(
		show->server, &(struct sip_lookup){ .uri = uri }, NULL, &targets, NULL);

	sip_show_text(name, uri->text);
	if (result != 0)
		sip_show_row(show,
			(const char *const[]){ aor, name, NULL, NULL,
				result == SIP_EMISSING ? "not known now"
						       : sip_lookup_error(result) });
	for (unsigned i = 0; i < targets.count; i++) {
		const struct sip_target *target = &targets.target[i];
		char addr[SIP_ADDR_TEXT_LEN];
		char health[SIP_SHOW_CELL];

		sip_show_row(show,
			(const char *const[]){ aor, name,
				sip_transport_name(target->kind),
				sip_addr_text(&target->addr, addr),
				health_of(show, target, health) });
	}
}

static bool is_name(const struct sip_uri *uri)
{
	struct sip_addr addr;

	return (uri->scheme == SIP_URI_SIP || uri->scheme == SIP_URI_SIPS) &&
		sip_addr_parse(uri->host, 0, &addr) != 0;
}

int sip_show_targets(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "aor", SIP_SHOW_TEXT },
		{ "contact", SIP_SHOW_TEXT }, { "protocol", SIP_SHOW_TEXT },
		{ "address", SIP_SHOW_TEXT }, { "state", SIP_SHOW_TEXT } };
	struct sip_snapshot *snapshot = sip_snapshot_take(show->server);
	const struct sip_settings *settings = snapshot->settings;

	sip_show_table(show, "targets", SIP_SHOW_ROWS, columns, 5);
	for (size_t i = 0; i < settings->aor_count; i++) {
		const struct sip_aor_config *aor = &settings->aor[i];

		for (size_t j = 0; j < aor->contact.count; j++) {
			struct sip_uri uri;

			if (sip_uri_parse(sip_str_of(aor->contact.item[j]), &uri) == 0 &&
				is_name(&uri))
				show_contact(show, aor->name, &uri);
		}
	}
	sip_snapshot_unref(&snapshot);
	return 0;
}
