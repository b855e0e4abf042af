/* SPDX-License-Identifier: BSD-2-Clause */
/* The branch parameter of our Via.  RFC 3261 section 8.1.1.7. */
#include "server/proxy/branch_id.h"

#include "support/check.h"

#include <string.h>

/* "The branch ID inserted by an element compliant with this specification MUST always
 * begin with the characters "z9hG4bK"." */
TEST(what_was_written_is_read_again)
{
	char text[SIP_BRANCH_LEN];
	uint64_t call_hash;
	uint64_t loop_hash;

	sip_branch_write(text, UINT64_C(0x0123456789abcdef), UINT64_MAX, 0);
	CHECK(memcmp(text, "z9hG4bK0123456789abcdefffffffffffffffff0000000000000000",
		      SIP_BRANCH_LEN) == 0);
	CHECK(sip_branch_read(
		(struct sip_str){ text, SIP_BRANCH_LEN }, &call_hash, &loop_hash));
	CHECK(call_hash == UINT64_C(0x0123456789abcdef));
	CHECK(loop_hash == UINT64_MAX);
}

TEST(a_branch_of_somebody_else_is_not_read)
{
	static const char *const others[] = { "", "z9hG4bK",
		"z9hG4bK0123456789abcdefffffffffffffffff000000000000000",
		"z9hG4bK0123456789abcdefffffffffffffffff00000000000000000",
		"z9hG4bK0123456789abcdeXffffffffffffffff0000000000000000",
		"z9hG4bK0123456789abcdeffffffffffffffffF0000000000000000",
		"Z9hG4bK0123456789abcdefffffffffffffffff0000000000000000" };
	uint64_t call_hash;
	uint64_t loop_hash;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(!sip_branch_read(sip_str_of(others[i]), &call_hash, &loop_hash));
	CHECK(!sip_branch_read((struct sip_str){ NULL, 0 }, &call_hash, &loop_hash));
}
