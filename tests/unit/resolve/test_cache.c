/* SPDX-License-Identifier: BSD-2-Clause */
/* What was answered is kept: for how long, how much of it, and while nobody answers. */
#include "resolve_fixture.h"

#include "res_sip/error.h"
#include "resolve/cache.h"

#include <stdio.h>

static const char *const zone[] = {
	"usual.test 60 A 192.0.2.1",
	"usual.test 120 A 192.0.2.2",
	"brief.test 0 A 192.0.2.3",
	"long.test 604800 A 192.0.2.4",
	"none.test 20 NONE",
	"never.test 86400 NONE",
	"at-once.test 0 NONE",
	NULL,
};

static const char *const moved[] = { "usual.test 60 A 192.0.2.9", NULL };
static const char *const gone[] = { NULL };

static void setup(struct resolve_fixture *f)
{
	resolve_setup(f, zone);
	f->families[SIP_UDP] = SIP_FAMILY_IPV4;
}

/* How long after it was asked for a name is asked for again. */
static const struct {
	const char *uri;
	uint64_t seconds;
} spans[] = {
	/* The least of its records, and of what is not there of the SOA's minimum. */
	{ "sip:usual.test:5060", 60 },
	{ "sip:none.test:5060", 20 },
	/* Within bounds: 5 s to a day, and 5 minutes of what is not there. */
	{ "sip:brief.test:5060", 5 },
	{ "sip:long.test:5060", 86400 },
	{ "sip:never.test:5060", 300 },
	{ "sip:at-once.test:5060", 5 },
};

TEST(an_answer_is_kept_for_its_time)
{
	struct resolve_fixture f;

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		setup(&f);
		resolve_ask(&f, spans[i].uri);
		CHECK_INT(f.dns.asked, ==, 1);
		resolve_forward_ms(&f, spans[i].seconds * 1000 - 1);
		resolve_ask(&f, spans[i].uri);
		CHECK_INT(f.dns.asked, ==, 1);
		CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_AT_ONCE), ==, 1);

		resolve_forward_ms(&f, 1);
		resolve_ask(&f, spans[i].uri);
		CHECK_INT(f.dns.asked, ==, 2);
		resolve_teardown(&f);
	}
}

TEST(a_name_that_moves_is_found_where_it_is)
{
	struct resolve_fixture f;
	setup(&f);

	resolve_ask(&f, "sip:usual.test:5060");
	f.dns.zone = moved;
	resolve_forward_ms(&f, 60000);
	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"), "udp 192.0.2.9:5060");
	f.dns.zone = gone;
	resolve_forward_ms(&f, 60000);
	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"), "not found");
	resolve_teardown(&f);
}

static void make_stale(struct resolve_fixture *f)
{
	setup(f);
	resolve_ask(f, "sip:usual.test:5060");
	resolve_ask(f, "sip:none.test:5060");
	resolve_forward_ms(f, 60000);
}

TEST(while_the_server_fails_what_is_stale_is_used)
{
	struct resolve_fixture f;
	make_stale(&f);
	f.dns.fails = SIP_EREFUSED;

	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060");
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_STALE), ==, 1);
	CHECK_INT(f.dns.asked, ==, 3);

	/* It is let alone for half a minute, and nobody waits for it then. */
	resolve_forward_ms(&f, 29999);
	resolve_ask(&f, "sip:usual.test:5060");
	CHECK_INT(f.result, ==, 0);
	CHECK_INT(f.dns.asked, ==, 3);
	resolve_forward_ms(&f, 1);
	resolve_ask(&f, "sip:usual.test:5060");
	CHECK_INT(f.dns.asked, ==, 4);
	resolve_teardown(&f);
}

TEST(while_the_server_is_silent_what_is_stale_is_used_after_a_second)
{
	struct resolve_fixture f;
	make_stale(&f);
	f.dns.holds = true;
	f.dns.zone = moved;

	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"), "waits");
	resolve_forward_ms(&f, 999);
	CHECK_STR(resolve_told(&f), "waits");
	resolve_forward_ms(&f, 1);
	CHECK_STR(resolve_told(&f), "udp 192.0.2.1:5060, udp 192.0.2.2:5060");

	/* Nobody else waits, and what the server says at last is used. */
	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060");
	fake_dns_release(&f.dns);
	sip_pool_step(f.pool);
	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"), "udp 192.0.2.9:5060");
	CHECK_INT(f.dns.asked, ==, 3);
	resolve_teardown(&f);
}

/* Whichever comes first. */
TEST(what_is_stale_is_used_at_the_deadline)
{
	struct resolve_fixture f;
	resolve_prepare(&f, zone);
	f.config.deadline_us = 400000;
	resolve_open(&f);
	f.families[SIP_UDP] = SIP_FAMILY_IPV4;
	resolve_ask(&f, "sip:usual.test:5060");
	resolve_forward_ms(&f, 60000);
	f.dns.holds = true;

	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"), "waits");
	resolve_forward_ms(&f, 400);
	CHECK_STR(resolve_told(&f), "udp 192.0.2.1:5060, udp 192.0.2.2:5060");
	resolve_teardown(&f);
}

/* Somebody has names looked up that nobody answers for: those that were found before
 * stay. */
