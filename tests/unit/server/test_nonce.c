/* SPDX-License-Identifier: BSD-2-Clause */
/* Nonces and their counts.  Quotes: the rules of this server, `Nonces`; RFC 7616
 * section 3.3. */
#include "server/auth/nonce.h"

#include "support/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LIFETIME_S 300
#define COPIES_MS  32000
#define NOW_MS     UINT64_C(1700000000000)

static struct sip_random seeded;
static struct sip_addr here;

static struct sip_nonces *create_for(size_t phones)
{
	struct sip_nonces *nonces;

	sip_random_init_seed(&seeded, 1);
	CHECK_INT(sip_addr_parse(SIP_STR("192.0.2.1:5060"), 0, &here), ==, 0);
	CHECK_INT(sip_nonces_create(&seeded, phones, LIFETIME_S, COPIES_MS, &nonces), ==,
		0);
	return nonces;
}

static struct sip_nonces *create(void)
{
	return create_for(0);
}

static void fresh(struct sip_nonces *nonces, uint64_t wall_ms, char text[SIP_NONCE_LEN])
{
	sip_nonce_write(nonces, wall_ms, SIP_STR("realm"), &here, text);
}

/* One use by request number `request`, at a time. */
static int use_at(struct sip_nonces *nonces, const char *nonce, uint64_t wall_ms,
	uint32_t count, uint64_t request)
{
	const struct sip_nonce_use use = {
		.nonce = { nonce, SIP_NONCE_LEN },
		.realm = SIP_STR("realm"),
		.source = &here,
		.wall_ms = wall_ms,
		.count = count,
		.request = request << 8,
	};

	return (int)sip_nonce_judge(nonces, &use);
}

static int use(
	struct sip_nonces *nonces, const char *nonce, uint32_t count, uint64_t request)
{
	return use_at(nonces, nonce, NOW_MS, count, request);
}

/* How many of the nonces of so many phones have lost their count when they are used a
 * second time. */
static unsigned lost_of(struct sip_nonces *nonces, size_t phones)
{
	char(*nonce)[SIP_NONCE_LEN] = malloc(phones * sizeof(*nonce));
	unsigned lost = 0;

	CHECK(nonce != NULL);
	for (size_t i = 0; i < phones; i++) {
		fresh(nonces, NOW_MS + i / 100, nonce[i]);
		CHECK_INT(use_at(nonces, nonce[i], NOW_MS + i / 100, 1, i), ==,
			AST_SIP_NONCE_GOOD);
	}
	for (size_t i = 0; i < phones; i++)
		lost += use_at(nonces, nonce[i], NOW_MS + phones / 100, 2, phones + i) ==
			AST_SIP_NONCE_STALE;
	free(nonce);
	return lost;
}

TEST(each_phone_has_room_for_its_counts)
{
	const size_t phones = 150000;
	struct sip_nonces *few = create();
	struct sip_nonces *many = create_for(phones);

	/* Four slots to a set, 2.3 nonces on average: some sets have more than four. */
	CHECK_INT(lost_of(many, phones), <, phones / 20);
	CHECK_INT(lost_of(few, phones), >, phones / 2);
	sip_nonces_destroy(&few);
	sip_nonces_destroy(&many);
}

/* A server runs for months, and few phones fill its sets in weeks. */
TEST(what_was_used_weeks_ago_stands_in_nobody_s_way)
{
	static const uint64_t days[] = { 20, 30, 40, 50, 75, 100 };

	for (size_t d = 0; d < sizeof(days) / sizeof(days[0]); d++) {
		uint64_t later_ms = NOW_MS + days[d] * 24 * 3600 * 1000;
		struct sip_nonces *nonces = create();
		char nonce[SIP_NONCE_LEN];

		/* Full, and some were put out. */
		SIP_IGNORE(lost_of(nonces, 150000));
		for (uint64_t i = 0; i < 100; i++) {
			fresh(nonces, later_ms, nonce);
			CHECK_INT(use_at(nonces, nonce, later_ms, 1, i), ==,
				AST_SIP_NONCE_GOOD);
		}
		sip_nonces_destroy(&nonces);
	}
}

