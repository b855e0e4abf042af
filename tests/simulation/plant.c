/* SPDX-License-Identifier: BSD-2-Clause */
/* Mistakes on purpose: see plant.h. */
#include "plant.h"

#include "desk.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

static bool is_cancel(const struct sim *sim, const struct sip_text *text)
{
	(void)sim;
	return text->is_request && slice_is(text->method, "CANCEL");
}

/* The same was sent before. */
static bool is_again(const struct sim *sim, const struct sip_text *text)
{
	for (size_t i = sim->trace.count; i > 0; i--) {
		if (slice_equal(sim->trace.passage[i - 1].text, text->whole))
			return true;
	}
	return false;
}

static bool is_invite_again(const struct sim *sim, const struct sip_text *text)
{
	return text->is_request && slice_is(text->method, "INVITE") &&
		is_again(sim, text);
}

static bool is_other_again(const struct sim *sim, const struct sip_text *text)
{
	return text->is_request && !slice_is(text->method, "INVITE") &&
		!slice_is(text->method, "ACK") && is_again(sim, text);
}

static bool is_refusal_again(const struct sim *sim, const struct sip_text *text)
{
	return text->code >= 300 && slice_is(text->method, "INVITE") &&
		is_again(sim, text);
}

/* One that is passed on: what a desk answers has rules of its own. */
static bool is_accepted_call(const struct sim *sim, const struct sip_text *text)
{
	struct slice to = slice_uri(sip_text_field(text, "To"));

	(void)sim;
	return text->code / 100 == 2 && slice_is(text->method, "INVITE") &&
		!desk_takes(user_of_uri(to));
}

static bool is_refused_call(const struct sim *sim, const struct sip_text *text)
{
	(void)sim;
	return text->code == 487;
}

static bool is_ack_of_refusal(const struct sim *sim, const struct sip_text *text)
{
	/* That of a 2xx goes on a branch of its own, which no INVITE had. */
	for (size_t i = 0;
		text->is_request && slice_is(text->method, "ACK") && i < sim->trace.count;
		i++) {
		struct slice before = sim->trace.passage[i].text;
		struct sip_text invite;

		if (sip_text_parse(&invite, before.at, before.len) == NULL &&
			invite.is_request && slice_is(invite.method, "INVITE") &&
			slice_equal(invite.branch, text->branch))
			return true;
	}
	return false;
}

/* A call goes to the first phone only. */
static bool is_for_another_phone(const struct sim *sim, const struct sip_text *text)
{
	bool another = false;

	if (!text->is_request || !slice_is(text->method, "INVITE") ||
		text->to_tag.len > 0)
		return false;
	for (size_t i = 0; i < sim->trace.count; i++) {
		struct slice before = sim->trace.passage[i].text;
		struct sip_text invite;

		if (sip_text_parse(&invite, before.at, before.len) != NULL ||
			!invite.is_request || !slice_is(invite.method, "INVITE") ||
			!slice_equal(invite.call_id, text->call_id) ||
			!slice_equal(invite.sent_by, text->sent_by) ||
			invite.cseq != text->cseq)
			continue;
		if (slice_equal(invite.branch, text->branch))
			return false;
		another = true;
	}
	return another;
}

static int again(void *arg)
{
	return ast_sip_push_task(NULL, again, arg);
}

/* One task brings the next, for ever. */
static void begin_restless(struct host *host)
{
	if (ast_sip_push_task(NULL, again, host) != 0)
		abort();
}

static const struct {
	const char *name;
	bool (*swallows)(const struct sim *sim, const struct sip_text *text);
	void (*begin)(struct host *host);
} plants[] = {
	{ "no-cancel", is_cancel, NULL },
	{ "no-timer-a", is_invite_again, NULL },
	{ "no-timer-e", is_other_again, NULL },
	{ "no-timer-g", is_refusal_again, NULL },
	{ "no-2xx", is_accepted_call, NULL },
	{ "no-487", is_refused_call, NULL },
	{ "no-ack", is_ack_of_refusal, NULL },
	{ "first-phone-only", is_for_another_phone, NULL },
	{ "restless", NULL, begin_restless },
};

#define PLANT_COUNT (sizeof(plants) / sizeof(plants[0]))

bool plant_swallows(const struct sim *sim, struct slice bytes)
{
	struct sip_text text;

	if (sim->options.plant == NULL ||
		sip_text_parse(&text, bytes.at, bytes.len) != NULL)
		return false;
	for (size_t i = 0; i < PLANT_COUNT; i++) {
		if (strcmp(plants[i].name, sim->options.plant) == 0)
			return plants[i].swallows != NULL &&
				plants[i].swallows(sim, &text);
	}
	return false;
}

void plant_begin(struct host *host)
{
	const char *name = host->sim->options.plant;

	for (size_t i = 0; name != NULL && i < PLANT_COUNT; i++) {
		if (strcmp(plants[i].name, name) == 0 && plants[i].begin != NULL)
			plants[i].begin(host);
	}
}

void plants_list(FILE *out)
{
	for (size_t i = 0; i < PLANT_COUNT; i++)
		fprintf(out, "%s\n", plants[i].name);
}

bool plant_exists(const char *name)
{
	for (size_t i = 0; i < PLANT_COUNT; i++) {
		if (strcmp(plants[i].name, name) == 0)
			return true;
	}
	return false;
}
