/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * User-Agent texts, each kept once.
 *
 * A hundred thousand phones are of a few dozen makes, so contacts share the
 * text.  Threads: any; a stripe's leaf lock is held for the look-up, and while the last
 * holder gives a text up.
 */
#pragma once

#include "base/hash.h"
#include "base/lock.h"

#include <stdatomic.h>

#define AGENT_STRIPES 64

/** What a peer writes here is for people to read: more than this is cut off. */
#define AGENT_MAX_LEN 255

struct agent;

struct agents {
	struct sip_hash_key key;
	struct agent_stripe {
		struct sip_leaf_lock
			lock; /* guards the chains, and the counts of their members */
		struct agent *
			*chain; /* chain_count of them, a power of two; NULL: none yet */
		uint32_t chain_count;
		uint32_t count;
	} stripe[AGENT_STRIPES];
};

void agents_init(struct agents *agents, const struct sip_hash_key *key);

/** All must have been dropped (asserted). */
void agents_fini(struct agents *agents);

/** The shared text for `text`, held until agents_drop(); {"", 0} of an empty one.
 * SIP_EMEMORY. */
SIP_MUST_USE int agents_keep(
	struct agents *agents, struct sip_str text, struct sip_str *kept);

/** Hold what the caller sees held once more, where it is what agents_keep() would give
 * for `text`: without looking.  False: it is another. */
bool agents_keep_again(struct sip_str held, struct sip_str text);

/** What one of the two gave. */
void agents_drop(struct agents *agents, struct sip_str kept);
