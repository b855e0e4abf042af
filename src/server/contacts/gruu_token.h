/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The token of a temporary GRUU (RFC 5627 section 5.4): which phone of which AOR, to be
 * read by this server alone.
 *
 * It is sealed with its own MAC as the start of the key stream, so that equal tokens are
 * made from equal contents and nothing else, and no byte of it can be changed.
 *
 * Threads: any.
 */
#pragma once

#include "base/hash.h"

#include <stdbool.h>

#define SIP_GRUU_AOR_MAX 64

/* What it says. */
struct sip_gruu_token {
	uint64_t phone; /* a keyed hash of instance and Call-ID */
	uint32_t cseq;  /* of the REGISTER: each gets another one */
	size_t aor_len;
	char aor[SIP_GRUU_AOR_MAX];
};

/* In hex digits, without a NUL. */
#define SIP_GRUU_TOKEN_MAX (2 * (SIP_MAC_LEN + 12 + SIP_GRUU_AOR_MAX))

/** Which phone that is, and under which registration. */
uint64_t sip_gruu_phone(
	const struct sip_hash_key *key, struct sip_str instance, struct sip_str call_id);

/** Returns its length. */
size_t sip_gruu_token_write(const struct sip_hash_key *key,
	const struct sip_gruu_token *token, char text[SIP_GRUU_TOKEN_MAX]);

/** False: it was not written with that key. */
SIP_MUST_USE bool sip_gruu_token_read(const struct sip_hash_key *key, struct sip_str text,
	struct sip_gruu_token *token);
