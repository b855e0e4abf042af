/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The names that a connection's peer has proved: those of its certificate, which was
 * verified (RFC 5922 section 7.1).
 *
 * Made when the handshake is done, never changed, and held by the connection and by each
 * message that came by it.  Where nothing was proved there is none.
 *
 * Threads: any; the reference count is atomic.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/str.h"

#include <stdbool.h>
#include <stdint.h>

struct sip_peer_names {
	_Atomic uint32_t refs;
	bool address; /* the peer's address is proved, too */
	size_t count;
	size_t room;
	char *text; /* the next name's; behind the names */
	size_t text_room;
	struct sip_str name[]; /* in lower case */
};

/** With room for `room` names of `len` bytes together, and none of them yet; one
 * reference.  NULL: out of memory. */
SIP_MUST_USE struct sip_peer_names *sip_peer_names_create(size_t room, size_t len);

/** Copies it; there has to be room (asserted). */
void sip_peer_names_add(struct sip_peer_names *names, struct sip_str name);

struct sip_peer_names *sip_peer_names_ref(struct sip_peer_names *names);

/** *names becomes NULL; NULL is allowed. */
void sip_peer_names_unref(struct sip_peer_names **names);

/** `name` is one of them, in whatever case.  False of NULL. */
bool sip_peer_names_have(const struct sip_peer_names *names, struct sip_str name);
