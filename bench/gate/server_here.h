/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole server in this process, with the real module files, on a virtual clock: what it
 * receives and sends is memory.  It knows user0000, user0001, ... and `caller`, as the
 * configuration of run.py does.  The module file that GATE_MODULE names, if it does, is
 * loaded before them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* To 127.0.0.1 at that port. */
typedef void server_here_sent_fn(void *arg, const char *text, size_t len, uint16_t port);

/* False: a line on standard error says why. */
bool server_here_open(unsigned users, server_here_sent_fn *sent, void *arg);
void server_here_close(void);

/* As many as a socket is read for at once. */
#define AT_ONCE_MAX 64

struct datagram {
	const char *text;
	size_t len;
};

/* From 127.0.0.1 at that port, at once; looked at by the next serve(). */
void server_here_receive(const struct datagram *datagrams, unsigned count, uint16_t port);

/* One round, and what follows from it at once. */
void serve(void);

void server_here_pass(uint64_t us);
