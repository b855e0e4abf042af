/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers that speak TCP, for tests of connections: the test's thread, which waits. */
#pragma once

#include "wire.h"

/* A message of SIP's shape with `name` in it.  Static buffers, eight by turns. */
const char *tcp_message(const char *name);

/* A socket that is connected to `to`; fails the test. */
int tcp_dial(const struct sip_addr *to);

/* One that listens at a port of its own. */
int tcp_listen(const char *host, int backlog);
/* An address at which nobody listens, and which nobody else is given while there were not
 * 16 others. */
struct sip_addr tcp_closed(void);
/* What has come to it; fails the test when nothing comes for some seconds.  `wire` is
 * stepped meanwhile where it is. */
int tcp_take(struct wire *wire, int listening);

/* The server sends it. */
void tcp_send(struct wire *wire, const struct sip_flow *flow, const char *text);
void tcp_say(int fd, const char *text);

/* The bytes of `text` come, no others before them; fails the test. */
void tcp_expect(struct wire *wire, int fd, const char *text);
/* The end comes (or a reset), whatever is before it. */
void tcp_expect_end(struct wire *wire, int fd);
