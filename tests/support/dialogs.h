/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world (world.h) with a service that has dialogs, and what its usage was told.
 *
 * Without modules; anybody may call.  The endpoint `open` is BOX, and its contact.
 * What is told stands in `dialogs.told`, a word each: `early`, `confirmed`,
 * `ended=CAUSE`,
 * `?BYE` a request, `!200` a response, `cancel`, `fork`.
 */
#pragma once

#include "support/ask.h"

#define BOX  "192.0.2.5:5060" /* whom we call */
#define PEER STRANGER         /* who calls us */

struct dialogs {
	char told[512];
	struct sip_dialog *dlg;      /* the latest that was made; valid until it ended */
	struct sip_dialog *fork;     /* the latest that was offered */
	struct sip_rx_data *request; /* the latest that came and is an INVITE, or has no
					answer; held */
	int answer;                  /* to each INVITE; 0: none */
	const char *body;            /* in a 2xx; NULL: none */
	bool take;                   /* requests within */
	bool take_forks;
	bool defer; /* ACKs */
	enum ast_sip_dialog_cause cause;
	struct ast_sip_work *turn; /* of what was told last */
};

extern struct dialogs dialogs;
extern const struct ast_sip_dialog_usage dialogs_usage;

struct world *dialogs_world(void);
/** Likewise where timers that double stop at `wanted_ms`. */
struct world *dialogs_world_of_t2(uint32_t wanted_ms);
/** Likewise with that listener alone. */
struct world *dialogs_world_by(const struct sip_listener_config *listener);
/** Gives up what is held, and world_destroy(). */
void dialogs_end(struct world **w);

/** Forget what was told and sent. */
void dialogs_clear(struct world *w);

/** An INVITE from PEER, with `extra` lines among its fields; what it was answered. */
int dialogs_called(struct world *w, const char *extra);

/** PEER has called, was answered with a 200, and his ACK has come. */
void dialogs_connect(struct world *w);

/** A request of PEER's within dialogs.dlg; the status of its answer, 0: none. */
int dialogs_within(struct world *w, const char *method, unsigned cseq);

/** A dialog to BOX with its INVITE under way. */
struct sip_dialog *dialogs_call(struct world *w);

/** Let BOX answer the latest request that begins so. */
void dialogs_answer(struct world *w, const char *request, int code, const char *to_tag,
	const char *extra);

/** Likewise without a Contact. */
void dialogs_answer_bare(struct world *w, const char *request, int code,
	const char *to_tag, const char *extra);

/** Run `task(data)` in the turn of the dialog, and settle. */
void dialogs_run(struct world *w, int (*task)(void *data), void *data);

#define CHECK_TOLD(wanted) CHECK_STR(sip_str_of(dialogs.told), wanted)
