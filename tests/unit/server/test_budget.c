/* SPDX-License-Identifier: BSD-2-Clause */
/* Budgets per source: "five wrong passwords in ten seconds and that source waits". */
#include "server/admission/budget.h"

#include "support/check.h"

#include <stdio.h>

#define SECOND UINT64_C(1000000)
#define NOW    (3600 * SECOND)

static const struct sip_budget_rule five_in_ten = {
	.limit = 5,
	.period_us = 10 * SECOND,
	.first_wait_us = 10 * SECOND,
	.max_wait_us = 60 * SECOND,
};

static struct sip_random seeded;

static struct sip_budget *create(unsigned sets)
{
	struct sip_budget *budget;

	sip_random_init_seed(&seeded, 1);
	CHECK_INT(sip_budget_create(&seeded, sets, &budget), ==, 0);
	return budget;
}

static struct sip_budget_source at(const char *text)
{
	struct sip_budget_source source = { .exact = false };

	CHECK_INT(sip_addr_parse(sip_str_of(text), 5060, &source.addr), ==, 0);
	return source;
}

/* How long it waits after one more deed; 0: it does not begin to. */
static uint64_t spend(struct sip_budget *budget, const char *who, uint64_t now_us)
{
	struct sip_budget_source source = at(who);
	uint64_t wait_us = 0;

	if (!sip_budget_spend(budget, &source, &five_in_ten, now_us, &wait_us))
		return 0;
	CHECK(wait_us > 0);
	return wait_us;
}

static uint64_t waits(struct sip_budget *budget, const char *who, uint64_t now_us)
{
	struct sip_budget_source source = at(who);

	return sip_budget_wait_us(budget, &source, now_us);
}

/* Five at once; the wait that begins. */
static uint64_t spend_all(struct sip_budget *budget, const char *who, uint64_t now_us)
{
	for (unsigned i = 0; i < 4; i++)
		CHECK_INT(spend(budget, who, now_us), ==, 0);
	return spend(budget, who, now_us);
}

TEST(the_fifth_deed_in_ten_seconds_begins_the_wait)
{
	struct sip_budget *budget = create(64);

	for (uint64_t i = 0; i < 4; i++)
		CHECK_INT(spend(budget, "192.0.2.1", NOW + i * SECOND), ==, 0);
	CHECK_INT(waits(budget, "192.0.2.1", NOW + 10 * SECOND), ==, 0);
	CHECK_INT(spend(budget, "192.0.2.1", NOW + 10 * SECOND), ==, 10 * SECOND);
	CHECK_INT(waits(budget, "192.0.2.1", NOW + 19 * SECOND), ==, SECOND);
	CHECK_INT(waits(budget, "192.0.2.1", NOW + 20 * SECOND), ==, 0);
	sip_budget_destroy(&budget);
}

/* Each thread reads the clock now and then: one that is behind by a moment must not make
 * the source's deeds forgotten. */
TEST(deeds_count_by_clocks_that_differ_a_little)
{
	struct sip_budget *budget = create(64);
	struct sip_budget_source source = at("192.0.2.1");

	for (uint64_t i = 0; i < 4; i++)
		CHECK_INT(spend(budget, "192.0.2.1", NOW - i), ==, 0);
	CHECK_INT(spend(budget, "192.0.2.1", NOW - 4), ==, 10 * SECOND);
	CHECK(sip_budget_may_tell(budget, &source, NOW, SECOND));
	CHECK(!sip_budget_may_tell(budget, &source, NOW - 1, SECOND));
	sip_budget_destroy(&budget);
}

TEST(five_deeds_in_more_than_ten_seconds_do_not)
{
	struct sip_budget *budget = create(64);

	for (uint64_t i = 0; i < 4; i++)
		CHECK_INT(spend(budget, "192.0.2.1", NOW + i * SECOND), ==, 0);
	CHECK_INT(spend(budget, "192.0.2.1", NOW + 10 * SECOND + 1), ==, 0);
	/* The second to the sixth of them did. */
	CHECK_INT(spend(budget, "192.0.2.1", NOW + 11 * SECOND), ==, 10 * SECOND);
	sip_budget_destroy(&budget);
}

TEST(other_sources_do_not_wait)
{
	struct sip_budget *budget = create(64);
	struct sip_budget_source exact = at("192.0.2.1");

	exact.exact = true;
	spend_all(budget, "192.0.2.1", NOW);
	CHECK_INT(waits(budget, "192.0.2.1", NOW), >, 0);
	CHECK_INT(waits(budget, "192.0.2.2", NOW), ==, 0);
	CHECK_INT(sip_budget_wait_us(budget, &exact, NOW), ==, 0);
	sip_budget_destroy(&budget);
}

