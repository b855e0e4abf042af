/* SPDX-License-Identifier: BSD-2-Clause */
/* The header of the PROXY protocol: whole, in pieces, and wrong. */
#include "support/check.h"

#include "transport/proxy_header.h"

#include <stdlib.h>
#include <string.h>

/* In memory that ends with it. */
static enum sip_proxy_header_status read_text(
	const char *text, size_t len, struct sip_proxy_header *header)
{
	char *copy = malloc(len > 0 ? len : 1);
	enum sip_proxy_header_status status;

	CHECK(copy != NULL);
	memcpy(copy, text, len);
	status = sip_proxy_header_read((struct sip_str){ copy, len }, header);
	free(copy);
	return status;
}

/* Every beginning of it is one that may become whole. */
static void whole(const char *text, size_t len, struct sip_proxy_header *header)
{
	char more[SIP_PROXY_HEADER_MAX + 64];

	for (size_t i = 0; i < len; i++)
		CHECK_INT(read_text(text, i, header), ==, SIP_PROXY_HEADER_PARTLY);
	memcpy(more, text, len);
	strcpy(more + len, "OPTIONS sip:a SIP/2.0\r\n");
	CHECK_INT(read_text(more, len + strlen(more + len), header), ==,
		SIP_PROXY_HEADER_WHOLE);
	CHECK_INT(header->len, ==, len);
	CHECK_INT(read_text(text, len, header), ==, SIP_PROXY_HEADER_WHOLE);
	CHECK_INT(header->len, ==, len);
}

static void has_peer(const struct sip_proxy_header *header, const char *wanted)
{
	char text[SIP_ADDR_TEXT_LEN];

	CHECK(header->relayed);
	CHECK_STR(sip_str_of(sip_addr_text(&header->peer, text)), wanted);
}

