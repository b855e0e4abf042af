/* SPDX-License-Identifier: BSD-2-Clause */
/* `show contacts`, in short, and `show contact AOR|URI`, with everything known. */
#include "server/show/show.h"

#include <stdio.h>

static const char *remaining(char *cell, const struct ast_sip_contact *contact)
{
	uint32_t left_s = ast_sip_contact_remaining_s(contact);

	return left_s != UINT32_MAX ? sip_show_number(cell, left_s) : NULL;
}

/* NULL: it is not asked. */
static const char *state_of(const struct ast_sip_contact *contact)
{
	static const char *const words[] = {
		[AST_SIP_UNKNOWN] = "unknown",
		[AST_SIP_REACHABLE] = "reachable",
		[AST_SIP_UNREACHABLE] = "unreachable",
	};

	return words[ast_sip_contact_reachability(contact, NULL)];
}

static const char *round_trip(char *cell, const struct ast_sip_contact *contact)
{
	uint32_t rtt_us;

	SIP_IGNORE(ast_sip_contact_reachability(contact, &rtt_us)); /* state_of() */
	return rtt_us != 0 ? sip_show_number(cell, rtt_us) : NULL;
}

void sip_show_contacts_table(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "aor", SIP_SHOW_TEXT },
		{ "contact", SIP_SHOW_TEXT }, { "source", SIP_SHOW_TEXT },
		{ "expires s", SIP_SHOW_NUMBER }, { "state", SIP_SHOW_TEXT },
		{ "rtt us", SIP_SHOW_NUMBER }, { "user agent", SIP_SHOW_TEXT } };

	sip_show_table(show, "contacts", SIP_SHOW_ROWS, columns,
		sizeof(columns) / sizeof(columns[0]));
}

void sip_show_contacts_row(const struct sip_show *show, struct sip_str aor,
	const struct ast_sip_contact *contact)
{
	char name[SIP_SHOW_CELL];
	char uri[SIP_SHOW_CELL];
	char source[SIP_ADDR_TEXT_LEN];
	char expires[24];
	char rtt[24];
	char agent[SIP_SHOW_CELL];

	sip_show_row(show,
		(const char *const[]){ sip_show_text(name, aor),
			sip_show_text(uri, contact->uri),
			contact->flow.listener != 0
				? sip_addr_text(&contact->flow.peer, source)
				: NULL,
			remaining(expires, contact), state_of(contact),
			round_trip(rtt, contact),
			sip_show_text(agent, contact->user_agent) });
}

static void visit(void *arg, struct sip_str aor, const struct ast_sip_contact *contact)
{
	sip_show_contacts_row(arg, aor, contact);
}

int sip_show_contacts(const struct sip_show *show)
{
	sip_show_contacts_table(show);
	sip_location_each(show->server->location, visit, (void *)(uintptr_t)show);
	return 0;
}

static const struct sip_show_column all_columns[] = { { "aor", SIP_SHOW_TEXT },
	{ "contact", SIP_SHOW_TEXT }, { "parameters", SIP_SHOW_TEXT },
	{ "static", SIP_SHOW_FLAG }, { "q", SIP_SHOW_TEXT }, { "source", SIP_SHOW_TEXT },
	{ "transport", SIP_SHOW_TEXT }, { "local", SIP_SHOW_TEXT },
	{ "expires s", SIP_SHOW_NUMBER }, { "granted s", SIP_SHOW_NUMBER },
	{ "state", SIP_SHOW_TEXT }, { "rtt us", SIP_SHOW_NUMBER },
	{ "user agent", SIP_SHOW_TEXT }, { "path", SIP_SHOW_TEXT },
	{ "call id", SIP_SHOW_TEXT }, { "cseq", SIP_SHOW_NUMBER } };

/* Room for what the row of one contact points to. */
struct cells {
	char aor[SIP_SHOW_CELL];
	char uri[SIP_SHOW_CELL];
	char params[SIP_SHOW_CELL];
	char q[24];
	char source[SIP_ADDR_TEXT_LEN];
	char local[SIP_ADDR_TEXT_LEN];
	char expires[24];
	char granted[24];
	char rtt[24];
	char agent[SIP_SHOW_CELL];
	char path[SIP_SHOW_CELL];
	char call_id[SIP_SHOW_CELL];
	char cseq[24];
};

static void show_all(const struct sip_show *show, struct sip_str aor,
	const struct ast_sip_contact *contact)
{
	const struct sip_flow *flow = &contact->flow;
	const struct sip_listener *listener = sip_transport_listener(
		show->server->transport, flow->listener);
	bool is_static = contact->call_id.len == 0;
	struct cells cells;

	snprintf(cells.q, sizeof(cells.q), "%u.%03u", contact->q / 1000,
		contact->q % 1000);
	sip_show_row(show,
		(const char *const[]){ sip_show_text(cells.aor, aor),
			sip_show_text(cells.uri, contact->uri),
			sip_show_text(cells.params, contact->params),
			is_static ? "yes" : "no", cells.q,
			listener ? sip_addr_text(&flow->peer, cells.source) : NULL,
			listener ? listener->name : NULL,
			listener ? sip_addr_text(&flow->local, cells.local) : NULL,
			remaining(cells.expires, contact),
			is_static ? NULL
				  : sip_show_number(cells.granted, contact->expires_s),
			state_of(contact), round_trip(cells.rtt, contact),
			sip_show_text(cells.agent, contact->user_agent),
			sip_show_text(cells.path, contact->path),
			sip_show_text(cells.call_id, contact->call_id),
			is_static ? NULL : sip_show_number(cells.cseq, contact->cseq) });
}

struct search {
	const struct sip_show *show;
	struct sip_str name;
	bool found;
};

static void try(void *arg, struct sip_str aor, const struct ast_sip_contact *contact)
{
	struct search *search = arg;

	if (!sip_str_equal(aor, search->name) &&
		!sip_str_equal(contact->uri, search->name))
		return;
	search->found = true;
	show_all(search->show, aor, contact);
}

int sip_show_contact(const struct sip_show *show)
{
	struct search search = { show, sip_str_of(show->query->name), false };

	sip_show_table(show, "contacts", SIP_SHOW_RECORDS, all_columns,
		sizeof(all_columns) / sizeof(all_columns[0]));
	sip_location_each(show->server->location, try, &search);
	return search.found ? 0 : SIP_ENOTFOUND;
}
