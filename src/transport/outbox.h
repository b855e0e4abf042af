/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What a reactor has gathered to send from one listener.
 *
 * Messages go out together at the end of the reactor's round, or as soon as
 * there are enough for one system call.  When the system has no room they wait
 * here for a bounded time; a message that can't be sent is told to user.failed by
 * a task of its own, so never inside of sip_transport_send().
 *
 * Threads: the reactor's owner.
 */
#pragma once

#include "transport/tx_data.h"
#include "work/pool.h"

struct sip_socket;
struct sip_transport;

struct sip_outgoing {
	struct sip_flow flow;
	struct sip_tx_data *tdata; /* a reference */
};

struct sip_outbox {
	struct sip_flush flush;
	struct sip_task retry;
	struct sip_outgoing *waiting;
	unsigned count;
	unsigned room;
	unsigned enough; /* that many are sent at once, without waiting for the round's
			    end */
	bool flushing;
	bool held;              /* the system had no room: retry is posted */
	uint64_t held_since_us; /* of the first in line */
};

/** Messages for one system call are `batch`.  SIP_EMEMORY. */
SIP_MUST_USE int sip_outbox_init(struct sip_outbox *outbox, unsigned batch);

/** The socket is to be closed, and no retry is posted: what waits is sent, or told as
 * failed.  The outbox is finished then. */
void sip_outbox_end(struct sip_socket *socket);

/** Drops what is still waiting. */
void sip_outbox_fini(struct sip_outbox *outbox);

/** Borrows both; keeps a reference until it is out. */
void sip_outbox_add(struct sip_socket *socket, const struct sip_flow *flow,
	struct sip_tx_data *tdata);

/** `sent` went out; count and trace it. */
void sip_outbox_sent(struct sip_socket *socket, struct sip_outgoing *outgoing);

/** It will not go out, because of `error` (errno). */
void sip_outbox_failed(
	struct sip_socket *socket, struct sip_outgoing *outgoing, int error);

/** Tell user.failed, as a task of reactor `number`; takes the reference to tdata. */
void sip_send_fail_later(struct sip_transport *transport, unsigned number,
	const struct sip_flow *flow, struct sip_tx_data *tdata, int error);

/**
 * Send the waiting messages from the front; returns how many are done with, sent or
 * failed.  Where the system has no room for more, *full is what it said (errno), else 0.
 */
unsigned sip_udp_send(struct sip_socket *socket, int *full);
unsigned sip_memory_send(struct sip_socket *socket, int *full);
