/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading networks, and looking whether they have an address. */
#include "network.h"

static const unsigned char *bytes_of(const struct sip_addr *addr)
{
	return addr->sa.sa_family == AF_INET ? (const unsigned char *)&addr->v4.sin_addr
					     : (const unsigned char *)&addr->v6.sin6_addr;
}

/* `24` or `24:5060`, behind the slash. */
static bool parse_prefix(struct sip_str text, struct network *network)
{
	size_t colon = sip_str_find(text, ':');
	uint64_t number;

	if (colon != SIZE_MAX) {
		struct sip_str port = { text.ptr + colon + 1, text.len - colon - 1 };

		if (sip_str_number(port, 65535, &number) != SIP_OK ||
			sip_addr_port(&network->addr) != 0)
			return false;
		sip_addr_set_port(&network->addr, (uint16_t)number);
		text.len = colon;
	}
	if (sip_str_number(text, network->prefix_len, &number) != SIP_OK)
		return false;
	network->prefix_len = (unsigned)number;
	return true;
}

bool network_parse(struct sip_str text, struct network *network)
{
	size_t slash = sip_str_find(text, '/');
	struct sip_str host = { text.ptr, slash == SIZE_MAX ? text.len : slash };

	if (sip_addr_parse(host, 0, &network->addr) != SIP_OK)
		return false;
	network->prefix_len = network->addr.sa.sa_family == AF_INET ? 32 : 128;
	return slash == SIZE_MAX ||
		parse_prefix(
			(struct sip_str){ text.ptr + slash + 1, text.len - slash - 1 },
			network);
}

bool network_has(const struct network *network, const struct sip_addr *addr)
{
	const unsigned char *a = bytes_of(addr);
	const unsigned char *b = bytes_of(&network->addr);
	unsigned whole = network->prefix_len / 8;
	unsigned mask = 0xff00u >> network->prefix_len % 8 & 0xff;
	uint16_t port = sip_addr_port(&network->addr);

	if (addr->sa.sa_family != network->addr.sa.sa_family ||
		(port != 0 && sip_addr_port(addr) != port))
		return false;
	return memcmp(a, b, whole) == 0 &&
		(mask == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}
