/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Keyed hashes.
 *
 * sip_hash() places things in tables: SipHash-1-3, so that a peer that chooses
 * Call-IDs can't choose their places.  sip_mac() proves that we wrote something
 * ourselves (tags, Record-Route): SipHash-2-4 with 128 bits.  sip_mac_short() has 64, for
 * what is proven beside a password (nonces).
 */
#pragma once

#include "base/compiler.h"
#include "res_sip/str.h"

struct sip_hash_key {
	uint64_t k[2];
};

#define SIP_MAC_LEN 16

uint64_t sip_hash(const struct sip_hash_key *key, const void *data, size_t len);

/** The same over several texts with their lengths; text boundaries count. */
uint64_t sip_hash_parts(
	const struct sip_hash_key *key, const struct sip_str *parts, size_t count);

/** A MAC over several texts with their lengths; text boundaries count. */
void sip_mac(const struct sip_hash_key *key, const struct sip_str *parts, size_t count,
	uint8_t mac[SIP_MAC_LEN]);

uint64_t sip_mac_short(
	const struct sip_hash_key *key, const struct sip_str *parts, size_t count);

/** In a time that does not depend on where they differ. */
int sip_mac_equal(const void *a, const void *b, size_t len);
