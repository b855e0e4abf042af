/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The listeners of the configuration: opened at the start, reconciled at a reload.
 *
 *     section is new           bind --> (nothing can fail any more) --> open
 *     section is the same      nothing, or its name and external address replaced
 *     section is gone          drain --> closed by the timer below
 *     section came back        out of the drain, with its sockets and its number
 *
 * A draining listener refuses new requests (step_admit.c), but reads, answers and
 * sends what has begun: for 64*T1 at least, then until no transaction is left in the
 * server, for timer C and 64*T1 at most.
 *
 * Threads: sip_listeners_*() by whoever changes the server, one at a time; the drain is
 * ended in the turn of a work.
 */
#pragma once

#include "server/server.h"
#include "server/settings/snapshot.h"

struct sip_listeners;
struct sip_listener_plan;

SIP_MUST_USE int sip_listeners_create(
	struct sip_server *server, struct sip_listeners **listeners);
/** After the pool stopped. */
void sip_listeners_destroy(struct sip_listeners **listeners);

/** Before the start: bind them all.  SIP_EEXISTS, SIP_ESYSTEM, ... with `error`. */
SIP_MUST_USE int sip_listeners_bind(struct sip_listeners *listeners,
	const struct sip_settings *settings, char *error);

/** Work out what changes, and bind what is new.  On failure nothing has changed. */
SIP_MUST_USE int sip_listeners_plan(struct sip_listeners *listeners,
	const struct sip_settings *settings, struct sip_listener_plan **plan,
	char *error);
/** Do it; tells in words through `say`.  Takes the plan. */
void sip_listeners_commit(struct sip_listener_plan **plan,
	void (*say)(void *arg, const char *line), void *arg);
/** Or do not. */
void sip_listeners_give_up(struct sip_listener_plan **plan);

/** The listener of that name that is open, else the one that drains; NULL: none. */
const struct sip_listener *sip_listener_named(
	const struct sip_transport *transport, const char *name);

/** The request came by a listener that takes nothing new. */
bool sip_listener_refuses(const struct sip_rx_data *rdata);
