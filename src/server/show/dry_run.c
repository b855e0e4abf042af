/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recorder of a dry run: see dry_run.h.
 *
 * Everything is in one arena.  What is recorded is bounded: a message can name many
 * targets, and a service can talk.  Memory that is missing makes the explanation NULL.
 */
#include "server/show/dry_run.h"

#include "server/modules/callback.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define STEPS_MAX    16
#define LINES_MAX    512
#define MESSAGES_MAX 128
#define LINE_LEN     1024

/* A request that a service believes to be under way. */
struct dry_request {
	struct dry_request *next;
	struct sip_call_site *site;
	void *token;
	ast_sip_on_response_fn *on_response;
};

struct sip_dry_run {
	struct sip_explanation explanation; /* first: it is what is handed over */
	struct sip_explain_step step[STEPS_MAX];
	struct sip_explain_line line[LINES_MAX];
	struct sip_explain_message message[MESSAGES_MAX];
	size_t line_count;
	struct sip_dry effects;         /* of work/ */
	struct sip_log_capture capture; /* of the log */
	struct sip_arena arena;
	struct dry_request *requests; /* the latest first */
	sip_explain_done_fn *done;
	void *arg;
	bool stopped;
	bool failed; /* out of memory */
};

static void on_effect(struct sip_dry *dry, enum sip_dry_effect effect, uint64_t delay_ms)
{
	struct sip_dry_run *run = SIP_CONTAINER(dry, struct sip_dry_run, effects);

	if (effect == SIP_DRY_TIMER) {
		sip_dry_say(run, NULL, "would start a timer of %llu ms",
			(unsigned long long)delay_ms);
		return;
	}
	sip_dry_say(run, NULL,
		"would push a task; what comes after it can't be told from here");
	sip_dry_stop(run);
}

static void on_line(
	struct sip_log_capture *capture, enum sip_log_level level, struct sip_str line)
{
	struct sip_dry_run *run = SIP_CONTAINER(capture, struct sip_dry_run, capture);

	(void)level;
	sip_dry_say(run, NULL, "would log: %.*s", SIP_STR_ARG(line));
}

struct sip_dry_run *sip_dry_run_create(sip_explain_done_fn *done, void *arg)
{
	struct sip_dry_run *run = calloc(1, sizeof(*run));

	if (run == NULL)
		return NULL;
	run->explanation.step = run->step;
	run->explanation.message = run->message;
	run->effects.effect = on_effect;
	run->capture.take = on_line;
	run->done = done;
	run->arg = arg;
	sip_arena_init(&run->arena, NULL, 0);
	return run;
}

void sip_dry_run_destroy(struct sip_dry_run **place)
{
	struct sip_dry_run *run = *place;

	*place = NULL;
	if (run == NULL)
		return;
	sip_arena_fini(&run->arena);
	free(run);
}

void sip_explanation_destroy(struct sip_explanation **explanation)
{
	struct sip_dry_run *run = NULL;

	if (*explanation != NULL)
		run = SIP_CONTAINER(*explanation, struct sip_dry_run, explanation);
	*explanation = NULL;
	sip_dry_run_destroy(&run);
}

void sip_dry_run_open(struct sip_dry_run *run)
{
	sip_dry_set(&run->effects);
	sip_log_set_capture(&run->capture);
}

void sip_dry_run_shut(struct sip_dry_run *run)
{
	SIP_ASSERT(sip_dry_current() == &run->effects);
	sip_log_set_capture(NULL);
	sip_dry_set(NULL);
}

struct sip_dry_run *sip_dry_run_current(void)
{
	struct sip_dry *dry = sip_dry_current();

	return dry != NULL ? SIP_CONTAINER(dry, struct sip_dry_run, effects) : NULL;
}

static void end_requests(struct sip_dry_run *run, struct sip_rx_data *rdata)
{
	for (struct dry_request *at = run->requests; at != NULL; at = at->next) {
		struct sip_callback_scope scope;

		if (at->on_response == NULL)
			continue;
		sip_callback_open(&scope, at->site, rdata);
		at->on_response(at->token, AST_SIP_REQUEST_ENDED, NULL);
		sip_callback_close(&scope);
	}
	run->requests = NULL;
}

void sip_dry_run_end(struct sip_dry_run *run, struct sip_rx_data *rdata)
{
	sip_dry_stop(run);
	sip_dry_run_open(run);
	if (rdata->serving->kept)
		sip_keep_tell(rdata, SIP_TXN_ENDED);
	end_requests(run, rdata);
	sip_dry_run_shut(run);
}

void sip_dry_run_hand_over(struct sip_dry_run *run)
{
	struct sip_explanation *explanation = &run->explanation;
	sip_explain_done_fn *done = run->done;
	void *arg = run->arg;

	if (run->failed)
		sip_explanation_destroy(&explanation);
	done(arg, explanation);
}

