/* SPDX-License-Identifier: BSD-2-Clause */
/* Explanations of requests to a world: explained.h. */
#include "support/explained.h"

#include "support/check.h"

#include "transaction/txn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a dry run must leave as it is. */
struct tally {
	uint64_t counters[SIP_COUNTER_COUNT];
	uint64_t slabs[3];
	uint64_t transactions;
	uint64_t calls;
	uint64_t contacts;
	uint64_t sent;
};

static struct tally take_tally(const struct world *world)
{
	const struct sip_server *server = world->server;
	struct tally tally = {
		.slabs = { sip_slab_live(server->rx_slab), sip_slab_live(server->tx_slab),
			sip_slab_live(server->branch_slab) },
		.transactions = sip_txns_count(server->txns),
		.calls = sip_calls_count(server->calls),
		.contacts = sip_location_count(server->location),
		.sent = world->wire.count,
	};

	for (int i = 0; i < SIP_COUNTER_COUNT; i++)
		tally.counters[i] = counted(world, (enum sip_counter)i);
	return tally;
}

static void check_same(const struct tally *before, const struct tally *after)
{
	for (int i = 0; i < SIP_COUNTER_COUNT; i++) {
		if (before->counters[i] != after->counters[i])
			check_failed(__FILE__, __LINE__, "%s has changed",
				sip_counter_name((enum sip_counter)i));
	}
	for (int i = 0; i < 3; i++)
		CHECK_INT(after->slabs[i], ==, before->slabs[i]);
	CHECK_INT(after->transactions, ==, before->transactions);
	CHECK_INT(after->calls, ==, before->calls);
	CHECK_INT(after->contacts, ==, before->contacts);
	CHECK_INT(after->sent, ==, before->sent);
}

static void on_done(void *arg, struct sip_explanation *explanation)
{
	struct explained *explained = arg;

	CHECK(explained->explanation == NULL && explanation != NULL);
	explained->explanation = explanation;
}

/* Line feeds become CRLF. */
static char *wire_text(const char *text)
{
	char *wire = malloc(2 * strlen(text) + 1);
	size_t len = 0;

	CHECK(wire != NULL);
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			wire[len++] = '\r';
		wire[len++] = *text;
	}
	wire[len] = '\0';
	return wire;
}

static struct explained *ask_for(
	struct world *world, const struct sip_explain_question *question)
{
	struct explained *explained = calloc(1, sizeof(*explained));
	struct tally before = take_tally(world);
	struct tally after;

	CHECK(explained != NULL);
	CHECK_INT(sip_server_explain(world->server, question, on_done, explained), ==, 0);
	wire_settle(&world->wire);
	after = take_tally(world);
	check_same(&before, &after);
	CHECK(explained->explanation != NULL);
	return explained;
}

struct explained *explain_bytes(
	struct world *world, struct sip_str text, const struct sip_addr *from)
{
	return ask_for(
		world, &(struct sip_explain_question){ .text = text, .from = *from });
}

struct explained *explain_proved(
	struct world *world, const struct ask *what, const char *certificate)
{
	char *wire = wire_text(ask_text(what));
	struct explained *explained = ask_for(world,
		&(struct sip_explain_question){ .text = sip_str_of(wire),
			.from = wire_addr(what->peer != NULL ? what->peer : STRANGER),
			.certificate = sip_str_of(certificate) });

	free(wire);
	return explained;
}

struct explained *explain_text(struct world *world, const char *text, const char *peer)
{
	struct sip_addr from = wire_addr(peer != NULL ? peer : STRANGER);
	char *wire = wire_text(text);
	struct explained *explained = explain_bytes(world, sip_str_of(wire), &from);

	free(wire);
	return explained;
}

struct explained *explain(struct world *world, const struct ask *what)
{
	return explain_text(world, ask_text(what), what->peer);
}

struct explained *explain_as(struct world *world, struct ask what)
{
	what.nonce = take_nonce(world, what.peer);
	return explain(world, &what);
}

static void put_step(char *text, size_t size, const struct sip_explain_step *step)
{
	size_t len = (size_t)snprintf(text, size, "%.*s\n", SIP_STR_ARG(step->verdict));

	for (size_t i = 0; i < step->line_count && len < size; i++) {
		const struct sip_explain_line *line = &step->line[i];

		len += (size_t)snprintf(
			text + len, size - len, "%.*s", SIP_STR_ARG(line->text));
		if (line->source.file != NULL && len < size)
			len += (size_t)snprintf(text + len, size - len, " (%s:%u)",
				line->source.file, line->source.line);
		if (len < size)
			len += (size_t)snprintf(text + len, size - len, "\n");
	}
}

const char *explained_step(const struct explained *explained, const char *name)
{
	static char text[65536];
	const struct sip_explanation *explanation = explained->explanation;

	text[0] = '\0';
	for (size_t i = 0; i < explanation->step_count; i++) {
		if (strcmp(explanation->step[i].name, name) == 0)
			put_step(text, sizeof(text), &explanation->step[i]);
	}
	return text;
}

const char *explained_message(const struct explained *explained, const char *start)
{
	const struct sip_explanation *explanation = explained->explanation;

	for (size_t i = 0; i < explanation->message_count; i++) {
		/* Copied with a NUL behind it. */
		if (strncmp(explanation->message[i].text.ptr, start, strlen(start)) == 0)
			return explanation->message[i].text.ptr;
	}
	return "";
}

void explained_free(struct explained **place)
{
	struct explained *explained = *place;

	*place = NULL;
	sip_explanation_destroy(&explained->explanation);
	free(explained);
}
