/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator sees: res_sip/server.h, sip_server_show(). */
#include "server/registry.h"

#include "res_sip/location.h"

#include <stdio.h>

#define CELL 256

static void show_endpoints(struct sip_server *server, const struct sip_show_sink *sink)
{
	static const char *const columns[] = { "endpoint", "aors", "contacts", "auth",
		"source" };
	struct sip_snapshot *snapshot = sip_snapshot_take(server);

	sink->columns(sink->arg, columns, 5);
	for (size_t i = 0; i < snapshot->settings->endpoint_count; i++) {
		const struct ast_sip_endpoint *endpoint = snapshot->settings->endpoint[i];
		const struct sip_config_list *aors = &endpoint->options.aors;
		char names[CELL] = "-";
		char count[24];
		char source[CELL];
		size_t contacts = 0;
		size_t len = 0;

		for (size_t j = 0; j < aors->count; j++) {
			struct ast_sip_contacts found;

			len += (size_t)snprintf(names + len, CELL - len, "%s%s",
				j ? "," : "", aors->item[j]);
			if (len >= CELL)
				len = CELL - 1;
			if (sip_location_find(server->location, sip_str_of(aors->item[j]),
				    &found) != 0)
				continue;
			contacts += found.count;
			ast_sip_contacts_release(&found);
		}
		snprintf(count, sizeof(count), "%zu", contacts);
		snprintf(source, CELL, "%s:%u",
			endpoint->options.source.file ? endpoint->options.source.file
						      : "-",
			endpoint->options.source.line);
		sink->row(sink->arg,
			(const char *const[]){ endpoint->options.name, names, count,
				endpoint->auth_count > 0 ? "digest" : "none", source },
			5);
	}
	sip_snapshot_unref(&snapshot);
}

/* A phone's text as an operator's terminal may see it. */
static void put_cell(char cell[CELL], struct sip_str text)
{
	size_t len = text.len < CELL ? text.len : CELL - 1;

	for (size_t i = 0; i < len; i++)
		cell[i] = (char)((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 127
				? '?'
				: text.ptr[i]);
	cell[len] = '\0';
}

static void show_contact(
	void *arg, struct sip_str aor, const struct ast_sip_contact *contact)
{
	const struct sip_show_sink *sink = arg;
	char name[CELL];
	char uri[CELL];
	char source[SIP_ADDR_TEXT_LEN] = "-";
	char expires[24] = "never";
	char agent[CELL];

	put_cell(name, aor);
	put_cell(uri, contact->uri);
	put_cell(agent, contact->user_agent);
	if (contact->flow.listener != 0)
		sip_addr_text(&contact->flow.peer, source);
	if (ast_sip_contact_remaining_s(contact) != UINT32_MAX)
		snprintf(expires, sizeof(expires), "%u s",
			ast_sip_contact_remaining_s(contact));
	sink->row(sink->arg,
		(const char *const[]){
			name, uri, source, expires, agent[0] ? agent : "-" },
		5);
}

static void show_contacts(struct sip_server *server, const struct sip_show_sink *sink)
{
	static const char *const columns[] = { "aor", "contact", "source", "expires",
		"user agent" };

	sink->columns(sink->arg, columns, 5);
	sip_location_each(server->location, show_contact, (void *)(uintptr_t)sink);
}

static void show_transports(struct sip_server *server, const struct sip_show_sink *sink)
{
	static const char *const columns[] = { "transport", "protocol", "address",
		"receive buffer" };
	uint32_t count = sip_transport_listener_count(server->transport);

	sink->columns(sink->arg, columns, 4);
	for (uint32_t number = 1; number <= count; number++) {
		const struct sip_listener *listener = sip_transport_listener(
			server->transport, number);
		char address[SIP_ADDR_TEXT_LEN];
		char buffer[32];

		if (listener == NULL)
			continue;
		snprintf(buffer, sizeof(buffer), "%u KiB",
			listener->receive_buffer_granted / 1024);
		sink->row(sink->arg,
			(const char *const[]){ listener->name,
				sip_transport_name(listener->kind),
				sip_addr_text(&listener->bound, address), buffer },
			4);
	}
}

static void show_module(void *arg, const struct ast_sip_module_file *file)
{
	const struct sip_show_sink *sink = arg;

	sink->row(sink->arg,
		(const char *const[]){ file->name,
			file->flags & AST_SIP_MODULE_MAY_BLOCK ? "yes" : "no",
			file->flags & AST_SIP_MODULE_DRY_SAFE ? "yes" : "no" },
		3);
}

static void show_modules(struct sip_server *server, const struct sip_show_sink *sink)
{
	static const char *const columns[] = { "module", "may block", "dry safe" };

	sink->columns(sink->arg, columns, 3);
	sip_modules_each(server, show_module, (void *)(uintptr_t)sink);
}

static void show_number(
	const struct sip_show_sink *sink, const char *name, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	sink->row(sink->arg, (const char *const[]){ name, text }, 2);
}

static const char *const number_columns[] = { "name", "value" };

static void show_counters(struct sip_server *server, const struct sip_show_sink *sink)
{
	sink->columns(sink->arg, number_columns, 2);
	for (enum sip_counter c = 0; c < SIP_COUNTER_COUNT; c++)
		show_number(sink, sip_counter_name(c),
			sip_counter_value(server->counters, c));
}

static void show_pool(struct sip_server *server, const struct sip_show_sink *sink)
{
	const struct sip_slab *slabs[] = { server->rx_slab, server->tx_slab,
		server->branch_slab };
	struct sip_pool_figures figures;

	sip_pool_figures(server->pool, &figures);
	sink->columns(sink->arg, number_columns, 2);
	show_number(sink, "reactors", figures.reactors);
	show_number(sink, "spares", figures.spares);
	show_number(sink, "tasks", figures.tasks);
	show_number(sink, "stalls", figures.stalls);
	show_number(sink, "takeovers", figures.takeovers);
	show_number(sink, "steals", figures.steals);
	show_number(sink, "longest wait us", figures.longest_wait_us);
	show_number(sink, "calls", sip_calls_count(server->calls));
	show_number(sink, "transactions", sip_txns_count(server->txns));
	show_number(sink, "contacts", sip_location_count(server->location));
	for (size_t i = 0; i < 3; i++)
		show_number(sink, sip_slab_name(slabs[i]), sip_slab_live(slabs[i]));
}

static const struct {
	const char *what;
	void (*show)(struct sip_server *server, const struct sip_show_sink *sink);
} views[] = {
	{ "endpoints", show_endpoints },
	{ "contacts", show_contacts },
	{ "transports", show_transports },
	{ "modules", show_modules },
	{ "counters", show_counters },
	{ "pool", show_pool },
};

int sip_server_show(
	struct sip_server *server, const char *what, const struct sip_show_sink *sink)
{
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (strcmp(views[i].what, what) == 0) {
			views[i].show(server, sink);
			return 0;
		}
	}
	return SIP_ENOTFOUND;
}
