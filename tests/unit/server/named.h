/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world (world.h) that looks names up in a table (fake_dns.h).
 *
 * The endpoint `open` is the TRUNK, which may send anywhere; its contact is
 * sip:box@two.example.  The zone: one.example has an address, two.example has ONE and
 * TWO by SRV, in that order, three.example has a third behind them.
 */
#pragma once

#include "support/ask.h"

#include "../resolve/fake_dns.h"

#define ONE   "192.0.2.51:5060"
#define TWO   "192.0.2.52:5062"
#define THREE "192.0.2.53:5060"

extern struct fake_dns named_dns;

struct world *named_world(void);
/** Likewise where the configuration was changed further. */
struct world *named_world_of(void (*configure)(struct sip_config *config));

/** Likewise with that listener alone. */
struct world *named_world_by(const struct sip_listener_config *listener);

/** The TRUNK sends a request; the status of its answer so far. */
int named_ask(struct world *w, const char *method, const char *uri);

/** The TRUNK calls, and gives that call up: one in a world. */
void named_call(struct world *w, const char *uri);
void named_cancel(struct world *w, const char *uri);

/** The name servers answer again, what they have held back first. */
void named_release(struct world *w);

/** How many messages went to that peer that begin so. */
size_t sent_to(const struct world *w, const char *peer, const char *start);

/** Who got the latest that begins so answers. */
void named_answer(struct world *w, const char *start, int code, const char *extra);

/** Nobody is there: the transport says so of the latest that begins so. */
void named_fail(struct world *w, const char *start);
