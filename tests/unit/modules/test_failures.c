/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose lines about failed logins are counted together. */
#include "failures.h"
#include "support/check.h"

#include <stdio.h>

static struct failures failures;

static struct sip_log_limit *limit_of(const char *source, bool proven)
{
	struct sip_addr addr;

	CHECK_INT(sip_addr_parse(sip_str_of(source), 5060, &addr), ==, 0);
	return failures_limit(&failures, &addr, proven);
}

TEST(a_source_is_its_address_without_the_port_or_its_64)
{
	failures_init(&failures);

	CHECK(limit_of("192.0.2.1:5060", true) == limit_of("192.0.2.1:9", true));
	CHECK(limit_of("2001:db8::1", true) == limit_of("2001:db8::2:3:4:5", true));
}

TEST(sources_have_places_of_their_own)
{
	bool taken[FAILURE_PLACES] = { false };
	int places = 0;

	failures_init(&failures);
	for (int i = 0; i < 1000; i++) {
		char source[32];
		size_t place;

		sprintf(source, "10.0.%d.%d", i / 250, i % 250);
		place = (size_t)(limit_of(source, true) - failures.proven);
		CHECK_INT(place, <, FAILURE_PLACES);
		places += !taken[place];
		taken[place] = true;
	}

	/* Of 1000 drawn into 256 places some 251 get one. */
	CHECK_INT(places, >, 230);
}

TEST(who_is_not_proven_shares_a_place_with_nobody_who_is)
{
	failures_init(&failures);

	CHECK(limit_of("192.0.2.1", false) == limit_of("198.51.100.7", false));
	CHECK(limit_of("192.0.2.1", false) == &failures.unproven);
}
