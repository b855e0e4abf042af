/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session: res_sip/session.h.
 *
 *      session.c           its life, and what its dialog tells it
 *      session_fields.c    reading and writing header fields
 *      session_requests.c  requests within the call
 *      session_answers.c   our answers: 1xx, 2xx, refusals
 *      session_responses.c responses to our requests
 *      session_offers.c    our requests: when their turn comes, and again after a 491
 *      session_life.c      refreshing it, and hanging up when nobody does
 *      session_extension.c what a usage of a dialog can't do
 *
 * It uses the API that services have, and its callbacks are a service's to the core.
 *
 * Threads: the turn of the dialog's work; before its first request, whoever makes it.
 */
#pragma once

#include "session/exchange.h"
#include "session/refresh.h"
#include "session/reliable.h"

#include "res_sip/request.h"
#include "res_sip/response.h"
#include "res_sip/session.h"
#include "res_sip/timer.h"

struct sip_leg;

struct sip_server;

/* A description of our own; owned. */
struct sip_session_text {
	char *ptr; /* NULL: none */
	size_t len;
};

/* A provisional answer to their INVITE. */
struct sip_session_progress {
	int code; /* 0: none */
	struct sip_session_text text;
};

/* A request that waits for its final answer. */
struct sip_session_owed {
	struct sip_rx_data *request; /* counted; NULL: none */
	struct sip_refresh_answer answer;
	struct sip_refresh_terms terms;
};

/* Our latest PRACK to the first phone. */
struct sip_session_pracked {
	uint32_t rseq; /* 0: none */
	bool answers;  /* with what is `local` since */
	bool failed;   /* it was not sent: a copy of their 1xx is the next try */
};

struct ast_sip_session {
#define ast_sip_session_MAGIC 0x73657373u
	uint32_t magic;
	unsigned references;    /* the dialog's, and one for each request under way */
	struct sip_dialog *dlg; /* counted */
	struct sip_server *server;
	const struct ast_sip_session_usage *usage;
	void *token;
	int status;
	bool established;
	bool ended;
	bool expired;
	bool peer_reliable; /* their INVITE: Supported or Require has 100rel */
	bool insisted;      /* ... it was Require */
	bool peer_updates;  /* their Allow has UPDATE */

	struct sip_exchange exchange;

	/* Theirs. */
	struct sip_session_owed invite; /* until its final answer */
	struct sip_session_owed other;  /* UPDATE or PRACK with an offer */
	uint32_t invite_cseq;
	bool asked; /* the INVITE had no offer, and we have made none */
	struct sip_reliable_out out;
	struct sip_session_progress progress; /* the reliable one under way */
	struct sip_session_progress next;     /* waits for its PRACK */
	bool accepting; /* the 2xx waits for the PRACK; with `accept` */
	struct sip_session_text accept;

	/* Ours. */
	struct sip_reliable_in in;
	bool offered;   /* our first INVITE had an offer */
	bool owes_ack;  /* their 2xx offers */
	bool owes_anew; /* what the PRACK has declined is agreed to now */
	struct sip_session_pracked pracked;
	struct sip_rack owes_prack;     /* their 1xx offers; rseq 0: none */
	struct sip_session_text wanted; /* to be offered when its turn comes */
	struct sip_session_text sent;   /* offered, not answered */
	bool sent_is_refresh;           /* it says what was agreed upon already */
	struct sip_session_text local;  /* what was agreed upon last */

	struct sip_refresh_policy policy;
	struct sip_refresh_ask ask; /* of our latest INVITE or UPDATE */
	bool ask_again;             /* a 422 has made it longer */
	struct sip_refresh_terms terms;
	bool refresh_due;
	struct ast_sip_timer *repeat_timer, *owed_timer, *retry_timer;
	struct ast_sip_timer *refresh_timer, *expiry_timer;
};

/* ---- session.c ---- */

extern const struct ast_sip_dialog_usage sip_session_dialog_usage;

void sip_session_ref(struct ast_sip_session *session);
/** The last one frees it. */
void sip_session_unref(struct ast_sip_session *session);

/** -1: out of memory, `text` is as it was. */
SIP_MUST_USE int sip_session_keep(struct sip_session_text *text, struct sip_str from);
void sip_session_drop(struct sip_session_text *text);
/** `from` moves to `to`, whose own goes. */
void sip_session_move(struct sip_session_text *to, struct sip_session_text *from);
struct sip_str sip_session_str(const struct sip_session_text *text);

/** Made at its first use.  -1: out of memory. */
SIP_MUST_USE int sip_session_start_timer(struct ast_sip_session *session,
	struct ast_sip_timer **timer, ast_sip_timer_fn *fired, uint64_t delay_ms);
