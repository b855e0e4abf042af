/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to a world (world.h), and what it says to them.
 *
 *     CHECK_INT(ASK(w, .method = "OPTIONS"), ==, 401);
 *     nonce = take_nonce(w, NULL);
 *     CHECK_INT(ASK(w, .method = "OPTIONS", .user = "6001", .nonce = nonce), ==, 200);
 *
 * What is not said is usual: see the fields.
 */
#pragma once

#include "support/world.h"

#define STRANGER "192.0.2.1:5060"  /* whose address nobody knows */
#define TRUNK    "192.0.2.99:5060" /* the endpoint `open` */

struct ask {
	const char *method;   /* OPTIONS */
	const char *uri;      /* sip:127.0.0.1; of a REGISTER sip:example.org */
	const char *from;     /* the user part: 6001 */
	const char *from_tag; /* caller */
	const char *to; /* a URI: the Request-URI; of a REGISTER sip:FROM@example.org */
	const char *to_tag;  /* none */
	const char *call_id; /* call */
	const char *via;     /* behind the transport: the peer's address */
	const char *branch;  /* another one for each request, z9hG4bK before it */
	unsigned cseq;       /* 1 */
	const char *extra;   /* whole lines, ending in \n */
	const char *body;
	const char *peer; /* STRANGER */

	/* Digest credentials, where there is a nonce. */
	const char *nonce;
	const char *user;      /* 6001 */
	const char *password;  /* secret1 */
	const char *realm;     /* example.org */
	const char *algorithm; /* MD5 */
	unsigned nc;           /* 1 */
	bool no_qop;
	bool proxy; /* in Proxy-Authorization */
};

/** Send it; the status of the latest response to it, 0: there is none.  What was sent
 * before is forgotten. */
int ask(struct world *world, const struct ask *what);
#define ASK(world, ...) ask(world, &(struct ask){ __VA_ARGS__ })

/** Its text.  Static buffer. */
const char *ask_text(const struct ask *what);

/** The nonce of the challenge that was answered with, in the header field of that name.
 * Static buffers, eight by turns. */
const char *challenge_nonce(struct world *world, const char *header);

/** A nonce for requests from that peer (NULL: STRANGER), from a challenge.  The same
 * buffers. */
const char *take_nonce(struct world *world, const char *peer);

/** Log in and send: the nonce is fetched first. */
int ask_as(struct world *world, struct ask what);
#define ASK_AS(world, ...) ask_as(world, (struct ask){ __VA_ARGS__ })

/** The latest message sent that begins so, as text; "" where there is none. */
const char *said(const struct world *world, const char *start);

/** The value of a field of the latest response; "" where there is none. */
const char *answered(const struct world *world, const char *name);

/** A counter of the server. */
uint64_t counted(const struct world *world, enum sip_counter counter);

/** The text of a response to that message, as the peer it was sent to would give it: its
 * Via, From, To, Call-ID, CSeq and Record-Route are copied; `extra` is whole lines.
 * Static buffer. */
const char *response_text(const struct wire_message *request, int code,
	const char *to_tag, const char *extra);

/* The log, kept instead of written until the end of the world's test. */
void keep_log(void);
/** How many lines were written that have that text. */
size_t logged(const char *text);
