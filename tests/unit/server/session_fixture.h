/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A call between a server that has a service for it and one peer.
 *
 *     struct world *w = callee_world(&wanted);
 *     peer_asks(w, "INVITE", 1, "", "offer");        the peer calls
 *     CHECK_HEARD("offer offer");
 *     say(w, ANSWER, "answer");                      the service answers
 *
 * The peer is the endpoint `open`; its tag is `peer`, its Call-ID `call` where it calls.
 * Descriptions are words.  What the service hears is kept as a line of words.
 */
#pragma once

#include "support/ask.h"
#include "support/check.h"

#include "res_sip/session.h"

#define PEER TRUNK

/** Of the latest call; NULL once on_ended was told. */
extern struct ast_sip_session *session;

/** A world with a service that takes every INVITE as a session; `wanted` (NULL: nothing)
 * has what it wants of sessions, its callbacks are ours. */
struct world *callee_world(const struct ast_sip_session_usage *wanted);

/** Likewise, and calls the peer, who gets the INVITE. */
struct world *caller_world(const struct ast_sip_session_usage *wanted, const char *offer);

/** Another session to the same peer, which has sent nothing. */
struct ast_sip_session *create_another(void);

/** No callbacks are told which are not there. */
void forget_callbacks(void);

/** What was heard since the last time. */
const char *heard(void);
#define CHECK_HEARD(wanted) CHECK_STR(sip_str_of(heard()), wanted)

/* What the service does, in the turn of the call. */
enum word { ANSWER, REFUSE, PROGRESS, OFFER, END };

/** `text` is a description, or (REFUSE, END, PROGRESS before a space) a status.  Returns
 * what the function did. */
int say(struct world *w, enum word word, const char *text);

/** A request of the peer's, in the dialog where there is one; `extra` is whole lines. The
 * branch is made of method and number. */
void peer_asks(struct world *w, const char *method, unsigned cseq, const char *extra,
	const char *body);

/** Likewise as another phone behind the peer, with that tag. */
void fork_asks(struct world *w, const char *tag, const char *method, unsigned cseq,
	const char *extra, const char *body);

/** The peer answers the latest request of that method. */
void peer_answers(struct world *w, const char *method, int code, const char *extra,
	const char *body);
/** Likewise as another phone behind the peer, with that tag, and a Contact of that name
 * unless `extra` begins with one. */
void fork_answers(struct world *w, const char *tag, const char *method, int code,
	const char *extra, const char *body);

/** Likewise, and nobody looks before the next one comes. */
void fork_answers_too(struct world *w, const char *tag, const char *method, int code,
	const char *extra, const char *body);

/** The peer has called, the service has answered, the ACK came: all is quiet. */
struct world *peers_call(const struct ast_sip_session_usage *wanted);
/** We have called, and the peer has accepted. */
struct world *our_call(const struct ast_sip_session_usage *wanted);

/** A field of the latest message that begins with `start`; "" where there is none. */
const char *field(struct world *w, const char *start, const char *name);
/** Its body. */
const char *body(struct world *w, const char *start);

/** The call ends by the peer's BYE, and the world with nothing left. */
void hang_up(struct world **w);
