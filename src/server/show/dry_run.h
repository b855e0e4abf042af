/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A dry run: the recorder of a request that is explained (res_sip/explain.h).
 *
 * The few places of this folder where something happens ask `serving->dry_run`,
 * which is NULL for every real message.
 *
 * Threads: the turn of the message's work, after its making.
 */
#pragma once

#include "base/log_capture.h"
#include "res_sip/explain.h"
#include "res_sip/request.h"
#include "server/serving.h"

struct sip_dry_run;

/** Empty; `done` gets its explanation.  NULL: out of memory. */
SIP_MUST_USE struct sip_dry_run *sip_dry_run_create(sip_explain_done_fn *done, void *arg);

/** Before anything came of it. */
void sip_dry_run_destroy(struct sip_dry_run **run);

/* Around everything that happens in it: nothing that this thread does has an effect. */
void sip_dry_run_open(struct sip_dry_run *run);
void sip_dry_run_shut(struct sip_dry_run *run);

/** Nothing is recorded any more: tell services that what they began is over, so that they
 * give back what they hold. */
void sip_dry_run_end(struct sip_dry_run *run, struct sip_rx_data *rdata);

/** Give the explanation to who asked.  Takes the run. */
void sip_dry_run_hand_over(struct sip_dry_run *run);

/** As far as it has come; borrowed. */
const struct sip_explanation *sip_dry_explanation(const struct sip_dry_run *run);

/* ---- what is said ---- */

/** What is said from now on belongs to this step. */
void sip_dry_step(struct sip_dry_run *run, const char *name);

/** What came of it, in a word or two. */
void sip_dry_verdict(struct sip_dry_run *run, const char *format, ...) SIP_PRINTF(2, 3);

void sip_dry_say(struct sip_dry_run *run, const struct sip_config_source *source,
	const char *format, ...) SIP_PRINTF(3, 4);

/** The explanation can't go further than here: what follows is not recorded. */
void sip_dry_stop(struct sip_dry_run *run);
bool sip_dry_stopped(const struct sip_dry_run *run);

/** Only what is dry safe is called; else the explanation ends with `what` it would be
 * asked: `would be offered to`. */
SIP_MUST_USE bool sip_dry_may_call(struct sip_dry_run *run,
	const struct sip_registered *registered, const char *what, const char *name);

/* ---- what would happen ---- */

/** A message would be sent; sealed. */
void sip_dry_send(struct sip_dry_run *run, const struct sip_flow *flow,
	const struct sip_tx_data *tdata);

/** A request would be under way: `on_response` is told that it ended when the run ends.
 * *branch is what the service gets.  SIP_EMEMORY. */
SIP_MUST_USE int sip_dry_request(struct sip_dry_run *run, struct sip_call_site *site,
	void *token, ast_sip_on_response_fn *on_response, struct ast_sip_branch **branch);

/** The run of this thread; NULL: what runs here is real. */
struct sip_dry_run *sip_dry_run_current(void);
