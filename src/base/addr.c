/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses as values and as text.
 *
 * Zones of IPv6 addresses are numbers here: to look up the name of an interface
 * is a system call, and the text may come from a peer.
 */
#include "res_sip/flow.h"

#include "base/compiler.h"
#include "res_sip/error.h"

#include <arpa/inet.h>
#include <stdio.h>

/* What inet_pton() takes too: four numbers to 255, none with a zero before it.  By hand,
 * because each Via, Route and Contact with an address asks, and what asks for a system's
 * string costs five times of it. */
static bool read_ipv4(struct sip_str host, uint8_t bytes[4])
{
	const char *at = host.ptr;
	const char *end = host.len == 0 ? at : at + host.len;

	for (size_t i = 0; i < 4; i++) {
		const char *start;
		unsigned value = 0;

		if (i > 0 && (at == end || *at++ != '.'))
			return false;
		for (start = at; at != end && *at >= '0' && *at <= '9'; at++) {
			value = value * 10 + (unsigned)(*at - '0');
			if (value > UINT8_MAX || (at != start && *start == '0'))
				return false;
		}
		if (at == start)
			return false;
		bytes[i] = (uint8_t)value;
	}
	return at == end;
}

static bool parse_v4(struct sip_str host, struct sip_addr *addr)
{
	uint8_t bytes[4];

	/* Where it is none, another field of an IPv6 address stands there. */
	if (!read_ipv4(host, bytes))
		return false;
	addr->v4.sin_family = AF_INET;
	memcpy(&addr->v4.sin_addr, bytes, sizeof(bytes));
	return true;
}

/* A NUL-terminated copy for inet_pton(). */
static bool read_ipv6(struct sip_str host, struct in6_addr *bytes)
{
	char text[INET6_ADDRSTRLEN];

	/* A NUL inside would hide what follows it. */
	if (host.len == 0 || host.len >= sizeof(text) ||
		sip_str_find(host, '\0') != SIZE_MAX)
		return false;
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	return inet_pton(AF_INET6, text, bytes) == 1;
}

static bool parse_v6(struct sip_str host, struct sip_addr *addr)
{
	size_t percent = sip_str_find(host, '%');
	uint64_t zone = 0;

	if (percent != SIZE_MAX) {
		struct sip_str digits = { host.ptr + percent + 1,
			host.len - percent - 1 };

		if (sip_str_number(digits, UINT32_MAX, &zone) != 0)
			return false;
		host.len = percent;
	}
	addr->v6.sin6_family = AF_INET6;
	addr->v6.sin6_scope_id = (uint32_t)zone;
	return read_ipv6(host, &addr->v6.sin6_addr);
}

/* `:5060`, or nothing. */
static bool parse_port(struct sip_str text, uint16_t *port)
{
	uint64_t number;

	if (text.len == 0)
		return true;
	if (*text.ptr != ':')
		return false;
	text.ptr++;
	text.len--;
	if (sip_str_number(text, UINT16_MAX, &number) != 0)
		return false;
	*port = (uint16_t)number;
	return true;
}

static struct sip_str from(struct sip_str text, size_t start)
{
	return (struct sip_str){ text.ptr + start, text.len - start };
}

static bool parse_any(struct sip_str text, uint16_t *port, struct sip_addr *addr)
{
	size_t colon;

	/* As most are; a name ends it at once. */
	if (parse_v4(text, addr))
		return true;
	if (text.len > 0 && *text.ptr == '[') {
		size_t end = sip_str_find(text, ']');

		return end != SIZE_MAX && parse_port(from(text, end + 1), port) &&
			parse_v6((struct sip_str){ text.ptr + 1, end - 1 }, addr);
	}
	colon = sip_str_find(text, ':');
	if (colon == SIZE_MAX)
		return false;
	if (sip_str_find(from(text, colon + 1), ':') != SIZE_MAX)
		return parse_v6(text, addr);
	return parse_port(from(text, colon), port) &&
		parse_v4((struct sip_str){ text.ptr, colon }, addr);
}

int sip_addr_parse(struct sip_str text, uint16_t port, struct sip_addr *addr)
{
	struct sip_addr parsed;

	memset(&parsed, 0, sizeof(parsed));
	if (!parse_any(text, &port, &parsed))
		return SIP_ESYNTAX;
	sip_addr_set_port(&parsed, port);
	*addr = parsed;
	return SIP_OK;
}

