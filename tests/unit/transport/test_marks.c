/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks of a connection: each is kept once, and all are given out. */
#include "support/alloc_fail.h"
#include "support/check.h"
#include "transport/marks.h"

#include "res_sip/error.h"

#include <stdlib.h>

static int put(struct sip_marks *marks, uint64_t mark)
{
	struct sip_marks_room room = { NULL, 0 };
	int result;

	do {
		result = sip_marks_put(marks, mark, &room);
	} while (result == SIP_ESPACE && (result = sip_marks_make_room(&room)) == 0);
	free(room.slot);
	return result;
}

TEST(the_first_mark_takes_no_memory)
{
	struct sip_marks marks = { .first = 0 };
	uint64_t mark[2];

	CHECK_INT(put(&marks, 5), ==, 0);
	CHECK_INT(put(&marks, 5), ==, 0);
	CHECK(marks.slot == NULL);
	CHECK_INT(sip_marks_take(&marks, mark, 2), ==, 1);
	CHECK_INT(mark[0], ==, 5);
	CHECK_INT(sip_marks_take(&marks, mark, 2), ==, 0);
	sip_marks_fini(&marks);
}

TEST(each_of_many_is_given_out_once_in_portions)
{
	struct sip_marks marks = { .first = 0 };
	bool seen[1001] = { false };
	unsigned total = 0;
	uint64_t mark[32];
	unsigned count;

	/* Marks that meet in the table, and twice each. */
	for (unsigned i = 0; i < 2000; i++)
		CHECK_INT(put(&marks, (uint64_t)(i % 1000 + 1) << 4), ==, 0);
	while ((count = sip_marks_take(&marks, mark, 32)) > 0) {
		for (unsigned i = 0; i < count; i++) {
			CHECK(mark[i] >> 4 <= 1000 && !seen[mark[i] >> 4]);
			seen[mark[i] >> 4] = true;
		}
		total += count;
	}
	CHECK_INT(total, ==, 1000);
	CHECK_INT(marks.slots, <=, 4096);
	sip_marks_fini(&marks);
}

TEST(without_memory_nothing_is_put)
{
	struct sip_marks marks = { .first = 0 };
	uint64_t mark[4];

	CHECK_INT(put(&marks, 1), ==, 0);
	alloc_fail_at(1);
	CHECK_INT(put(&marks, 2), ==, SIP_EMEMORY);
	alloc_fail_at(0);
	CHECK_INT(sip_marks_take(&marks, mark, 4), ==, 1);
	sip_marks_fini(&marks);
}
