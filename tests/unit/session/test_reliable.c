/* SPDX-License-Identifier: BSD-2-Clause */
/* Reliable provisional responses.  Quotes: RFC 3262. */
#include "session/reliable.h"

#include "res_sip/error.h"
#include "support/check.h"

#define T1_MS 500

static struct sip_random dice;

static void send(struct sip_reliable_out *out)
{
	CHECK_INT(sip_reliable_send(out, &dice, T1_MS, false), ==, 0);
}

static struct sip_rack rack_of(const struct sip_reliable_out *out)
{
	return (struct sip_rack){ out->rseq, 7, SIP_STR("INVITE") };
}

/* "the initial value of the header field MUST be chosen uniformly from 1 to 2**31 - 1";
 * "greater by exactly one". */
TEST(numbers_begin_anywhere_and_rise_by_one)
{
	sip_random_init_seed(&dice, 1);
	for (int i = 0; i < 1000; i++) {
		struct sip_reliable_out out = { 0 };
		struct sip_rack rack;
		uint32_t first;

		send(&out);
		first = out.rseq;
		CHECK(first >= 1 && first <= INT32_MAX);
		rack = rack_of(&out);
		CHECK(sip_reliable_acknowledge(&out, &rack, 7));
		send(&out);
		CHECK_INT(out.rseq, ==, first + 1);
	}
}

/* "The UAS MUST NOT send a second reliable provisional response until the first is
 * acknowledged." */
TEST(one_waits_for_the_acknowledgement_of_the_one_before)
{
	struct sip_reliable_out out = { 0 };
	struct sip_rack rack;

	sip_random_init_seed(&dice, 2);
	send(&out);
	CHECK_INT(sip_reliable_send(&out, &dice, T1_MS, false), ==, SIP_ESTATE);
	rack = rack_of(&out);
	CHECK(sip_reliable_acknowledge(&out, &rack, 7));
	CHECK(!sip_reliable_acknowledge(&out, &rack, 7));
	send(&out);
	rack = rack_of(&out);
	CHECK(sip_reliable_acknowledge(&out, &rack, 7));

	out.rseq = UINT32_MAX;
	CHECK_INT(sip_reliable_send(&out, &dice, T1_MS, false), ==, SIP_ELIMIT);
}

/* "A matching PRACK is defined as one within the same dialog as the response, and whose
 * method, CSeq-num, and response-num in the RAck header field match". */
TEST(an_acknowledgement_names_the_number_the_request_and_its_method)
{
	struct sip_reliable_out out = { 0 };
	struct sip_rack rack;

	sip_random_init_seed(&dice, 3);
	rack = (struct sip_rack){ 1, 7, SIP_STR("INVITE") };
	CHECK(!sip_reliable_acknowledge(&out, &rack, 7));
	send(&out);
	rack = rack_of(&out);
	CHECK(!sip_reliable_acknowledge(&out, &rack, 8));
	rack.method = SIP_STR("UPDATE");
	CHECK(!sip_reliable_acknowledge(&out, &rack, 7));
	rack = rack_of(&out);
	rack.rseq++;
	CHECK(!sip_reliable_acknowledge(&out, &rack, 7));
	rack.rseq--;
	CHECK(sip_reliable_acknowledge(&out, &rack, 7));
}

/* "The interval between retransmissions starts at T1, and doubles for each"; "If a
 * reliable provisional response is retransmitted for 64*T1 seconds without reception of a
 * corresponding PRACK, the UAS SHOULD reject". */
TEST(copies_are_sent_at_doubling_intervals_for_64_t1)
{
	static const uint32_t waits_ms[] = { 500, 1000, 2000, 4000, 8000, 16000, 500 };
	struct sip_reliable_out out = { 0 };
	uint32_t elapsed_ms = 0;

	sip_random_init_seed(&dice, 4);
	send(&out);
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
		CHECK_INT(out.waits_ms, ==, waits_ms[i]);
		elapsed_ms += out.waits_ms;
		CHECK_INT(sip_reliable_again(&out, T1_MS), ==, elapsed_ms < 64 * T1_MS);
	}
	CHECK_INT(elapsed_ms, ==, 64 * T1_MS);
}

TEST(no_copy_is_sent_of_what_was_acknowledged)
{
	struct sip_reliable_out out = { 0 };
	struct sip_rack rack;

	sip_random_init_seed(&dice, 5);
	send(&out);
	rack = rack_of(&out);
	CHECK(sip_reliable_acknowledge(&out, &rack, 7));

	CHECK(!sip_reliable_again(&out, T1_MS));
}

/* "If the UAC receives another reliable provisional response to the same request, and its
 * RSeq value is not one higher than the value of the sequence number, that response MUST
 * NOT be acknowledged with a PRACK". */
TEST(responses_are_taken_in_their_order_only)
{
	struct sip_reliable_in in = { 0 };

	CHECK_INT(sip_reliable_receive(&in, 0), ==, SIP_EINVALID);
	CHECK_INT(sip_reliable_receive(&in, 700), ==, 0);
	CHECK_INT(sip_reliable_receive(&in, 700), ==, SIP_EEXISTS);
	CHECK_INT(sip_reliable_receive(&in, 699), ==, SIP_EEXISTS);
	CHECK_INT(sip_reliable_receive(&in, 702), ==, SIP_ESTATE);
	CHECK_INT(sip_reliable_receive(&in, 701), ==, 0);
	CHECK_INT(sip_reliable_receive(&in, 702), ==, 0);
	CHECK_INT(sip_reliable_receive(&in, 701), ==, SIP_EEXISTS);
}
