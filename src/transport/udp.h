/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The parts of UDP: sockets, receiving, sending, errors.
 *
 * Threads: opening before the pool starts; the rest by the reactor's owner.
 */
#pragma once

#include "transport/listener.h"

/* The most that a datagram of IPv4 or IPv6 (without jumbograms) carries, rounded up. */
#define SIP_UDP_MAX 65536

/** The memory for receiving: one for each reactor.  NULL: out of memory. */
SIP_MUST_USE struct sip_udp_receiver *sip_udp_receiver_create(unsigned batch);
void sip_udp_receiver_destroy(struct sip_udp_receiver **receiver);

/** The memory for sending.  NULL: out of memory. */
SIP_MUST_USE struct sip_udp_sender *sip_udp_sender_create(unsigned batch);
void sip_udp_sender_destroy(struct sip_udp_sender **sender);

/** The socket is readable: take one batch.  True: there may be more. */
bool sip_udp_receive(struct sip_watch *watch, struct sip_reactor *reactor);

/** Take errors from the socket's queue, a bounded number.  True: there may be more. */
bool sip_udp_take_errors(struct sip_socket *socket);

/** The address in an IP_PKTINFO or IPV6_PKTINFO that is one of ours; false: another cmsg.
 */
struct cmsghdr;
bool sip_udp_local_of(const struct cmsghdr *cmsg, struct sip_addr *local);
