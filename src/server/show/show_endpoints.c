/* SPDX-License-Identifier: BSD-2-Clause */
/* `show endpoints` and `show endpoint NAME`. */
#include "server/show/show.h"

static size_t count_contacts(const struct sip_show *show, const char *aor)
{
	struct ast_sip_contacts found;
	size_t count;

	if (sip_location_find(show->server->location, sip_str_of(aor), &found) != 0)
		return 0;
	count = found.count;
	ast_sip_contacts_release(&found);
	return count;
}

static void show_one(const struct sip_show *show, const struct ast_sip_endpoint *endpoint)
{
	const struct sip_config_list *aors = &endpoint->options.aors;
	char names[SIP_SHOW_CELL];
	char count[24];
	char source[SIP_SHOW_CELL];
	size_t contacts = 0;

	for (size_t i = 0; i < aors->count; i++)
		contacts += count_contacts(show, aors->item[i]);
	sip_show_row(show,
		(const char *const[]){ endpoint->options.name, sip_show_list(names, aors),
			sip_show_number(count, contacts),
			endpoint->auth_count > 0 ? "digest" : "none",
			sip_show_source(source, &endpoint->options.source) });
}

int sip_show_endpoints(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "endpoint", SIP_SHOW_TEXT },
		{ "aors", SIP_SHOW_LIST }, { "contacts", SIP_SHOW_NUMBER },
		{ "auth", SIP_SHOW_TEXT }, { "source", SIP_SHOW_TEXT } };
	struct sip_snapshot *snapshot = sip_snapshot_take(show->server);

	sip_show_table(show, "endpoints", SIP_SHOW_ROWS, columns, 5);
	for (size_t i = 0; i < snapshot->settings->endpoint_count; i++)
		show_one(show, snapshot->settings->endpoint[i]);
	sip_snapshot_unref(&snapshot);
	return 0;
}

static void show_aors(const struct sip_show *show, const struct sip_settings *settings,
	const struct ast_sip_endpoint *endpoint)
{
	static const struct sip_show_column columns[] = { { "aor", SIP_SHOW_TEXT },
		{ "contacts", SIP_SHOW_NUMBER }, { "max contacts", SIP_SHOW_NUMBER },
		{ "source", SIP_SHOW_TEXT } };
	const struct sip_config_list *names = &endpoint->options.aors;

	sip_show_table(show, "aors", SIP_SHOW_ROWS, columns, 4);
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->item[i];
		const struct sip_aor_config *aor = sip_names_find(
			&settings->aors, sip_str_of(name));
		char count[24];
		char most[24];
		char source[SIP_SHOW_CELL];

		sip_show_row(show,
			(const char *const[]){ name,
				sip_show_number(count, count_contacts(show, name)),
				aor != NULL ? sip_show_number(most, aor->max_contacts)
					    : NULL,
				aor != NULL ? sip_show_source(source, &aor->source)
					    : NULL });
	}
}

static void show_their_contacts(
	const struct sip_show *show, const struct ast_sip_endpoint *endpoint)
{
	const struct sip_config_list *names = &endpoint->options.aors;

	sip_show_contacts_table(show);
	for (size_t i = 0; i < names->count; i++) {
		struct sip_str aor = sip_str_of(names->item[i]);
		struct ast_sip_contacts found;

		if (sip_location_find(show->server->location, aor, &found) != 0)
			continue;
		for (size_t j = 0; j < found.count; j++)
			sip_show_contacts_row(show, aor, found.contact[j]);
		ast_sip_contacts_release(&found);
	}
}

/* By name; what it proves is nobody's to see. */
static void show_auths(
	const struct sip_show *show, const struct ast_sip_endpoint *endpoint)
{
	static const char *const types[] = { "userpass", "md5", "digest" };
	static const struct sip_show_column columns[] = { { "auth", SIP_SHOW_TEXT },
		{ "type", SIP_SHOW_TEXT }, { "username", SIP_SHOW_TEXT },
		{ "realm", SIP_SHOW_TEXT }, { "source", SIP_SHOW_TEXT } };

	sip_show_table(show, "auth", SIP_SHOW_ROWS, columns, 5);
	for (size_t i = 0; i < endpoint->auth_count; i++) {
		const struct sip_auth_config *auth = &endpoint->auth[i];
		char source[SIP_SHOW_CELL];

		sip_show_row(show,
			(const char *const[]){ auth->name, types[auth->auth_type],
				auth->username, auth->realm,
				sip_show_source(source, &auth->source) });
	}
}

/* Where the endpoint is. */
#define PLACES_MOST 64u

struct places {
	const char *endpoint;
	struct sip_addr item[PLACES_MOST];
	size_t count;
};

static void add_place(struct places *places, const struct ast_sip_contact *contact)
{
	/* Behind a Path it shares its address with others. */
	if (contact->flow.listener != 0 && contact->path.len == 0 &&
		places->count < PLACES_MOST)
		places->item[places->count++] = contact->flow.peer;
}

static void find_places(const struct sip_show *show,
	const struct ast_sip_endpoint *endpoint, struct places *places)
{
	const struct sip_config_list *names = &endpoint->options.aors;

	*places = (struct places){ .endpoint = endpoint->options.name };
	for (size_t i = 0; i < names->count; i++) {
		struct ast_sip_contacts found;

		if (sip_location_find(show->server->location, sip_str_of(names->item[i]),
			    &found) != 0)
			continue;
		for (size_t j = 0; j < found.count; j++)
			add_place(places, found.contact[j]);
		ast_sip_contacts_release(&found);
	}
}

/* A transaction is the endpoint's that began it, and of whoever is at its other end. */
static bool is_of_endpoint(void *arg, const struct sip_gathered *gathered)
{
	const struct places *places = arg;
	bool is = strncmp(gathered->endpoint, places->endpoint,
			  sizeof(gathered->endpoint) - 1) == 0;

	for (size_t i = 0; i < places->count && !is; i++)
		is = sip_addr_equal(&gathered->peer, &places->item[i]);
	return is;
}

int sip_show_endpoint(const struct sip_show *show)
{
	struct places places;
	int result = SIP_ENOTFOUND;
	struct sip_snapshot *snapshot = sip_snapshot_take(show->server);
	const struct sip_settings *settings = snapshot->settings;
	const struct ast_sip_endpoint *endpoint = sip_names_find(
		&settings->endpoints, sip_str_of(show->query->name));

	if (endpoint != NULL) {
		show_aors(show, settings, endpoint);
		show_their_contacts(show, endpoint);
		show_auths(show, endpoint);
		find_places(show, endpoint, &places);
		result = sip_show_gathered(show, is_of_endpoint, &places);
	}
	sip_snapshot_unref(&snapshot);
	return result;
}
