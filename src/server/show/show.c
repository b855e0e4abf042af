/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an operator sees: the table of views, and what they have in common.
 *
 * Elsewhere: each view (show_*.c).
 */
#include "server/show/show.h"

#include <stdio.h>

static const struct {
	const char *what;
	bool wants_name;
	sip_show_fn *show;
} views[] = {
	{ "endpoints", false, sip_show_endpoints },
	{ "endpoint", true, sip_show_endpoint },
	{ "contacts", false, sip_show_contacts },
	{ "contact", true, sip_show_contact },
	{ "transports", false, sip_show_transports },
	{ "connections", false, sip_show_connections },
	{ "modules", false, sip_show_modules },
	{ "counters", false, sip_show_counters },
	{ "pool", false, sip_show_pool },
	{ "works", false, sip_show_works },
	{ "transactions", false, sip_show_transactions },
	{ "dialogs", false, sip_show_dialogs },
	{ "admission", false, sip_show_admission },
	{ "sources", false, sip_show_sources },
	{ "targets", false, sip_show_targets },
};

#define VIEW_COUNT (sizeof(views) / sizeof(views[0]))

void sip_show_table(const struct sip_show *show, const char *name,
	enum sip_show_shape shape, const struct sip_show_column *columns, size_t count)
{
	show->sink->table(show->sink->arg, name, shape, columns, count);
}

void sip_show_row(const struct sip_show *show, const char *const *values)
{
	show->sink->row(show->sink->arg, values);
}

const char *sip_show_text(char cell[SIP_SHOW_CELL], struct sip_str text)
{
	size_t len = text.len < SIP_SHOW_CELL ? text.len : SIP_SHOW_CELL - 1;

	if (len == 0)
		return NULL;
	memcpy(cell, text.ptr, len);
	cell[len] = '\0';
	return cell;
}

const char *sip_show_number(char *cell, uint64_t number)
{
	snprintf(cell, 24, "%llu", (unsigned long long)number);
	return cell;
}

const char *sip_show_source(
	char cell[SIP_SHOW_CELL], const struct sip_config_source *source)
{
	if (source->file == NULL)
		return NULL;
	snprintf(cell, SIP_SHOW_CELL, "%s:%u", source->file, source->line);
	return cell;
}

const char *sip_show_list(char cell[SIP_SHOW_CELL], const struct sip_config_list *list)
{
	size_t len = 0;

	cell[0] = '\0';
	for (size_t i = 0; i < list->count && len < SIP_SHOW_CELL - 1; i++)
		len += (size_t)snprintf(cell + len, SIP_SHOW_CELL - len, "%s%s",
			i ? "," : "", list->item[i]);
	return cell;
}

void sip_show_pair(const struct sip_show *show, const char *name, uint64_t number)
{
	char text[24];

	sip_show_row(show, (const char *const[]){ name, sip_show_number(text, number) });
}

int sip_server_show(struct sip_server *server, const struct sip_show_query *query,
	const struct sip_show_sink *sink)
{
	const struct sip_show show = { server, query, sink };

	for (size_t i = 0; i < VIEW_COUNT; i++) {
		if (strcmp(views[i].what, query->what) != 0)
			continue;
		if (views[i].wants_name != (query->name != NULL))
			return SIP_EINVALID;
		return views[i].show(&show);
	}
	return SIP_EUNSUPPORTED;
}

const char *sip_show_what(size_t index, bool *wants_name)
{
	if (index >= VIEW_COUNT)
		return NULL;
	*wants_name = views[index].wants_name;
	return views[index].what;
}
