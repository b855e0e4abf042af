/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated network's streams: connections on which bytes come whole or not, in
 * order, in pieces, late, or not to their end.
 *
 * An end is a server's, behind a descriptor that is none (stream_calls.c), or somebody
 * else's in the simulation, who is called.  What an end writes is on its way in pieces;
 * what has arrived waits until it is read.  Somebody else's ends read at once, but for
 * those that are deaf.
 */
#pragma once

#include "agenda.h"
#include "draw.h"
#include "net.h"

#include <sys/epoll.h>

/* From there on ports are the system's choice: who calls from one is who listens at the
 * port of SIP. */
#define STREAM_FIRST_PORT 40000

struct stream;
struct stream_listener;
struct stream_net;

enum stream_state {
	STREAM_CONNECTING,
	STREAM_OPEN,
	STREAM_ENDED, /* by `error`, or closed */
};

/* Somebody else's. */
struct stream_user {
	void (*received)(void *arg, struct stream *end, struct slice bytes);
	/* The other end has closed (0), or there is none any more (errno).  Nothing comes
	 * behind it. */
	void (*ended)(void *arg, struct stream *end, int error);
	/* Who calls a listener. */
	void (*called)(void *arg, struct stream *end);
};

/* Where a message ends in what an end has written, and its passage in the trace. */
struct stream_mark {
	struct stream_mark *next;
	uint64_t at;
	size_t passage;
};

struct stream {
	struct stream_net *net;
	struct stream *next;
	struct stream *other; /* NULL: it has not called anybody yet */
	struct place place;   /* with the port of the system's choice */
	struct place peer;
	enum stream_state state;
	unsigned number; /* in the order in which they were made */
	bool accepted;
	bool deaf;

	/* What it receives. */
	char *in;
	size_t in_len;
	size_t in_room;
	uint64_t arrived;   /* bytes */
	uint64_t resets_at; /* when so many have; NEVER */
	bool finished;      /* the other end says no more */
	int error;          /* behind what it has received */

	/* What it sends. */
	size_t room; /* bytes on their way, and not read by the other end */
	size_t on_their_way;
	uint64_t last_us; /* when what was written last arrives */
	uint64_t written;
	bool shut;    /* it says no more */
	bool closed;  /* nobody reads what comes */
	bool blocked; /* it was told that there is no room */
	bool corked;  /* and there is none until then, whatever is read */
	struct event cork;
	struct event dies;
	struct stream_mark *mark; /* the first of those that have not arrived */
	struct stream_mark **mark_end;

	int fd; /* a server's; -1: somebody else's */
	struct stream_user user;
	void *arg;
	void *watched; /* the rules' (watch_streams.c); NULL: nothing yet */
};

struct stream_listener {
	struct stream_listener *next;
	struct place place;
	int fd; /* a server's; -1: somebody else's */
	struct stream_user user;
	void *arg;
	/* A server's: those who call, and are not accepted yet. */
	struct stream *waiting[64];
	unsigned count;
};

struct stream_descriptor;

struct stream_net {
	struct net *net;
	struct memory *memory;
	struct draw draw;
	struct stream *streams;
	struct stream_listener *listeners;
	unsigned count;
	uint16_t ports;

	unsigned piece_permille; /* of what is written is cut once more */
	unsigned take_permille;  /* of writes take less than there is room for */
	unsigned reset_permille; /* of connections are reset at some byte */
	unsigned deny_permille;  /* of calls are refused, or never answered */
	size_t least_room;

	/* By number, those that were closed, too. */
	struct stream_descriptor **descriptor;
	struct stream_descriptor *watched; /* the first of those in poll sets */
	unsigned descriptors;
	unsigned descriptor_room;
};

void stream_net_init(struct stream_net *streams, struct net *net, uint64_t seed);
void stream_net_fini(struct stream_net *streams);

/** Who calls there is told so by `user`, and has it. */
struct stream_listener *stream_listen(struct stream_net *streams, struct place place,
	const struct stream_user *user, void *arg);
void stream_unlisten(struct stream_net *streams, struct stream_listener *listener);

/** An end that has called nobody. */
struct stream *stream_create(struct stream_net *streams, struct place place);

/** Call `peer`: it is open, or has ended, later. */
void stream_call(struct stream *end, struct place peer);

/** Somebody else's call.  What he writes before it is open goes then. */
struct stream *stream_connect(struct stream_net *streams, struct place from,
	struct place to, const struct stream_user *user, void *arg);

/** A port of the system's choice. */
uint16_t stream_port(struct stream_net *streams);

/** How many bytes it takes of so many now; 0: none. */
size_t stream_room(const struct stream *end);
void stream_write(struct stream *end, const char *bytes, size_t len);

/** Takes from what has arrived; whoever wrote it has room for as much. */
size_t stream_read(struct stream *end, char *bytes, size_t len, bool peek);

/** It says no more. */
void stream_finish(struct stream *end);
/** Nobody reads what comes, and it says no more; where something was not read the other
 * end is reset. */
void stream_close(struct stream *end);
/** Both ends end at once, by that error (errno). */
void stream_break(struct stream *end, int error);
/** It is not there any more and says nothing: the other end hears of that later. */
void stream_abandon(struct stream *end);

/** Where the message ends that was written just now. */
void stream_mark(struct stream *end, size_t passage);

/** Who is at that port: the place where he listens. */
struct place stream_who(struct place place);

/** stream_calls.c: something has changed for the server that has that end. */
void stream_wake(struct stream *end);
void stream_wake_listener(struct stream_listener *listener);
