/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages as `res_sip trace` prints them. */
#include "support/check.h"
#include "trace_print.h"

static void print(bool sent, uint64_t missed, const char *message, const char *wanted)
{
	struct trace_record record = { .wall_us = UINT64_C(1700000000123456),
		.sent = sent };
	struct text text = { 0 };

	CHECK_INT(
		sip_addr_parse(SIP_STR("192.0.2.1:5060"), 0, &record.local), ==, SIP_OK);
	CHECK_INT(sip_addr_parse(SIP_STR("[2001:db8::2]:5062"), 0, &record.peer), ==,
		SIP_OK);
	trace_print(&record, sip_str_of(message), missed, &text);

	CHECK(!text.failed);
	CHECK_STR(((struct sip_str){ text.ptr, text.len }), wanted);
	text_fini(&text);
}

TEST(a_message_has_its_time_direction_flow_and_transaction)
{
	print(false, 0,
		"INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKa\r\n"
		"CSeq: 1 INVITE\r\n\r\n",
		"2023-11-14T22:13:20.123456Z <- udp 192.0.2.1:5060 from [2001:db8::2]:5062\n"
		"server transaction INVITE 1 z9hG4bKa\n"
		"INVITE sip:a SIP/2.0\nVia: SIP/2.0/UDP x;branch=z9hG4bKa\nCSeq: 1 INVITE\n\n\n");
	print(true, 2, "ACK sip:a SIP/2.0\r\n\r\n",
		"2 messages were not shown\n\n"
		"2023-11-14T22:13:20.123456Z -> udp 192.0.2.1:5060 to [2001:db8::2]:5062\n"
		"no transaction ACK\n"
		"ACK sip:a SIP/2.0\n\n\n");
}

/* What is passed on belongs to what came: the branch below ours. */
TEST(a_client_transaction_names_the_server_transaction_it_belongs_to)
{
	static const char head[] =
		"2023-11-14T22:13:20.123456Z <- udp 192.0.2.1:5060 from [2001:db8::2]:5062\n";
	struct text wanted = { 0 };

	text_format(&wanted,
		"%sclient transaction INVITE 7 ours of theirs, status 180\n"
		"SIP/2.0 180 Ringing\nVia: x;branch=ours, y;branch=theirs\n"
		"CSeq: 7 INVITE\n\n\n",
		head);
	text_add(&wanted, (struct sip_str){ "", 1 });
	CHECK(!wanted.failed);
	print(false, 0,
		"SIP/2.0 180 Ringing\r\nVia: x;branch=ours, y;branch=theirs\r\n"
		"CSeq: 7 INVITE\r\n\r\n",
		wanted.ptr);
	text_fini(&wanted);
}

TEST(what_a_peer_writes_into_a_branch_commands_no_terminal)
{
	print(true, 0, "SIP/2.0 200 OK\r\nVia: x;branch=a\033b\r\nCSeq: 1 BYE\r\n\r\n",
		"2023-11-14T22:13:20.123456Z -> udp 192.0.2.1:5060 to [2001:db8::2]:5062\n"
		"server transaction BYE 1 a\\x1bb, status 200\n"
		"SIP/2.0 200 OK\nVia: x;branch=a\\x1bb\nCSeq: 1 BYE\n\n\n");
}