const struct sip_explanation *sip_dry_explanation(const struct sip_dry_run *run)
{
	return &run->explanation;
}

static struct sip_explain_step *last_step(struct sip_dry_run *run)
{
	SIP_ASSERT(run->explanation.step_count > 0);
	return &run->step[run->explanation.step_count - 1];
}

void sip_dry_step(struct sip_dry_run *run, const char *name)
{
	struct sip_explanation *explanation = &run->explanation;

	/* Again, on a thread that may block. */
	if (run->stopped || (explanation->step_count > 0 && last_step(run)->name == name))
		return;
	SIP_ASSERT(explanation->step_count < STEPS_MAX);
	run->step[explanation->step_count++] = (struct sip_explain_step){
		.name = name,
		.verdict = SIP_STR(""),
		.line = &run->line[run->line_count],
	};
}

static int keep(struct sip_dry_run *run, struct sip_str text, struct sip_str *copy)
{
	if (run->stopped || run->failed)
		return -1;
	if (sip_arena_copy(&run->arena, text, copy) != 0) {
		run->failed = true;
		return -1;
	}
	return 0;
}

/* A peer's bytes go to somebody's terminal. */
static void replace_controls(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || (unsigned char)*text == 0x7f)
			*text = '?';
	}
}

void sip_dry_verdict(struct sip_dry_run *run, const char *format, ...)
{
	char text[LINE_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	replace_controls(text);
	SIP_IGNORE(
		keep(run, sip_str_of(text), &last_step(run)->verdict)); /* remembered */
}

static void say(struct sip_dry_run *run, const struct sip_config_source *source,
	const char *format, va_list args) __attribute__((format(printf, 3, 0)));

static void say(struct sip_dry_run *run, const struct sip_config_source *source,
	const char *format, va_list args)
{
	struct sip_explain_line *line = &run->line[run->line_count];
	struct sip_str file = { NULL, 0 };
	char text[LINE_LEN];

	if (run->line_count == LINES_MAX)
		return;
	vsnprintf(text, sizeof(text), format, args);
	replace_controls(text);
	if (keep(run, sip_str_of(text), &line->text) != 0)
		return;
	if (source != NULL && source->file != NULL &&
		keep(run, sip_str_of(source->file), &file) == 0)
		line->source = (struct sip_config_source){ file.ptr, source->line };
	run->line_count++;
	last_step(run)->line_count++;
}

void sip_dry_say(struct sip_dry_run *run, const struct sip_config_source *source,
	const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(run, source, format, args);
	va_end(args);
}

void sip_dry_stop(struct sip_dry_run *run)
{
	run->stopped = true;
}

bool sip_dry_stopped(const struct sip_dry_run *run)
{
	return run->stopped;
}

bool sip_dry_may_call(struct sip_dry_run *run, const struct sip_registered *registered,
	const char *what, const char *name)
{
	if (sip_registered_dry_safe(registered))
		return true;
	sip_dry_verdict(run, "%s %s", what, name);
	sip_dry_say(run, NULL,
		"module %s does not declare that it can be called without effect "
		"(AST_SIP_MODULE_DRY_SAFE): the explanation ends here",
		registered->module);
	sip_dry_stop(run);
	return false;
}

void sip_dry_send(struct sip_dry_run *run, const struct sip_flow *flow,
	const struct sip_tx_data *tdata)
{
	struct sip_explanation *explanation = &run->explanation;
	struct sip_explain_message *message = &run->message[explanation->message_count];

	SIP_ASSERT(tdata->sealed);
	if (explanation->message_count == MESSAGES_MAX ||
		keep(run, (struct sip_str){ tdata->text, tdata->len }, &message->text) !=
			0)
		return;
	message->flow = *flow;
	explanation->message_count++;
}

int sip_dry_request(struct sip_dry_run *run, struct sip_call_site *site, void *token,
	ast_sip_on_response_fn *on_response, struct ast_sip_branch **branch)
{
	struct dry_request *request = sip_arena_alloc(&run->arena, sizeof(*request));

	if (request == NULL) {
		run->failed = true;
		return SIP_EMEMORY;
	}
	*request = (struct dry_request){ run->requests, site, token, on_response };
	run->requests = request;
	/* Never looked into: in a dry run nobody follows it. */
	*branch = (struct ast_sip_branch *)(void *)request;
	return 0;
}

bool ast_sip_is_dry(const struct sip_rx_data *rdata)
{
	return rdata->serving != NULL && rdata->serving->dry_run != NULL;
}

void ast_sip_explain_line(const struct sip_rx_data *rdata,
	const struct sip_config_source *source, const char *format, ...)
{
	va_list args;

	SIP_ASSERT(ast_sip_is_dry(rdata));
	va_start(args, format);
	say(rdata->serving->dry_run, source, format, args);
	va_end(args);
}
