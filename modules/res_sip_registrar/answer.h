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

/** 200 with all current bindings, and the Path that was kept (empty: none). */
void answer_bindings(struct sip_rx_data *rdata, const struct ast_sip_contacts *now,
	struct sip_str path);

/** The refusal, with the fields it needs. */
void answer_refusal(struct sip_rx_data *rdata, const struct refusal *refusal);
