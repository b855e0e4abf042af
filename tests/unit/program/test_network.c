/* SPDX-License-Identifier: BSD-2-Clause */
/* Networks: what is one, and which addresses it has. */
#include "network.h"
#include "support/check.h"

TEST(a_network_has_its_addresses_and_no_others)
{
	static const struct {
		const char *network;
		const char *addr;
		bool has;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1:5060", true },
		{ "192.0.2.1", "192.0.2.2:5060", false },
		{ "192.0.2.1:5060", "192.0.2.1:5060", true },
		{ "192.0.2.1:5060", "192.0.2.1:5061", false },
		{ "192.0.2.0/24", "192.0.2.255:1", true },
		{ "192.0.2.0/24", "192.0.3.0:1", false },
		{ "192.0.2.129/25", "192.0.2.128:1", true },
		{ "192.0.2.129/25", "192.0.2.127:1", false },
		{ "192.0.2.0/24:5060", "192.0.2.9:5060", true },
		{ "192.0.2.0/24:5060", "192.0.2.9:5061", false },
		{ "0.0.0.0/0", "203.0.113.9:1", true },
		{ "0.0.0.0/0", "[2001:db8::1]:1", false },
		{ "2001:db8::/32", "[2001:db8:ffff::1]:1", true },
		{ "2001:db8::/32", "[2001:db9::1]:1", false },
		{ "[2001:db8::1]:5060", "[2001:db8::1]:5060", true },
		{ "[2001:db8::]/33:5060", "[2001:db8:7fff::]:5060", true },
		{ "[2001:db8::]/33:5060", "[2001:db8:8000::]:5060", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network network;
		struct sip_addr addr;

		CHECK(network_parse(sip_str_of(rows[i].network), &network));
		CHECK_INT(sip_addr_parse(sip_str_of(rows[i].addr), 0, &addr), ==, SIP_OK);
		CHECK_INT(network_has(&network, &addr), ==, rows[i].has);
	}
}

TEST(what_is_no_network_is_refused)
{
	static const char *const rows[] = { "", "/", "example.com", "192.0.2.1/",
		"192.0.2.1/33", "192.0.2.1/-1", "192.0.2.1/24:", "192.0.2.1/24:65536",
		"192.0.2.1:5060/24:5060", "2001:db8::/129" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network network;

		CHECK(!network_parse(sip_str_of(rows[i]), &network));
	}
}
