/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters. */
#include "support/check.h"

#include "base/counter.h"

#include <pthread.h>

#define THREADS 80 /* more than a set has lines */

static void *count_often(void *arg)
{
	for (int i = 0; i < 500; i++)
		sip_count(arg, SIP_COUNT_RELAYED);
	sip_count_add(arg, SIP_COUNT_STEALS, 3);
	return NULL;
}

TEST(counts_of_all_threads_add_up_even_where_they_share_a_line)
{
	struct sip_counters *counters = sip_counters_create();
	pthread_t threads[THREADS];

	CHECK(counters != NULL);
	for (size_t i = 0; i < THREADS; i++)
		CHECK_INT(
			pthread_create(&threads[i], NULL, count_often, counters), ==, 0);
	for (size_t i = 0; i < THREADS; i++)
		CHECK_INT(pthread_join(threads[i], NULL), ==, 0);

	CHECK_INT(sip_counter_value(counters, SIP_COUNT_RELAYED), ==, THREADS * 500);
	CHECK_INT(sip_counter_value(counters, SIP_COUNT_STEALS), ==, THREADS * 3);
	CHECK_INT(sip_counter_value(counters, SIP_COUNT_LOOPS), ==, 0);
	sip_counters_destroy(&counters);
	CHECK(counters == NULL);
}

TEST(two_sets_count_apart)
{
	struct sip_counters *one = sip_counters_create();
	struct sip_counters *two = sip_counters_create();

	CHECK(one != NULL && two != NULL);
	sip_count(one, SIP_COUNT_LOOPS);
	CHECK_INT(sip_counter_value(one, SIP_COUNT_LOOPS), ==, 1);
	CHECK_INT(sip_counter_value(two, SIP_COUNT_LOOPS), ==, 0);

	sip_counters_destroy(&one);
	sip_counters_destroy(&two);
	sip_counters_destroy(&two);
}

TEST(every_counter_has_a_name_of_its_own)
{
	for (int i = 0; i < SIP_COUNTER_COUNT; i++) {
		const char *name = sip_counter_name((enum sip_counter)i);

		CHECK(name != NULL && name[0] != '\0');
		for (int j = 0; j < i; j++)
			CHECK(strcmp(name, sip_counter_name((enum sip_counter)j)) != 0);
	}
	CHECK_STR(
		sip_str_of(sip_counter_name(SIP_COUNT_RX_REQUESTS)), "received.requests");
}
