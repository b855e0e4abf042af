/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A simulated phone: a user agent as RFC 3261 has it, with transactions, credentials,
 * registration and calls of its own.
 *
 *     phone.c              where messages come in, and whom they are for
 *     phone_client.c       client transactions (17.1)
 *     phone_answer.c       server transactions (17.2), 2xx again until ACK (13.3.1.4)
 *     phone_request.c      requests, and the same again with credentials (22.2)
 *     phone_credentials.c  Digest (RFC 2617)
 *     phone_register.c     registration (10.2)
 *     phone_caller.c       calls made (13.2, 9.1)
 *     phone_callee.c       calls taken (13.3, 9.2)
 *     phone_dialog.c       what both sides do in a call (12, 14, 15)
 *     phone_session.c      what they say to each other there: descriptions, PRACK (RFC
 *                          3262), UPDATE (RFC 3311), session timers (RFC 4028)
 *     phone_life.c         what it does when
 *     phone_power.c        and when it restarts
 *     phone_stream.c       connections of one that speaks TCP
 */
#pragma once

#include "pen.h"
#include "sim.h"

struct call;
struct client;
struct answer;
struct phone;
struct phone_link;
struct stream_listener;

/* ---- client transactions ---- */

enum client_state {
	CLIENT_CALLING, /* or Trying */
	CLIENT_PROCEEDING,
	CLIENT_COMPLETED,
	CLIENT_ACCEPTED, /* RFC 6026 */
	CLIENT_OVER,
};

/** A response, or NULL: none came in time. */
typedef void client_fn(void *arg, const struct sip_text *response);

struct client {
	struct client *next;
	struct phone *phone;
	enum client_state state;
	const char *branch;
	const char *method;
	struct slice text;
	struct place to;
	uint64_t interval_us;
	struct event retry;   /* timers A and E */
	struct event timeout; /* timers B and F */
	struct event end;     /* timers D, K and M */
	struct slice ack;     /* of an answer that is no 2xx */
	client_fn *told;
	void *arg;
};

/** Sends the text; `told` hears of each response but copies of one, of each 2xx to an
 * INVITE. */
struct client *client_start(struct phone *phone, const char *branch, const char *method,
	const struct pen *text, struct place to, client_fn *told, void *arg);

void client_received(struct client *client, const struct sip_text *response);

/** Nobody is where it was sent: 8.1.3.1. */
void client_refused(struct client *client);

/** It is over, and hears of nothing any more. */
void client_forget(struct client *client);

/* ---- server transactions ---- */

enum answer_state {
	ANSWER_PROCEEDING, /* or Trying */
	ANSWER_COMPLETED,
	ANSWER_CONFIRMED,
	ANSWER_ACCEPTED, /* a 2xx to INVITE, for which no ACK has come */
	ANSWER_OVER,
};

struct answer {
	struct answer *next;
	struct phone *phone;
	enum answer_state state;
	struct sip_text request; /* a copy */
	struct place from;
	const char *to_tag;    /* ours */
	struct slice response; /* the latest */
	unsigned code;         /* of that; 0: none */
	uint64_t interval_us;
	struct event retry;      /* timer G, and 2xx again */
	struct event end;        /* timers H, I, J; 64*T1 without an ACK for a 2xx */
	struct call *call;       /* NULL: none */
	struct phone_link *link; /* that the request came by; NULL: none */
};

struct answer *answer_begin(
	struct phone *phone, const struct sip_text *request, struct place from);

/** `extra` is whole lines. */
void answer_send(
	struct answer *answer, unsigned code, const char *reason, const char *extra);

/** The same request came again. */
void answer_again(struct answer *answer);

/** The ACK of an answer came: of a 2xx, or of another one. */
void answer_acknowledged(struct answer *answer);

/* ---- requests ---- */

#define LEG_ROUTES_MAX 8

/* One side of a dialog, or of what is none. */
struct leg {
	const char *call_id;
	const char *local_uri;
	const char *local_tag;
	const char *remote_uri;
	const char *remote_tag; /* NULL: no dialog yet */
	const char *target;     /* Request-URI */
	const char *route[LEG_ROUTES_MAX];
	unsigned route_count;
	uint32_t cseq;        /* of our last request */
	uint32_t remote_cseq; /* of theirs */
};

struct errand;
typedef void errand_fn(struct errand *errand, const struct sip_text *response);

