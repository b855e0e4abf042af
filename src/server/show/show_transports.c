/* SPDX-License-Identifier: BSD-2-Clause */
/* `show transports`. */
#include "server/show/show.h"

#include <time.h>

/* A day, or nothing. */
static const char *end_of(const struct sip_listener *listener, char text[24])
{
	time_t ends_s = (time_t)sip_listener_certificate_ends_s(listener);
	struct tm end;

	text[0] = '\0';
	if (gmtime_r(&ends_s, &end) != NULL)
		strftime(text, 24, "%Y-%m-%d", &end);
	return text;
}

int sip_show_transports(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "transport", SIP_SHOW_TEXT },
		{ "protocol", SIP_SHOW_TEXT }, { "address", SIP_SHOW_TEXT },
		{ "receive buffer kib", SIP_SHOW_NUMBER }, { "state", SIP_SHOW_TEXT },
		{ "certificate until", SIP_SHOW_TEXT } };
	const struct sip_transport *transport = show->server->transport;
	const struct sip_listener *listener = NULL;

	sip_show_table(show, "transports", SIP_SHOW_ROWS, columns, 6);
	while ((listener = sip_transport_next_listener(transport, listener)) != NULL) {
		char address[SIP_ADDR_TEXT_LEN];
		char buffer[24];
		char until[24];

		sip_show_row(show,
			(const char *const[]){ listener->name,
				sip_transport_name(listener->kind),
				sip_addr_text(&listener->bound, address),
				sip_show_number(
					buffer, listener->receive_buffer_granted / 1024),
				listener->state == SIP_LISTENER_OPEN ? "open"
								     : "draining",
				end_of(listener, until) });
	}
	return 0;
}