TEST(what_is_stale_is_used_when_too_much_is_under_way)
{
	struct resolve_fixture f;
	resolve_prepare(&f, zone);
	f.config.asks_max = 2;
	f.config.queries_max = 1;
	resolve_open(&f);
	f.families[SIP_UDP] = SIP_FAMILY_IPV4;
	resolve_ask(&f, "sip:usual.test:5060");
	resolve_forward_ms(&f, 60000);
	f.dns.holds = true;

	CHECK_STR(resolve_all(&f, "sip:none.test:5060"), "waits");
	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060");
	CHECK_STR(resolve_all(&f, "sip:none.test:5070"), "waits");
	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"),
		"udp 192.0.2.1:5060, udp 192.0.2.2:5060");
	CHECK_STR(resolve_all(&f, "sip:never.test:5060"), "too many under way");
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_STALE), ==, 2);
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_FULL_QUERIES), ==, 1);
	CHECK_INT(resolve_counted(&f, SIP_COUNT_RESOLVE_FULL_ASKS), ==, 2);
	resolve_teardown(&f);
}

TEST(what_is_stale_has_an_end)
{
	struct resolve_fixture f;
	make_stale(&f);
	f.dns.fails = SIP_ETIMEOUT;

	resolve_forward_ms(&f, 86400 * 1000 - 1);
	resolve_ask(&f, "sip:usual.test:5060");
	CHECK_INT(f.result, ==, 0);
	resolve_forward_ms(&f, 1);
	CHECK_STR(resolve_all(&f, "sip:usual.test:5060"), "no answer in time");
	resolve_teardown(&f);
}

/* Else a name that was put right would stay away while the server is restarted. */
TEST(what_did_not_exist_is_never_stale)
{
	struct resolve_fixture f;
	make_stale(&f);

	f.dns.fails = SIP_ETIMEOUT;
	CHECK_STR(resolve_all(&f, "sip:none.test:5060"), "no answer in time");
	resolve_teardown(&f);
}

/* ---- the cache by itself ---- */

static struct cache_key key_of(const char *name, uint64_t hash)
{
	return (struct cache_key){ hash, sip_str_of(name), SIP_DNS_A };
}

static void put(struct cache *cache, const struct cache_key *key, uint64_t now_us,
	uint64_t fresh_us)
{
	const struct cache_span span = { fresh_us, 1000 };
	struct sip_dns_answer *answer = sip_dns_answer_create(key->name, key->type, 0, 0);

	CHECK(answer != NULL);
	cache_put(cache, key, answer, now_us, &span);
	sip_dns_answer_unref(&answer);
}

static enum cache_state find(
	struct cache *cache, const struct cache_key *key, uint64_t now_us)
{
	struct sip_dns_answer *answer;
	enum cache_state state = cache_find(cache, key, now_us, &answer);

	CHECK((answer != NULL) == (state != CACHE_NONE));
	sip_dns_answer_unref(&answer);
	return state;
}

TEST(names_of_one_hash_are_told_apart)
{
	struct cache *cache = cache_create(8);
	const struct cache_key one = key_of("one.test", 5);
	const struct cache_key two = key_of("two.test", 5);
	struct cache_key other = one;
	CHECK(cache != NULL);
	other.type = SIP_DNS_AAAA;

	put(cache, &one, 0, 1000);
	CHECK_INT(find(cache, &one, 0), ==, CACHE_FRESH);
	CHECK_INT(find(cache, &two, 0), ==, CACHE_NONE);
	CHECK_INT(find(cache, &other, 0), ==, CACHE_NONE);
	cache_destroy(&cache);
	CHECK(cache == NULL);
}

TEST(a_full_set_gives_up_what_is_over_or_was_used_longest_ago)
{
	struct cache *cache = cache_create(8);
	char names[10][16];
	struct cache_key keys[10];
	CHECK(cache != NULL);

	for (unsigned i = 0; i < 10; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u.test", i);
		keys[i] = key_of(names[i], i);
	}
	/* The fourth ends soon; the first is used again. */
	for (unsigned i = 0; i < 8; i++)
		put(cache, &keys[i], i, i == 3 ? 100 : 1000000);
	CHECK_INT(find(cache, &keys[0], 50), ==, CACHE_FRESH);

	put(cache, &keys[8], 2000, 1000000);
	CHECK_INT(find(cache, &keys[3], 60), ==, CACHE_NONE);
	put(cache, &keys[9], 2001, 1000000);
	CHECK_INT(find(cache, &keys[1], 2001), ==, CACHE_NONE);
	CHECK_INT(find(cache, &keys[0], 2001), ==, CACHE_FRESH);
	CHECK_INT(find(cache, &keys[8], 2001), ==, CACHE_FRESH);
	CHECK_INT(find(cache, &keys[9], 2001), ==, CACHE_FRESH);
	cache_destroy(&cache);
}

TEST(a_pardon_ends_and_does_not_outlive_the_answer)
{
	struct cache *cache = cache_create(1);
	const struct cache_key key = key_of("one.test", 5);
	CHECK(cache != NULL);

	put(cache, &key, 0, 100);
	cache_pardon(cache, &key, 400);
	CHECK_INT(find(cache, &key, 99), ==, CACHE_FRESH);
	CHECK_INT(find(cache, &key, 100), ==, CACHE_PARDONED);
	CHECK_INT(find(cache, &key, 399), ==, CACHE_PARDONED);
	CHECK_INT(find(cache, &key, 400), ==, CACHE_STALE);
	cache_pardon(cache, &key, 5000);
	CHECK_INT(find(cache, &key, 1100), ==, CACHE_NONE);
	cache_destroy(&cache);
}
