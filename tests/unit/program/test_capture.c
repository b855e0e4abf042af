/* SPDX-License-Identifier: BSD-2-Clause */
/* The pcapng file, block by block; that Wireshark reads it is a scenario's to see. */
#include "capture.h"
#include "support/check.h"

static uint32_t u32_at(const struct text *file, size_t at)
{
	uint32_t number;

	CHECK(at + 4 <= file->len);
	memcpy(&number, file->ptr + at, 4);
	return number;
}

static uint32_t be16_at(const unsigned char *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t add_up(uint32_t sum, const unsigned char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)at[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void capture(struct text *file, bool sent, const char *local, const char *peer,
	struct sip_str message, uint64_t missed)
{
	struct trace_record record = { .wall_us = UINT64_C(1700000000123456),
		.sent = sent };

	CHECK_INT(sip_addr_parse(sip_str_of(local), 0, &record.local), ==, SIP_OK);
	CHECK_INT(sip_addr_parse(sip_str_of(peer), 0, &record.peer), ==, SIP_OK);
	capture_add(&record, message, missed, file);
	CHECK(!file->failed);
}

TEST(a_file_begins_with_its_section_and_its_interface)
{
	struct text file = { 0 };

	capture_begin(&file);

	CHECK(!file.failed);
	CHECK_INT(u32_at(&file, 0), ==, 0x0a0d0d0a);
	CHECK_INT(u32_at(&file, 4), ==, 28);
	CHECK_INT(u32_at(&file, 8), ==, 0x1a2b3c4d);
	CHECK_INT(u32_at(&file, 24), ==, 28);
	CHECK_INT(u32_at(&file, 28), ==, 1);
	CHECK_INT(u32_at(&file, 36) & 0xffff, ==, 101);
	CHECK_INT(file.len, ==, 28 + 20);
	text_fini(&file);
}

/* RFC 791, RFC 768: with the checksum field filled in, the sum is all ones. */
TEST(an_ipv4_packet_has_its_addresses_ports_and_checksums)
{
	struct text file = { 0 };
	const unsigned char *ip;

	capture(&file, true, "192.0.2.1:5060", "198.51.100.7:5070", SIP_STR("hello"), 0);
	ip = (const unsigned char *)file.ptr + 28;

	CHECK_INT(u32_at(&file, 0), ==, 6);
	CHECK_INT(u32_at(&file, 4), ==, file.len);
	CHECK_INT(u32_at(&file, file.len - 4), ==, file.len);
	CHECK_INT((uint64_t)u32_at(&file, 12) << 32 | u32_at(&file, 16), ==,
		1700000000123456);
	CHECK_INT(u32_at(&file, 20), ==, 33);
	CHECK_INT(add_up(0, ip, 20), ==, 0xffff);
	CHECK(memcmp(ip + 12, "\xc0\x00\x02\x01\xc6\x33\x64\x07", 8) == 0);
	CHECK_INT(be16_at(ip + 20), ==, 5060);
	CHECK_INT(be16_at(ip + 22), ==, 5070);
	CHECK_INT(add_up(add_up(17 + 13, ip + 12, 8), ip + 20, 13), ==, 0xffff);
	CHECK(memcmp(ip + 28, "hello", 5) == 0);
	/* Outbound (2), as an option behind the padded packet. */
	CHECK_INT(u32_at(&file, 28 + 36), ==, 2 | 4 << 16);
	CHECK_INT(u32_at(&file, 28 + 40), ==, 2);
	text_fini(&file);
}

TEST(an_ipv6_packet_that_came_goes_from_its_peer_to_us)
{
	struct text file = { 0 };
	const unsigned char *ip;

	capture(&file, false, "[2001:db8::1]:5060", "[2001:db8::2]:5070", SIP_STR("hey"),
		3);
	ip = (const unsigned char *)file.ptr + 28;

	CHECK_INT(ip[0] >> 4, ==, 6);
	CHECK_INT(ip[8 + 15], ==, 2);
	CHECK_INT(ip[24 + 15], ==, 1);
	CHECK_INT(be16_at(ip + 40), ==, 5070);
	CHECK_INT(add_up(add_up(17 + 11, ip + 8, 32), ip + 40, 11), ==, 0xffff);
	/* Inbound, and three left out before it. */
	CHECK_INT(u32_at(&file, 28 + 52 + 4), ==, 1);
	CHECK_INT(u32_at(&file, 28 + 52 + 8), ==, 4 | 8 << 16);
	CHECK_INT(u32_at(&file, 28 + 52 + 12), ==, 3);
	text_fini(&file);
}

TEST(a_message_too_long_for_a_datagram_is_cut)
{
	static char message[100000];
	struct text file = { 0 };

	capture(&file, true, "192.0.2.1:5060", "192.0.2.2:5060",
		(struct sip_str){ message, sizeof(message) }, 0);

	CHECK_INT(u32_at(&file, 20), ==, 65535);
	text_fini(&file);
}
