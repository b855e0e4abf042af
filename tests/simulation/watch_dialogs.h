/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that end or begin at a server itself: what the rules remember of each dialog (a
 * talk), for watch_dialogs.c, watch_calls.c, watch_reliable.c and watch_sessions.c.
 */
#pragma once

#include "watch_state.h"

/* What a server says reliably while it rings, the latest. */
struct rung {
	uint32_t rseq; /* 0: nothing yet */
	bool acknowledged;
	bool unsure; /* its PRACK was refused for want of memory, and counts perhaps */
	bool describes;
	bool over; /* it has its final answer */
	uint64_t first_us;
	uint64_t begun_us; /* or as early as that, and its first copies were lost */
	uint64_t sent_us;  /* the latest time, without who asked again */
	uint64_t prack_us;
	const struct ask *prack;
	uint64_t due_us;
	uint64_t interval_us;
};

struct talk {
	struct watch *watch;
	struct talk *next; /* in its bucket, by Call-ID */
	struct talk *older;
	unsigned host;
	bool uac; /* the server has called */
	struct slice call_id;
	struct slice local_tag;  /* the server's; empty: not known yet */
	struct slice remote_tag; /* empty: nobody has answered yet */
	uint64_t answered_us;    /* when he did first, whom the server has called */
	uint64_t heard_us;       /* or again, where there was no memory before */
	struct place peer;
	struct slice target; /* where requests go: his latest Contact (12.2.1) */
	struct slice target_before;
	uint64_t target_us;    /* since when */
	bool either;           /* or the one before */
	bool updated;          /* by an UPDATE, before he has answered the INVITE */
	struct ask *begun;     /* the INVITE that came; NULL: the server has called */
	struct branch *invite; /* the one that went; NULL: none yet */
	struct ask *accepted;  /* the latest INVITE that came, and was answered 2xx */
	struct ask *bye;       /* that came; NULL: none */
	bool confirmed;
	bool acknowledged;     /* his 2xx, by the server */
	uint64_t confirmed_us; /* when his first 2xx came, whom the server has called */
	bool hung_up;          /* by a BYE of the server's */
	bool lost;             /* a request of the server's got a 408, a 481 or nothing */
	uint64_t ended_us;     /* 0: not yet */
	uint32_t cseq;         /* the highest that came */
	uint64_t cseq_us;      /* when */
	struct event gone;     /* the server has forgotten it */

	struct branch *changes; /* the latest INVITE of the server's within it */
	struct rung rung;
	uint32_t ringing; /* the number of the latest reliable 1xx that came in order */
	uint32_t pracked; /* the one whose PRACK went last */
	uint32_t waits_prack; /* that offers: the answer goes with its PRACK */
	bool offered;         /* before the 2xx, which then is no offer */
	uint32_t waits_ack;   /* the 2xx of that CSeq offers: likewise with the ACK */
	struct event expires; /* watch_sessions.c */
	uint64_t agreed_us;   /* so long it lives after that */
	uint64_t lives_us;
};

/* ---- watch_dialogs.c ---- */

/** The one with these tags; NULL: there is none. */
struct talk *watch_talk_find(struct watch *watch, unsigned host, struct slice call_id,
	struct slice local_tag, struct slice remote_tag);
struct talk *watch_talk_add(struct watch *watch, unsigned host, struct slice call_id);
/** At `us`, which may come still; the earliest time counts. */
void watch_talk_end(struct talk *talk, uint64_t us);
/** Its 2xx found no memory, nor did a copy: the server has never acknowledged it, and
 * knows nobody to hang up on. */
bool watch_talk_was_missed(const struct talk *talk);
bool watch_talk_is_over(const struct talk *talk);
/** A copy, for as long as the simulation lasts. */
struct slice watch_talk_keep(struct watch *watch, struct slice slice);
_Noreturn void watch_talk_broken(
	const struct talk *talk, const char *rule, const char *what);

/* ---- watch_target.c ---- */

/** A Contact of the peer's, in what makes it the target. */
void watch_target_moves(struct talk *talk, const struct sip_text *message);
/** Likewise, of an INVITE or UPDATE within, or in its 2xx. */
void watch_target_updated(struct talk *talk, const struct sip_text *message);
/** A 1xx, the first of which makes the dialog, and its target (12.1.2). */
void watch_target_begins(struct talk *talk, const struct sip_text *provisional);
/** Rule to-the-target: a request within goes, or an ACK. */
void watch_target_used(const struct talk *talk, const struct sip_text *request);

/* ---- watch_sessions.c ---- */

/** A 2xx to INVITE or UPDATE came (`asked`: by the server) or went. */
void watch_session_agreed(struct talk *talk, const struct sip_text *request,
	const struct sip_text *response, bool asked);
/** The server is late with what is due now, but for the tolerance: then `due` is called
 * when it can have done it. */
bool watch_talk_waits(struct talk *talk, struct event *event, void (*due)(void *arg));
/** It has ended. */
void watch_session_ended(struct talk *talk);

/* ---- watch_reliable.c ---- */

/** A 1xx above 100 to the INVITE that began it went. */
void watch_rang(struct watch *watch, const struct ask *invite, struct talk *talk,
	const struct sip_text *response);
/** It acknowledges what is outstanding. */
bool watch_prack_came(struct talk *talk, const struct ask *prack);
/** That has an answer. */
void watch_prack_answered(struct talk *talk, const struct ask *prack, unsigned code);
/** Its final answer went. */
void watch_rang_last(struct talk *talk, const struct sip_text *final);
/** A 1xx to an INVITE of the server's came. */
void watch_rings(struct watch *watch, struct branch *invite, struct talk *talk,
	const struct sip_text *response);
void watch_prack_sent(
	struct watch *watch, struct talk *talk, const struct sip_text *prack);

/* ---- watch_calls.c ---- */

/** When a BYE that is due then has gone at the latest: as soon as there was memory. */
uint64_t watch_bye_us(const struct talk *talk, uint64_t due_us);

/** The server has ended: nothing of what it has acknowledged comes again. */
void watch_forget_acks(struct watch *watch, unsigned host);
