/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Addresses and flows.
 *
 * A flow is one way to reach one peer: for UDP the value (listener, our
 * address, its address).  It is copied freely and holds nothing alive.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/str.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

SIP_API_BEGIN

/** An IPv4 or IPv6 address with a port; family AF_UNSPEC (0): none. */
struct sip_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

/** Room for the longest text of an address: [v6%scope]:port and the NUL. */
#define SIP_ADDR_TEXT_LEN 64

/** What messages are carried by. */
enum sip_transport_kind {
	SIP_UDP,
	SIP_TCP,
	SIP_TLS,
	SIP_WS,
	SIP_WSS,
};

/** Its bytes are those of TLS. */
static inline bool sip_is_tls(enum sip_transport_kind kind)
{
	return kind == SIP_TLS || kind == SIP_WSS;
}

/** Nobody listens where a browser is: what goes there goes by the connection that it has
 * opened, and fails without one. */
static inline bool sip_is_websocket(enum sip_transport_kind kind)
{
	return kind == SIP_WS || kind == SIP_WSS;
}

/** How to reach a peer.  Read only. */
struct sip_flow {
	uint32_t listener;   /* number of the listener; 0 is none */
	uint32_t connection; /* number of the connection; 0: UDP, or one to `peer` that is
				opened or shared */
	/** Over TLS, of one to be opened or shared: stands for the name that the peer's
	 * certificate has to have, or its address, and whether that is verified whatever
	 * verify_server= says.  Else 0. */
	uint32_t host;
	enum sip_transport_kind kind;
	struct sip_addr local; /* the address we send from, never a wildcard */
	struct sip_addr peer;
};

/**
 * Parse `192.0.2.1`, `192.0.2.1:5060`, `2001:db8::1`, `[2001:db8::1]` or
 * `[2001:db8::1]:5060`.  The zone of `[fe80::1%2]` is a number.
 *
 * The port is `port` where the text has none.  0, or SIP_ESYNTAX and *addr as it was.
 */
SIP_MUST_USE int sip_addr_parse(
	struct sip_str text, uint16_t port, struct sip_addr *addr);

/**
 * `192.0.2.1:5060`, `[2001:db8::1]:5060`, or `none` into text[SIP_ADDR_TEXT_LEN];
 * returns text.
 */
const char *sip_addr_text(const struct sip_addr *addr, char *text);

/** The host alone, as it stands in a URI or a Via: `192.0.2.1`, `[2001:db8::1]`. */
const char *sip_addr_host_text(const struct sip_addr *addr, char *text);

/** In host order; 0 of an address without a family. */
uint16_t sip_addr_port(const struct sip_addr *addr);

/** `port` in host order; nothing happens to an address without a family. */
void sip_addr_set_port(struct sip_addr *addr, uint16_t port);

/** Length for bind() and sendto(). */
socklen_t sip_addr_len(const struct sip_addr *addr);

/** Same family, address, zone and port. */
bool sip_addr_equal(const struct sip_addr *a, const struct sip_addr *b);

/** Same family, address and zone, whatever the port. */
bool sip_addr_same_host(const struct sip_addr *a, const struct sip_addr *b);

/** `udp`, `tcp`, `tls`, `ws`, `wss`. */
const char *sip_transport_name(enum sip_transport_kind kind);

/** Same listener, connection, name, local address and peer. */
bool sip_flow_equal(const struct sip_flow *a, const struct sip_flow *b);

SIP_API_END