static const struct {
	const char *one;
	const char *other;
	bool same;
} pairs[] = {
	{ "192.0.2.1:5060", "192.0.2.1:5061", true },
	{ "192.0.2.1", "192.0.3.1", false },
	{ "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true },
	{ "2001:db8:1:2::1", "2001:db8:1:3::1", false },
	{ "::ffff:192.0.2.1", "192.0.2.1", true },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", false },
	{ "fe80::1", "fe80::2", false },
};

/* "/32 for IPv4, /64 for IPv6" */
TEST(a_source_is_an_ipv4_address_or_64_bits_of_ipv6)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct sip_budget *budget = create(64);

		spend_all(budget, pairs[i].one, NOW);
		if ((waits(budget, pairs[i].other, NOW) > 0) != pairs[i].same)
			check_failed(__FILE__, __LINE__, "%s and %s", pairs[i].one,
				pairs[i].other);
		sip_budget_destroy(&budget);
	}
}

TEST(each_wait_in_a_row_is_twice_as_long_up_to_the_longest)
{
	static const uint64_t seconds[] = { 10, 20, 40, 60, 60 };
	struct sip_budget *budget = create(64);
	uint64_t now_us = NOW;

	for (size_t i = 0; i < 5; i++) {
		CHECK_INT(
			spend_all(budget, "192.0.2.1", now_us), ==, seconds[i] * SECOND);
		now_us += seconds[i] * SECOND;
	}
	/* Good for as long as the longest wait. */
	now_us += 60 * SECOND + 1;
	CHECK_INT(spend_all(budget, "192.0.2.1", now_us), ==, 10 * SECOND);
	sip_budget_destroy(&budget);
}

/* What was under way when the wait began does not make it longer. */
TEST(deeds_of_one_that_waits_do_not_count)
{
	struct sip_budget *budget = create(64);

	spend_all(budget, "192.0.2.1", NOW);
	for (unsigned i = 0; i < 20; i++)
		CHECK_INT(spend(budget, "192.0.2.1", NOW + SECOND), ==, 0);
	CHECK_INT(waits(budget, "192.0.2.1", NOW + 10 * SECOND), ==, 0);
	CHECK_INT(spend(budget, "192.0.2.1", NOW + 10 * SECOND), ==, 0);
	sip_budget_destroy(&budget);
}

/* Thousands of sources with a deed each do not let one go that waits. */
TEST(a_crowd_does_not_push_out_one_that_waits)
{
	struct sip_budget *budget = create(1);
	char who[32];

	spend_all(budget, "192.0.2.1", NOW);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(who, sizeof(who), "10.0.%u.%u", i / 250, i % 250);
		CHECK_INT(spend(budget, who, NOW + SECOND), ==, 0);
	}
	CHECK_INT(waits(budget, "192.0.2.1", NOW + SECOND), >, 0);
	sip_budget_destroy(&budget);
}

TEST(one_that_waits_is_told_once_in_an_interval)
{
	struct sip_budget *budget = create(64);
	struct sip_budget_source source = at("192.0.2.1");

	CHECK(!sip_budget_may_tell(budget, &source, NOW, SECOND));
	spend_all(budget, "192.0.2.1", NOW);
	CHECK(sip_budget_may_tell(budget, &source, NOW, SECOND));
	CHECK(!sip_budget_may_tell(budget, &source, NOW + SECOND - 1, SECOND));
	CHECK(sip_budget_may_tell(budget, &source, NOW + SECOND, SECOND));
	CHECK(!sip_budget_may_tell(budget, &source, NOW + 10 * SECOND, SECOND));
	sip_budget_destroy(&budget);
}

TEST(the_list_begins_with_the_longest_wait)
{
	struct sip_budget *budget = create(64);
	struct sip_budget_source worst = at("192.0.2.3");
	struct sip_budget_entry entries[2];

	CHECK(sip_budget_idle(budget, NOW));
	spend(budget, "192.0.2.1", NOW);
	spend_all(budget, "192.0.2.2", NOW + SECOND);
	spend_all(budget, "192.0.2.3", NOW + 2 * SECOND);
	CHECK(!sip_budget_idle(budget, NOW + 2 * SECOND));
	CHECK_INT(sip_budget_list(budget, NOW + 2 * SECOND, entries, 2), ==, 2);
	CHECK_INT(entries[0].wait_us, ==, 10 * SECOND);
	CHECK_INT(entries[1].wait_us, ==, 9 * SECOND);
	CHECK(sip_addr_same_host(&entries[0].source.addr, &worst.addr));
	CHECK(sip_budget_idle(budget, NOW + 12 * SECOND));
	sip_budget_destroy(&budget);
}

TEST(a_budget_of_nothing_lets_everybody_pass)
{
	static const struct sip_budget_rule off = { .limit = 0 };
	struct sip_budget *budget = create(64);
	struct sip_budget_source source = at("192.0.2.1");
	uint64_t wait_us;

	for (unsigned i = 0; i < 100; i++)
		CHECK(!sip_budget_spend(budget, &source, &off, NOW, &wait_us));
	sip_budget_destroy(&budget);
}