TEST(a_line_names_the_peer)
{
	static const struct {
		const char *text;
		const char *peer; /* NULL: the load balancer does not know */
	} rows[] = {
		{ "PROXY TCP4 192.0.2.7 198.51.100.1 51234 5060\r\n", "192.0.2.7:51234" },
		{ "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
			"255.255.255.255:65535" },
		{ "PROXY TCP6 2001:db8::7 2001:db8::1 1 5060\r\n", "[2001:db8::7]:1" },
		{ "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
		{ "PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.1 9 5060\r\n",
			"192.0.2.7:9" },
		{ "PROXY UNKNOWN\r\n", NULL },
		{ "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
			NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_proxy_header header;

		whole(rows[i].text, strlen(rows[i].text), &header);
		if (rows[i].peer != NULL)
			has_peer(&header, rows[i].peer);
		else
			CHECK(!header.relayed);
	}
}

TEST(a_line_that_is_not_one_is_told)
{
	static const char *const rows[] = {
		"PROXY TCP4 192.0.2.7 198.51.100.1 51234 5060\n\r\n",
		"PROXY TCP4 192.0.2.7 198.51.100.1 51234 5060\rX",
		"PROXY TCP4 192.0.2.7 198.51.100.1 51234\r\n",
		"PROXY TCP4 192.0.2.7 198.51.100.1 51234 5060 1\r\n",
		"PROXY TCP4 192.0.2.7 198.51.100.1 51234 65536\r\n",
		"PROXY TCP4 192.0.2.7 198.51.100.1 051234 5060\r\n",
		"PROXY TCP4 192.0.2.7 198.51.100.1 -1 5060\r\n",
		"PROXY TCP4  192.0.2.7 198.51.100.1 51234 5060\r\n",
		"PROXY TCP4 192.0.2.07 198.51.100.1 51234 5060\r\n",
		"PROXY TCP4 192.0.2 198.51.100.1 51234 5060\r\n",
		"PROXY TCP4 2001:db8::7 198.51.100.1 51234 5060\r\n",
		"PROXY TCP6 192.0.2.7 198.51.100.1 51234 5060\r\n",
		"PROXY TCP5 192.0.2.7 198.51.100.1 51234 5060\r\n",
		"PROXY UDP4 192.0.2.7 198.51.100.1 51234 5060\r\n",
		"PROXY tcp4 192.0.2.7 198.51.100.1 51234 5060\r\n",
		"PROXY \r\n",
		"PROXX",
		"proxy ",
		"OPTIONS sip:a SIP/2.0\r\n",
		"\r\n\r\n\r\nX",
		"\x16\x03\x01",
	};
	struct sip_proxy_header header;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_INT(read_text(rows[i], strlen(rows[i]), &header), ==,
			SIP_PROXY_HEADER_BROKEN);
		CHECK(header.reason != NULL);
	}
}

/* Its specification: 107 bytes are the most a line has. */
TEST(a_line_that_does_not_end_is_told_in_time)
{
	char text[120];
	struct sip_proxy_header header;

	memset(text, 'x', sizeof(text));
	memcpy(text, "PROXY UNKNOWN ", 14);
	CHECK_INT(read_text(text, 106, &header), ==, SIP_PROXY_HEADER_PARTLY);
	CHECK_INT(read_text(text, 107, &header), ==, SIP_PROXY_HEADER_BROKEN);
	text[105] = '\r';
	text[106] = '\n';
	CHECK_INT(read_text(text, 107, &header), ==, SIP_PROXY_HEADER_WHOLE);
	text[105] = 'x';
	text[106] = '\r';
	CHECK_INT(read_text(text, 107, &header), ==, SIP_PROXY_HEADER_BROKEN);
}

/* ---- version 2 ---- */

struct binary {
	char bytes[4096];
	size_t len;
};

static void begin(struct binary *header, uint8_t command, uint8_t family, size_t len)
{
	static const char first[] = "\r\n\r\n\0\r\nQUIT\n";

	memcpy(header->bytes, first, 12);
	header->bytes[12] = (char)command;
	header->bytes[13] = (char)family;
	header->bytes[14] = (char)(len >> 8);
	header->bytes[15] = (char)len;
	memset(header->bytes + 16, 'x', sizeof(header->bytes) - 16);
	header->len = 16 + len;
}

TEST(a_binary_header_names_the_peer)
{
	struct sip_proxy_header header;
	struct binary binary;

	begin(&binary, 0x21, 0x11, 12);
	memcpy(binary.bytes + 16, "\xc0\x00\x02\x07\xc6\x33\x64\x01\xc8\x22\x13\xc4", 12);
	whole(binary.bytes, binary.len, &header);
	has_peer(&header, "192.0.2.7:51234");

	begin(&binary, 0x21, 0x21, 36);
	memcpy(binary.bytes + 16,
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xc8\x22\x13\xc4",
		36);
	whole(binary.bytes, binary.len, &header);
	has_peer(&header, "[2001:db8::7]:51234");
}

TEST(extensions_are_passed_over_as_far_as_a_header_may_be_long)
{
	struct sip_proxy_header header;
	struct binary binary;

	begin(&binary, 0x21, 0x11, SIP_PROXY_HEADER_MAX - 16);
	memcpy(binary.bytes + 16, "\xc0\x00\x02\x07\xc6\x33\x64\x01\xc8\x22\x13\xc4", 12);
	whole(binary.bytes, binary.len, &header);
	has_peer(&header, "192.0.2.7:51234");
	begin(&binary, 0x21, 0x11, SIP_PROXY_HEADER_MAX - 15);
	CHECK_INT(read_text(binary.bytes, 16, &header), ==, SIP_PROXY_HEADER_BROKEN);
}

/* LOCAL: "the receiver must accept this connection as valid and must use the real
 * connection endpoints" -- a health check; and what has no family is of nobody. */
TEST(the_load_balancers_own_are_told_from_others)
{
	static const struct {
		uint8_t command;
		uint8_t family;
		size_t len;
	} rows[] = { { 0x20, 0x00, 0 }, { 0x20, 0x11, 12 }, { 0x20, 0x31, 216 },
		{ 0x20, 0xff, 3 }, { 0x21, 0x00, 0 }, { 0x21, 0x00, 7 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_proxy_header header;
		struct binary binary;

		begin(&binary, rows[i].command, rows[i].family, rows[i].len);
		whole(binary.bytes, binary.len, &header);
		CHECK(!header.relayed);
	}
}

TEST(a_binary_header_that_is_not_one_is_told_at_its_length)
{
	static const struct {
		uint8_t command;
		uint8_t family;
		size_t len;
	} rows[] = { { 0x22, 0x11, 12 }, { 0x11, 0x11, 12 }, { 0x21, 0x12, 12 },
		{ 0x21, 0x22, 36 }, { 0x21, 0x31, 216 }, { 0x21, 0x01, 12 },
		{ 0x21, 0x11, 11 }, { 0x21, 0x21, 35 }, { 0x21, 0x11, 0 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_proxy_header header;
		struct binary binary;

		begin(&binary, rows[i].command, rows[i].family, rows[i].len);
		CHECK_INT(read_text(binary.bytes, 15, &header), ==,
			SIP_PROXY_HEADER_PARTLY);
		CHECK_INT(read_text(binary.bytes, 16, &header), ==,
			SIP_PROXY_HEADER_BROKEN);
		CHECK(header.reason != NULL);
	}
}
