/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory of a received message. */
#include "support/check.h"

#include "transport/rx_data.h"
#include "transport/rx_room.h"

#include "base/slab.h"

#include <stdio.h>
#include <stdlib.h>

static const struct sip_msg_limits limits = {
	.header_bytes = 65535,
	.headers = 256,
	.body_bytes = 65535,
};

static const char start[] = "OPTIONS sip:a@example.com SIP/2.0\r\n"
			    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
			    "From: <sip:b@example.com>;tag=1\r\n"
			    "To: <sip:a@example.com>\r\n"
			    "Call-ID: one\r\n"
			    "CSeq: 1 OPTIONS\r\n"
			    "Max-Forwards: 70\r\n";

/* A message with `extra` more fields and a body of `body` bytes; free() it. */
static char *make_text(unsigned extra, size_t body, size_t *len)
{
	size_t size = sizeof(start) + extra * 32 + body + 64;
	char *text = malloc(size);
	size_t at = sizeof(start) - 1;

	CHECK(text != NULL);
	memcpy(text, start, at);
	for (unsigned i = 0; i < extra; i++)
		at += (size_t)snprintf(text + at, size - at, "X-Extra: %u\r\n", i);
	at += (size_t)snprintf(text + at, size - at, "Content-Length: %zu\r\n\r\n", body);
	memset(text + at, 'b', body);
	*len = at + body;
	return text;
}

static struct sip_slab *make_slab(void)
{
	struct sip_slab *slab = sip_slab_create("rx", SIP_RX_SLAB_LEN, 0);

	CHECK(slab != NULL);
	return slab;
}

static struct sip_rx_data *make(struct sip_slab *slab, const char *text, size_t len)
{
	struct sip_flow flow = { .listener = 3 };
	struct sip_rx_data *rdata = sip_rx_data_create(slab, text, len, &flow, 77);

	CHECK(rdata != NULL);
	CHECK_INT(rdata->flow.listener, ==, 3);
	CHECK_INT(rdata->arrival_us, ==, 77);
	CHECK_INT(rdata->msg.len, ==, len);
	CHECK(memcmp(rdata->msg.text, text, len) == 0);
	return rdata;
}

static bool in_slab(const struct sip_rx_data *rdata, const void *at)
{
	return (const char *)at >= (const char *)rdata &&
		(const char *)at < (const char *)rdata + SIP_RX_SLAB_LEN;
}

/* Text, index and arena, wherever they are, do not overlap and can be written. */
static void check_parsed(struct sip_rx_data *rdata, unsigned extra, size_t body)
{
	struct sip_str last = { NULL, 0 };
	char wanted[16];
	char *room;

	CHECK_STR(rdata->msg.call_id, "one");
	CHECK_INT(rdata->msg.hdr_count, ==, 7 + extra);
	CHECK_INT(rdata->msg.body_len, ==, body);
	CHECK((char *)rdata->msg.hdrs >=
		rdata->msg.text + rdata->msg.len + SIP_MSG_PADDING);
	room = sip_arena_alloc(&rdata->arena, 3000);
	CHECK(room != NULL);
	memset(room, 0xff, 3000);

	CHECK_STR(rdata->msg.call_id, "one");
	for (unsigned i = 0; i < rdata->msg.hdr_count; i++) {
		struct sip_str name = sip_msg_hdr_name(&rdata->msg, &rdata->msg.hdrs[i]);

		if (sip_str_equal(name, SIP_STR("X-Extra")))
			last = sip_msg_hdr_value(&rdata->msg, &rdata->msg.hdrs[i]);
	}
	snprintf(wanted, sizeof(wanted), "%u", extra - 1);
	CHECK_STR(last, extra == 0 ? NULL : wanted);
}

