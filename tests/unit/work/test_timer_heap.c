/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of a work's timers, against a plain search for the earliest. */
#include "support/check.h"

#include "base/random.h"
#include "work/timer_heap.h"

enum { TIMERS = 200 };

static struct sip_timer *earliest(struct sip_timer *timers, const bool *in)
{
	struct sip_timer *best = NULL;

	for (unsigned i = 0; i < TIMERS; i++)
		if (in[i] &&
			(best == NULL || timers[i].due_us < best->due_us ||
				(timers[i].due_us == best->due_us &&
					timers[i].order < best->order)))
			best = &timers[i];
	return best;
}

TEST(the_root_is_the_earliest_whatever_is_put_and_removed)
{
	struct sip_timer timers[TIMERS];
	bool in[TIMERS] = { false };
	struct sip_timer *root = NULL;
	struct sip_random random;
	sip_random_init_seed(&random, 3);

	for (unsigned step = 0; step < 20000; step++) {
		unsigned i = (unsigned)sip_random_below(&random, TIMERS);

		if (in[i]) {
			sip_timer_heap_remove(&root, &timers[i]);
		} else {
			timers[i].due_us = sip_random_below(&random, 50);
			timers[i].order = step;
			sip_timer_heap_put(&root, &timers[i]);
		}
		in[i] = !in[i];
		CHECK(root == earliest(timers, in));
	}
}

TEST(timers_of_one_time_come_in_the_order_they_were_started)
{
	struct sip_timer timers[TIMERS];
	struct sip_timer *root = NULL;

	for (unsigned i = 0; i < TIMERS; i++) {
		timers[i].due_us = 77;
		timers[i].order = i;
		sip_timer_heap_put(&root, &timers[i]);
	}

	for (unsigned i = 0; i < TIMERS; i++) {
		CHECK(root == &timers[i]);
		sip_timer_heap_remove(&root, root);
	}
	CHECK(root == NULL);
}
