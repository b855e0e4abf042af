/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS in what the server writes and decides: RFC 5923 (alias), RFC 5630 (sips:).
 */
#include "support/ask.h"
#include "support/check.h"

#include <string.h>

static struct world *world_of(enum sip_transport_kind kind)
{
	struct sip_listener_config listener = {
		.name = "it", .kind = kind, .bind = wire_addr("127.0.0.1:5061")
	};

	return world_create(&(struct world_options){ .listener = &listener });
}

/* Section 5 of RFC 5923: "over TLS" alone. */
TEST(we_offer_a_connection_of_tls_that_we_open)
{
	static const struct {
		enum sip_transport_kind kind;
		const char *uri;
		const char *via;
	} rows[] = {
		{ SIP_TLS, "sip:far@192.0.2.99:5061;transport=tls",
			"SIP/2.0/TLS 127.0.0.1:5061;alias;rport;branch=" },
		{ SIP_TLS, "sips:far@192.0.2.99",
			"SIP/2.0/TLS 127.0.0.1:5061;alias;rport;branch=" },
		{ SIP_TCP, "sip:far@192.0.2.99:5061;transport=tcp",
			"SIP/2.0/TCP 127.0.0.1:5061;rport;branch=" },
		{ SIP_UDP, "sip:far@192.0.2.99:5061",
			"SIP/2.0/UDP 127.0.0.1:5061;rport;branch=" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = world_of(rows[i].kind);

		ASK(w, .method = "MESSAGE", .uri = rows[i].uri, .peer = TRUNK);
		CHECK(sip_str_starts(
			sip_str_of(world_header(wire_last(&w->wire, "MESSAGE "), "Via")),
			sip_str_of(rows[i].via)));
		world_destroy(&w);
	}
}
