/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The connections of a transport, by number and by the address they were opened to.  How
 * many each source has: connection_sources.h.
 *
 * A request goes by a connection that a flow names, or by one that we have opened to that
 * very address from that listener: one that somebody has opened to us, from whatever
 * port, proves nothing about who listens there; unless its peer has (alias.c).
 *
 * Threads: any, but for those that say otherwise.
 */
#pragma once

#include "transport/transport.h"

struct sip_connection;
struct sip_connections;
struct sip_listening;
struct sip_side;

SIP_MUST_USE int sip_connections_create(
	struct sip_transport *transport, struct sip_connections **connections);

/** No connection may be left (asserted): sip_connections_end(). */
void sip_connections_destroy(struct sip_connections **connections);

/** Make no new ones, and close all. */
void sip_connections_end(struct sip_connections *connections);

/** Close all of a listener. */
void sip_connections_end_of(
	struct sip_connections *connections, const struct sip_listening *listening);

/** Send by the flow's connection, or by one to its peer, which is opened where there is
 * none.  Borrows tdata. */
void sip_connections_send(struct sip_connections *connections,
	struct sip_listening *listening, const struct sip_flow *flow,
	struct sip_tx_data *tdata);

/*
 * For who accepts: the reactor's owner.
 */

/** A connection with that descriptor, in the tables and in the poll set; takes `fd`, also
 * where it fails: 0; SIP_ELIMIT: its source has as many as it may have; SIP_EMEMORY: so
 * has the transport, or there is no memory; SIP_ESTATE: all end; SIP_ESYSTEM. */
SIP_MUST_USE int sip_connections_accept(struct sip_side *side,
	struct sip_listening *listening, int fd, const struct sip_flow *flow);

/*
 * For connections, in turn.
 */

/** Of the flow's listener, kind, name and peer. */
uint64_t sip_connections_peer_hash(
	const struct sip_connections *connections, const struct sip_flow *flow);

/** One that we have opened, or are opening, leads there. */
bool sip_connections_has_opened(
	struct sip_connections *connections, const struct sip_flow *flow);

/** It is `peer`'s, whom a load balancer has named: it has that peer from now on, and
 * counts for him.  0, SIP_ELIMIT, SIP_EMEMORY: as sip_connections_accept(). */
SIP_MUST_USE int sip_connections_unveil(
	struct sip_connection *connection, const struct sip_addr *peer);

/** Nobody finds it any more. */
void sip_connections_take_out(struct sip_connection *connection);
/** Its handshake is over, or given up: one less of the source. */
void sip_connections_leave_handshake(struct sip_connection *connection);
