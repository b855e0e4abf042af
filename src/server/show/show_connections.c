/* SPDX-License-Identifier: BSD-2-Clause */
/* `show connections`: who is connected, by what, and what waits to be sent. */
#include "server/show/show.h"

#include <stdlib.h>

#define COMING 100 /* while they are counted and looked at */

static const char *state_of(const struct sip_connection_look *look)
{
	if (!look->opened)
		return "connecting";
	return look->tls_version == NULL && sip_is_tls(look->flow.kind) ? "handshake"
									: "open";
}

static void show_one(const struct sip_show *show, const struct sip_connection_look *look)
{
	const struct sip_listener *listener = sip_transport_listener(
		show->server->transport, look->flow.listener);
	char number[24];
	char peer[SIP_ADDR_TEXT_LEN];
	char age[24];
	char quiet[24];
	char unsent[24];
	char host[SIP_TLS_HOST_LEN];

	sip_show_row(show,
		(const char *const[]){ sip_show_number(number, look->flow.connection),
			listener != NULL ? listener->name : NULL,
			sip_transport_name(look->flow.kind),
			look->accepted ? "from" : "to",
			sip_addr_text(&look->flow.peer, peer), state_of(look),
			look->tls_version,
			sip_transport_host_name(
				show->server->transport, look->flow.host, host)
				? host
				: look->proved[0] != '\0' ? look->proved
							  : NULL,
			sip_show_number(age, look->age_us / 1000000),
			sip_show_number(quiet, look->quiet_us / 1000000),
			sip_show_number(unsent, look->waiting_bytes) });
}

int sip_show_connections(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "number", SIP_SHOW_NUMBER },
		{ "transport", SIP_SHOW_TEXT }, { "protocol", SIP_SHOW_TEXT },
		{ "opened", SIP_SHOW_TEXT }, { "peer", SIP_SHOW_TEXT },
		{ "state", SIP_SHOW_TEXT }, { "tls", SIP_SHOW_TEXT },
		{ "name", SIP_SHOW_TEXT }, { "age s", SIP_SHOW_NUMBER },
		{ "quiet s", SIP_SHOW_NUMBER }, { "unsent bytes", SIP_SHOW_NUMBER } };
	struct sip_transport *transport = show->server->transport;
	size_t room = sip_transport_connection_count(transport) + COMING;
	struct sip_connection_look *looks = calloc(room, sizeof(*looks));
	size_t count;

	if (looks == NULL)
		return SIP_EMEMORY;
	count = sip_transport_look(transport, looks, room);
	sip_show_table(show, "connections", SIP_SHOW_ROWS, columns,
		sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0;
		i < count && (show->query->limit == 0 || i < show->query->limit); i++)
		show_one(show, &looks[i]);
	free(looks);
	return 0;
}
