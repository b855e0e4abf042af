/* SPDX-License-Identifier: BSD-2-Clause */
/* Explaining where memory is short. */
#include "support/alloc_fail.h"
#include "support/ask.h"
#include "support/check.h"

#include "res_sip/explain.h"

#include <string.h>

static struct {
	unsigned told;
	unsigned explained;
} outcome;

static void on_outcome(void *arg, struct sip_explanation *explanation)
{
	(void)arg;
	outcome.told++;
	outcome.explained += explanation != NULL;
	sip_explanation_destroy(&explanation);
}

/* With allocation `number` failing; false: there are fewer. */
static bool explain_without(struct world *w, struct sip_str text, unsigned long number)
{
	struct sip_explain_question question = { .text = text, .from = wire_addr(TRUNK) };
	bool failed;
	int result;

	memset(&outcome, 0, sizeof(outcome));
	alloc_fail_at(number);
	result = sip_server_explain(w->server, &question, on_outcome, NULL);
	wire_settle(&w->wire);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	CHECK_INT(outcome.told, ==, result == 0);
	return failed;
}

/* Each allocation of an explanation fails in turn, until none is left to fail. */
TEST(an_explanation_without_memory_is_none_and_leaves_nothing)
{
	struct world *w = world_create(NULL);
	struct ask call = { .method = "INVITE",
		.uri = "sip:6001@example.org",
		.from = "open",
		.peer = TRUNK };
	char text[4096];
	unsigned long number = 1;
	size_t len = 0;

	world_register(w, "6001", "secret1", "192.0.2.2:5070");
	for (const char *at = ask_text(&call); *at != '\0'; at++) {
		if (*at == '\n')
			text[len++] = '\r';
		text[len++] = *at;
	}
	keep_log();
	while (explain_without(w, (struct sip_str){ text, len }, number))
		number++;
	sip_log_set_sink(NULL, NULL);

	CHECK_INT(number, >, 1);
	CHECK_INT(outcome.explained, ==, 1);
	CHECK_INT(w->wire.count, ==, 0);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);
	world_destroy(&w);
}
