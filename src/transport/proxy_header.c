/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a PROXY header: proxy_header.h. */
#include "transport/proxy_header.h"

#include "base/cut.h"
#include "res_sip/error.h"

#include <arpa/inet.h>
#include <string.h>

/* A load balancer that listens with both families names IPv4 so. */
static void unmap(struct sip_addr *addr)
{
	uint16_t port = sip_addr_port(addr);
	struct in_addr v4;

	if (addr->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&addr->v6.sin6_addr))
		return;
	memcpy(&v4, &addr->v6.sin6_addr.s6_addr[12], sizeof(v4));
	memset(addr, 0, sizeof(*addr));
	addr->v4.sin_family = AF_INET;
	addr->v4.sin_addr = v4;
	sip_addr_set_port(addr, port);
}

/* ---- version 1: a line ---- */

#define LINE_MAX_LEN   107u /* with its end, as its specification counts */
#define LINE_BEGIN_LEN 6u   /* "PROXY " */

/* Decimal, without zeros before it. */
static bool read_port(struct sip_str word, uint16_t *port)
{
	uint64_t number;

	if ((word.len > 1 && word.ptr[0] == '0') ||
		sip_str_number(word, UINT16_MAX, &number) != SIP_OK)
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool read_host(struct sip_str word, int family, struct sip_addr *addr)
{
	char text[INET6_ADDRSTRLEN];

	memset(addr, 0, sizeof(*addr));
	addr->sa.sa_family = (sa_family_t)family;
	if (word.len >= sizeof(text))
		return false;
	memcpy(text, word.ptr, word.len);
	text[word.len] = '\0';
	return inet_pton(family, text,
		       family == AF_INET ? (void *)&addr->v4.sin_addr
					 : (void *)&addr->v6.sin6_addr) == 1;
}

static bool read_addresses(
	struct sip_str rest, int family, struct sip_proxy_header *header)
{
	struct sip_str host = sip_str_cut(&rest, ' ');
	struct sip_str local = sip_str_cut(&rest, ' ');
	struct sip_str port = sip_str_cut(&rest, ' ');
	struct sip_addr unused;
	uint16_t from;
	uint16_t to;

	if (!read_host(host, family, &header->peer) ||
		!read_host(local, family, &unused) || !read_port(port, &from) ||
		!read_port(rest, &to))
		return false;
	sip_addr_set_port(&header->peer, from);
	unmap(&header->peer);
	header->relayed = true;
	return true;
}

static enum sip_proxy_header_status broken(
	struct sip_proxy_header *header, const char *reason)
{
	header->reason = reason;
	return SIP_PROXY_HEADER_BROKEN;
}

static enum sip_proxy_header_status read_line(
	struct sip_str text, struct sip_proxy_header *header)
{
	size_t most = text.len < LINE_MAX_LEN ? text.len : LINE_MAX_LEN;
	const char *end = memchr(text.ptr, '\r', most);
	struct sip_str rest;
	struct sip_str family;
	size_t len;

	if (end == NULL)
		return text.len < LINE_MAX_LEN
			? SIP_PROXY_HEADER_PARTLY
			: broken(header, "its PROXY line is too long");
	len = (size_t)(end - text.ptr);
	if (len + 1 == text.len)
		return len + 2 <= LINE_MAX_LEN
			? SIP_PROXY_HEADER_PARTLY
			: broken(header, "its PROXY line is too long");
	rest = (struct sip_str){ text.ptr + LINE_BEGIN_LEN, len - LINE_BEGIN_LEN };
	header->len = len + 2;
	family = sip_str_cut(&rest, ' ');
	if (text.ptr[len + 1] == '\n' && header->len <= LINE_MAX_LEN &&
		(sip_str_equal(family, SIP_STR("UNKNOWN")) ||
			(sip_str_equal(family, SIP_STR("TCP4")) &&
				read_addresses(rest, AF_INET, header)) ||
			(sip_str_equal(family, SIP_STR("TCP6")) &&
				read_addresses(rest, AF_INET6, header))))
		return SIP_PROXY_HEADER_WHOLE;
	return broken(header, "its PROXY line is not one");
}

/* ---- version 2: binary ---- */

#define HEAD_LEN 16u

enum { COMMAND_AT = 12, FAMILY_AT = 13, LENGTH_AT = 14 };
enum { COMMAND_LOCAL = 0x20, COMMAND_PROXY = 0x21 };
enum { FAMILY_NONE = 0x00, FAMILY_TCP4 = 0x11, FAMILY_TCP6 = 0x21 };
enum { TCP4_LEN = 12, TCP6_LEN = 36 };

static const char signature[COMMAND_AT] = { '\r', '\n', '\r', '\n', '\0', '\r', '\n', 'Q',
	'U', 'I', 'T', '\n' };

static uint16_t number_at(const char *at)
{
	return (uint16_t)((unsigned char)at[0] << 8 | (unsigned char)at[1]);
}

/* Source, destination, their ports. */
static void read_peer(const char *at, uint8_t family, struct sip_proxy_header *header)
{
	struct sip_addr *peer = &header->peer;

	memset(peer, 0, sizeof(*peer));
	header->relayed = true;
	if (family == FAMILY_TCP4) {
		peer->sa.sa_family = AF_INET;
		memcpy(&peer->v4.sin_addr, at, sizeof(peer->v4.sin_addr));
		sip_addr_set_port(peer, number_at(at + 8));
	} else {
		peer->sa.sa_family = AF_INET6;
		memcpy(&peer->v6.sin6_addr, at, sizeof(peer->v6.sin6_addr));
		sip_addr_set_port(peer, number_at(at + 32));
		unmap(peer);
	}
}

static enum sip_proxy_header_status read_binary(
	struct sip_str text, struct sip_proxy_header *header)
{
	uint8_t command;
	uint8_t family;
	size_t len;

	if (text.len < HEAD_LEN)
		return SIP_PROXY_HEADER_PARTLY;
	command = (uint8_t)text.ptr[COMMAND_AT];
	family = (uint8_t)text.ptr[FAMILY_AT];
	len = number_at(text.ptr + LENGTH_AT);
	header->len = HEAD_LEN + len;
	if (command != COMMAND_LOCAL && command != COMMAND_PROXY)
		return broken(header, "its PROXY header has an unknown command");
	if (header->len > SIP_PROXY_HEADER_MAX)
		return broken(header, "its PROXY header is too long");
	if (command == COMMAND_PROXY && family != FAMILY_NONE) {
		if (family != FAMILY_TCP4 && family != FAMILY_TCP6)
			return broken(
				header, "its PROXY header is not of a TCP connection");
		if (len < (family == FAMILY_TCP4 ? TCP4_LEN : TCP6_LEN))
			return broken(header, "its PROXY header is too short");
	}
	if (text.len < header->len)
		return SIP_PROXY_HEADER_PARTLY;
	if (command == COMMAND_PROXY && family != FAMILY_NONE)
		read_peer(text.ptr + HEAD_LEN, family, header);
	return SIP_PROXY_HEADER_WHOLE;
}

static bool begins(struct sip_str text, struct sip_str with)
{
	size_t len = text.len < with.len ? text.len : with.len;

	return memcmp(text.ptr, with.ptr, len) == 0;
}

enum sip_proxy_header_status sip_proxy_header_read(
	struct sip_str text, struct sip_proxy_header *header)
{
	const struct sip_str line = SIP_STR("PROXY ");
	const struct sip_str binary = { signature, sizeof(signature) };

	*header = (struct sip_proxy_header){ .len = 0 };
	if (text.len == 0)
		return SIP_PROXY_HEADER_PARTLY;
	if (begins(text, line))
		return text.len < line.len ? SIP_PROXY_HEADER_PARTLY
					   : read_line(text, header);
	if (begins(text, binary))
		return read_binary(text, header);
	return broken(header, "it has no PROXY header");
}