/* A request until its final answer, with credentials where they are asked for. */
struct errand {
	struct phone *phone;
	struct leg *leg;
	const char *method;
	const char *extra; /* whole lines */
	const char *body;
	uint32_t cseq;
	unsigned tries;
	struct client *client; /* of the latest try */
	errand_fn *done;       /* hears what client_fn does, but of no challenge met */
	void *arg;
};

/** Begins a leg outside of all dialogs, with a Call-ID and a tag of its own. */
struct leg *leg_begin(struct phone *phone, const char *target, const char *remote_uri);

/** A 1xx or 2xx to INVITE makes it a dialog (12.1.2). */
void leg_confirm(struct leg *leg, struct phone *phone, const struct sip_text *response);

/** An INVITE that came makes one (12.1.1). */
struct leg *leg_of_request(
	struct phone *phone, const struct sip_text *request, const char *local_tag);

struct errand *errand_start(struct phone *phone, struct leg *leg, const char *method,
	const char *extra, const char *body, errand_fn *done, void *arg);

/** One that is sent once and has no answer: ACK. Returns what was sent. */
struct slice leg_send_ack(
	struct phone *phone, struct leg *leg, uint32_t cseq, const char *body);

/** The CANCEL of an errand's latest try (9.1). */
void errand_cancel(struct errand *errand);

/* ---- credentials ---- */

struct challenge {
	const char *realm; /* NULL: none came yet */
	const char *nonce;
	unsigned count; /* requests that it was used for */
	bool proxy;
};

/** Remember the challenge of a 401 or 407; false: there is none that we can meet. */
bool challenge_take(struct phone *phone, const struct sip_text *response);

/** The line for the next request. */
void challenge_put(
	struct phone *phone, struct pen *pen, const char *method, const char *uri);

/** Hex of the response of RFC 2617 with qop=auth. */
void digest_response(char hex[33], const char *user, const char *realm,
	const char *password, const char *method, const char *uri, const char *nonce,
	const char *nc, const char *cnonce);

/* ---- calls ---- */

enum call_state {
	CALL_BEGUN, /* no final answer yet */
	CALL_TALKING,
	CALL_OVER,
};

#define CALL_ANSWERS_MAX 16

/* A 2xx that a caller got, and the ACK for each of its copies (13.2.2.4). */
struct call_answer {
	const char *tag;
	struct slice ack;
	struct place to;
};

/* What a caller has with one of those who ring. */
struct early {
	struct leg *leg;
	uint32_t rseq; /* of its latest reliable response; 0: none */
};

struct call {
	struct call *next;
	struct phone *phone;
	enum call_state state;
	bool caller;
	struct leg *leg;
	struct errand *invite;   /* the caller's */
	struct answer *incoming; /* the callee's */
	bool wants_cancel;
	bool provisional;
	bool cancelled;
	bool ringing;           /* the callee's phone rings */
	bool reinviting;        /* a re-INVITE of ours has no answer yet */
	uint32_t reinvite_cseq; /* of the latest that was answered 2xx */
	struct slice reinvite_ack;
	struct event first;  /* ring; give up */
	struct event second; /* answer */
	struct event third;  /* in the call: something, or the end */
	struct call_answer answer[CALL_ANSWERS_MAX];
	unsigned answer_count;
	struct early early[CALL_ANSWERS_MAX];
	unsigned early_count;

	uint32_t rseq; /* of our reliable response that waits for its PRACK; 0: none */
	uint32_t last_rseq;
	uint64_t reliable_us; /* until it comes again */
	uint64_t reliable_until_us;
	struct event reliable;
	bool forgets; /* it does not refresh, whatever was agreed upon */
	uint32_t interval_s;
	struct event refresh;
};

struct call *call_create(struct phone *phone, bool caller, struct leg *leg);
void call_make(struct phone *phone, const char *target);
void call_take(struct answer *answer);

/** A CANCEL came for the INVITE of `answer`. */
void call_cancelled(struct answer *answer);

/** It is answered: talk for a while, then perhaps hang up (phone_dialog.c). */
void call_talk(struct call *call);
void call_hang_up(struct call *call);

/** INVITE or UPDATE within it, with that description (empty: none); nothing where another
 * has no answer yet. */
void call_change(struct call *call, const char *method, const char *fields,
	const char *description);

/** A request in the dialog of `call`, on that leg of it. */
void call_received(struct call *call, struct leg *leg, struct answer *answer);