TEST(each_nonce_is_another_and_is_printable)
{
	struct sip_nonces *nonces = create();
	char a[SIP_NONCE_LEN];
	char b[SIP_NONCE_LEN];

	fresh(nonces, NOW_MS, a);
	fresh(nonces, NOW_MS, b);
	CHECK(memcmp(a, b, SIP_NONCE_LEN) != 0);
	for (size_t i = 0; i < SIP_NONCE_LEN; i++)
		CHECK(isalnum((unsigned char)a[i]) || a[i] == '-' || a[i] == '_');
	CHECK_INT(strlen(sip_nonces_opaque(nonces)), ==, 16);
	sip_nonces_destroy(&nonces);
}

TEST(the_time_of_a_nonce_is_read_as_it_was_written)
{
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];
	struct sip_str text = { nonce, SIP_NONCE_LEN };
	uint64_t made;

	for (unsigned i = 0; i < 64; i++) {
		/* Each digit in each of the seven places. */
		const uint64_t wall_ms = i * UINT64_C(01010101010101);

		fresh(nonces, wall_ms, nonce);
		CHECK(sip_nonce_time(text, &made));
		CHECK(made == wall_ms);
		CHECK_INT(sip_nonce_age(made, wall_ms + 7), ==, 7);
		CHECK_INT(sip_nonce_age(made, wall_ms - 1), >, UINT64_C(100) << 35);
	}
	nonce[6] = '+';
	CHECK(!sip_nonce_time(text, &made));
	text.len--;
	nonce[6] = 'A';
	CHECK(!sip_nonce_time(text, &made));
	sip_nonces_destroy(&nonces);
}

/* "A count that comes again with the same Call-ID, CSeq and response is a copy ...; for a
 * different request it is a replay"; "the last eight requests are remembered" */
TEST(a_copy_is_known_among_the_last_eight_and_stale_after_them)
{
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];

	fresh(nonces, NOW_MS, nonce);
	for (uint32_t count = 1; count <= 8; count++)
		CHECK_INT(use(nonces, nonce, count, count), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(use(nonces, nonce, 1, 1), ==, AST_SIP_NONCE_COPY);
	CHECK_INT(use(nonces, nonce, 1, 2), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use(nonces, nonce, 9, 9), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(use(nonces, nonce, 1, 1), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use(nonces, nonce, 2, 2), ==, AST_SIP_NONCE_COPY);
	sip_nonces_destroy(&nonces);
}

/* "a window of 64 per nonce" */
TEST(each_count_of_the_window_is_good_once_and_none_before_it)
{
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];

	fresh(nonces, NOW_MS, nonce);
	CHECK_INT(use(nonces, nonce, 1, 1), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(use(nonces, nonce, 100, 100), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(use(nonces, nonce, 36, 36), ==, AST_SIP_NONCE_STALE);
	for (uint32_t count = 99; count >= 37; count--) {
		CHECK_INT(use(nonces, nonce, count, count), ==, AST_SIP_NONCE_GOOD);
		CHECK_INT(use(nonces, nonce, count, 7777), ==, AST_SIP_NONCE_STALE);
	}
	CHECK_INT(use(nonces, nonce, UINT32_MAX, 1), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(use(nonces, nonce, 100, 100), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use(nonces, nonce, 0, 1), ==, AST_SIP_NONCE_STALE);
	sip_nonces_destroy(&nonces);
}

/* RFC 7616 3.4: nc begins with 1: a nonce that was never seen and comes with 2 has lost
 * its slot, or was overtaken by the next.  What was refused is refused when it comes
 * again. */
TEST(a_nonce_begins_with_count_one_and_is_spent_where_another_comes_first)
{
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];

	fresh(nonces, NOW_MS, nonce);
	CHECK_INT(use(nonces, nonce, 2, 1), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use(nonces, nonce, 1, 1), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use(nonces, nonce, 2, 1), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use(nonces, nonce, UINT32_MAX, 1), ==, AST_SIP_NONCE_STALE);
	sip_nonces_destroy(&nonces);
}

/* "Nonces are bound to realm and source address (never the port ...) and have a
 * lifetime." */
TEST(another_realm_or_address_or_digit_is_stale_and_another_port_is_not)
{
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];
	struct sip_nonce_use other;
	struct sip_addr there;

	fresh(nonces, NOW_MS, nonce);
	other = (struct sip_nonce_use){ { nonce, SIP_NONCE_LEN }, SIP_STR("other"), &here,
		NOW_MS, 1, 1 };
	CHECK_INT(sip_nonce_judge(nonces, &other), ==, AST_SIP_NONCE_STALE);
	other.realm = SIP_STR("realm");
	CHECK_INT(sip_addr_parse(SIP_STR("192.0.2.2:5060"), 0, &there), ==, 0);
	other.source = &there;
	CHECK_INT(sip_nonce_judge(nonces, &other), ==, AST_SIP_NONCE_STALE);
	for (size_t i = 0; i < SIP_NONCE_LEN; i++) {
		char was = nonce[i];

		nonce[i] = was == '0' ? '1' : '0';
		CHECK_INT(use(nonces, nonce, 1, 1), ==, AST_SIP_NONCE_STALE);
		nonce[i] = was;
	}
	sip_addr_set_port(&here, 9);
	CHECK_INT(use(nonces, nonce, 1, 1), ==, AST_SIP_NONCE_GOOD);
	sip_nonces_destroy(&nonces);
}

TEST(a_nonce_holds_to_the_millisecond_and_does_not_come_back_after_seven_weeks)
{
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];

	fresh(nonces, NOW_MS, nonce);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + LIFETIME_S * 1000 + 1, 1, 1), ==,
		AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + (UINT64_C(1) << 32), 1, 1), ==,
		AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS - 1, 1, 1), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + LIFETIME_S * 1000, 1, 1), ==,
		AST_SIP_NONCE_GOOD);
	sip_nonces_destroy(&nonces);
}

