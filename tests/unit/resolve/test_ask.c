/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for an answer: once, in time, in bounds, and not any more once given up. */
#include "resolve_fixture.h"

#include <stdio.h>

#include "res_sip/error.h"

static const char *const zone[] = {
	"one.test 300 A 192.0.2.1",
	"two.test 300 A 192.0.2.2",
	"_sip._udp.srv.test 300 SRV 0 0 5062 one.test",
	NULL,
};

static void give_up(struct resolve_fixture *f)
{
	sip_ask_give_up(&f->ask);
	CHECK(f->ask == NULL);
}

static struct sip_resolver_figures figures_of(struct resolve_fixture *f)
{
	struct sip_resolver_figures figures;

	sip_resolver_figures(f->resolver, &figures);
	return figures;
}

TEST(an_answer_comes_once_in_the_askers_turn)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);
	f.dns.holds = true;

	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
	resolve_forward_ms(&f, 1000);
	CHECK_STR(resolve_told(&f), "waits");
	fake_dns_release(&f.dns);
	CHECK_STR(resolve_told(&f), "waits");
	sip_pool_step(f.pool);
	CHECK_STR(resolve_told(&f), "udp 192.0.2.1:5060");

	resolve_forward_ms(&f, 60000);
	CHECK_INT(f.told, ==, 1);
	resolve_teardown(&f);
}

/* Ten thousand calls to one trunk are not ten thousand queries. */
TEST(asks_of_one_name_share_its_queries)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);
	f.dns.holds = true;

	for (int i = 0; i < 100; i++)
		resolve_ask(&f, i % 2 ? "sip:one.test:5060" : "sip:ONE.test:5070");
	CHECK_INT(figures_of(&f).asks, ==, 100);
	CHECK_INT(f.dns.asked, ==, 2);
	f.told = 0;
	fake_dns_release(&f.dns);
	sip_pool_step(f.pool);
	CHECK_INT(f.told, ==, 100);
	CHECK_INT(figures_of(&f).asks, ==, 0);
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_SHARED), ==, 198);
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_QUERIES), ==, 2);
	resolve_teardown(&f);
}

TEST(after_giving_up_nothing_comes)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);
	f.dns.holds = true;

	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
	resolve_in_turn(&f, give_up);
	CHECK_INT(figures_of(&f).asks, ==, 0);
	fake_dns_release(&f.dns);
	resolve_forward_ms(&f, 60000);
	CHECK_INT(f.told, ==, 0);

	/* What it had asked for is kept all the same. */
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "udp 192.0.2.1:5060");
	CHECK_INT(f.dns.asked, ==, 2);
	resolve_teardown(&f);
}

/* The answer's task is queued already behind the one that gives up. */
static void give_up_when_told(struct resolve_fixture *f)
{
	fake_dns_release(&f->dns);
	give_up(f);
}

static int ask_and_give_up(void *arg)
{
	struct resolve_fixture *f = arg;
	struct sip_resolve_request request = {
		.scheme = SIP_URI_SIP, .host = SIP_STR("one.test"), .port = 5060
	};
	const struct sip_asker asker = { f->work, NULL, f };

	request.families[SIP_UDP] = SIP_FAMILY_IPV4;
	CHECK_INT(
		sip_resolve(f->resolver, &request, &asker, &f->targets, &f->ask), ==, 0);
	CHECK(f->ask != NULL);
	give_up(f);
	return 0;
}

TEST(giving_up_is_possible_before_it_has_begun_and_when_it_is_over)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);
	f.dns.holds = true;

	CHECK_INT(ast_sip_push_task(f.work, ask_and_give_up, &f), ==, 0);
	sip_pool_step(f.pool);
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
	resolve_in_turn(&f, give_up_when_told);
	resolve_forward_ms(&f, 60000);
	CHECK_INT(f.told, ==, 0);
	CHECK_INT(figures_of(&f).asks, ==, 0);
	resolve_teardown(&f);
}

/* A task that comes back until it gives up, so that one of its turns is between the
 * answer's being queued at the asker's work and its being told. */
struct waverer {
	struct resolve_fixture *f;
	unsigned turns; /* left */
	bool gave_up;
};

static int waver(void *arg)
{
	struct waverer *waverer = arg;
	struct resolve_fixture *f = waverer->f;

	if (waverer->turns-- > 0) {
		CHECK_INT(ast_sip_push_task(f->work, waver, waverer), ==, 0);
		return 0;
	}
	waverer->gave_up = f->ask != NULL;
	if (waverer->gave_up)
		give_up(f);
	return 0;
}

TEST(giving_up_at_any_moment_is_final)
{
	struct resolve_fixture f;
	unsigned gave_up = 0;
	resolve_prepare(&f, zone);
	f.config.ttl_min_s = 0;
	f.config.ttl_max_s = 0;
	f.config.stale_s = 0;
	resolve_open(&f);

	for (unsigned turns = 0; turns < 300; turns++) {
		struct waverer waverer = { &f, turns, false };

		f.dns.holds = true;
		CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
		f.dns.holds = false;
		CHECK_INT(ast_sip_push_task(f.work, waver, &waverer), ==, 0);
		fake_dns_release(&f.dns);
		sip_pool_step(f.pool);
		CHECK_INT(f.told, ==, waverer.gave_up ? 0 : 1);
		CHECK_INT(figures_of(&f).asks, ==, 0);
		gave_up += waverer.gave_up;
	}
	CHECK(gave_up > 0 && gave_up < 300);
	resolve_teardown(&f);
}

