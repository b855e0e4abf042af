/* SPDX-License-Identifier: BSD-2-Clause */
/* Targets that failed: last for a while, and no longer; whatever DNS says. */
#include "resolve_fixture.h"

#include "resolve/health.h"

static const char *const zone[] = {
	"_sip._udp.srv.test 3600 SRV 1 0 5060 a.test",
	"_sip._udp.srv.test 3600 SRV 2 0 5060 b.test",
	"_sip._udp.srv.test 3600 SRV 3 0 5060 c.test",
	"a.test 3600 A 192.0.2.1",
	"b.test 3600 A 192.0.2.2",
	"c.test 3600 A 192.0.2.3",
	NULL,
};

static const char uri[] = "sip:srv.test;transport=udp";

static struct sip_target target_of(enum sip_transport_kind kind, const char *addr)
{
	struct sip_target target = { .kind = kind };

	CHECK_INT(sip_addr_parse(sip_str_of(addr), 0, &target.addr), ==, 0);
	return target;
}

static void setup(struct resolve_fixture *f)
{
	resolve_setup(f, zone);
	CHECK_STR(resolve_all(f, uri),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060, udp 192.0.2.3:5060");
}

TEST(a_target_that_failed_is_last_for_half_a_minute)
{
	struct resolve_fixture f;
	const struct sip_target first = target_of(SIP_UDP, "192.0.2.1:5060");
	setup(&f);

	sip_target_failed(f.resolver, &first, 0);
	CHECK_STR(resolve_all(&f, uri),
		"udp 192.0.2.2:5060, udp 192.0.2.3:5060, udp 192.0.2.1:5060");
	resolve_forward_ms(&f, 29999);
	CHECK_STR(resolve_all(&f, uri),
		"udp 192.0.2.2:5060, udp 192.0.2.3:5060, udp 192.0.2.1:5060");
	resolve_forward_ms(&f, 1);
	CHECK_STR(resolve_all(&f, uri),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060, udp 192.0.2.3:5060");
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_TARGET_FAILED), ==, 1);
	resolve_teardown(&f);
}

TEST(each_failure_has_a_time_of_its_own)
{
	struct resolve_fixture f;
	const struct sip_target first = target_of(SIP_UDP, "192.0.2.1:5060");
	const struct sip_target second = target_of(SIP_UDP, "192.0.2.2:5060");
	setup(&f);

	sip_target_failed(f.resolver, &first, 0);
	resolve_forward_ms(&f, 20000);
	sip_target_failed(f.resolver, &second, 0);
	CHECK_STR(resolve_all(&f, uri),
		"udp 192.0.2.3:5060, udp 192.0.2.1:5060, udp 192.0.2.2:5060");
	resolve_forward_ms(&f, 10000);
	CHECK_STR(resolve_all(&f, uri),
		"udp 192.0.2.1:5060, udp 192.0.2.3:5060, udp 192.0.2.2:5060");
	resolve_teardown(&f);
}

TEST(where_all_have_failed_the_order_is_dns_own)
{
	struct resolve_fixture f;
	const struct sip_target targets[] = { target_of(SIP_UDP, "192.0.2.3:5060"),
		target_of(SIP_UDP, "192.0.2.1:5060"),
		target_of(SIP_UDP, "192.0.2.2:5060") };
	setup(&f);

	for (int i = 0; i < 3; i++)
		sip_target_failed(f.resolver, &targets[i], 0);
	CHECK_STR(resolve_all(&f, uri),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060, udp 192.0.2.3:5060");
	resolve_teardown(&f);
}

TEST(a_target_that_answers_is_well_again)
{
	struct resolve_fixture f;
	const struct sip_target first = target_of(SIP_UDP, "192.0.2.1:5060");
	setup(&f);

	sip_target_failed(f.resolver, &first, 0);
	sip_target_answered(f.resolver, &first);
	CHECK_STR(resolve_all(&f, uri),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060, udp 192.0.2.3:5060");
	resolve_teardown(&f);
}

TEST(transport_and_port_are_part_of_a_target)
{
	struct resolve_fixture f;
	const struct sip_target tcp = target_of(SIP_TCP, "192.0.2.1:5060");
	const struct sip_target port = target_of(SIP_UDP, "192.0.2.1:5061");
	setup(&f);

	sip_target_failed(f.resolver, &tcp, 0);
	sip_target_failed(f.resolver, &port, 0);
	CHECK_STR(resolve_all(&f, uri),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060, udp 192.0.2.3:5060");
	resolve_teardown(&f);
}

TEST(an_address_alone_is_a_target_whatever_it_did)
{
	struct resolve_fixture f;
	const struct sip_target only = target_of(SIP_UDP, "[2001:db8::1]:5060");
	setup(&f);

	sip_target_failed(f.resolver, &only, 0);
	CHECK_STR(resolve_all(&f, "sip:[2001:db8::1]"), "udp [2001:db8::1]:5060");
	resolve_teardown(&f);
}

/* A peer that makes thousands fail makes no more state; the latest is remembered. */
TEST(the_table_stays_as_it_is_however_many_fail)
{
	static struct health health;
	struct sip_random random;
	struct sip_target target = target_of(SIP_UDP, "10.0.0.0:5060");
	unsigned bad = 0;

	sip_random_init_seed(&random, 3);
	health_init(&health, &random);
	for (uint32_t i = 0; i < 5000; i++) {
		target.addr.v4.sin_addr.s_addr = htonl(0x0a000000 + i);
		health_failed(&health, &target, 1000, 30001000);
		CHECK(health_is_bad(&health, &target, 30000999));
		CHECK(!health_is_bad(&health, &target, 30001000));
	}
	for (uint32_t i = 0; i < 5000; i++) {
		target.addr.v4.sin_addr.s_addr = htonl(0x0a000000 + i);
		bad += health_is_bad(&health, &target, 2000);
	}
	CHECK_INT(bad, <=, HEALTH_SETS * HEALTH_WAYS);
	CHECK_INT(bad, >, HEALTH_SETS * HEALTH_WAYS * 9 / 10);
}
