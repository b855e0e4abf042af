/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dialogs whose refusals and BYEs find no memory, and what has changed when they find
 * some.  Quotes: RFC 3261.  Each allocation fails in turn.
 */
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/dialogs.h"

#include "base/slab.h"

#include <stdio.h>
#include <string.h>

#define T1_MS 500

/* Those of the request itself. */
#define FIRST 3

static int respond(void *code)
{
	CHECK_INT(ast_sip_respond(dialogs.request, *(int *)code, NULL), ==, 0);
	return 0;
}

/* A request of the peer's within the dialog, with the allocation of that number failing.
 * False: there are fewer. */
static bool asks_without(
	struct world *w, unsigned long number, const char *method, unsigned cseq)
{
	char tag[64];
	bool failed;

	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	alloc_fail_at(number);
	ASK(w, .method = method, .uri = "sip:127.0.0.1:5060", .cseq = cseq, .to_tag = tag,
		.branch = strcmp(method, "CANCEL") == 0 ? "again" : NULL);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	return failed;
}

/* A call whose second INVITE waits for its answer; of branch `again`. */
static struct world *invited_again(void)
{
	struct world *w = dialogs_world();
	char tag[64];

	dialogs_connect(w);
	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	dialogs.take = true;
	dialogs.answer = 0;
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:127.0.0.1:5060", .cseq = 2,
			  .to_tag = tag, .branch = "again",
			  .extra = "Max-Forwards: 70\nContact: <sip:caller@" PEER ">\n"),
		==, 100);
	wire_clear(&w->wire);
	return w;
}

static void fail_each(bool (*does)(unsigned long number))
{
	unsigned long number = FIRST;

	sip_slab_plain = true;
	while (does(number))
		number++;
	sip_slab_plain = false;
	CHECK_INT(number, >, FIRST);
}

static bool bye_ends_it_without(unsigned long number)
{
	struct world *w = invited_again();
	bool failed = asks_without(w, number, "BYE", 3);
	size_t refused = wire_count(&w->wire, "SIP/2.0 487");

	/* Lost, it comes again. */
	if (dialogs.dlg != NULL) {
		CHECK_INT(refused, ==, 0);
		CHECK_INT(dialogs_within(w, "BYE", 4), !=, 0);
		refused = wire_count(&w->wire, "SIP/2.0 487");
	}
	wire_clear(&w->wire);
	wire_forward_ms(&w->wire, T1_MS);
	CHECK_INT(refused + wire_count(&w->wire, "SIP/2.0 487"), >=, 1);
	dialogs_end(&w);
	return failed;
}

/* 15.1.2: "The UAS MUST still respond to any pending requests received for that dialog."
 */
TEST(an_invite_that_a_bye_ends_gets_its_487_as_soon_as_there_is_memory)
{
	fail_each(bye_ends_it_without);
}

/* A third INVITE crosses with the second. */
static bool invites_twice_without(unsigned long number)
{
	struct world *w = invited_again();
	bool failed = asks_without(w, number, "INVITE", 3);
	int code = 200;

	if (wire_count(&w->wire, "SIP/2.0 100") > 0) {
		if (wire_count(&w->wire, "SIP/2.0 500") == 0)
			wire_forward_ms(&w->wire, T1_MS);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 1);
		CHECK(answered(w, "Retry-After")[0] != '\0');
	}
	dialogs_run(w, respond, &code);
	CHECK_INT(dialogs_within(w, "ACK", 2), ==, 0);
	CHECK_INT(dialogs_within(w, "BYE", 4), !=, 0);
	dialogs_end(&w);
	return failed;
}

/* 14.2: "MUST return a 500 (Server Internal Error) response to the second INVITE and MUST
 * include a Retry-After header field".  It has its 100, and does not come again. */
TEST(an_invite_that_crosses_another_is_refused_as_soon_as_there_is_memory)
{
	fail_each(invites_twice_without);
}

/* The usage takes none of it. */
static bool asks_in_vain_without(unsigned long number)
{
	struct world *w = dialogs_world();
	bool failed;

	dialogs_connect(w);
	dialogs.told[0] = '\0';
	failed = asks_without(w, number, "INFO", 2);
	if (strcmp(dialogs.told, "?INFO") == 0) {
		if (wire_count(&w->wire, "SIP/2.0 405") == 0)
			wire_forward_ms(&w->wire, T1_MS);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 405"), ==, 1);
	}
	CHECK_INT(dialogs_within(w, "BYE", 3), ==, 200);
	dialogs_end(&w);
	return failed;
}

TEST(what_nobody_takes_is_answered_as_soon_as_there_is_memory)
{
	fail_each(asks_in_vain_without);
}

/* The peer gives up his second INVITE. */
static bool gives_up_without(struct world *w, unsigned long number)
{
	return asks_without(w, number, "CANCEL", 2);
}

static bool answers_after_all_without(unsigned long number)
{
	struct world *w = invited_again();
	bool failed = gives_up_without(w, number);
	int code = 200;

	if (wire_count(&w->wire, "SIP/2.0 487") == 0) {
		dialogs_run(w, respond, &code);
		CHECK_INT(dialogs_within(w, "ACK", 2), ==, 0);
		CHECK_INT(dialogs_within(w, "INVITE", 3), ==, 100);
		wire_clear(&w->wire);
		wire_forward_ms(&w->wire, T1_MS);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 "), ==, 0);
		dialogs_run(w, respond, &code);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
		CHECK_INT(dialogs_within(w, "ACK", 3), ==, 0);
	}
	CHECK_INT(dialogs_within(w, "BYE", 4), !=, 0);
	dialogs_end(&w);
	return failed;
}

