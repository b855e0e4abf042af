/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two lines above each message:
 *
 *     2026-07-01T10:00:00.000000Z -> udp 192.0.2.1:5060 to 192.0.2.7:5060
 *     client transaction INVITE 102 z9hG4bK7f... of z9hG4bKa1...
 *
 * A client transaction that passes a request on has the server transaction of that
 * request behind `of`: the branch of the second Via.
 */
#include "trace_print.h"

#include "message_head.h"

#include <stdio.h>
#include <time.h>

static void print_missed(uint64_t missed, struct text *text)
{
	if (missed != 0)
		text_format(text, "%llu message%s not shown\n\n",
			(unsigned long long)missed, missed == 1 ? " was" : "s were");
}

static void print_flow(const struct trace_record *record, struct text *text)
{
	char local[SIP_ADDR_TEXT_LEN];
	char peer[SIP_ADDR_TEXT_LEN];
	char when[32];
	time_t seconds = (time_t)(record->wall_us / 1000000);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &utc);
	text_format(text, "%s.%06uZ %s %s %s %s %s\n", when,
		(unsigned)(record->wall_us % 1000000), record->sent ? "->" : "<-",
		sip_transport_name(record->kind), sip_addr_text(&record->local, local),
		record->sent ? "to" : "from", sip_addr_text(&record->peer, peer));
}

static void add_word(struct text *text, const char *before, struct sip_str word)
{
	if (word.len == 0)
		return;
	text_add(text, sip_str_of(before));
	text_add_visible(text, word);
}

static void print_transaction(const struct trace_record *record,
	const struct message_head *head, struct text *text)
{
	bool is_client = record->sent != head->is_response;
	bool is_ack = sip_str_equal(head->method, SIP_STR("ACK"));

	/* RFC 3261 section 17: an ACK makes no transaction. */
	text_add(text,
		is_ack              ? SIP_STR("no transaction")
			: is_client ? SIP_STR("client transaction")
				    : SIP_STR("server transaction"));
	add_word(text, " ", head->method);
	add_word(text, " ", head->cseq);
	add_word(text, " ", head->branch);
	if (is_client)
		add_word(text, " of ", head->second_branch);
	if (head->is_response)
		text_format(text, ", status %u", head->status);
	text_add(text, SIP_STR("\n"));
}

void trace_print(const struct trace_record *record, struct sip_str message,
	uint64_t missed, struct text *text)
{
	struct message_head head;

	message_head_read(message, &head);
	print_missed(missed, text);
	print_flow(record, text);
	print_transaction(record, &head, text);
	text_add_message(text, message);
	text_add(text, SIP_STR("\n"));
}
