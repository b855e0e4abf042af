/* SPDX-License-Identifier: BSD-2-Clause */
/* Spans: which one an object is taken from, and which goes back to the system. */
#include "support/check.h"

#include "base/span.h"

/* 16 KiB with a line for the span itself. */
#define ROOM     512
#define CAPACITY 31
#define SPANS    40

struct fixture {
	struct sip_spans spans;
	struct sip_surplus surplus;
	void *objects[SPANS * CAPACITY];
};

static struct fixture f;

static void start(void)
{
	f.surplus.count = 0;
	sip_spans_init(&f.spans, ROOM);
	CHECK_INT(f.spans.capacity, ==, CAPACITY);
}

/* False: no memory for a region. */
static bool grow(void)
{
	size_t len = sip_spans_next_region(&f.spans);
	struct sip_region *region = sip_region_map(&f.spans, len);

	if (region == NULL)
		return false;
	sip_spans_add(&f.spans, region);
	return true;
}

static void *take(void)
{
	struct sip_taken taken = sip_spans_take(&f.spans, 1);

	if (taken.count == 0 && grow())
		taken = sip_spans_take(&f.spans, 1);
	CHECK_INT(taken.count, ==, 1);
	return sip_taken_chain(&f.spans, taken);
}

static void give(void *object)
{
	sip_spans_give(&f.spans, object, &f.surplus);
	sip_surplus_discard(&f.spans, &f.surplus);
	sip_spans_put_away(&f.spans, &f.surplus);
}

static uintptr_t span_of(const void *object)
{
	return (uintptr_t)object / f.spans.span_len;
}

static void take_all(void)
{
	for (size_t i = 0; i < SPANS * CAPACITY; i++) {
		f.objects[i] = take();
		memset(f.objects[i], 0xee, ROOM);
	}
}

TEST(objects_fill_a_span_side_by_side)
{
	start();
	take_all();
	for (size_t i = 0; i < SPANS * CAPACITY; i++) {
		CHECK_INT(span_of(f.objects[i]), ==,
			span_of(f.objects[i / CAPACITY * CAPACITY]));
		if (i % CAPACITY != 0)
			CHECK((char *)f.objects[i] == (char *)f.objects[i - 1] + ROOM);
	}
	CHECK_INT(f.spans.warm, ==, SPANS);
	for (size_t i = 0; i < SPANS * CAPACITY; i++)
		give(f.objects[i]);
	sip_spans_fini(&f.spans);
}

TEST(a_batch_is_of_one_span_and_no_more_than_asked_for)
{
	struct sip_taken taken;
	struct sip_free *chain;

	start();
	f.objects[0] = take();
	taken = sip_spans_take(&f.spans, 2 * CAPACITY);
	CHECK_INT(taken.count, ==, CAPACITY - 1);
	chain = sip_taken_chain(&f.spans, taken);
	for (size_t i = 1; i < CAPACITY; i++, chain = chain->next) {
		CHECK(chain != NULL);
		f.objects[i] = chain;
	}
	CHECK(chain == NULL);
	for (size_t i = 0; i < 10; i++)
		give(f.objects[i]);
	taken = sip_spans_take(&f.spans, 4);
	CHECK_INT(taken.count, ==, 4);
	chain = sip_taken_chain(&f.spans, taken);
	for (size_t i = 0; i < 4; i++, chain = chain->next) {
		CHECK(chain != NULL);
		f.objects[i] = chain;
	}
	CHECK(chain == NULL);
	for (size_t i = 0; i < 4; i++)
		give(f.objects[i]);
	for (size_t i = 10; i < CAPACITY; i++)
		give(f.objects[i]);
	sip_spans_fini(&f.spans);
}

/* So that the others can run empty. */
TEST(the_fullest_span_gives_first)
{
	start();
	take_all();
	/* One object stays in the first span, half in the second, all but two in the
	 * third. */
	for (size_t i = 0; i < CAPACITY - 1; i++)
		give(f.objects[i]);
	for (size_t i = 0; i < CAPACITY / 2; i++)
		give(f.objects[CAPACITY + i]);
	give(f.objects[2 * CAPACITY]);
	give(f.objects[2 * CAPACITY + 1]);

	for (size_t i = 0; i < 2; i++) {
		f.objects[2 * CAPACITY + i] = take();
		CHECK_INT(span_of(f.objects[2 * CAPACITY + i]), ==,
			span_of(f.objects[2 * CAPACITY + 2]));
	}
	for (size_t i = 0; i < CAPACITY / 2; i++) {
		f.objects[CAPACITY + i] = take();
		CHECK_INT(span_of(f.objects[CAPACITY + i]), ==,
			span_of(f.objects[2 * CAPACITY - 1]));
	}
	for (size_t i = CAPACITY - 1; i < SPANS * CAPACITY; i++)
		give(f.objects[i]);
	sip_spans_fini(&f.spans);
}

TEST(of_empty_spans_a_few_stay_warm_and_cold_ones_are_used_again)
{
	size_t stay;
	size_t bytes;

	start();
	take_all();
	bytes = f.spans.region_bytes;
	stay = f.spans.keep;
	CHECK_INT(stay, <, SPANS);
	for (size_t i = 0; i < SPANS * CAPACITY; i++)
		give(f.objects[i]);
	CHECK_INT(f.spans.warm, ==, stay);
	CHECK_INT(f.spans.empty_count, ==, stay);
	take_all();
	CHECK_INT(f.spans.warm, ==, SPANS);
	CHECK_INT(f.spans.region_bytes, ==, bytes);
	for (size_t i = 0; i < SPANS * CAPACITY; i++)
		give(f.objects[i]);
	sip_spans_fini(&f.spans);
}

TEST(a_page_that_was_given_back_is_cleared)
{
	start();
	take_all();
	for (size_t i = 0; i < SPANS * CAPACITY; i++)
		give(f.objects[i]);
	/* The last one to run empty was too many. */
	CHECK_INT(((unsigned char *)f.objects[SPANS * CAPACITY - 1])[ROOM - 1], ==, 0);
	sip_spans_fini(&f.spans);
}

TEST(less_than_half_outside_is_sparse)
{
	start();
	take_all();
	CHECK(!sip_spans_sparse(&f.spans, SPANS * CAPACITY / 2));
	CHECK(sip_spans_sparse(&f.spans, SPANS * CAPACITY / 2 - 1));
	for (size_t i = 0; i < SPANS * CAPACITY; i++)
		give(f.objects[i]);
	CHECK(!sip_spans_sparse(&f.spans, 0));
	sip_spans_fini(&f.spans);
}
