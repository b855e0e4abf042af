/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Binding the sockets of one listener, one per reactor, to one address.
 *
 * Threads: whoever changes the set of listeners.
 */
#pragma once

#include "transport/listener.h"

struct sip_socket_option {
	int level;
	int name;
	int value;
};

/** 0, SIP_ESYSTEM. */
SIP_MUST_USE int sip_socket_set(
	int fd, const struct sip_socket_option *options, size_t count);

/** Mark what it sends as the listener's options say: its traffic class (RFC 2474) and the
 * system's priority.  0, SIP_ESYSTEM. */
SIP_MUST_USE int sip_socket_mark(const struct sip_listening *listening, int fd);

/** Bind the socket of reactor 0, and learn the port where the system chose it.  0;
 * SIP_EEXISTS: somebody has the address; SIP_ESYSTEM. */
SIP_MUST_USE int sip_bind_first(struct sip_listening *listening);

/** Then that of another reactor to the same address.  Likewise. */
SIP_MUST_USE int sip_bind_other(struct sip_listening *listening, unsigned number);
