/* SPDX-License-Identifier: BSD-2-Clause */
/* What a walk costs whose records are somebody else's: a caller chooses whose. */
#include "support/check.h"

#include "resolve/rank.h"
#include "resolve/walk.h"

#include <stdio.h>

#define RECORDS 60u

static unsigned compared;

bool __real_sip_addr_equal(const struct sip_addr *a, const struct sip_addr *b);
bool __wrap_sip_addr_equal(const struct sip_addr *a, const struct sip_addr *b);

bool __wrap_sip_addr_equal(const struct sip_addr *a, const struct sip_addr *b)
{
	compared++;
	return __real_sip_addr_equal(a, b);
}

/* The zone: a service of many records, each of which leads to the same many addresses. */
static struct sip_dns_answer *service;
static struct sip_dns_answer *addresses;

static void make_zone(void)
{
	service = sip_dns_answer_create(
		SIP_STR("_sip._udp.a.test"), SIP_DNS_SRV, RECORDS, (size_t)8 * RECORDS);
	addresses = sip_dns_answer_create(SIP_STR("b.test"), SIP_DNS_A, RECORDS, 0);
	CHECK(service != NULL && addresses != NULL);
	for (unsigned i = 0; i < RECORDS; i++) {
		struct sip_dns_record to = { .order = (uint16_t)i, .port = 5060 };
		struct sip_dns_record at = { .rank = 0 };
		char name[9];

		snprintf(name, sizeof(name), "b%02u.test", i);
		to.name = sip_str_of(name);
		at.addr.v4.sin_family = AF_INET;
		at.addr.v4.sin_addr.s_addr = htonl(0xc0000201 + i);
		sip_dns_answer_add(service, &to);
		sip_dns_answer_add(addresses, &at);
	}
}

static int look(void *arg, struct sip_str name, enum sip_dns_type type,
	const struct sip_dns_answer **answer)
{
	(void)arg;
	(void)name;
	*answer = type == SIP_DNS_SRV ? service : addresses;
	return 0;
}

TEST(many_records_that_lead_to_the_same_addresses_cost_little)
{
	const struct sip_resolve_request request = { .scheme = SIP_URI_SIP,
		.host = SIP_STR("a.test"),
		.transport = SIP_STR("udp"),
		.families = { [SIP_UDP] = SIP_FAMILY_IPV4 } };
	struct plan plan;
	struct walk walk;

	make_zone();
	CHECK_INT(plan_make(&request, &plan), ==, 0);
	walk.look = look;
	walk.seed = 1;
	CHECK_INT(walk_run(&walk, &plan), ==, 0);
	CHECK_INT(walk.count, ==, RECORDS);
	CHECK_INT(compared, <, 20000);
	sip_dns_answer_unref(&service);
	sip_dns_answer_unref(&addresses);
}
