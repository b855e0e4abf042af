/* SPDX-License-Identifier: BSD-2-Clause */
/* `show transactions`, and those of an endpoint. */
#include "server/show/show.h"
#include "transaction/lingering.h"

#include <stdio.h>

#define LIMIT_DEFAULT 100u
#define LIMIT_MOST    10000u

static const struct sip_show_column columns[] = { { "method", SIP_SHOW_TEXT },
	{ "side", SIP_SHOW_TEXT }, { "state", SIP_SHOW_TEXT },
	{ "status", SIP_SHOW_NUMBER }, { "call id", SIP_SHOW_TEXT },
	{ "peer", SIP_SHOW_TEXT }, { "endpoint", SIP_SHOW_TEXT },
	{ "age ms", SIP_SHOW_NUMBER }, { "next timer ms", SIP_SHOW_NUMBER },
	{ "branch", SIP_SHOW_TEXT } };

static void show_one(const struct sip_show *show, const struct sip_gathered *gathered)
{
	char status[24];
	char peer[SIP_ADDR_TEXT_LEN];
	char age[24];
	char next[24];

	sip_show_row(show,
		(const char *const[]){ gathered->method,
			gathered->role < SIP_TXN_UAC_INVITE ? "server" : "client",
			sip_txn_state_name(gathered->state),
			gathered->status != 0 ? sip_show_number(status, gathered->status)
					      : NULL,
			gathered->call_id, sip_addr_text(&gathered->peer, peer),
			gathered->endpoint[0] != '\0' ? gathered->endpoint : NULL,
			sip_show_number(age, gathered->age_ms),
			gathered->next_timer_us != SIP_NEVER
				? sip_show_number(next, gathered->next_timer_us / 1000)
				: NULL,
			gathered->branch });
}

int sip_show_gathered(const struct sip_show *show, sip_gather_fn *wanted, void *arg)
{
	static const struct sip_show_column pairs[] = { { "name", SIP_SHOW_TEXT },
		{ "value", SIP_SHOW_NUMBER } };
	size_t limit = show->query->limit != 0 ? show->query->limit : LIMIT_DEFAULT;
	struct sip_gathering gathering;
	int result = sip_gather_transactions(show->server,
		limit < LIMIT_MOST ? limit : LIMIT_MOST, wanted, arg, &gathering);

	if (result != 0)
		return result;
	sip_show_table(show, "transactions", SIP_SHOW_ROWS, columns,
		sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < gathering.count; i++)
		show_one(show, &gathering.item[i]);
	sip_show_table(show, "summary", SIP_SHOW_PAIRS, pairs, 2);
	sip_show_pair(show, "shown", gathering.count);
	sip_show_pair(
		show, "transactions of the server", sip_txns_count(show->server->txns));
	sip_show_pair(show, "of them only waiting for copies",
		sip_lingerings_count(sip_txns_lingerings(show->server->txns)));
	sip_show_pair(show, "calls that did not answer", gathering.silent_calls);
	sip_gathering_fini(&gathering);
	return 0;
}

int sip_show_transactions(const struct sip_show *show)
{
	return sip_show_gathered(show, NULL, NULL);
}
