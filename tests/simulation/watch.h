/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules that a server must keep, checked on every message that it gets and sends.
 *
 * It stands between server and network, so that what the network loses later does not
 * count.  It knows the RFCs and the cast, and nothing of the server's inside but which
 * contacts its location has.
 */
#pragma once

#include "sip_text.h"

struct sim;
struct watch;

struct watch *watch_create(struct sim *sim);

/** Server `host` gets a datagram, which arrived some time ago; one that it sends. */
void watch_received(struct watch *watch, unsigned host, struct place from,
	struct slice bytes, uint64_t arrived_us);
void watch_sent(struct watch *watch, unsigned host, struct place to, struct slice bytes);

/** What server `host` sent came back: nobody is there. */
void watch_refused_there(struct watch *watch, unsigned host, struct slice bytes);

/** Server `host` has ended, and has forgotten everything. */
void watch_forget_server(struct watch *watch, unsigned host);

/** The desk of server `host` is about to make a call with that Call-ID. */
void watch_begins_call(struct watch *watch, unsigned host, struct slice call_id);

/** The clock is about to move: what had to happen at this instant has happened. */
void watch_tick(struct watch *watch);

/** At the end the phone at `place` rings because of that INVITE, which came to it; what
 * came before `since_us` it has forgotten. */
void watch_still_rings(struct watch *watch, struct place place,
	const struct sip_text *invite, uint64_t since_us);

/** Everything has ended. */
void watch_end(struct watch *watch);
