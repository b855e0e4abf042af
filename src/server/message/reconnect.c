/* SPDX-License-Identifier: BSD-2-Clause */
/* Responses whose connection has gone: see reconnect.h. */
#include "server/message/reconnect.h"

#include "base/cut.h"
#include "message/message.h"
#include "res_sip/field.h"

#include <string.h>

#define DEFAULT_PORT 5060

/* How long a source's other ports have to wait, in units of 2^20 us. */
#define PAUSE_UNITS 4u

/* The value of the first Via field; {NULL, 0}: there is none. */
static struct sip_str find_via(struct sip_str text)
{
	struct sip_str line;

	sip_str_cut_line(&text);
	while ((line = sip_str_cut_line(&text)).len > 0) {
		size_t colon = sip_str_find(line, ':');
		struct sip_str name = { line.ptr, colon < line.len ? colon : line.len };

		name = sip_str_trim(name);
		if (colon < line.len &&
			(sip_str_equal_nocase(name, SIP_STR("Via")) ||
				sip_str_equal_nocase(name, SIP_STR("v"))))
			return (struct sip_str){ line.ptr + colon + 1,
				line.len - colon - 1 };
	}
	return (struct sip_str){ NULL, 0 };
}

bool sip_reconnect_flow(
	const struct sip_flow *flow, struct sip_str text, struct sip_flow *again)
{
	struct sip_str value = find_via(text);
	struct sip_str element;
	struct sip_via via;

	if (flow->connection == 0 || flow->kind != SIP_TCP || value.ptr == NULL)
		return false;
	if (!sip_list_next(&value, &element) || sip_via_parse(element, &via) != 0)
		return false;
	*again = *flow;
	again->connection = 0;
	/* "the IP address in the "received" parameter, if present, using the port in the
	 * "sent-by" value, or the default port for that transport": the address that the
	 * request came from, in any case. */
	sip_addr_set_port(&again->peer, via.port != 0 ? via.port : DEFAULT_PORT);
	return true;
}

static uint32_t source_hash(const struct sip_hash_key *key, const struct sip_addr *peer)
{
	struct sip_str host = { (const char *)&peer->v4.sin_addr,
		sizeof(peer->v4.sin_addr) };

	if (peer->sa.sa_family == AF_INET6)
		host = (struct sip_str){ (const char *)&peer->v6.sin6_addr,
			sizeof(peer->v6.sin6_addr) };
	return (uint32_t)sip_hash_parts(key, &host, 1);
}

bool sip_reconnect_admits(struct sip_reconnects *reconnects,
	const struct sip_hash_key *key, const struct sip_addr *peer, uint64_t now_us)
{
	uint32_t source = source_hash(key, peer);
	uint16_t now = (uint16_t)(now_us >> 20);
	uint64_t wanted = (uint64_t)source << 32 | (uint64_t)sip_addr_port(peer) << 16;
	_Atomic uint64_t *slot = &reconnects->slot[source % SIP_RECONNECT_SLOTS];
	uint64_t before = atomic_load(slot);

	/* The last sixteen bits are a time: no port stands there for longer. */
	if (before != 0 && (before ^ wanted) >> 16 != 0 &&
		(uint16_t)(now - (uint16_t)before) < PAUSE_UNITS)
		return false;
	/* Who is faster tries his. */
	return atomic_compare_exchange_strong(slot, &before, wanted | now);
}
