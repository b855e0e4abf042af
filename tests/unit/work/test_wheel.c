/* SPDX-License-Identifier: BSD-2-Clause */
/* The wheel: what is due comes out, to the microsecond, and nothing before; against a
 * plain list. */
#include "support/check.h"

#include "base/clock.h"
#include "base/random.h"
#include "work/wheel.h"

#include <stdlib.h>

enum { PLACES = 300 };

static const uint64_t start_us = UINT64_C(3600000000);

TEST(a_place_comes_out_at_its_time_and_not_before)
{
	static const uint64_t delays_us[] = { 0, 1, 16383, 16384, 16385, 1000000,
		67108863, 67108864, 67108865, UINT64_C(86400000000) };
	struct sip_wheel *wheel = malloc(sizeof(*wheel));

	for (size_t i = 0; i < sizeof(delays_us) / sizeof(delays_us[0]); i++) {
		struct sip_place place = { .at_us = SIP_NEVER };
		uint64_t due_us = start_us + delays_us[i];
		sip_wheel_init(wheel, start_us);
		sip_wheel_put(wheel, &place, due_us);

		CHECK(sip_wheel_next_us(wheel) <= due_us);
		if (delays_us[i] > 0)
			CHECK(sip_wheel_take_due(wheel, due_us - 1) == NULL);
		CHECK(sip_wheel_next_us(wheel) <= due_us);
		CHECK(sip_wheel_take_due(wheel, due_us) == &place);
		CHECK(sip_wheel_take_due(wheel, due_us) == NULL);
		CHECK(sip_wheel_next_us(wheel) == SIP_NEVER);
		CHECK(place.at_us == SIP_NEVER);
	}
	free(wheel);
}

TEST(a_time_that_has_passed_is_due_at_once)
{
	struct sip_wheel *wheel = malloc(sizeof(*wheel));
	struct sip_place place = { .at_us = SIP_NEVER };
	sip_wheel_init(wheel, start_us);

	CHECK(sip_wheel_take_due(wheel, start_us + 500000) == NULL);
	sip_wheel_put(wheel, &place, start_us);

	CHECK(sip_wheel_take_due(wheel, start_us + 500000) == &place);
	free(wheel);
}

TEST(a_place_that_was_removed_does_not_come)
{
	struct sip_wheel *wheel = malloc(sizeof(*wheel));
	struct sip_place place = { .at_us = SIP_NEVER };
	sip_wheel_init(wheel, start_us);

	sip_wheel_put(wheel, &place, start_us + 10);
	sip_wheel_remove(wheel, &place);
	sip_wheel_remove(wheel, &place);

	CHECK(sip_wheel_take_due(wheel, start_us + 1000) == NULL);
	CHECK(sip_wheel_next_us(wheel) == SIP_NEVER);
	free(wheel);
}

static void count_place(void *arg, const struct sip_place *place)
{
	(void)place;
	++*(unsigned *)arg;
}

/* Near and far ones, and in the tick that is looked at; each once. */
TEST(all_places_are_visited)
{
	struct sip_wheel *wheel = malloc(sizeof(*wheel));
	struct sip_place places[PLACES];

	sip_wheel_init(wheel, start_us);
	for (unsigned i = 0; i < PLACES; i++) {
		unsigned count = 0;

		places[i].at_us = SIP_NEVER;
		sip_wheel_put(wheel, &places[i], start_us + 1 + 300 * i * i);
		sip_wheel_visit(wheel, count_place, &count);
		CHECK_INT(count, ==, i + 1);
	}
	CHECK(sip_wheel_take_due(wheel, start_us + 1) == &places[0]);
	for (unsigned left = PLACES - 1; left > 0; left--) {
		unsigned count = 0;

		sip_wheel_visit(wheel, count_place, &count);
		CHECK_INT(count, ==, left);
		CHECK(sip_wheel_take_due(wheel, start_us + UINT64_C(60000000)) != NULL);
	}
	free(wheel);
}

/* Looking again when it says, and at no other time, no place is met late. */
TEST(following_its_own_word_the_wheel_is_never_late)
{
	struct sip_wheel *wheel = malloc(sizeof(*wheel));
	struct sip_place places[PLACES];
	uint64_t due_us[PLACES];
	struct sip_random random;
	unsigned looks = 0;
	unsigned left = PLACES;
	sip_random_init_seed(&random, 5);
	sip_wheel_init(wheel, start_us);
	for (unsigned i = 0; i < PLACES; i++) {
		places[i].at_us = SIP_NEVER;
		due_us[i] = start_us +
			sip_random_below(&random, UINT64_C(1) << (10 + i % 20));
		sip_wheel_put(wheel, &places[i], due_us[i]);
	}

	while (left > 0) {
		uint64_t now_us = sip_wheel_next_us(wheel);
		struct sip_place *place;

		CHECK(now_us != SIP_NEVER);
		while ((place = sip_wheel_take_due(wheel, now_us)) != NULL) {
			CHECK_INT(due_us[place - places], ==, now_us);
			left--;
		}
		looks++;
	}

	CHECK_INT(looks, <, 40000);
	CHECK_INT(wheel->count, ==, 0);
	free(wheel);
}

/* A plain array of times says what the wheel must say, whatever is put, moved, removed,
 * and however far the time jumps. */
TEST(the_wheel_agrees_with_a_plain_list)
{
	struct sip_wheel *wheel = malloc(sizeof(*wheel));
	struct sip_place places[PLACES];
	uint64_t due_us[PLACES];
	struct sip_random random;
	uint64_t now_us = start_us;
	sip_random_init_seed(&random, 7);
	sip_wheel_init(wheel, start_us);
	for (unsigned i = 0; i < PLACES; i++)
		places[i].at_us = due_us[i] = SIP_NEVER;

	for (unsigned step = 0; step < 20000; step++) {
		unsigned i = (unsigned)sip_random_below(&random, PLACES);
		unsigned bits = (unsigned)sip_random_below(&random, 32);
		uint64_t delay_us = sip_random_below(&random, UINT64_C(1) << bits);
		struct sip_place *place;

		switch (sip_random_below(&random, 4)) {
		case 0:
			sip_wheel_remove(wheel, &places[i]);
			due_us[i] = SIP_NEVER;
			break;
		case 1:
			now_us += delay_us / 16;
			while ((place = sip_wheel_take_due(wheel, now_us)) != NULL) {
				CHECK(due_us[place - places] <= now_us);
				due_us[place - places] = SIP_NEVER;
			}
			for (unsigned k = 0; k < PLACES; k++)
				CHECK(due_us[k] == SIP_NEVER || due_us[k] > now_us);
			break;
		default:
			due_us[i] = now_us + delay_us;
			sip_wheel_put(wheel, &places[i], due_us[i]);
			break;
		}
		for (unsigned k = 0; k < PLACES; k += 37)
			CHECK(sip_wheel_next_us(wheel) <= due_us[k]);
	}
	free(wheel);
}
