/* SPDX-License-Identifier: BSD-2-Clause */
/* `show sources`: who fails to log in, and who sends garbage; the worst first. */
#include "server/admission/sources.h"
#include "server/show/show.h"

#define USUAL 20
#define MOST  200

static const char *const names[SIP_SOURCE_DEEDS] = { "failed login",
	"login without a nonce of ours", "garbage" };

static void show_one(const struct sip_show *show, enum sip_source_deed deed,
	const struct sip_budget_entry *entry)
{
	char address[SIP_ADDR_TEXT_LEN];
	char deeds[24];
	char waits[24];
	char seconds[24];

	if (entry->source.exact)
		sip_addr_text(&entry->source.addr, address);
	else
		sip_addr_host_text(&entry->source.addr, address);
	sip_show_row(show,
		(const char *const[]){ address, names[deed],
			sip_show_number(deeds, entry->deeds),
			sip_show_number(waits, entry->waits),
			sip_show_number(seconds, (entry->wait_us + 999999) / 1000000) });
}

int sip_show_sources(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "source", SIP_SHOW_TEXT },
		{ "for", SIP_SHOW_TEXT }, { "failures", SIP_SHOW_NUMBER },
		{ "waits", SIP_SHOW_NUMBER }, { "waits s", SIP_SHOW_NUMBER } };

	uint32_t room = show->query->limit != 0 ? show->query->limit : USUAL;

	sip_show_table(show, "sources", SIP_SHOW_ROWS, columns, 5);
	for (enum sip_source_deed deed = 0; deed < SIP_SOURCE_DEEDS; deed++) {
		struct sip_budget_entry entries[MOST];
		size_t count = sip_source_list(
			show->server, deed, entries, room < MOST ? room : MOST);

		for (size_t i = 0; i < count; i++)
			show_one(show, deed, &entries[i]);
	}
	return 0;
}
