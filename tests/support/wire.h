/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wire of a test: a memory listener on a stepped pool with a virtual clock.
 *
 * Texts are written with plain line feeds, which become CRLF on the wire.  Time
 * moves from deadline to deadline, so every timer fires at its own instant.
 */
#pragma once

#include "res_sip/flow.h"

#include "base/clock.h"
#include "transport/transport.h"
#include "work/pool.h"

#include <stddef.h>
#include <stdint.h>

struct wire_message {
	struct sip_flow flow;
	uint64_t at_us; /* by the virtual clock */
	char *text;     /* with a NUL behind it */
};

struct wire {
	struct sip_pool *pool;
	struct sip_clock *clock;
	struct sip_transport *transport;
	const struct sip_listener *listener;
	struct wire_message *sent; /* all, oldest first */
	size_t count;
};

/** `text` is numeric, with a port. */
struct sip_addr wire_addr(const char *text);

/** A memory listener at `address`. */
void wire_open(struct wire *wire, struct sip_pool *pool, struct sip_clock *clock,
	struct sip_transport *transport, enum sip_transport_kind kind,
	const char *address);
void wire_close(struct wire *wire);

/** The same with everything that a listener may have. */
void wire_open_as(struct wire *wire, struct sip_pool *pool, struct sip_clock *clock,
	struct sip_transport *transport, const struct sip_listener_config *config);

/** Run the pool until it has nothing to do at this instant. */
void wire_settle(struct wire *wire);

/** Let `text` arrive from `peer`; nobody looks yet. */
void wire_deliver(struct wire *wire, const char *peer, const char *text);

/** Likewise, and settle. */
void wire_receive(struct wire *wire, const char *peer, const char *text);

/** Move time, firing each timer at its instant. */
void wire_forward_us(struct wire *wire, uint64_t us);
void wire_forward_ms(struct wire *wire, uint64_t ms);

/** How many messages were sent that begin with `start`: `SIP/2.0 486`, `INVITE `. */
size_t wire_count(const struct wire *wire, const char *start);

/** The latest that begins with `start`; fails the test where there is none. */
const struct wire_message *wire_last(const struct wire *wire, const char *start);

/** Forget what was sent. */
void wire_clear(struct wire *wire);