/* RFC 3261 17.2.2: each copy of a request has the answer of the first, for 64*T1; what
 * was not served before its nonce expired is not served after. */
TEST(a_copy_is_one_for_64_t1_after_its_nonce_has_expired_and_nothing_else_is_good)
{
	enum { END = LIFETIME_S * 1000 };
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];
	char other[SIP_NONCE_LEN];

	fresh(nonces, NOW_MS, nonce);
	fresh(nonces, NOW_MS, other);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END, 1, 1), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END, 3, 3), ==, AST_SIP_NONCE_GOOD);

	CHECK_INT(use_at(nonces, nonce, NOW_MS + END + 1, 1, 1), ==, AST_SIP_NONCE_COPY);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END + 1, 1, 2), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END + 1, 2, 2), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END + 1, 2, 2), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END + 1, 4, 4), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END + 1, 4, 4), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(
		use_at(nonces, nonce, NOW_MS + END + 1, 99, 3), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, other, NOW_MS + END + 1, 1, 1), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, other, NOW_MS + END + 1, 1, 1), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END + COPIES_MS, 3, 3), ==,
		AST_SIP_NONCE_COPY);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + END + COPIES_MS + 1, 3, 3), ==,
		AST_SIP_NONCE_STALE);
	sip_nonces_destroy(&nonces);
}

/* A nonce that another count than 1 had spent has served nothing. */
TEST(no_copy_of_a_spent_nonce_is_one_after_it_has_expired)
{
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];

	fresh(nonces, NOW_MS, nonce);
	CHECK_INT(use(nonces, nonce, 2, 1), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use_at(nonces, nonce, NOW_MS + LIFETIME_S * 1000 + 1, 2, 1), ==,
		AST_SIP_NONCE_STALE);
	sip_nonces_destroy(&nonces);
}

/* "a lost slot ... is answered stale=true": whatever is put out never counts as new
 * again. */
