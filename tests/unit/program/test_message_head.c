/* SPDX-License-Identifier: BSD-2-Clause */
/* What the trace finds in a message, whole or broken. */
#include "message_head.h"
#include "support/check.h"

#include <stdlib.h>

struct row {
	const char *message;
	const char *method;
	unsigned status;
	const char *call_id;
	const char *cseq;
	const char *branch;
	const char *second;
};

/* Nothing found is as good as nothing there. */
static void check_text(struct sip_str is, const char *wanted)
{
	CHECK_STR(is.len != 0 ? is : SIP_STR(""), wanted);
}

static void check_row(const struct row *row)
{
	/* Of exactly the message's size: the sanitizers see a byte too far. */
	size_t len = strlen(row->message);
	char *copy = malloc(len);
	struct message_head head;

	CHECK(copy != NULL || len == 0);
	if (len != 0)
		memcpy(copy, row->message, len);
	message_head_read((struct sip_str){ copy, len }, &head);
	check_text(head.method, row->method);
	CHECK_INT(head.status, ==, row->status);
	check_text(head.call_id, row->call_id);
	check_text(head.cseq, row->cseq);
	check_text(head.branch, row->branch);
	check_text(head.second_branch, row->second);
	free(copy);
}

TEST(a_message_says_its_call_and_its_transaction)
{
	static const struct row rows[] = {
		{ "BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;rport;branch=z9\r\n"
		  "Call-ID: a@b\r\nCSeq: 2 BYE\r\n\r\n",
			"BYE", 0, "a@b", "2", "z9", "" },
		{ "SIP/2.0 486 Busy\r\nv: x;branch=1\r\nv: y; branch = 2 ;c\r\ni:c\r\n"
		  "cseq : 9  INVITE\r\n\r\n",
			"INVITE", 486, "c", "9", "1", "2" },
		{ "SIP/2.0 200 OK\r\nVia: x;branch=1,y;branch=2,z;branch=3\r\n\r\n", "",
			200, "", "", "1", "2" },
		/* The version has no case (7.1). */
		{ "SIp/2.0 401 Unauthorized\r\nCSeq: 1 A\r\n\r\n", "A", 401, "", "1", "",
			"" },
		/* A fold (7.3.1). */
		{ "A b SIP/2.0\r\nVia: x\r\n ;branch=1\r\nCall-ID:\r\n\tc\r\n\r\n", "A",
			0, "c", "", "1", "" },
		/* Nothing behind the empty line counts. */
		{ "A b SIP/2.0\r\n\r\nCall-ID: body\r\n", "A", 0, "", "", "", "" },
		{ "A b SIP/2.0\r\n\r\n x\r\nCall-ID: body\r\n", "A", 0, "", "", "", "" },
		{ "A b SIP/2.0\n\n\tx\nCall-ID: body\n", "A", 0, "", "", "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

TEST(what_is_broken_has_what_can_be_found)
{
	static const struct row rows[] = {
		{ "", "", 0, "", "", "", "" },
		{ "\r\n\r\n", "", 0, "", "", "", "" },
		{ "SIP/2.0 ", "", 0, "", "", "", "" },
		{ "SIP/2.0 9999 x\r\nCSeq:\r\n", "", 0, "", "", "", "" },
		{ "A\r\nCall-ID", "A", 0, "", "", "", "" },
		{ "A\r\nVia: ;;branch\r\nVia", "A", 0, "", "", "", "" },
		{ "A\nCall-ID: x\nCSeq: 1", "A", 0, "x", "1", "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}
