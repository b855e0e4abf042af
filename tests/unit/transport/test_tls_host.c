/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of TLS peers by number. */
#include "transport/tls_host.h"

#include "res_sip/error.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

static struct sip_tls_hosts *make(void)
{
	struct sip_tls_hosts *hosts = calloc(1, sizeof(*hosts));
	struct sip_random random;

	CHECK(hosts != NULL);
	sip_random_init_seed(&random, 1);
	sip_tls_hosts_init(hosts, &random);
	return hosts;
}

static void end(struct sip_tls_hosts *hosts)
{
	sip_tls_hosts_fini(hosts);
	free(hosts);
}

static uint32_t number_of(struct sip_tls_hosts *hosts, const char *name)
{
	uint32_t number = UINT32_MAX;

	CHECK_INT(sip_tls_hosts_find(hosts, sip_str_of(name), &number), ==, 0);
	return number;
}

TEST(each_spelling_of_a_name_has_the_number_of_the_name)
{
	struct sip_tls_hosts *hosts = make();
	uint32_t number = number_of(hosts, "trunk.example.test");
	char text[SIP_TLS_HOST_LEN];

	CHECK_INT(number, !=, 0);
	CHECK_INT(number_of(hosts, "Trunk.EXAMPLE.test"), ==, number);
	CHECK_INT(number_of(hosts, "trunk.example.test."), ==, number);
	CHECK_INT(number_of(hosts, "trunk2.example.test"), !=, number);
	CHECK(sip_tls_hosts_name(hosts, number, text));
	CHECK_STR(sip_str_of(text), "trunk.example.test");

	end(hosts);
}

TEST(an_address_is_number_zero)
{
	struct sip_tls_hosts *hosts = make();
	char text[SIP_TLS_HOST_LEN];

	CHECK_INT(number_of(hosts, "192.0.2.1"), ==, 0);
	CHECK_INT(number_of(hosts, "[2001:db8::1]"), ==, 0);
	CHECK(!sip_tls_hosts_name(hosts, 0, text));

	end(hosts);
}

TEST(what_is_no_name_is_refused)
{
	struct sip_tls_hosts *hosts = make();
	char longest[SIP_TLS_HOST_LEN + 1];
	uint32_t number;

	memset(longest, 'a', sizeof(longest));
	CHECK_INT(sip_tls_hosts_find(hosts, SIP_STR(""), &number), ==, SIP_ESYNTAX);
	CHECK_INT(sip_tls_hosts_find(hosts, SIP_STR("."), &number), ==, SIP_ESYNTAX);
	CHECK_INT(sip_tls_hosts_find(hosts, SIP_STR("a b"), &number), ==, SIP_ESYNTAX);
	CHECK_INT(sip_tls_hosts_find(hosts, SIP_STR("*.test"), &number), ==, SIP_ESYNTAX);
	CHECK_INT(sip_tls_hosts_find(hosts, (struct sip_str){ "a\0b", 3 }, &number), ==,
		SIP_ESYNTAX);
	CHECK_INT(sip_tls_hosts_find(hosts,
			  (struct sip_str){ longest, SIP_TLS_HOST_LEN - 1 }, &number),
		==, 0);
	CHECK_INT(sip_tls_hosts_find(
			  hosts, (struct sip_str){ longest, SIP_TLS_HOST_LEN }, &number),
		==, SIP_ESYNTAX);

	end(hosts);
}

/* Thousands of names that nobody asks for again; one that is asked for between them. */
TEST(the_name_that_was_asked_for_least_lately_goes)
{
	struct sip_tls_hosts *hosts = make();
	uint32_t first = number_of(hosts, "first.test");
	uint32_t used = number_of(hosts, "used.test");
	char name[32];
	char text[SIP_TLS_HOST_LEN];

	for (int i = 0; i < 16384; i++) {
		snprintf(name, sizeof(name), "n%d.test", i);
		CHECK_INT(number_of(hosts, name), !=, first);
		CHECK_INT(number_of(hosts, "used.test"), ==, used);
	}

	CHECK(!sip_tls_hosts_name(hosts, first, text));
	CHECK(sip_tls_hosts_name(hosts, used, text));
	CHECK_STR(sip_str_of(text), "used.test");
	CHECK_INT(number_of(hosts, "first.test"), !=, first);

	end(hosts);
}
