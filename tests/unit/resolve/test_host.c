/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts of URIs: addresses, names, and what is neither. */
#include "support/check.h"

#include "resolve/dns.h"
#include "resolve/host.h"

#include <string.h>

static const struct {
	const char *host;
	enum host_kind kind;
} table[] = {
	{ "192.0.2.1", HOST_ADDRESS },
	{ "[2001:db8::1]", HOST_ADDRESS },
	{ "2001:db8::1", HOST_ADDRESS },
	{ "192.0.2.1:5060", HOST_GARBLED },
	{ "192.0.2.1:0", HOST_GARBLED },
	{ "[2001:db8::1]:5060", HOST_GARBLED },
	{ "[2001:db8::1", HOST_GARBLED },
	{ "example.org", HOST_NAME },
	{ "example.org.", HOST_NAME },
	{ "_sip._udp.example-1.org", HOST_NAME },
	{ "localhost", HOST_NAME },
	{ "1.2.3", HOST_GARBLED },
	{ "1.2.3.4.", HOST_GARBLED },
	{ "999.1.1.1", HOST_GARBLED },
	{ "4.example", HOST_NAME },
	{ "", HOST_GARBLED },
	{ ".", HOST_GARBLED },
	{ "a..b", HOST_GARBLED },
	{ ".a", HOST_GARBLED },
	{ "a b", HOST_GARBLED },
	{ "a%41", HOST_GARBLED },
	{ "x.invalid", HOST_INVALID },
	{ "INVALID.", HOST_INVALID },
	{ "xinvalid", HOST_NAME },
	{ "invalid.org", HOST_NAME },
};

TEST(a_host_is_an_address_a_name_or_neither)
{
	struct sip_addr addr;
	struct sip_str name;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (host_read(sip_str_of(table[i].host), &addr, &name) != table[i].kind)
			check_failed(__FILE__, __LINE__, "not so: %s", table[i].host);
}

TEST(names_and_their_labels_have_a_longest)
{
	struct sip_addr addr;
	struct sip_str name;
	char text[SIP_DNS_NAME_LEN + 2];

	memset(text, 'a', sizeof(text));
	CHECK_INT(host_read((struct sip_str){ text, 63 }, &addr, &name), ==, HOST_NAME);
	CHECK_INT(
		host_read((struct sip_str){ text, 64 }, &addr, &name), ==, HOST_GARBLED);
	for (size_t i = 1; i < sizeof(text); i += 2)
		text[i] = '.';
	CHECK_INT(host_read((struct sip_str){ text, SIP_DNS_NAME_LEN }, &addr, &name), ==,
		HOST_NAME);
	text[sizeof(text) - 1] = 'a';
	text[sizeof(text) - 2] = 'a';
	CHECK_INT(host_read((struct sip_str){ text, SIP_DNS_NAME_LEN + 1 }, &addr, &name),
		==, HOST_GARBLED);
}
