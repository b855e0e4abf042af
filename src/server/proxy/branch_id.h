/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The branch parameter of our Via: z9hG4bK, then the hash of the Call-ID (by which an
 * error of the transport finds its call), the loop hash (RFC 5393), and what makes it
 * unique.
 */
#pragma once

#include "server/serving.h"

/* z9hG4bK, two hashes and 64 bits of uniqueness in hex. */
#define SIP_BRANCH_LEN (7 + 3 * 16)

void sip_branch_write(char text[SIP_BRANCH_LEN], uint64_t call_hash, uint64_t loop_hash,
	uint64_t unique);

/** The parts of a branch of ours; false: it is not. */
bool sip_branch_read(struct sip_str branch, uint64_t *call_hash, uint64_t *loop_hash);

/** What decides where the request goes: Request-URI, Route, and what makes it this
 * request. */
uint64_t sip_loop_hash(struct sip_rx_data *rdata);
