/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The addresses of this machine, for wildcard listeners.
 *
 * Interfaces come and go: a look-up that misses asks the system again, at most
 * once a second, so that a peer's foreign addresses cost nothing.
 *
 * Threads: any; readers see one whole set.
 */
#pragma once

#include "base/clock.h"
#include "res_sip/flow.h"

struct sip_local_set;

struct sip_local_addresses {
	_Atomic(struct sip_local_set *) set; /* NULL until the first look-up */
	_Atomic uint64_t looked_us;          /* when the system was asked last */
};

/** All zero is a good start, too. */
void sip_local_addresses_init(struct sip_local_addresses *locals);

/** Waits for readers; never from a task. */
void sip_local_addresses_fini(struct sip_local_addresses *locals);

/** The host of `addr`, whatever its port, is one of this machine's. */
bool sip_local_addresses_has(
	struct sip_local_addresses *locals, const struct sip_addr *addr, uint64_t now_us);
