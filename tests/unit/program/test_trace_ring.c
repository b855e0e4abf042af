/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring between the server's threads and those who watch. */
#include "support/check.h"
#include "trace_ring.h"

#include <sys/eventfd.h>
#include <unistd.h>

static struct sip_trace_message message_of(const char *text, bool sent)
{
	struct sip_trace_message message = {
		.wall_us = UINT64_C(1700000000123456),
		.sent = sent,
		.text = sip_str_of(text),
	};

	CHECK_INT(sip_addr_parse(SIP_STR("192.0.2.1:5060"), 0, &message.flow.local), ==,
		SIP_OK);
	CHECK_INT(sip_addr_parse(SIP_STR("[2001:db8::2]:5062"), 0, &message.flow.peer),
		==, SIP_OK);
	return message;
}

static void put(struct trace_ring *ring, const char *text)
{
	struct sip_trace_message message = message_of(text, true);

	trace_ring_put(ring, &message);
}

static bool take(struct trace_ring *ring, struct trace_record *record, const char *wanted)
{
	struct text text = { 0 };
	bool any = trace_ring_take(ring, record, &text);

	CHECK(!text.failed);
	if (any)
		CHECK_STR(((struct sip_str){ text.ptr, text.len }), wanted);
	text_fini(&text);
	return any;
}

TEST(messages_come_out_in_the_order_they_went_in)
{
	struct trace_ring ring;
	struct trace_record record;

	CHECK(trace_ring_init(&ring, 4096, -1));
	put(&ring, "one");
	put(&ring, "two");

	CHECK(take(&ring, &record, "one"));
	CHECK_INT(record.missed, ==, 0);
	CHECK(take(&ring, &record, "two"));
	CHECK(!take(&ring, &record, NULL));
	trace_ring_fini(&ring);
}

TEST(the_ring_goes_round_many_times)
{
	struct trace_ring ring;
	struct trace_record record;

	CHECK(trace_ring_init(&ring, 1000, -1));
	for (int i = 0; i < 1000; i++) {
		struct text text = { 0 };

		text_format(&text, "message number %d", i);
		text_add(&text, (struct sip_str){ "", 1 });
		CHECK(!text.failed);
		put(&ring, text.ptr);
		CHECK(take(&ring, &record, text.ptr));
		text_fini(&text);
	}
	CHECK_INT(ring.used, ==, 0);
	trace_ring_fini(&ring);
}

TEST(what_does_not_fit_is_counted_before_the_next)
{
	struct trace_ring ring;
	struct trace_record record;

	CHECK(trace_ring_init(&ring, sizeof(record) + 8, -1));
	put(&ring, "one");
	put(&ring, "two");
	put(&ring, "three");
	CHECK(take(&ring, &record, "one"));
	put(&ring, "longer than the ring can ever be");
	put(&ring, "four");

	CHECK(take(&ring, &record, "four"));
	CHECK_INT(record.missed, ==, 3);
	trace_ring_fini(&ring);
}

TEST(the_first_message_wakes_the_reader)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct trace_ring ring;
	uint64_t count = 0;

	CHECK(trace_ring_init(&ring, 4096, fd));
	put(&ring, "one");
	put(&ring, "two");

	CHECK_INT(read(fd, &count, sizeof(count)), ==, sizeof(count));
	CHECK_INT(count, ==, 1);
	trace_ring_fini(&ring);
	close(fd);
}

TEST(a_cleared_ring_is_empty)
{
	struct trace_ring ring;
	struct trace_record record;

	CHECK(trace_ring_init(&ring, 4096, -1));
	put(&ring, "one");
	trace_ring_clear(&ring);

	CHECK(!take(&ring, &record, NULL));
	trace_ring_fini(&ring);
}

TEST(who_takes_part_in_a_call_is_told_in_its_place)
{
	const struct sip_trace_link endpoint = { .call_id = SIP_STR("c"),
		.endpoint = "6001" };
	const struct sip_trace_link aor = { .call_id = SIP_STR("c"), .aor = "6002" };
	struct trace_ring ring;
	struct trace_record record;

	CHECK(trace_ring_init(&ring, 4096, -1));
	put(&ring, "one");
	trace_ring_put_link(&ring, &endpoint);
	trace_ring_put_link(&ring, &aor);

	CHECK(take(&ring, &record, "one"));
	CHECK_INT(record.what, ==, TRACE_MESSAGE);
	CHECK(take(&ring, &record, "c\n6001"));
	CHECK_INT(record.what, ==, TRACE_ENDPOINT);
	CHECK(take(&ring, &record, "c\n6002"));
	CHECK_INT(record.what, ==, TRACE_AOR);
	trace_ring_fini(&ring);
}
