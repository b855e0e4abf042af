/* SPDX-License-Identifier: BSD-2-Clause */
/* `show dialogs`: calls that end here or begin here. */
#include "server/show/show.h"

#define LIMIT_DEFAULT 100u
#define LIMIT_MOST    10000u

static const struct sip_show_column columns[] = { { "call id", SIP_SHOW_TEXT },
	{ "side", SIP_SHOW_TEXT }, { "state", SIP_SHOW_TEXT },
	{ "endpoint", SIP_SHOW_TEXT }, { "peer", SIP_SHOW_TEXT },
	{ "target", SIP_SHOW_TEXT }, { "usage", SIP_SHOW_TEXT },
	{ "local tag", SIP_SHOW_TEXT }, { "remote tag", SIP_SHOW_TEXT } };

/* NULL for what there is not. */
static const char *or_none(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void show_one(const struct sip_show *show, const struct sip_gathered *dialog)
{
	static const char *const states[] = { "new", "early", "confirmed", "ended" };
	char peer[SIP_ADDR_TEXT_LEN];

	sip_show_row(show,
		(const char *const[]){ dialog->call_id, dialog->uac ? "caller" : "callee",
			states[dialog->dialog_state], or_none(dialog->endpoint),
			sip_addr_text(&dialog->peer, peer), dialog->target,
			or_none(dialog->usage), dialog->local_tag,
			or_none(dialog->remote_tag) });
}

int sip_show_dialogs(const struct sip_show *show)
{
	static const struct sip_show_column pairs[] = { { "name", SIP_SHOW_TEXT },
		{ "value", SIP_SHOW_NUMBER } };
	size_t limit = show->query->limit != 0 ? show->query->limit : LIMIT_DEFAULT;
	struct sip_gathering gathering;
	int result = sip_gather_dialogs(
		show->server, limit < LIMIT_MOST ? limit : LIMIT_MOST, &gathering);

	if (result != 0)
		return result;
	sip_show_table(show, "dialogs", SIP_SHOW_ROWS, columns,
		sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < gathering.count; i++)
		show_one(show, &gathering.item[i]);
	sip_show_table(show, "summary", SIP_SHOW_PAIRS, pairs, 2);
	sip_show_pair(show, "shown", gathering.count);
	sip_show_pair(
		show, "dialogs of the server", sip_slab_live(show->server->dialog_slab));
	sip_show_pair(show, "calls that did not answer", gathering.silent_calls);
	sip_gathering_fini(&gathering);
	return 0;
}
