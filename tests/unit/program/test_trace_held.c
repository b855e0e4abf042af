/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that wait for their call to be known. */
#include "support/check.h"
#include "trace_held.h"

#include <stdio.h>

/* What was shown: the CSeq numbers, one behind the other. */
struct seen {
	char text[64];
};

static void show(void *arg, const struct trace_record *record, struct sip_str message)
{
	struct seen *seen = arg;

	(void)record;
	strncat(seen->text, message.ptr, 1);
}

static void put(struct trace_held *held, uint64_t wall_us, char mark, const char *call_id)
{
	struct trace_record record = { .wall_us = wall_us };
	char message[64];

	sprintf(message, "%c\r\nCall-ID: %s\r\n\r\n", mark, call_id);
	trace_held_put(held, &record, sip_str_of(message));
}

TEST(a_call_gets_its_messages_in_order_and_others_stay)
{
	struct trace_held held = { 0 };
	struct seen a = { "" };
	struct seen b = { "" };

	put(&held, 1, '1', "a");
	put(&held, 2, '2', "b");
	put(&held, 3, '3', "a");
	trace_held_release(&held, SIP_STR("a"), show, &a);
	put(&held, 4, '4', "b");
	trace_held_release(&held, SIP_STR("b"), show, &b);

	CHECK_STR(sip_str_of(a.text), "13");
	CHECK_STR(sip_str_of(b.text), "24");
	CHECK_INT(held.bytes, ==, 0);
	trace_held_fini(&held);
}

TEST(nothing_is_held_longer_than_it_may)
{
	struct trace_held held = { 0 };
	struct seen seen = { "" };

	put(&held, 1, '1', "a");
	put(&held, 2, '2', "a");
	put(&held, 2 + TRACE_HELD_US, '3', "a");
	trace_held_release(&held, SIP_STR("a"), show, &seen);

	CHECK_STR(sip_str_of(seen.text), "23");
	trace_held_fini(&held);
}

TEST(the_oldest_go_where_there_are_too_many)
{
	struct trace_held held = { 0 };
	struct seen seen = { "" };

	put(&held, 1, '1', "a");
	for (int i = 0; i < 10000; i++)
		put(&held, 1, 'x', "b");
	put(&held, 1, '2', "a");
	CHECK_INT(held.bytes, <=, TRACE_HELD_BYTES);
	trace_held_release(&held, SIP_STR("a"), show, &seen);

	CHECK_STR(sip_str_of(seen.text), "2");
	trace_held_fini(&held);
}