TEST(nobody_waits_beyond_the_deadline)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);
	f.dns.holds = true;

	resolve_ask(&f, "sip:one.test:5060");
	resolve_forward_ms(&f, 4999);
	CHECK_STR(resolve_told(&f), "waits");
	resolve_forward_ms(&f, 1);
	CHECK_STR(resolve_told(&f), "no answer in time");
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_OVERDUE), ==, 1);

	/* A late answer is kept for the next. */
	fake_dns_release(&f.dns);
	sip_pool_step(f.pool);
	CHECK_INT(f.told, ==, 1);
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "udp 192.0.2.1:5060");
	resolve_teardown(&f);
}

/* The server never answers for AAAA: what it said of A is used. */
TEST(what_is_known_at_the_deadline_is_used)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);
	f.families[SIP_UDP] = SIP_FAMILY_IPV4;
	resolve_ask(&f, "sip:one.test:5060");
	f.families[SIP_UDP] |= SIP_FAMILY_IPV6;
	f.dns.holds = true;

	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
	resolve_forward_ms(&f, 5000);
	CHECK_STR(resolve_told(&f), "udp 192.0.2.1:5060");
	resolve_teardown(&f);
}

TEST(a_failing_server_is_no_missing_name)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);

	f.dns.fails = SIP_EREFUSED;
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "refused by who was asked");
	f.dns.fails = SIP_ETIMEOUT;
	CHECK_STR(resolve_all(&f, "sip:srv.test"), "no answer in time");
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_QUERY_FAILED), ==, 2);

	/* It is not kept. */
	f.dns.fails = 0;
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "udp 192.0.2.1:5060");
	CHECK_STR(resolve_all(&f, "sip:srv.test"), "udp 192.0.2.1:5062");
	resolve_teardown(&f);
}

/* Else a request would go to a web server's port 5060 while DNS is being restarted. */
TEST(a_failing_srv_query_does_not_lead_to_the_domains_address)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "udp 192.0.2.1:5060");

	f.dns.fails = SIP_EREFUSED;
	CHECK_STR(resolve_all(&f, "sip:one.test"), "refused by who was asked");
	resolve_teardown(&f);
}

TEST(asks_that_wait_are_bounded)
{
	struct resolve_fixture f;
	resolve_prepare(&f, zone);
	f.config.asks_max = 2;
	resolve_open(&f);
	f.dns.holds = true;

	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "too many under way");
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_FULL_ASKS), ==, 1);
	CHECK_STR(resolve_all(&f, "sip:192.0.2.9"), "udp 192.0.2.9:5060");

	fake_dns_release(&f.dns);
	sip_pool_step(f.pool);
	CHECK_STR(resolve_all(&f, "sip:two.test:5060"), "waits");
	resolve_teardown(&f);
}

TEST(queries_under_way_are_bounded)
{
	struct resolve_fixture f;
	resolve_prepare(&f, zone);
	f.config.queries_max = 2;
	resolve_open(&f);
	f.dns.holds = true;

	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
	CHECK_STR(resolve_all(&f, "sip:two.test:5060"), "too many under way");
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_FULL_QUERIES), ==, 2);
	CHECK_STR(resolve_all(&f, "sip:one.test:5070"), "waits");
	CHECK_INT(figures_of(&f).queries, ==, 2);
	resolve_teardown(&f);
}

static const char *deep[41];
static char deep_text[40][80];

/* A domain that leads to forty names, none of which has an address. */
static void make_deep(void)
{
	for (int i = 0; i < 40; i++) {
		snprintf(deep_text[i], sizeof(deep_text[i]),
			"_sip._udp.deep.test 300 SRV 0 0 5060 n%d.deep.test", i);
		deep[i] = deep_text[i];
	}
}

TEST(one_ask_makes_a_bounded_number_of_queries)
{
	struct resolve_fixture f;
	make_deep();
	resolve_setup(&f, deep);

	CHECK_STR(resolve_all(&f, "sip:deep.test;transport=udp"),
		"leads on too many times");
	CHECK_INT(f.dns.asked, ==, 32);
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_DEEP), ==, 1);
	resolve_teardown(&f);
}

TEST(an_answer_with_too_many_records_is_refused)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);

	f.dns.fails = SIP_ELIMIT;
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "above a limit");
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_LONG), ==, 2);
	resolve_teardown(&f);
}

TEST(who_waits_is_told_when_it_stops)
{
	struct resolve_fixture f;
	resolve_setup(&f, zone);
	f.dns.holds = true;

	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "waits");
	sip_resolver_stop(f.resolver);
	sip_pool_step(f.pool);
	CHECK_STR(resolve_told(&f), "not possible in this state");
	CHECK_STR(resolve_all(&f, "sip:one.test:5060"), "not possible in this state");
	CHECK_INT(figures_of(&f).asks + figures_of(&f).queries, ==, 0);

	ast_sip_destroy_work(f.work);
	sip_pool_stop(f.pool);
	sip_resolver_destroy(&f.resolver);
	sip_pool_destroy(&f.pool);
	sip_counters_destroy(&f.counters);
}
