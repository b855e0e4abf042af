/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A connection: a work, and a stream each way.
 *
 *     CONNECTING --> CONNECTED --> FINISHING --> CLOSED
 *          \            \____________________^
 *           \________________________________/
 *
 * The socket is in the poll set of one reactor, whose owner tells the work when something
 * has changed; reading and writing are the work's, and so there is one reader and one
 * writer whoever runs it.  Who wants to send pushes a parcel.  The socket is closed by
 * the reactor's owner, after the work has said that it will not touch it any more.
 *
 * Threads: fields are the work's, in its turn, but for those that say so.
 */
#pragma once

#include "transport/listener.h"

#include "transport/chain_table.h"
#include "transport/marks.h"
#include "transport/peer_names.h"
#include "transport/stream.h"
#include "transport/tls_host.h"
#include "transport/websocket.h"

struct sip_connection;
struct sip_source_count;
struct sip_tls;

enum sip_connection_state {
	SIP_CONNECTING,
	SIP_CONNECTED,
	SIP_FINISHING, /* what waits is sent, what comes is thrown away */
	SIP_CLOSED,
};

/* A message on its way through one connection.  Its bytes are those of `head`, where it
 * has some, and of `text`. */
struct sip_parcel {
	struct sip_task task;
	struct sip_connection *connection;
	struct sip_parcel *next;
	struct sip_flow flow;
	struct sip_tx_data *tdata; /* a reference; NULL: a line end that answers others,
				      or `said` */
	struct sip_str text;
	char *said; /* malloc()ed: goes as it is */
	uint8_t head_len;
	uint8_t head[SIP_WEBSOCKET_HEAD_MAX];
};

struct sip_connection {
#define sip_connection_MAGIC 0x636f6e6eu
	struct ast_sip_work work;
	uint32_t magic;
	enum sip_connection_state state;
	struct sip_connections *connections;
	struct sip_listening *listening; /* immutable, as the three that follow */
	struct sip_side *side; /* of the reactor whose poll set has the socket */
	struct sip_flow flow;  /* what comes has come by it; the peer of one that is
				  proxied: see sip_connections_unveil() */
	bool accepted;         /* else it is ours to them */
	uint64_t made_us;      /* immutable */
	/* The turn's; any thread may look. */
	_Atomic bool opened;               /* it was connected */
	_Atomic uint64_t quiet_since_us;   /* nothing has come */
	_Atomic size_t waiting_bytes;      /* to be sent */
	_Atomic(const char *) tls_version; /* NULL: none, or its handshake is not over */
	bool proxied; /* a PROXY header is to come first: the flow's peer is a
			 load balancer until then */

	/* Guarded by the stripes' locks. */
	struct sip_chain_link by_number;
	struct sip_chain_link by_peer;      /* of one that was not accepted */
	struct sip_chain_link by_alias;     /* where alias_port is not 0 */
	struct sip_connection *asleep_next; /* connections.c's */
	struct sip_marks marks;             /* the work's, once it is in no table */

	struct sip_watch watch; /* its fd: set by the reactor's owner before the first
				   look, and closed by him after the last */
	_Atomic bool look_pushed;
	_Atomic uint32_t expect_ms; /* its peer says something as often; 0: as it likes */
	struct sip_task begin;      /* the reactor's: connect */
	struct sip_task look;
	struct sip_task end; /* asked from outside: finish or close */
	struct sip_task flush;
	struct sip_task close; /* the reactor's */
	struct sip_task last;
	bool flush_pushed;
	_Atomic bool end_pushed; /* or it has not begun: sip_connection_begun() */
	int begin_error;         /* errno; the reactor's owner's before the first look */

	struct sip_source_count *source; /* it is counted for; NULL: none, as a load
					    balancer's own */
	bool shakes;                     /* counted as a handshake of the source */
	struct sip_tls *tls;             /* NULL: its bytes are the socket's */
	struct sip_peer_names *names;    /* NULL: its peer has proved none */
	_Atomic uint32_t alias_wanted;   /* the port that its peer has named for alias.c;
					    0: none */
	uint16_t alias_port; /* by which it is found; changed while it is in no table */
	_Atomic bool alias_used; /* something was sent by it */
	struct sip_stream stream;
	struct sip_websocket *websocket; /* NULL: there is none between it and messages */
	uint32_t stream_counted;         /* bytes of the stream that large_bytes has */
	bool gone;                       /* the last task has run */
	bool heard;                      /* a whole message has come */
	bool more;                       /* the socket has more than one turn reads */
	bool blocked;                    /* the system has no room for more */
	struct sip_timer timer;
	uint64_t read_by_us;  /* a message has to be whole; SIP_NEVER: none has begun */
	uint64_t write_by_us; /* something has to go out */
	uint64_t pinged_us;   /* 0: never; keep_alive.c has what is asked, and by whom */
	uint64_t pong_by_us;  /* something has to come; SIP_NEVER: nothing has */
	bool pong_awaited;
	bool pongs;               /* the peer has answered one */
	struct sip_parcel *first; /* to be sent */
	struct sip_parcel **last_link;
	size_t sent_of_first;
	unsigned answers; /* of those, what is no message */
};

/* What connections of one transport share. */
struct sip_connections {
	struct sip_transport *transport;
	struct sip_slab *slab;
	struct sip_slab *parcels;
	struct sip_chain_table by_number;
	struct sip_chain_table by_peer;
	struct sip_chain_table sources;
	struct sip_chain_table waiting; /* struct sip_flow_waiter */
	struct sip_chain_table by_alias;
	_Atomic uint32_t alias_count; /* what is in it */
	struct sip_tls_hosts hosts;
	_Atomic uint32_t latest; /* number */
	_Atomic bool ending;
};

