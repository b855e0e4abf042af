/* SPDX-License-Identifier: BSD-2-Clause */
/* What a desk remembers; for its files. */
#pragma once

#include "agenda.h"
#include "desk.h"
#include "sim.h"

#include "res_sip.h"
#include "res_sip/module.h"

/* How a usage is about reliable responses and session timers: rows and columns of
 * desk_usage(). */
#define DESK_USAGES_RELIABLE 3
#define DESK_USAGES_EXPIRES  3

struct desk {
	struct sim *sim;
	struct host *host;
	struct draw draw;
	struct sip_service service;
	unsigned begun;
	unsigned ended;
	struct event next; /* it calls somebody */
};

enum desk_kind {
	DESK_TAKES,  /* a call that ends here */
	DESK_MAKES,  /* one that begins here */
	DESK_CALLER, /* the two legs of one that it stands in the middle of */
	DESK_CALLEE,
};

struct desk_call {
	struct desk *desk;
	enum desk_kind kind;
	struct ast_sip_session *session; /* NULL: it has not begun, or has ended */
	struct desk_call *other;         /* the other leg */
	const char *callee;              /* whom the caller wants */
	bool established;
	bool early;                 /* the callee's answer came before he took it */
	unsigned version;           /* of the description */
	struct ast_sip_timer *next; /* what it does next */
	void (*then)(struct desk_call *call);
	struct event over; /* it is hung up on, or given up */
};

struct desk *desk_here(void);

struct desk_call *desk_call_create(struct desk *desk, enum desk_kind kind);

/** Of its session, which it has; borrowed. */
struct slice desk_call_id(const struct desk_call *call);

/** One of the ways to be, drawn. */
const struct ast_sip_session_usage *desk_usage(struct draw *draw);

/** A description of its own; borrowed for ever. */
struct sip_str desk_says(struct desk_call *call);

/** In the call's turn: `then` in so many milliseconds, instead of what was to be next. */
void desk_later(
	struct desk_call *call, uint64_t ms, void (*then)(struct desk_call *call));

/** It is ended in so many microseconds, whatever it is at then. */
void desk_ends_in(struct desk_call *call, uint64_t us);

/** The session of the call was made; its Call-ID is known to the watch. */
void desk_has_made(struct desk_call *call, struct ast_sip_session *session);

/* ---- desk_takes.c ---- */

bool desk_on_request(struct sip_rx_data *request);
void desk_takes_offer(struct desk_call *call, struct sip_str offer);
/** In the course of any call that has one side here. */
void desk_answers_offer(struct desk_call *call);
/** It is up. */
void desk_talks(struct desk_call *call);

/* ---- desk_makes.c ---- */

void desk_begins_calling(struct desk *desk);
void desk_middle_offer(struct desk_call *call, struct sip_str offer);
void desk_middle_answer(struct desk_call *call, struct sip_str answer);
void desk_middle_progress(struct desk_call *call, struct sip_rx_data *response);
void desk_middle_established(struct desk_call *call);
void desk_middle_refused(struct desk_call *call, int status);
void desk_middle_ended(struct desk_call *call, int status);
