/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The answers to a REGISTER (RFC 3261 section 10.3).
 *
 * Threads: the turn of the request's work.
 */
#pragma once

#include "refusal.h"

#include <res_sip/location.h>
#include <res_sip/message.h>

/** A 200 with the Path that was kept (empty: none), owned, before anything is changed:
 * its memory takes a list of ordinary length.  `flow`: by the rules of RFC 5626.  NULL:
 * out of memory. */
struct sip_tx_data *answer_create(
	struct sip_rx_data *rdata, struct sip_str path, bool flow);

/** Send it with all current bindings of `aor`, and their GRUUs where the phone knows what
 * these are; takes it.  Nothing is sent where there is no memory
 * for a long list: a copy of the request is answered. */
void answer_bindings(struct sip_rx_data *rdata, struct sip_tx_data *tdata,
	const struct ast_sip_contacts *now, const char *aor);

/** The refusal, with the fields it needs. */
void answer_refusal(struct sip_rx_data *rdata, const struct refusal *refusal);
