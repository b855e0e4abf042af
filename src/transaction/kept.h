/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message that was sent, as long as it is and no longer.
 *
 * The buffer it was built in is made for the longest.  Most messages are never
 * sent again, so a transaction that waits for copies keeps the bytes, and makes
 * a buffer of them at the first need.
 */
#pragma once

#include "transport/tx_data.h"

struct sip_kept;

/** A copy of a sealed message, owned.  NULL: out of memory. */
SIP_MUST_USE struct sip_kept *sip_kept_create(const struct sip_tx_data *tdata);
void sip_kept_destroy(struct sip_kept **kept);

/** To be sent again: sealed, owned.  NULL: out of memory. */
SIP_MUST_USE struct sip_tx_data *sip_kept_message(const struct sip_kept *kept);
