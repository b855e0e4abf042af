/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The desk: a service on each simulated server that ends calls there, begins some, and
 * stands between others, all through the public API (res_sip/session.h).
 *
 *     sip:desk@DOMAIN      answers: at once, after ringing, not at all ...
 *     sip:via-USER@DOMAIN  calls USER, and stands in the middle
 *
 * and from time to time it calls phones of its own server, users of the other one, and
 * the other's desk.  What it does when is drawn.
 *
 *     desk.c        loaded into a server, and what each call of it has
 *     desk_takes.c  calls that come
 *     desk_makes.c  calls that it makes, alone or for a call that came
 */
#pragma once

#include "draw.h"
#include "sip_text.h"

struct host;

/** Its module is loaded into the server that the host has now; it begins to call. */
void desk_open(struct host *host);

/** The module is unloaded; each call of it has ended. */
void desk_close(struct host *host);

/** Calls that have not ended. */
unsigned desk_calls(const struct host *host);

/** A call to somebody with that user part ends at a desk. */
bool desk_takes(struct slice user);
