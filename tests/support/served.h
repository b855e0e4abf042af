/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server on threads of its own, asked from memory, whose answers are counted.
 *
 *     struct served served;
 *
 *     served_create(&served, "SIP/2.0 200");
 *     CHECK_INT(sip_server_start(served.server, error), ==, 0);
 *     served_ask(&served, "OPTIONS", 1);
 *     served_wait(1);
 *
 * For tests that the sanitizer of threads judges; one at a time.
 */
#pragma once

#include "server/server.h"

struct served {
	struct sip_server *server;
	const struct sip_listener *listener;
};

/** Two servants, a listener, no authentication; not started.  What it sends is counted
 * where it begins with `answer`, which is static. */
void served_create(struct served *served, const char *answer);

/** Request number `i` of call number `call`, written into `text`. */
struct sip_str served_request(
	char *text, size_t size, const char *method, unsigned i, unsigned call);

/** Request number `i`, a call of its own, arrives at one reactor or the other. */
void served_ask(const struct served *served, const char *method, unsigned i);

/** Bytes arrive at that reactor. */
void served_inject(const struct served *served, struct sip_str text, unsigned reactor);

/** Until so many answers came, which takes milliseconds; how many it were.  A test that
 * waits for longer fails. */
unsigned served_wait(unsigned wanted);
