/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Nonces of digest challenges, and the counts of those that were used (RFC 7616
 * sections 3.3 and 5.5).
 *
 * A nonce carries its own proof (nonce_text.h), over realm and source address (never the
 * port: NATs rebind).  Nothing is kept for a challenge.  Counts are kept for nonces that
 * were used with right credentials.
 *
 * Threads: any.
 */
#pragma once

#include "base/random.h"
#include "res_sip/authenticator.h"
#include "server/auth/nonce_text.h"
#include "server/server.h"

struct sip_nonces;

/** `phones`: how many passwords there are, for which counts are kept at the same time;
 * 65,536 at least.  `copies_ms`: how long copies of a request are about, 64*T1. */
SIP_MUST_USE int sip_nonces_create(struct sip_random *random, size_t phones,
	uint32_t lifetime_s, uint32_t copies_ms, struct sip_nonces **nonces);
void sip_nonces_destroy(struct sip_nonces **nonces);

/** Of all, those that were given out included. */
void sip_nonces_set_lifetime(struct sip_nonces *nonces, uint32_t lifetime_s);

/** Write a fresh one into text[SIP_NONCE_LEN]. */
void sip_nonce_write(struct sip_nonces *nonces, uint64_t wall_ms, struct sip_str realm,
	const struct sip_addr *source, char *text);

/** We wrote it, in this run, for that realm and address: who sends it from there reads
 * what is sent there.  Whatever its age. */
bool sip_nonce_is_ours(const struct sip_nonces *nonces, struct sip_str nonce,
	struct sip_str realm, const struct sip_addr *source);

/* One use of a nonce with right credentials. */
struct sip_nonce_use {
	struct sip_str nonce;
	struct sip_str realm;
	const struct sip_addr *source;
	uint64_t wall_ms;
	uint32_t count;   /* nc; 1 without qop */
	uint64_t request; /* hash of what makes it this request: Call-ID, CSeq, response
			   */
};

/** Have what is kept of it come from memory, if it is one of ours. */
void sip_nonce_prefetch(const struct sip_nonces *nonces, struct sip_str nonce);

/** A copy of what was good is a copy for `copies_ms` after the nonce has expired, too:
 * its first answer stands. */
enum ast_sip_nonce_verdict sip_nonce_judge(
	struct sip_nonces *nonces, const struct sip_nonce_use *use);

/** What sip_nonce_judge() would say, and in why[SIP_NONCE_WHY_LEN] the reason in words;
 * nothing is counted.  `started_ms`: wall time at which this run of the server began. */
#define SIP_NONCE_WHY_LEN 160
enum ast_sip_nonce_verdict sip_nonce_rehearse(struct sip_nonces *nonces,
	const struct sip_nonce_use *use, uint64_t started_ms, char *why);

/** The opaque value of our challenges: the same for everybody; NUL-terminated. */
const char *sip_nonces_opaque(const struct sip_nonces *nonces);