/* ---- sessions ---- */

/** Contact, Allow and Supported, for a request or response that may have them. */
const char *session_fields(struct phone *phone);
/** Also what a caller asks for: Session-Expires. */
const char *session_ask(struct phone *phone);

const char *session_description(struct phone *phone);
/** What belongs into a 2xx to that request: an answer, or the offer that it asks for. */
const char *session_answer(struct phone *phone, const struct sip_text *request);
/** What belongs into the ACK of that response; `offered`: by its INVITE. */
const char *session_ack(
	struct phone *phone, const struct sip_text *response, bool offered);

/** A 1xx came for the INVITE of `call`: its dialog, and a PRACK where it wants one. */
void session_rings(struct call *call, const struct sip_text *response);
/** The dialog with who has that tag goes on where it was. */
void session_confirm(struct call *call, struct leg *leg);
/** The leg of who rings, and has sent that request; NULL: none. */
struct leg *session_early_leg(struct call *call, const struct sip_text *request);

/** 180 or 183 to the incoming call, reliably where both sides want that. */
void session_ring(struct call *call, unsigned code, const char *reason);
/** It is not sent again any more. */
void session_stop_ringing(struct call *call);
void session_on_prack(struct call *call, struct answer *answer);

/** Session-Expires and Require, for a 2xx to that request; empty: no session timer. */
const char *session_agree(struct call *call, const struct sip_text *request);
/** A 2xx to an INVITE or UPDATE of ours came. */
void session_agreed(struct call *call, const struct sip_text *response);
void session_end(struct call *call);

/** 64*T1 passed without an ACK. */
void call_without_ack(struct call *call);

/* ---- the phone ---- */

struct registration {
	struct leg *leg;
	uint32_t expires_s; /* asked for */
	struct event next;  /* refresh, remove, or register again */
	bool removing;
};

struct phone {
	struct sim *sim;
	const struct cast_phone *cast;
	const struct cast_user *user;
	struct place server;
	const char *domain;
	const char *password;
	struct draw draw;
	unsigned names; /* made by phone_name() */
	bool eager;     /* sends credentials before it is asked */
	bool reliable;  /* knows RFC 3262 */
	bool updates;   /* RFC 3311 */
	unsigned moves; /* its Contact within a call changes each time */
	bool timer;     /* RFC 4028 */
	bool by_stream; /* it speaks TCP */
	bool pongs;     /* and answers keep-alives */
	struct stream_listener *listener;
	struct phone_link *links;
	struct phone_link *link; /* that something comes by now; NULL: none */
	struct client *clients;
	struct answer *answers;
	struct call *calls;
	struct challenge challenge;
	struct registration registration;
	struct event next;    /* what it does next */
	uint64_t alive_us;    /* since when it remembers */
	struct event restart; /* where a fault has it restart */
};

struct phone *phone_create(struct sim *sim, const struct cast_phone *cast);

/** Messages reach it from now on. */
void phone_attach(struct phone *phone);

/** Everything that it began has ended, and it does not ring. */
void phone_check_end(struct phone *phone);

/** A new text that no other phone uses: `PREFIX-6001a-7`. */
const char *phone_name(struct phone *phone, const char *prefix);

const char *phone_keep(struct phone *phone, struct slice slice);

void phone_send(struct phone *phone, struct place to, struct slice text);

/** A message has come. */
void phone_received(struct phone *phone, struct place from, struct slice bytes);

/** By that connection, or where it has ended (NULL: there was none) by another. */
void phone_stream_send(
	struct phone *phone, struct phone_link *link, struct place to, struct slice text);
/** It can be called; everything that it has is gone. */
void phone_stream_on(struct phone *phone);
void phone_stream_off(struct phone *phone);
/** For its own URI: empty, or that it is reached by TCP. */
const char *phone_transport(const struct phone *phone);

void phone_later(struct phone *phone, struct event *event, uint64_t us, event_fn *happen,
	void *arg);

/** Its life begins (phone_life.c). */
void phone_live(struct phone *phone);

/** It does something at once, out of turn: what it could do next. */
void phone_act(struct phone *phone);

/** It loses power: nothing reaches it, and it has forgotten all transactions and calls,
 * its registration and its challenge, until phone_power_on(). */
void phone_power_off(struct phone *phone);
void phone_power_on(struct phone *phone);
void phone_register(struct phone *phone);
