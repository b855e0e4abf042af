/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng (draft-ietf-opsawg-pcapng): a Section Header Block, an Interface Description
 * Block, then an Enhanced Packet Block for each message.  Numbers of the blocks are in
 * this machine's byte order, as the magic of the first block says; those of the packets
 * in the network's.
 */
#include "capture.h"

#include <arpa/inet.h>

#define SECTION_HEADER        0x0a0d0d0au
#define INTERFACE_DESCRIPTION 1u
#define ENHANCED_PACKET       6u
#define LINKTYPE_RAW          101u   /* begins with the IP header */
#define MAX_DATAGRAM          65507u /* bytes in UDP over IPv4 */

enum {
	OPTION_END = 0,
	EPB_FLAGS = 2,
	EPB_DROPCOUNT = 4,
};

static void add_bytes(struct text *file, const void *bytes, size_t len)
{
	text_add(file, (struct sip_str){ bytes, len });
}

static void add_16(struct text *file, uint16_t number)
{
	add_bytes(file, &number, sizeof(number));
}

static void add_32(struct text *file, uint32_t number)
{
	add_bytes(file, &number, sizeof(number));
}

/* To a multiple of four bytes, as everything in a block. */
static void add_padding(struct text *file, size_t len)
{
	add_bytes(file, "\0\0\0", (4 - len % 4) % 4);
}

static void add_option(struct text *file, uint16_t code, const void *value, size_t len)
{
	add_16(file, code);
	add_16(file, (uint16_t)len);
	add_bytes(file, value, len);
	add_padding(file, len);
}

static void add_block(struct text *file, uint32_t type, const struct text *body)
{
	uint32_t len = (uint32_t)body->len + 12;

	if (body->failed)
		file->failed = true;
	add_32(file, type);
	add_32(file, len);
	add_bytes(file, body->ptr, body->len);
	add_32(file, len);
}

void capture_begin(struct text *file)
{
	static const uint64_t unknown = UINT64_MAX;
	struct text body = { 0 };

	add_32(&body, 0x1a2b3c4d);
	add_16(&body, 1); /* version 1.0 */
	add_16(&body, 0);
	add_bytes(&body, &unknown, sizeof(unknown)); /* the section's length */
	add_block(file, SECTION_HEADER, &body);
	body.len = 0;
	add_16(&body, LINKTYPE_RAW);
	add_16(&body, 0);
	add_32(&body, 0); /* no limit of a packet's length; the time is in microseconds */
	add_block(file, INTERFACE_DESCRIPTION, &body);
	text_fini(&body);
}

/* RFC 1071: bytes at even offsets count as the high half of a 16-bit number. */
static uint32_t add_up(uint32_t sum, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	if (len % 2 != 0)
		sum += (uint32_t)at[len - 1] << 8;
	return sum;
}

static uint16_t checksum_of(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_16(unsigned char *at, uint32_t number)
{
	at[0] = (unsigned char)(number >> 8);
	at[1] = (unsigned char)number;
}

/* The IPv4 header of a datagram of `len` bytes (RFC 791); its length. */
static size_t put_ipv4(unsigned char *at, const struct sip_addr *from,
	const struct sip_addr *to, size_t len)
{
	memset(at, 0, 20);
	at[0] = 0x45;
	put_16(at + 2, (uint32_t)len + 20);
	at[6] = 0x40; /* not to be fragmented */
	at[8] = 64;
	at[9] = IPPROTO_UDP;
	memcpy(at + 12, &from->v4.sin_addr, 4);
	memcpy(at + 16, &to->v4.sin_addr, 4);
	put_16(at + 10, checksum_of(add_up(0, at, 20)));
	return 20;
}

/* RFC 8200. */
static size_t put_ipv6(unsigned char *at, const struct sip_addr *from,
	const struct sip_addr *to, size_t len)
{
	memset(at, 0, 40);
	at[0] = 0x60;
	put_16(at + 4, (uint32_t)len);
	at[6] = IPPROTO_UDP;
	at[7] = 64;
	memcpy(at + 8, &from->v6.sin6_addr, 16);
	memcpy(at + 24, &to->v6.sin6_addr, 16);
	return 40;
}

/* RFC 768; `addresses` are those of the IP header, for the checksum. */
static void put_udp(unsigned char *at, uint16_t from_port, uint16_t to_port,
	struct sip_str addresses, struct sip_str message)
{
	uint32_t len = (uint32_t)message.len + 8;
	uint16_t checksum;

	put_16(at, from_port);
	put_16(at + 2, to_port);
	put_16(at + 4, len);
	put_16(at + 6, 0);
	checksum = checksum_of(add_up(
		add_up(add_up(IPPROTO_UDP + len, addresses.ptr, addresses.len), at, 8),
		message.ptr, message.len));
	put_16(at + 6, checksum != 0 ? checksum : 0xffff);
}

/* Both headers; their length. */
static size_t put_headers(
	unsigned char *at, const struct trace_record *record, struct sip_str message)
{
	const struct sip_addr *from = record->sent ? &record->local : &record->peer;
	const struct sip_addr *to = record->sent ? &record->peer : &record->local;
	bool is_v4 = from->sa.sa_family == AF_INET;
	size_t len = is_v4 ? put_ipv4(at, from, to, message.len + 8)
			   : put_ipv6(at, from, to, message.len + 8);
	const unsigned char *addresses = at + (is_v4 ? 12 : 8);

	put_udp(at + len, sip_addr_port(from), sip_addr_port(to),
		(struct sip_str){ (const char *)addresses, len - (is_v4 ? 12 : 8) },
		message);
	return len + 8;
}

void capture_add(const struct trace_record *record, struct sip_str message,
	uint64_t missed, struct text *file)
{
	uint32_t direction = record->sent ? 2 : 1; /* outbound, inbound */
	unsigned char headers[48];
	struct text body = { 0 };
	size_t headers_len;
	size_t len;

	if (message.len > MAX_DATAGRAM)
		message.len = MAX_DATAGRAM;
	headers_len = put_headers(headers, record, message);
	len = headers_len + message.len;
	add_32(&body, 0); /* the interface */
	add_32(&body, (uint32_t)(record->wall_us >> 32));
	add_32(&body, (uint32_t)record->wall_us);
	add_32(&body, (uint32_t)len); /* captured, and on the wire */
	add_32(&body, (uint32_t)len);
	add_bytes(&body, headers, headers_len);
	add_bytes(&body, message.ptr, message.len);
	add_padding(&body, len);
	add_option(&body, EPB_FLAGS, &direction, sizeof(direction));
	if (missed != 0)
		add_option(&body, EPB_DROPCOUNT, &missed, sizeof(missed));
	add_option(&body, OPTION_END, NULL, 0);
	add_block(file, ENHANCED_PACKET, &body);
	text_fini(&body);
}
