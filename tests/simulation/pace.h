/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time that a server's work takes: off, everything happens at an instant.
 *
 * On, a server goes in rounds.  A round begins when the one before has ended: it reads
 * what waits in the socket, which has room for so many datagrams and loses the others,
 * and does what is due.  It takes so long for each datagram read, each task run and each
 * datagram sent; what it sends leaves at its end.  Sometimes the server is away for a
 * while, as a process that gets no processor.
 *
 * A round's clock stands, so what a server does in it has the time of its beginning.
 */
#pragma once

#include "agenda.h"
#include "sip_text.h"

struct host;

/* In so many rounds one after another is done what would be done at once: what comes to
 * one reactor may be the work of another. */
#define PACE_ROUNDS 4

struct pace_span {
	uint64_t from_us;
	uint64_t until_us;
};

/* Spans one after another. */
struct pace_spans {
	struct pace_span *span;
	size_t count;
	size_t room;
};

/* A datagram that waits in the socket. */
struct pace_waiting {
	struct pace_waiting *next;
	uint64_t arrived_us;
	struct place from;
	struct slice text;
};

/* One that leaves at the end of the round. */
struct pace_leaving {
	struct pace_leaving *next;
	struct place to;
	struct slice text;
};

struct pace {
	bool on;
	uint64_t read_us; /* takes a datagram; below the others */
	uint64_t task_us;
	uint64_t send_us;
	unsigned room; /* datagrams in the socket */

	uint64_t until_us; /* a round lasts, or it is away */
	uint64_t tasks;    /* run so far */
	struct pace_waiting *first;
	struct pace_waiting **end;
	unsigned waiting;
	struct pace_leaving *leaving;
	struct pace_leaving **leaving_end;
	unsigned sent;     /* in this round */
	unsigned still;    /* rounds in succession that took no time */
	uint64_t since_us; /* the first of those read waited since then */
	struct pace_spans busy;
	struct pace_spans loaded; /* somebody waited for a place, or for long */
};

void pace_fini(struct pace *pace);

/** Work takes time from now on.  The numbers are the caller's. */
void pace_begin(struct host *host);

/** A datagram comes to the socket; false: it is full. */
bool pace_arrive(struct host *host, struct place from, struct slice text);

/** A datagram leaves when the round has ended. */
void pace_send(struct host *host, struct place to, struct slice text);

/** One round, where none lasts.  True: something was done. */
bool pace_step(struct host *host);

/** When the next round can begin; NEVER: nothing waits, and no round lasts. */
uint64_t pace_next_us(const struct host *host);

/** The server has ended: what waits in its socket is gone, what it has sent leaves. */
void pace_stop(struct host *host);

/** It does nothing for so long. */
void pace_away(struct host *host, uint64_t us);

/** When what had to happen at `us` has had its time: later where a round lasted then. */
uint64_t pace_settled_us(const struct pace *pace, uint64_t us);

/** What happened since then happened at one instant with what happens now. */
uint64_t pace_instant_us(const struct pace *pace, uint64_t now_us);

/** Somebody has to wait in this round, or had to in the ones just before. */
bool pace_is_loaded(const struct host *host);

/** At some time between the two somebody had to. */
bool pace_was_loaded(const struct pace *pace, uint64_t from_us, uint64_t until_us);