/* Digits of `number`, and where they end.  Every Via asks for this, and snprintf() costs
 * more than the rest of the line. */
static char *put_number(char *text, unsigned number)
{
	char digits[10];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (count > 0)
		*text++ = digits[--count];
	return text;
}

static char *put_byte(char *text, unsigned byte)
{
	if (byte >= 100)
		*text++ = (char)('0' + byte / 100);
	if (byte >= 10)
		*text++ = (char)('0' + byte / 10 % 10);
	*text++ = (char)('0' + byte % 10);
	return text;
}

static char *put_ipv4(char *text, const struct in_addr *host)
{
	const uint8_t *byte = (const uint8_t *)host;

	text = put_byte(text, byte[0]);
	for (size_t i = 1; i < 4; i++) {
		*text++ = '.';
		text = put_byte(text, byte[i]);
	}
	return text;
}

static char *put_ipv6(char *text, const struct sockaddr_in6 *addr)
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &addr->sin6_addr, host, sizeof(host));
	if (addr->sin6_scope_id != 0)
		return text +
			snprintf(text, SIP_ADDR_TEXT_LEN, "[%s%%%u]", host,
				(unsigned)addr->sin6_scope_id);
	return text + snprintf(text, SIP_ADDR_TEXT_LEN, "[%s]", host);
}

/* Where it ends. */
static char *put_host(char *text, const struct sip_addr *addr)
{
	switch (addr->sa.sa_family) {
	case AF_INET: return put_ipv4(text, &addr->v4.sin_addr);
	case AF_INET6: return put_ipv6(text, &addr->v6);
	default: return stpcpy(text, "none");
	}
}

const char *sip_addr_host_text(const struct sip_addr *addr, char *text)
{
	*put_host(text, addr) = '\0';
	return text;
}

const char *sip_addr_text(const struct sip_addr *addr, char *text)
{
	char *end = put_host(text, addr);

	if (addr->sa.sa_family != AF_UNSPEC) {
		*end++ = ':';
		end = put_number(end, sip_addr_port(addr));
	}
	*end = '\0';
	return text;
}

uint16_t sip_addr_port(const struct sip_addr *addr)
{
	switch (addr->sa.sa_family) {
	case AF_INET: return ntohs(addr->v4.sin_port);
	case AF_INET6: return ntohs(addr->v6.sin6_port);
	default: return 0;
	}
}

void sip_addr_set_port(struct sip_addr *addr, uint16_t port)
{
	switch (addr->sa.sa_family) {
	case AF_INET: addr->v4.sin_port = htons(port); break;
	case AF_INET6: addr->v6.sin6_port = htons(port); break;
	default: break;
	}
}

socklen_t sip_addr_len(const struct sip_addr *addr)
{
	switch (addr->sa.sa_family) {
	case AF_INET: return sizeof(addr->v4);
	case AF_INET6: return sizeof(addr->v6);
	default: return 0;
	}
}

bool sip_addr_equal(const struct sip_addr *a, const struct sip_addr *b)
{
	return sip_addr_same_host(a, b) && sip_addr_port(a) == sip_addr_port(b);
}

bool sip_addr_same_host(const struct sip_addr *a, const struct sip_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	switch (a->sa.sa_family) {
	case AF_INET: return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	case AF_INET6:
		return a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
			memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr,
				sizeof(a->v6.sin6_addr)) == 0;
	default: return true;
	}
}

const char *sip_transport_name(enum sip_transport_kind kind)
{
	static const char *const names[] = {
		[SIP_UDP] = "udp",
		[SIP_TCP] = "tcp",
		[SIP_TLS] = "tls",
		[SIP_WS] = "ws",
		[SIP_WSS] = "wss",
	};

	SIP_ASSERT((size_t)kind < sizeof(names) / sizeof(names[0]));
	return names[kind];
}

bool sip_flow_equal(const struct sip_flow *a, const struct sip_flow *b)
{
	return a->listener == b->listener && a->connection == b->connection &&
		a->host == b->host && a->kind == b->kind &&
		sip_addr_equal(&a->local, &b->local) &&
		sip_addr_equal(&a->peer, &b->peer);
}
