/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Explaining: what the server would do with a message, and what decides it.
 *
 * The message goes through the same steps as one that was received, dry: what would be
 * sent, changed, counted or logged is recorded instead of done.  Steps and modules say
 * why they decide as they do, with the place in the configuration where there is one.
 *
 * A module that does not say AST_SIP_MODULE_DRY_SAFE is not called: the explanation ends
 * with what it would be asked.  In a dry run the API does this:
 *
 *     answers, forwarded and own requests   recorded, 0 is returned; the only event of a
 *                                           request is AST_SIP_REQUEST_ENDED
 *     ast_sip_keep_request()                recorded; SIP_TXN_ENDED comes at the end
 *     the location, nonce counts            what they would say, nothing changes
 *     timers                                never fire
 *     ast_sip_push_task()                   recorded, -1 is returned, for the data would
 *                                           be lost; the explanation ends there
 *
 * Threads: any; ast_sip_explain() in the turn of the request.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/config.h"
#include "res_sip/flow.h"
#include "res_sip/message.h"

SIP_API_BEGIN

struct sip_server;

/** What is asked; borrowed while sip_server_explain() runs. */
struct sip_explain_question {
	struct sip_str text;        /* the message as it would be received */
	struct sip_addr from;       /* where from, with a port */
	const char *transport;      /* name of a transport section; NULL: one that reaches
				       `from` */
	struct sip_str certificate; /* a name that the peer's verified certificate has;
				       ptr NULL: the peer has proved none */
};

/** A sentence, and what decides. */
struct sip_explain_line {
	struct sip_str text;
	struct sip_config_source source; /* file NULL: no line of a file */
};

/** One step of the way, and what came of it. */
struct sip_explain_step {
	const char *name;       /* `parse`, `match`, `route`, ... `respond` */
	struct sip_str verdict; /* a word or two */
	const struct sip_explain_line *line;
	size_t line_count;
};

/** What would be sent. */
struct sip_explain_message {
	struct sip_flow flow;
	struct sip_str text;
};

/** What the steps said, in their order, and what would be sent. */
struct sip_explanation {
	const struct sip_explain_step *step;
	size_t step_count;
	const struct sip_explain_message *message; /* in their order */
	size_t message_count;
};

/** Called once, from any thread; `explanation` is owned by the callee, NULL: out of
 * memory.  Must not block. */
typedef void sip_explain_done_fn(void *arg, struct sip_explanation *explanation);

/** Bytes of a message that can be explained: header block and body. */
#define SIP_EXPLAIN_TEXT_MAX (2 * 65536)

/**
 * Explain a message, in the turn of its Call-ID's work; `done` gets the explanation.
 * One that can't be parsed is explained at once.
 *
 * 0             `done` was called, or will be, also during the server's stop
 * SIP_ENOTFOUND no transport has that name, or none reaches `from`
 * SIP_ELIMIT    the text is longer than SIP_EXPLAIN_TEXT_MAX
 * SIP_ESTATE    the server does not serve
 * SIP_EMEMORY
 */
SIP_MUST_USE int sip_server_explain(struct sip_server *server,
	const struct sip_explain_question *question, sip_explain_done_fn *done,
	void *arg);

/** NULL is allowed. */
void sip_explanation_destroy(struct sip_explanation **explanation);

/* For steps and modules. */

/** The request is not real: it is being explained. */
bool ast_sip_is_dry(const struct sip_rx_data *rdata);

/** Say why, if the request is dry; the arguments are evaluated only then.  `source`
 * (NULL: none) is the section or option that decides.  Never put a secret into it. */
#define ast_sip_explain(rdata, source, ...)                                              \
	do {                                                                             \
		if (ast_sip_is_dry(rdata))                                               \
			ast_sip_explain_line((rdata), (source), __VA_ARGS__);            \
	} while (0)

/** What ast_sip_explain() calls, which is cheaper where the request is real. */
void ast_sip_explain_line(const struct sip_rx_data *rdata,
	const struct sip_config_source *source, const char *format, ...) SIP_PRINTF(3, 4);

SIP_API_END
