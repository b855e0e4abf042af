/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of an endpoint with their places.
 *
 * The server keeps the place of a section, not that of each option, which would cost more
 * memory than the options.  So the files are asked.
 */
#include "show_endpoint.h"

#include "check.h"
#include "value_text.h"
#include "values.h"

#include <stdio.h>

struct showing {
	struct configuration files;
	const struct ast_sip_endpoint *endpoint;
	const struct sip_show_sink *sink;
	const char *name;
};

static const char *place(struct store *store, struct position at)
{
	return store_format(store, "%s:%u", at.file, at.line);
}

/* What the files say of the option, if it is not what holds. */
static const char *other_value(struct showing *showing, const struct option *option,
	const struct section *section, const char *holds)
{
	struct settings *settings = &showing->files.settings;
	const char *says;

	if (section == NULL)
		return NULL;
	says = option_text(settings->store, option, &settings->endpoints[section->index]);
	return says != NULL && strcmp(says, holds) != 0 ? says : NULL;
}

static void show_options(struct showing *showing)
{
	static const struct sip_show_column columns[] = { { "option", SIP_SHOW_TEXT },
		{ "value", SIP_SHOW_TEXT }, { "source", SIP_SHOW_TEXT },
		{ "file says", SIP_SHOW_TEXT } };
	const struct sip_show_sink *sink = showing->sink;
	struct store *store = &showing->files.store;
	const struct section *section = settings_find(
		&showing->files.settings, OBJECT_ENDPOINT, showing->name);

	sink->table(sink->arg, "options", SIP_SHOW_ROWS, columns, 4);
	for (size_t i = 0; i < endpoint_options.count; i++) {
		const struct option *option = &endpoint_options.options[i];
		const struct entry *entry = section != NULL
			? section_entry(section, option->name)
			: NULL;
		const char *holds = option_text(
			store, option, ast_sip_endpoint_options(showing->endpoint));

		if (holds == NULL)
			continue;
		sink->row(sink->arg,
			(const char *const[]){ option->name, holds,
				entry != NULL ? place(store, entry->at) : "default",
				other_value(showing, option, section, holds) });
	}
}

/* `192.0.2.0/24,203.0.113.7/32:5060,trunk.example.com` */
static const char *matches(
	struct store *store, const struct sip_identify_config *identify)
{
	struct sip_config_list list = { 0 };
	const char *text;

	for (size_t i = 0; i < identify->match_count; i++) {
		const struct sip_identify_match *match = &identify->match[i];
		uint16_t port = sip_addr_port(&match->network);
		char host[SIP_ADDR_TEXT_LEN];

		text = store_format(store, "%s/%u",
			sip_addr_host_text(&match->network, host), match->prefix_len);
		if (port != 0)
			text = store_format(store, "%s:%u", text, port);
		list_add(store, &list, text);
	}
	for (size_t i = 0; i < identify->match_certificate.count; i++)
		list_add(store, &list, identify->match_certificate.item[i]);
	text = list_text(store, &list);
	return text != NULL ? text : "";
}

static void show_identifies(struct showing *showing)
{
	static const struct sip_show_column columns[] = { { "identify", SIP_SHOW_TEXT },
		{ "match", SIP_SHOW_LIST }, { "source", SIP_SHOW_TEXT } };
	const struct sip_show_sink *sink = showing->sink;
	const struct settings *settings = &showing->files.settings;
	struct store *store = &showing->files.store;

	sink->table(sink->arg, "identify", SIP_SHOW_ROWS, columns, 3);
	for (size_t i = 0; i < settings->config.identify_count; i++) {
		const struct sip_identify_config *identify = &settings->identifies[i];
		const struct position at = { identify->source.file, identify->source.line,
			0 };

		if (identify->endpoint == NULL ||
			strcmp(identify->endpoint, showing->name) != 0)
			continue;
		sink->row(sink->arg,
			(const char *const[]){ identify->name, matches(store, identify),
				place(store, at) });
	}
}

static void show(void *arg)
{
	struct showing *showing = arg;

	show_options(showing);
	show_identifies(showing);
}

void show_endpoint_options(const char *folder, const struct ast_sip_endpoint *endpoint,
	const struct sip_show_sink *sink)
{
	struct showing showing = {
		.endpoint = endpoint,
		.sink = sink,
		.name = ast_sip_endpoint_name(endpoint),
	};

	/* What is wrong with them is `check`'s to tell; what was read is there. */
	SIP_IGNORE(!configuration_read(&showing.files, folder));
	if (showing.files.settings.store != NULL)
		/* Without memory there are as many rows as there was for. */
		SIP_IGNORE(!configuration_try(&showing.files, show, &showing));
	configuration_fini(&showing.files);
}