TEST(message_index_and_arena_share_memory_without_touching)
{
	static const struct {
		unsigned extra;
		size_t body;
		bool large;
	} cases[] = {
		{ 0, 0, false }, /* all in the slab */
		{ 20, 1000, false },
		{ 60, 0, false },
		{ 42, 2080, true }, /* the text fits, its index does not */
		{ 0, 2680, false },
		{ 0, 2800, true }, /* too long for the slab */
		{ 0, 65000, true },
		{ 120, 20000, true },
		{ 200, 0, true }, /* more fields than the first index has room for */
		{ 200, 40000, true },
	};
	struct sip_slab *slab = make_slab();

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len;
		char *text = make_text(cases[i].extra, cases[i].body, &len);
		struct sip_rx_data *rdata = make(slab, text, len);

		CHECK_INT(sip_rx_data_parse(rdata, &limits), ==, 0);
		CHECK_INT(rdata->large != NULL, ==, cases[i].large);
		CHECK_INT(in_slab(rdata, rdata->msg.text), ==, !cases[i].large);
		CHECK_INT(in_slab(rdata, rdata->msg.hdrs), ==, !cases[i].large);
		check_parsed(rdata, cases[i].extra, cases[i].body);
		sip_rx_data_unref(&rdata);
		free(text);
	}
	CHECK_INT(sip_slab_live(slab), ==, 0);
	sip_slab_destroy(&slab);
}

/* From one that just fits to one that just does not, with every length between. */
TEST(no_length_is_special)
{
	struct sip_slab *slab = make_slab();

	for (size_t body = SIP_RX_TEXT_ROOM - 600; body < SIP_RX_TEXT_ROOM + 100;
		body++) {
		size_t len;
		char *text = make_text(3, body, &len);
		struct sip_rx_data *rdata = make(slab, text, len);

		CHECK_INT(sip_rx_data_parse(rdata, &limits), ==, 0);
		check_parsed(rdata, 3, body);
		sip_rx_data_unref(&rdata);
		free(text);
	}
	sip_slab_destroy(&slab);
}

TEST(after_an_error_the_arena_is_ready_for_the_answer)
{
	struct sip_slab *slab = make_slab();
	struct sip_msg_limits few = limits;
	size_t len;
	char *text = make_text(100, 0, &len);
	struct sip_rx_data *bad = make(slab, "nothing that SIP knows\r\n\r\n", 26);
	struct sip_rx_data *many = make(slab, text, len);

	few.headers = 50;
	CHECK_INT(sip_rx_data_parse(bad, &limits), !=, 0);
	CHECK_INT(sip_rx_data_parse(many, &few), ==, SIP_ELIMIT);

	CHECK(sip_arena_alloc(&bad->arena, 500) != NULL);
	CHECK(sip_arena_alloc(&many->arena, 500) != NULL);
	sip_rx_data_unref(&bad);
	sip_rx_data_unref(&many);
	free(text);
	sip_slab_destroy(&slab);
}

TEST(what_stands_behind_the_body_stays_away_after_moving)
{
	struct sip_slab *slab = make_slab();
	size_t len;
	char *text = make_text(200, 4, &len);
	struct sip_rx_data *rdata;

	text = realloc(text, len + 10);
	CHECK(text != NULL);
	memcpy(text + len, "and more..", 10);
	rdata = make(slab, text, len + 10);
	CHECK_INT(sip_rx_data_parse(rdata, &limits), ==, 0);

	CHECK_INT(rdata->msg.len, ==, len);
	CHECK_STR(((struct sip_str){
			  rdata->msg.text + rdata->msg.body_off, rdata->msg.body_len }),
		"bbbb");
	sip_rx_data_unref(&rdata);
	free(text);
	sip_slab_destroy(&slab);
}

TEST(it_goes_with_the_last_reference)
{
	struct sip_slab *slab = make_slab();
	struct sip_rx_data *rdata = make(slab, "x", 1);
	struct sip_rx_data *other = sip_rx_data_ref(rdata);

	sip_rx_data_unref(&rdata);
	CHECK(rdata == NULL);
	CHECK_INT(sip_slab_live(slab), ==, 1);
	sip_rx_data_unref(&other);
	CHECK_INT(sip_slab_live(slab), ==, 0);
	sip_rx_data_unref(&other);

	sip_slab_destroy(&slab);
}

TEST(the_padding_behind_a_text_is_cleared)
{
	struct sip_slab *slab = make_slab();
	static const char padding[SIP_MSG_PADDING] = { 0 };
	char *text = malloc(5000);

	CHECK(text != NULL);
	memset(text, 'x', 5000);
	for (size_t len = 1; len <= 5000; len += 4999) {
		struct sip_rx_data *rdata = make(slab, text, len);

		CHECK(memcmp(rdata->msg.text + len, padding, sizeof(padding)) == 0);
		sip_rx_data_unref(&rdata);
	}
	free(text);
	sip_slab_destroy(&slab);
}
