/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What a nonce says, and its proof: seven digits of time, four of a serial number, and
 * eleven of a MAC over them, realm and source address.  Six bits to a digit (the alphabet
 * of RFC 4648 section 5).
 *
 * It is short for MD5's sake, which hashes 64 bytes at a time: a response with qop and
 * 16 characters of cnonce fits into two of them with 9 for the padding.
 *
 * Threads: pure functions.
 */
#pragma once

#include "base/hash.h"
#include "res_sip/flow.h"

#define SIP_NONCE_LEN 22

/** Who made it, and whom for. */
struct sip_nonce_origin {
	const struct sip_hash_key *key;
	struct sip_str realm;
	const struct sip_addr *source; /* its port doesn't count */
};

/** Into text[SIP_NONCE_LEN]; with the low 42 bits of `wall_ms` and the low 24 of
 * `serial`. */
void sip_nonce_compose(const struct sip_nonce_origin *origin, uint64_t wall_ms,
	uint64_t serial, char *text);

/** Where it came from there: its MAC. */
SIP_MUST_USE bool sip_nonce_prove(
	const struct sip_nonce_origin *origin, struct sip_str nonce, uint64_t *mac);

/** When it was made, if it looks like ours. */
SIP_MUST_USE bool sip_nonce_time(struct sip_str nonce, uint64_t *made_ms);

/** Milliseconds from `made_ms` to `wall_ms`; from later to sooner, more than a century.
 */
uint64_t sip_nonce_age(uint64_t made_ms, uint64_t wall_ms);
