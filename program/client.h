/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One client of the control socket.
 *
 *     reading -- a line came --> waiting --> answering -- all was read --> gone
 *       \- taking what belongs to it -/
 *                            \-> watching -- it left, or did not read --> gone
 *
 * Threads: that of the control socket.
 */
#pragma once

#include "watch.h"

enum client_state {
	CLIENT_READING,
	CLIENT_TAKING,  /* what belongs to the line */
	CLIENT_WAITING, /* for an answer that takes its time */
	CLIENT_ANSWERING,
	CLIENT_WATCHING,
	CLIENT_GONE,
};

struct client {
	int fd;
	enum client_state state;
	uint64_t number; /* no other client has or had it */
	char request[4096];
	size_t request_len;
	size_t got;      /* bytes in `request`, those behind the line too */
	struct job *job; /* of the line, while it takes what belongs to it */
	size_t wanted;   /* bytes of that */
	struct text out;
	size_t sent;         /* of out */
	uint64_t moved_ms;   /* when it last read or wrote something */
	bool ended;          /* it says nothing more, but may listen */
	struct watch *watch; /* while it watches */
};

void client_init(struct client *client, int fd, uint64_t number, uint64_t now_ms);
void client_fini(struct client *client);

/* Read what came; true: a whole line is there, without its end, or all that belongs to
 * it.  The end of what it says ends a line, too. */
bool client_read(struct client *client, uint64_t now_ms);

/* May there be something to read? */
bool client_wants_read(const struct client *client);

/* Nobody is at the other end any more: it is gone when all that it said was read. */
void client_hang_up(struct client *client);

/* Write what the socket takes. */
void client_write(struct client *client, uint64_t now_ms);

/* Take `wanted` bytes behind the line for `job`, which it keeps meanwhile; true: they are
 * all there. */
bool client_take(struct client *client, struct job *job, size_t wanted);

/* Its answer will come. */
void client_wait(struct client *client);

/* Answer, or say with it why not (`!ok`), and be done; takes what is in `answer`. */
void client_answer(struct client *client, struct text *answer, bool ok, uint64_t now_ms);
void client_refuse(struct client *client, const char *reason);

/* Begin to watch; takes `watch`. */
void client_watch(struct client *client, struct watch *watch);

/* Show it a message, if it wants to see it; left out and counted where it has not read
 * the last ones. */
void client_show(
	struct client *client, const struct trace_record *record, struct sip_str message);

/* Is there something to write? */
bool client_wants_write(const struct client *client);

/* When it is dropped unless it moves; UINT64_MAX: never. */
uint64_t client_deadline_ms(const struct client *client);