/* relaxed, as the one below: each is a number that nothing else goes with, and written in
 * turn only */
static inline uint64_t sip_connection_quiet_since(const struct sip_connection *connection)
{
	return atomic_load_explicit(&connection->quiet_since_us, memory_order_relaxed);
}

static inline size_t sip_connection_waiting(const struct sip_connection *connection)
{
	return atomic_load_explicit(&connection->waiting_bytes, memory_order_relaxed);
}

/* ---- connection.c: its life ---- */

/** Messages can go by it: the socket is connected, and what has to be agreed upon with
 * the peer before is.  In turn. */
bool sip_connection_open(const struct sip_connection *connection);

/** Bytes go to and fro: it is open, or finishing.  In turn. */
bool sip_connection_flows(const struct sip_connection *connection);

/** One without a socket, in no table.  NULL: out of memory, or there are as many as there
 * may be. */
SIP_MUST_USE struct sip_connection *sip_connection_create(
	struct sip_connections *connections, struct sip_side *side,
	struct sip_listening *listening, const struct sip_flow *flow, bool accepted);

/** One that no table and no poll set knows. */
void sip_connection_discard(struct sip_connection *connection);

/** It has that socket.  Where that can't be watched it is closed, and so is the
 * connection when it looks.  The reactor's owner, before the first look. */
void sip_connection_watch(struct sip_connection *connection, int fd);

/** It can be ended from now on: what has ended all of its listener before, or all there
 * are, has left it out.  By the reactor's owner, once its socket is watched. */
void sip_connection_begun(struct sip_connection *connection);

/** sip_watch.ready: something has changed.  The reactor's owner, or in turn. */
bool sip_connection_ready(struct sip_watch *watch, struct sip_reactor *reactor);

/* In turn. */
/** Send what waits, and close. */
void sip_connection_finish(struct sip_connection *connection);
/** `error` (errno) is told of what waits; 0: the peer has closed in order. */
void sip_connection_close(struct sip_connection *connection, int error);
/** Write when what is in the work's queue by now has had its turn. */
void sip_connection_flush_later(struct sip_connection *connection);
/** A deadline has changed. */
void sip_connection_time(struct sip_connection *connection);

/** flow_waiter.c: who waits for something by that flow is told that its connection has
 * ended. */
void sip_connections_tell_waiters(
	struct sip_connections *connections, const struct sip_flow *flow, int error);

/* ---- alias.c ---- */

/** Be found by what its peer has named, if it has.  In turn. */
void sip_connection_take_alias(struct sip_connection *connection);
/** It ends: who has sent by it is told.  In turn, once nobody finds it otherwise. */
void sip_connection_drop_alias(struct sip_connection *connection, int error);
/** Push it to one whose peer has offered it for that flow; false: there is none. */
SIP_MUST_USE bool sip_connections_push_aliased(
	struct sip_connections *connections, struct sip_parcel *parcel);

/* ---- keep_alive.c: in turn ---- */

/** When it is to be asked whether it lives, if nothing comes before. */
uint64_t sip_connection_ping_at(const struct sip_connection *connection);
void sip_connection_ping(struct sip_connection *connection);
/** A line end has come alone; before sip_connection_is_alive(). */
void sip_connection_ponged(struct sip_connection *connection);
/** Something has come, and was read. */
void sip_connection_is_alive(struct sip_connection *connection);

/* ---- proxied.c ---- */

/** Connections from there begin with a PROXY header.  Any thread. */
bool sip_listening_is_proxied(
	const struct sip_listening *listening, const struct sip_addr *peer);

/** Read the PROXY header, if there is to be one; false: it has not come, or the
 * connection is closed.  In turn. */
SIP_MUST_USE bool sip_connection_read_proxy_header(struct sip_connection *connection);

/* ---- connection_read.c, connection_write.c: in turn ---- */

/** Read what is there, to a bound (then `more` is set), and hand it up. */
void sip_connection_read(struct sip_connection *connection);

/** A message, or a frame, has begun and is not whole. */
bool sip_connection_waits(const struct sip_connection *connection);

/** What the stream has is among the bytes of received messages (max_large_bytes).  False:
 * there are too many, and it has more than one message of ordinary size. */
bool sip_connection_count_stream(struct sip_connection *connection);

/** Say `bytes` (copied) as they are.  False: out of memory. */
SIP_MUST_USE bool sip_connection_say(
	struct sip_connection *connection, struct sip_str bytes);

/** Put the parcel behind those that wait; takes it. */
void sip_connection_queue(struct sip_connection *connection, struct sip_parcel *parcel);

/** Write what waits, as far as the system has room. */
void sip_connection_write(struct sip_connection *connection);

/** What waits is told as failed. */
void sip_connection_give_up(struct sip_connection *connection, int error);

/** sip_task.run of a parcel's task. */
enum sip_task_result sip_parcel_arrived(struct sip_task *task);

/** Borrows tdata; NULL: the parcel is a line end.  NULL: out of memory. */
SIP_MUST_USE struct sip_parcel *sip_parcel_create(struct sip_connections *connections,
	const struct sip_flow *flow, struct sip_tx_data *tdata);
void sip_parcel_destroy(struct sip_connections *connections, struct sip_parcel *parcel);