TEST(a_refusal_that_comes_too_late_is_not_the_next_ones)
{
	fail_each(answers_after_all_without);
}

static bool is_hung_up_on_without(unsigned long number)
{
	struct world *w = invited_again();
	bool failed = gives_up_without(w, number);
	struct sip_dialog *dlg = dialogs.dlg;
	char first[64];

	CHECK_INT(ast_sip_send_request("BYE", NULL, dlg), ==, 0);
	wire_settle(&w->wire);
	snprintf(first, sizeof(first), "%s",
		world_header(wire_last(&w->wire, "BYE "), "CSeq"));
	wire_forward_ms(&w->wire, 2 * T1_MS);
	CHECK_STR(sip_str_of(world_header(wire_last(&w->wire, "BYE "), "CSeq")), first);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), >=, 1);
	wire_receive(
		&w->wire, PEER, response_text(wire_last(&w->wire, "BYE "), 200, "x", ""));
	dialogs_end(&w);
	return failed;
}

TEST(where_a_refusal_waits_for_memory_the_usages_bye_is_the_only_one)
{
	fail_each(is_hung_up_on_without);
}

static bool is_terminated_without(unsigned long number)
{
	struct world *w = dialogs_world();
	bool failed;

	dialogs.answer = 180;
	CHECK_INT(dialogs_called(w, ""), ==, 180);
	alloc_fail_at(number);
	ASK(w, .method = "CANCEL", .branch = "invite", .uri = "sip:127.0.0.1");
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	if (dialogs.dlg != NULL && strstr(dialogs.told, "cancel") != NULL) {
		ast_sip_dialog_terminate(dialogs.dlg, 480);
		wire_forward_ms(&w->wire, T1_MS);
	}
	if (strstr(dialogs.told, "cancel") != NULL)
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	else
		CHECK_INT(ASK(w, .method = "CANCEL", .branch = "invite",
				  .uri = "sip:127.0.0.1"),
			==, 487);
	dialogs_end(&w);
	return failed;
}

/* 9.2: it "SHOULD immediately respond to the INVITE with a 487", whatever is asked for
 * afterwards. */
TEST(what_was_cancelled_is_a_487_though_its_usage_ends_it_before_there_is_memory)
{
	fail_each(is_terminated_without);
}

static int second_hangs_up(struct world *w, const struct sip_dialog *first)
{
	char call_id[64];
	char tag[64];

	snprintf(call_id, sizeof(call_id), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_call_id(first)));
	snprintf(tag, sizeof(tag), "%.*s", SIP_STR_ARG(ast_sip_dialog_local_tag(first)));
	return ASK(w, .method = "BYE", .uri = "sip:127.0.0.1:5060", .peer = BOX,
		.call_id = call_id, .to_tag = tag, .from_tag = "second");
}

/* Another phone than the first rings, and its usage wants none of it. */
static bool fork_is_ended_without(unsigned long number)
{
	struct world *w = dialogs_world();
	struct sip_dialog *first;
	bool failed;

	dialogs.take_forks = true;
	first = dialogs_call(w);
	dialogs_answer(w, "INVITE ", 180, "first", "");
	dialogs_answer(w, "INVITE ", 180, "second", "");
	dialogs_clear(w);
	alloc_fail_at(number);
	ast_sip_dialog_terminate(dialogs.fork, 0);
	wire_settle(&w->wire);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	if (wire_count(&w->wire, "BYE ") == 0) {
		CHECK_INT(second_hangs_up(w, first), ==, 200);
		wire_forward_ms(&w->wire, T1_MS);
		CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	} else
		dialogs_answer(w, "BYE ", 200, "second", "");
	ast_sip_dialog_terminate(first, 0);
	dialogs_end(&w);
	return failed;
}

static void answered_by_another(struct world *w)
{
	static const char told[] = "Contact: <sip:second@" BOX ">\n";

	dialogs_answer_bare(w, "INVITE ", 200, "second", told);
}

/* One phone rings, and another accepts, of which nothing was heard before. */
static bool another_accepts_without(unsigned long number)
{
	struct world *w = dialogs_world();
	bool failed;

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 180, "first", "");
	alloc_fail_at(number);
	answered_by_another(w);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	answered_by_another(w);
	CHECK_INT(wire_count(&w->wire, "ACK sip:second@" BOX " "), >=, 1);
	CHECK(strstr(world_header(wire_last(&w->wire, "ACK "), "To"), ";tag=second") !=
		NULL);
	CHECK_INT(wire_count(&w->wire, "ACK "), ==,
		wire_count(&w->wire, "ACK sip:second@" BOX " "));
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "BYE sip:second@" BOX " "), ==, 1);
	dialogs_end(&w);
	return failed;
}

/* 13.2.2.4: an ACK for each 2xx, which goes to who has sent it; and without memory for
 * what it says its copy is the next try. */
TEST(a_phone_whose_2xx_found_no_memory_has_the_call_with_its_copy)
{
	fail_each(another_accepts_without);
}

/* Section 15: his BYE has ended it. */
TEST(a_bye_that_waits_for_memory_is_not_sent_after_the_peers)
{
	fail_each(fork_is_ended_without);
}