TEST(among_too_many_nonces_none_is_good_twice_with_the_same_count)
{
	enum { MANY = 200000 };
	struct sip_nonces *nonces = create();
	char(*kept)[SIP_NONCE_LEN] = malloc(1000 * sizeof(*kept));
	char other[SIP_NONCE_LEN];
	unsigned copies = 0;

	CHECK(kept != NULL);
	for (size_t i = 0; i < 1000; i++) {
		fresh(nonces, NOW_MS, kept[i]);
		CHECK_INT(use(nonces, kept[i], 1, i), ==, AST_SIP_NONCE_GOOD);
	}
	for (uint64_t i = 0; i < MANY; i++) {
		fresh(nonces, NOW_MS + 1, other);
		use_at(nonces, other, NOW_MS + 1, 1, i);
	}
	for (size_t i = 0; i < 1000; i++) {
		int verdict = use_at(nonces, kept[i], NOW_MS + 1, 1, i);

		CHECK_INT(verdict, !=, AST_SIP_NONCE_GOOD);
		copies += verdict == AST_SIP_NONCE_COPY;
	}
	CHECK_INT(copies, <, 1000); /* or nothing was put out */
	free(kept);
	sip_nonces_destroy(&nonces);
}

/* What would be said, and a word of the reason. */
static int rehearse_at(struct sip_nonces *nonces, const char *nonce, uint64_t wall_ms,
	uint32_t count, uint64_t request, const char *reason)
{
	const struct sip_nonce_use use = {
		.nonce = { nonce, SIP_NONCE_LEN },
		.realm = SIP_STR("realm"),
		.source = &here,
		.wall_ms = wall_ms,
		.count = count,
		.request = request << 8,
	};
	char why[SIP_NONCE_WHY_LEN];
	int verdict = (int)sip_nonce_rehearse(nonces, &use, NOW_MS - 1000, why);

	if (strstr(why, reason) == NULL)
		check_failed(__FILE__, __LINE__, "the reason is: %s", why);
	return verdict;
}

static int rehearse(struct sip_nonces *nonces, const char *nonce, uint32_t count,
	uint64_t request, const char *reason)
{
	return rehearse_at(nonces, nonce, NOW_MS, count, request, reason);
}

TEST(a_rehearsal_counts_nothing_and_says_why)
{
	struct sip_nonces *nonces = create();
	char nonce[SIP_NONCE_LEN];
	char old[SIP_NONCE_LEN];

	fresh(nonces, NOW_MS, nonce);
	fresh(nonces, NOW_MS - 2000, old);

	CHECK_INT(
		rehearse(nonces, nonce, 1, 1, "not used before"), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(
		rehearse(nonces, nonce, 1, 2, "not used before"), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(
		rehearse(nonces, nonce, 7, 1, "not known here"), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(rehearse(nonces, nonce, 0, 1, "hex"), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(use(nonces, nonce, 1, 1), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(rehearse(nonces, nonce, 1, 1, "copy"), ==, AST_SIP_NONCE_COPY);
	CHECK_INT(rehearse(nonces, nonce, 1, 2, "replay"), ==, AST_SIP_NONCE_STALE);
	CHECK_INT(rehearse_at(nonces, nonce, NOW_MS + LIFETIME_S * 1000 + 1, 1, 1,
			  "has expired, but"),
		==, AST_SIP_NONCE_COPY);
	CHECK_INT(rehearse_at(nonces, nonce, NOW_MS + LIFETIME_S * 1000 + 1, 1, 2,
			  "holds for 300 s"),
		==, AST_SIP_NONCE_STALE);
	CHECK_INT(rehearse_at(nonces, nonce, NOW_MS + LIFETIME_S * 1000 + COPIES_MS + 1,
			  1, 1, "holds for 300 s"),
		==, AST_SIP_NONCE_STALE);
	CHECK_INT(use(nonces, nonce, 100, 3), ==, AST_SIP_NONCE_GOOD);
	CHECK_INT(
		rehearse(nonces, nonce, 36, 4, "too far below"), ==, AST_SIP_NONCE_STALE);
	old[15] = old[15] == '0' ? '1' : '0';
	CHECK_INT(rehearse(nonces, old, 1, 5, "before this server was started"), ==,
		AST_SIP_NONCE_STALE);
	nonce[15] = nonce[15] == '0' ? '1' : '0';
	CHECK_INT(rehearse(nonces, nonce, 1, 5, "another source address"), ==,
		AST_SIP_NONCE_STALE);
	sip_nonces_destroy(&nonces);
}
