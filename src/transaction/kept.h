/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message that was sent, as long as it is and no longer.
 *
 * The buffer it was built in is made for the longest.  Most messages are never
 * sent again, so a transaction that waits for copies keeps the bytes, and makes
 * a buffer of them at the first need.
 *
 * A keeper has slabs for messages up to a kilobyte, in steps of a cache line, so that
 * their memory goes back to the system after a peak of load; longer ones are the C
 * library's.
 */
#pragma once

#include "transport/tx_data.h"

struct sip_kept;

#define SIP_KEEPER_KINDS 16

struct sip_keeper {
	struct sip_slab *tx_slab; /* of the buffers messages are made in again */
	struct sip_slab *kinds[SIP_KEEPER_KINDS];
};

/** 0 or SIP_EMEMORY. */
SIP_MUST_USE int sip_keeper_init(struct sip_keeper *keeper, struct sip_slab *tx_slab);

/** All that was kept is destroyed (asserted). */
void sip_keeper_fini(struct sip_keeper *keeper);

/** Memory of the slab that fits; NULL: out of memory. */
SIP_MUST_USE void *sip_keeper_alloc(struct sip_keeper *keeper, size_t len);
/** `len` as it was asked for. */
void sip_keeper_free(struct sip_keeper *keeper, void *memory, size_t len);

/** A copy of a sealed message, owned.  NULL: out of memory. */
SIP_MUST_USE struct sip_kept *sip_kept_create(
	struct sip_keeper *keeper, const struct sip_tx_data *tdata);
void sip_kept_destroy(struct sip_kept **kept);

/** To be sent again: sealed, owned.  NULL: out of memory. */
SIP_MUST_USE struct sip_tx_data *sip_kept_message(const struct sip_kept *kept);