void sip_session_stop_timer(struct ast_sip_timer *timer);

/** Tell the service. */
void sip_session_tell_offer(struct ast_sip_session *session, struct sip_str offer);
void sip_session_tell_answer(struct ast_sip_session *session, struct sip_str answer);
void sip_session_tell_refused(struct ast_sip_session *session, int status);
void sip_session_tell_established(struct ast_sip_session *session);

/** -1, and a line in the log. */
int sip_session_fail(const char *what, const char *why);

/* ---- session_fields.c ---- */

/** The description in it; {NULL, 0}: none.  415: a body that is none. */
SIP_MUST_USE int sip_session_description(
	const struct sip_rx_data *rdata, struct sip_str *description);

/** What the request says about session timers.  400: it makes no sense. */
SIP_MUST_USE int sip_session_read_ask(
	const struct sip_rx_data *rdata, struct sip_refresh_ask *ask);

/** What it says of its sender. */
void sip_session_read_peer(
	struct ast_sip_session *session, const struct sip_rx_data *rdata);

/** 420 where the request requires what is not known here: answered then. */
SIP_MUST_USE int sip_session_check_require(struct sip_rx_data *request);
/** To OPTIONS within the call. */
void sip_session_answer_options(
	struct ast_sip_session *session, struct sip_rx_data *request);

/** Answer it without more ado: 415, 421, 422, 491, 500 with what belongs to it. */
void sip_session_reject(
	struct ast_sip_session *session, struct sip_rx_data *request, int code);

SIP_MUST_USE int sip_session_put_body(struct sip_tx_data *tdata, struct sip_str text);
SIP_MUST_USE int sip_session_put_number(
	struct sip_tx_data *tdata, const char *name, uint32_t number);
/** Allow and Supported. */
SIP_MUST_USE int sip_session_put_abilities(
	const struct ast_sip_session *session, struct sip_tx_data *tdata);
SIP_MUST_USE int sip_session_put_ask(
	struct sip_tx_data *tdata, const struct sip_refresh_ask *ask);
SIP_MUST_USE int sip_session_put_answer(
	struct sip_tx_data *tdata, const struct sip_refresh_answer *answer);

/* ---- the others, by file ---- */

bool sip_session_on_request(struct sip_dialog *dlg, struct sip_rx_data *request);
void sip_session_on_response(struct sip_dialog *dlg, struct sip_rx_data *response);
void sip_session_on_cancel(struct sip_dialog *dlg, struct sip_rx_data *invite);

/** `owed` has a request that was judged: the service is to answer it. */
void sip_session_owe(struct ast_sip_session *session, struct sip_session_owed *owed,
	struct sip_str offer);
/** It was answered, or needs no answer any more. */
void sip_session_settle(
	struct ast_sip_session *session, struct sip_session_owed *owed, int status);
/** Answer it 200.  -1: it is owed as before. */
SIP_MUST_USE int sip_session_send_2xx(struct ast_sip_session *session,
	struct sip_session_owed *owed, struct sip_str text);
/** A PRACK came for what is under way: what has waited for it goes out. */
void sip_session_acknowledged(struct ast_sip_session *session);

/** Send what waits, where its turn has come. */
void sip_session_kick(struct ast_sip_session *session);
/** An INVITE or UPDATE of ours has a final answer that is no 2xx; status 0: it has none,
 * and gets none. `response` is NULL then. */
void sip_session_refused(struct ast_sip_session *session, enum sip_method method,
	int status, struct sip_rx_data *response);
/** To the first phone; `text` is kept in `local` where there is any. */
SIP_MUST_USE int sip_session_send_prack(struct ast_sip_session *session,
	const struct sip_rack *rack, struct sip_str text);
/** To another. */
SIP_MUST_USE int sip_session_send_fork_prack(struct ast_sip_session *session,
	struct sip_dialog *fork, const struct sip_rack *rack, struct sip_str text);

/** A provisional response of a phone that is not the first to ring. */
void sip_session_acknowledge_fork(struct ast_sip_session *session, struct sip_leg *fork,
	const struct sip_rx_data *response);
/** Our first INVITE got a 422: as the response wants it.  -1: it wants no more than we
 * did, or out of memory. */
SIP_MUST_USE int sip_session_invite_again(
	struct ast_sip_session *session, const struct sip_rx_data *response);

/** An answer that wants nothing of it, malloc()ed, to *answer; {NULL, 0}: it can't be
 * read.  0, SIP_EMEMORY. */
SIP_MUST_USE int sip_session_decline_offer(struct sip_str offer, struct sip_str *answer);

/** `terms` hold from now on. */
void sip_session_live(
	struct ast_sip_session *session, const struct sip_refresh_terms *terms);
