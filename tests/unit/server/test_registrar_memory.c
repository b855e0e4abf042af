/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registering where memory is short: RFC 3261 10.2, "a particular REGISTER request is
 * either processed completely or not at all", and 10.3 step 7, "the request MUST fail
 * with a 500 (Server Error) response and all tentative binding updates MUST be removed".
 */
#include "support/alloc_fail.h"
#include "support/ask.h"
#include "support/check.h"

#include "base/slab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As long as it takes for the list not to fit into an ordinary message. */
#define LONG_LEN 2000

static bool is_bound(const char *uri)
{
	struct ast_sip_contacts found;
	bool bound = false;

	CHECK_INT(ast_sip_location_find("6001", &found), ==, 0);
	for (size_t i = 0; i < found.count; i++)
		bound |= sip_str_equal(found.contact[i]->uri, sip_str_of(uri));
	ast_sip_contacts_release(&found);
	return bound;
}

static struct ask register_of(struct world *w, const char *extra)
{
	static char branch[16];
	static unsigned cseq;

	cseq++;
	snprintf(branch, sizeof(branch), "r%u", cseq);
	return (struct ask){ .method = "REGISTER",
		.branch = branch,
		.cseq = cseq,
		.nonce = take_nonce(w, NULL),
		.extra = extra };
}

static void register_now(struct world *w, const char *extra)
{
	struct ask what = register_of(w, extra);

	CHECK_INT(ask(w, &what), ==, 200);
}

static struct {
	unsigned answered[8]; /* of each class; 0: nothing */
	unsigned unanswered_and_done;
} seen;

/* Its answer where the allocation of that number fails; 0: none.  *failed: there are so
 * many. */
static int ask_without(
	struct world *w, const struct ask *what, unsigned long number, bool *failed)
{
	struct sip_addr from = wire_addr(STRANGER);
	char text[4096];
	size_t len = 0;

	for (const char *at = ask_text(what); *at != '\0'; at++) {
		if (*at == '\n')
			text[len++] = '\r';
		text[len++] = *at;
	}
	wire_clear(&w->wire);
	alloc_fail_at(number);
	/* -1: there is not even room for the datagram. */
	SIP_IGNORE(sip_transport_inject(w->wire.transport, w->wire.listener, &from,
		(struct sip_str){ text, len }, 0));
	wire_settle(&w->wire);
	*failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	return atoi(said(w, "SIP/2.0 ") + (w->wire.count > 0 ? strlen("SIP/2.0 ") : 0));
}

/* The binding comes, or goes, with the allocation of that number failing.  False: there
 * are fewer. */
static bool change_without(
	struct world *w, bool comes, const char *extra, unsigned long number)
{
	const char *uri = "sip:6001@192.0.2.1:5070";
	struct ask what = register_of(w, extra);
	bool failed;
	int status = ask_without(w, &what, number, &failed);

	seen.answered[status / 100]++;
	if (status != 0)
		CHECK_INT(is_bound(uri), ==, status == 200 ? comes : !comes);
	else
		seen.unanswered_and_done += is_bound(uri) == comes;
	/* A copy is answered, and by then it is done; what was refused stays refused. */
	if (status >= 500)
		what = register_of(w, extra);
	CHECK_INT(ask(w, &what), ==, 200);
	CHECK_INT(is_bound(uri), ==, comes);
	return failed;
}

/* 6001 has two bindings of that length, and a third one comes and goes. */
static void change_with_others(size_t params_len)
{
	static const char comes[] = "Contact: <sip:6001@192.0.2.1:5070>\n";
	static const char goes[] = "Contact: <sip:6001@192.0.2.1:5070>;expires=0\n";
	struct world *w;
	unsigned long number = 1;
	bool failed;

	memset(&seen, 0, sizeof(seen));
	sip_slab_plain = true;
	w = world_create(NULL);
	for (int i = 1; i <= 2; i++) {
		char extra[LONG_LEN + 128];

		snprintf(extra, sizeof(extra),
			"Contact: <sip:6001@192.0.2.%d:5071>;x=%0*d\n", i,
			(int)params_len, 0);
		register_now(w, extra);
	}
	keep_log();
	do {
		failed = change_without(w, true, comes, number);
		failed = change_without(w, false, goes, number) || failed;
		number++;
	} while (failed);
	sip_log_set_sink(NULL, NULL);
	CHECK_INT(seen.answered[5], >, 1);
	CHECK_INT(seen.answered[2] + seen.answered[5] + seen.answered[0], ==,
		2 * (number - 1));
	world_destroy(&w);
}

TEST(a_register_is_answered_200_and_done_or_refused_and_not)
{
	change_with_others(1);
	/* The answer has its memory before anything changes. */
	CHECK_INT(seen.unanswered_and_done, ==, 0);
}

TEST(a_list_that_is_too_long_for_the_memory_is_sent_for_a_copy)
{
	change_with_others(LONG_LEN);
	CHECK_INT(seen.unanswered_and_done, >, 0);
}
