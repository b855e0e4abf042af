/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The request `explain`: the message is mended (explain_mend.c), explained by the
 * library, and printed (explain_print.c).
 *
 * The explanation is made in the turn of the message's call, which may be busy: this
 * thread waits for it, but not for ever.
 */
#include "explain.h"

#include "explain_mend.h"
#include "explain_print.h"

#include <res_sip/server.h>

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define PATIENCE_S 5

/* Shared by who asks and who answers. */
struct wish {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t told;
	unsigned owners; /* 2: both */
	bool done;
	struct sip_explanation *explanation;
};

static struct wish *wish_create(void)
{
	struct wish *wish = calloc(1, sizeof(*wish));
	pthread_condattr_t monotonic;

	if (wish == NULL)
		return NULL;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&wish->lock, NULL);
	pthread_cond_init(&wish->told, &monotonic);
	pthread_condattr_destroy(&monotonic);
	wish->owners = 2;
	return wish;
}

/* The lock is held, and given back. */
static void wish_leave(struct wish *wish)
{
	bool last = --wish->owners == 0;

	pthread_mutex_unlock(&wish->lock);
	if (!last)
		return;
	sip_explanation_destroy(&wish->explanation);
	pthread_cond_destroy(&wish->told);
	pthread_mutex_destroy(&wish->lock);
	free(wish);
}

static void on_done(void *arg, struct sip_explanation *explanation)
{
	struct wish *wish = arg;

	pthread_mutex_lock(&wish->lock);
	wish->done = true;
	wish->explanation = explanation;
	pthread_cond_signal(&wish->told);
	wish_leave(wish);
}

/* False: it takes too long. */
static bool wait_for(struct wish *wish)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	while (!wish->done &&
		pthread_cond_timedwait(&wish->told, &wish->lock, &until) == 0) {
	}
	return wish->done;
}

static bool refuse(struct text *answer, const char *reason)
{
	text_add(answer, sip_str_of(reason));
	return false;
}

static bool refuse_result(struct text *answer, int result)
{
	switch (result) {
	case SIP_ENOTFOUND:
		return refuse(answer,
			"no transport has this name, or none can receive from that "
			"address");
	case SIP_ELIMIT: return refuse(answer, "the message is too long");
	default: return refuse(answer, sip_error_text(result));
	}
}

/* Ask the library, and print what it says. */
static bool explain(const struct request_context *context,
	const struct sip_explain_question *question, struct explain_printer *printer)
{
	struct wish *wish = wish_create();
	struct text *answer = printer->out;
	bool ok = false;
	int result;

	if (wish == NULL)
		return refuse(answer, "out of memory");
	result = sip_server_explain(context->server, question, on_done, wish);
	pthread_mutex_lock(&wish->lock);
	if (result != 0)
		wish->owners--; /* nobody will answer */
	if (result != 0)
		refuse_result(answer, result);
	else if (!wait_for(wish))
		refuse(answer,
			"the call that the message belongs to is busy: nothing came of it "
			"in 5 s");
	else if (wish->explanation == NULL)
		refuse(answer, "out of memory");
	else
		ok = explain_print(printer, wish->explanation);
	wish_leave(wish);
	return ok;
}

bool answer_explain(const struct request_context *context,
	const struct arguments *arguments, struct text *answer)
{
	const char *from = arguments_option(arguments, "--from");
	struct sip_explain_question question = {
		.transport = arguments_option(arguments, "--transport"),
	};
	const char *certificate = arguments_option(arguments, "--certificate");
	struct text wire = { 0 };
	struct text remarks = { 0 };
	struct explain_printer printer = {
		.out = answer,
		.json = arguments_option(arguments, "--json") != NULL,
		.messages = arguments_option(arguments, "--messages") != NULL,
	};
	bool ok = false;

	if (from == NULL)
		return refuse(
			answer, "--from ADDRESS is missing: where does it come from?");
	if (sip_addr_parse(sip_str_of(from), 5060, &question.from) != 0)
		return refuse(answer, "--from takes an address, with a port or without");
	if (certificate != NULL)
		question.certificate = sip_str_of(certificate);
	explain_mend(arguments->body, &wire, &remarks);
	question.text = (struct sip_str){ wire.ptr, wire.len };
	printer.remarks = (struct sip_str){ remarks.ptr, remarks.len };
	if (wire.failed || remarks.failed)
		refuse(answer, "out of memory");
	else
		ok = explain(context, &question, &printer);
	text_fini(&remarks);
	text_fini(&wire);
	return ok;
}
