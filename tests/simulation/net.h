/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated network: datagrams that are lost, come twice, late, and in another order.
 *
 * Its properties are set by faults (faults.h), everything else is drawn.
 */
#pragma once

#include "agenda.h"
#include "draw.h"
#include "trace.h"

#define NET_PLACES_MAX 32
#define NET_CUTS_MAX   16

typedef void net_receive_fn(void *arg, struct place from, struct slice text);

/* No datagram passes between `a` and the others (b.ip 0) or `b`, from when to when. */
struct net_cut {
	struct place a;
	struct place b;
	uint64_t from_us;
	uint64_t until_us;
};

/* Nobody was there to receive what was sent to `to` (ICMP). */
typedef void net_refused_fn(void *arg, struct place to, struct slice text);

struct net_end {
	struct place place;
	net_receive_fn *receive;
	net_refused_fn *refused;
	void *arg;
	bool refuses; /* where nobody receives, who sends hears of it */
};

struct net {
	struct agenda *agenda;
	struct memory *memory;
	struct trace *trace;
	const uint64_t *now_us;
	struct draw draw;

	unsigned loss_permille;
	unsigned repeat_permille;
	uint64_t delay_us;  /* of each datagram at least */
	uint64_t spread_us; /* and up to so much more: what comes out of order */
	uint64_t grain_us;  /* arrivals are at multiples of it, so that many coincide */
	struct net_cut cut[NET_CUTS_MAX];
	unsigned cut_count;

	struct net_end end[NET_PLACES_MAX];
	unsigned end_count;
};

void net_init(struct net *net, uint64_t seed);

/** What comes for `place` goes there from now on; NULL: nobody is there any more. */
void net_attach(struct net *net, struct place place, net_receive_fn *receive, void *arg);

/** What it sent to where nobody is comes back to `refused`. */
void net_on_refusal(struct net *net, struct place place, net_refused_fn *refused);

/** Nobody is there, and who sends to it hears of that. */
void net_refuse(struct net *net, struct place place);

/** Until when nothing passes between the two; 0: it does. */
uint64_t net_cut_until_us(const struct net *net, struct place from, struct place to);

void net_send(struct net *net, struct place from, struct place to, struct slice text);
