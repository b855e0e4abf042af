/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The outbox of one listener at one reactor: gathering, flushing, waiting for room.
 *
 *              add               round's end, or enough
 *     empty ---------> gathering -----------------------> empty
 *                          |  the system has no room
 *                          v
 *                        held ---- retry task ----> empty, or held again,
 *                                                   or failed after HOLD_MAX_US
 */
#include "transport/outbox.h"

#include "transport/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A full device queue empties within milliseconds; behind that the peers' own
 * repetitions are the better remedy. */
#define HOLD_MAX_US 50000

/* Room for what gathers while the system has none. */
#define ROOM_BATCHES 8

static struct sip_socket *socket_of(struct sip_outbox *outbox)
{
	return SIP_CONTAINER(outbox, struct sip_socket, outbox);
}

/* The first `done` are gone; the others move up. */
static void forget_done(struct sip_outbox *outbox, unsigned done)
{
	SIP_ASSERT(done <= outbox->count);
	outbox->count -= done;
	if (outbox->count > 0 && done > 0) {
		memmove(outbox->waiting, outbox->waiting + done,
			outbox->count * sizeof(*outbox->waiting));
	}
}

static void give_up(struct sip_socket *socket, int error)
{
	struct sip_outbox *outbox = &socket->outbox;

	for (unsigned i = 0; i < outbox->count; i++)
		sip_outbox_failed(socket, &outbox->waiting[i], error);
	outbox->count = 0;
	outbox->held_since_us = 0;
}

/* The system has no room: come back in the next round, but not for ever. */
static void hold(struct sip_socket *socket, int error)
{
	struct sip_outbox *outbox = &socket->outbox;
	uint64_t now_us = sip_pool_now_us(socket->side->transport->config.pool);

	if (outbox->held_since_us == 0)
		outbox->held_since_us = now_us;
	if (now_us - outbox->held_since_us >= HOLD_MAX_US) {
		give_up(socket, error);
		return;
	}
	outbox->held = true;
	outbox->retry.pushed_us = now_us;
	sip_reactor_post(socket->side->reactor, &outbox->retry);
}

static void send_waiting(struct sip_socket *socket)
{
	struct sip_outbox *outbox = &socket->outbox;
	unsigned done;
	int full = 0;

	if (outbox->count == 0)
		return;
	/* The receiver of a memory listener may send again, into this outbox. */
	outbox->flushing = true;
	if (socket->listening->sent != NULL)
		done = sip_memory_send(socket, &full);
	else
		done = sip_udp_send(socket, &full);
	outbox->flushing = false;
	forget_done(outbox, done);
	if (done > 0)
		outbox->held_since_us = 0;
	if (full != 0)
		hold(socket, full);
}

void sip_outbox_end(struct sip_socket *socket)
{
	struct sip_outbox *outbox = &socket->outbox;
	unsigned done = 0;
	int full = 0;

	SIP_ASSERT(!outbox->held && !outbox->flushing);
	if (outbox->count > 0 && socket->listening->sent == NULL)
		done = sip_udp_send(socket, &full);
	forget_done(outbox, done);
	give_up(socket, full != 0 ? full : ENOTCONN);
	sip_list_remove(&outbox->flush.link);
	sip_outbox_fini(outbox);
}

static void on_flush(struct sip_flush *flush, struct sip_reactor *reactor)
{
	struct sip_outbox *outbox = SIP_CONTAINER(flush, struct sip_outbox, flush);

	SIP_ASSERT(socket_of(outbox)->side->reactor == reactor);
	if (!outbox->held)
		send_waiting(socket_of(outbox));
}

static enum sip_task_result on_retry(struct sip_task *task)
{
	struct sip_outbox *outbox = SIP_CONTAINER(task, struct sip_outbox, retry);

	outbox->held = false;
	/* One try in a round: the others do their work between two. */
	sip_reactor_flush_later(socket_of(outbox)->side->reactor, &outbox->flush);
	return SIP_TASK_DONE;
}

int sip_outbox_init(struct sip_outbox *outbox, unsigned batch)
{
	*outbox = (struct sip_outbox){ .room = batch * ROOM_BATCHES, .enough = batch };
	sip_list_init(&outbox->flush.link);
	outbox->flush.flush = on_flush;
	outbox->retry.run = on_retry;
	outbox->waiting = calloc(outbox->room, sizeof(*outbox->waiting));
	return outbox->waiting != NULL ? SIP_OK : SIP_EMEMORY;
}

void sip_outbox_fini(struct sip_outbox *outbox)
{
	while (outbox->count > 0)
		sip_tx_data_unref(&outbox->waiting[--outbox->count].tdata);
	free(outbox->waiting);
	outbox->waiting = NULL;
}

void sip_outbox_add(
	struct sip_socket *socket, const struct sip_flow *flow, struct sip_tx_data *tdata)
{
	struct sip_outbox *outbox = &socket->outbox;

	if (outbox->count == outbox->room) {
		sip_send_fail_later(socket->side->transport,
			sip_reactor_number(socket->side->reactor), flow,
			sip_tx_data_ref(tdata), ENOBUFS);
		return;
	}
	outbox->waiting[outbox->count].flow = *flow;
	outbox->waiting[outbox->count].tdata = sip_tx_data_ref(tdata);
	outbox->count++;
	if (outbox->held)
		return;
	if (outbox->count >= outbox->enough && !outbox->flushing)
		send_waiting(socket);
	else
		sip_reactor_flush_later(socket->side->reactor, &outbox->flush);
}

void sip_outbox_sent(struct sip_socket *socket, struct sip_outgoing *outgoing)
{
	struct sip_transport *transport = socket->side->transport;
	struct sip_tx_data *tdata = outgoing->tdata;

	sip_count(transport->config.counters, SIP_COUNT_TX_MESSAGES);
	sip_transport_trace(transport, true, &outgoing->flow,
		(struct sip_str){ tdata->text, tdata->len });
	sip_tx_data_unref(&outgoing->tdata);
}

void sip_outbox_failed(
	struct sip_socket *socket, struct sip_outgoing *outgoing, int error)
{
	struct sip_tx_data *tdata = outgoing->tdata;

	outgoing->tdata = NULL;
	sip_send_fail_later(socket->side->transport,
		sip_reactor_number(socket->side->reactor), &outgoing->flow, tdata, error);
}
