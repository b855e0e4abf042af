/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The parts of TCP: sockets that listen, that are accepted, that connect.
 *
 * What goes through them is the connections' (connection.h).
 */
#pragma once

#include "transport/listener.h"

/** Open and bind one listening socket per reactor, which none watches yet.  Errors:
 * sip_transport_listen()'s. */
SIP_MUST_USE int sip_tcp_open(struct sip_listening *listening);

/** sip_watch.ready of such a socket: take what waits there, to a bound. */
bool sip_tcp_accept(struct sip_watch *watch, struct sip_reactor *reactor);

/** A socket on its way from the listener's address to `peer`; -1: *error is why (errno).
 * Does not wait.  Any thread. */
SIP_MUST_USE int sip_tcp_connect(
	const struct sip_listening *listening, const struct sip_addr *peer, int *error);

/** 0: it is connected; EINPROGRESS: not yet; else why it can't be.  Any thread. */
SIP_MUST_USE int sip_tcp_connected(int fd);

/** What the side has for accepting. */
void sip_tcp_side_fini(struct sip_side *side);
