/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Datagrams of one round, put into what sendmmsg() is given.
 *
 * Each is a message of its own; or, where the listener says `udp_gso`, those for one
 * address are one message with the length at which the kernel cuts it (UDP_SEGMENT).  Of
 * such a group all are equally long, but for the last, which may be shorter.  What goes
 * to one address keeps its order.
 *
 * Threads: the reactor's owner.
 */
#pragma once

#include "transport/listener.h"

struct sip_udp_grouping;

/** For `batch` datagrams at a time.  NULL: out of memory. */
SIP_MUST_USE struct sip_udp_grouping *sip_udp_grouping_create(unsigned batch);
void sip_udp_grouping_destroy(struct sip_udp_grouping **grouping);

/** Form messages of `count` waiting datagrams, a batch at most, which are borrowed; none
 * of them is longer than `segment_most` where it shares one.  How many messages. */
unsigned sip_udp_group(struct sip_udp_grouping *grouping, struct sip_outgoing *waiting,
	unsigned count, bool wildcard, uint16_t segment_most);

struct mmsghdr *sip_udp_group_messages(struct sip_udp_grouping *grouping);

/* The datagrams of message `number`, by their places in `waiting`. */
struct sip_udp_members {
	const uint16_t *at;
	unsigned count;
};
struct sip_udp_members sip_udp_group_members(
	const struct sip_udp_grouping *grouping, unsigned number);
