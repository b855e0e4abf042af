/* SPDX-License-Identifier: BSD-2-Clause */
/* Tallies.  Idle against begin and end on many threads: tests/interleave. */
#include "support/check.h"

#include "base/tally.h"

TEST(what_began_in_one_line_may_end_in_another)
{
	struct sip_tally *tally = sip_tally_create();

	CHECK(tally != NULL);
	CHECK(sip_tally_idle(tally));
	sip_tally_begin(tally, 0, 1);
	sip_tally_begin(tally, SIP_TALLY_LINES - 1, 1);
	CHECK(!sip_tally_idle(tally));
	CHECK_INT(sip_tally_pending(tally, 1), ==, 2);

	sip_tally_end(tally, 5, 1);
	CHECK_INT(sip_tally_pending(tally, 1), ==, 1);
	sip_tally_end(tally, 5, 1);
	CHECK_INT(sip_tally_pending(tally, 1), ==, 0);
	CHECK(sip_tally_idle(tally));
	sip_tally_destroy(&tally);
	CHECK(tally == NULL);
}

TEST(one_kind_does_not_make_up_for_another)
{
	struct sip_tally *tally = sip_tally_create();

	CHECK(tally != NULL);
	sip_tally_begin(tally, 0, 0);
	sip_tally_begin(tally, 0, SIP_TALLY_KINDS - 1);
	sip_tally_end(tally, 0, 0);
	CHECK_INT(sip_tally_pending(tally, 0), ==, 0);
	CHECK_INT(sip_tally_pending(tally, SIP_TALLY_KINDS - 1), ==, 1);
	CHECK(!sip_tally_idle(tally));

	sip_tally_end(tally, 0, SIP_TALLY_KINDS - 1);
	CHECK(sip_tally_idle(tally));
	sip_tally_destroy(&tally);
}
