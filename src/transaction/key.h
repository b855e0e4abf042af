/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a transaction is found by, copied out of its request, which it outlives.
 *
 * Enough for RFC 3261.  A request without the magic cookie is matched by the
 * rules of RFC 2543, which ask for nearly all of it: its transaction keeps it.
 */
#pragma once

#include "message/message.h"

struct sip_txn_key {
	struct sip_str branch; /* of the top Via; ptr NULL: it has none */
	struct sip_str method;
	/* Of a server transaction only: a client's branch is our own. */
	struct sip_str sent_by;  /* its host */
	struct sip_str from_tag; /* ptr NULL: it has none */
	uint32_t cseq;
	uint16_t port;  /* of sent-by, with the default where it names none */
	char room[104]; /* the texts, or `large` has them */
	char *large;
};

/** The key of a request that came, borrowing its texts. */
void sip_txn_key_of(struct sip_txn_key *key, const struct sip_msg *request);

/** Make `key` one with texts of its own.  SIP_EMEMORY. */
SIP_MUST_USE int sip_txn_key_copy(
	struct sip_txn_key *key, const struct sip_txn_key *borrowed);

void sip_txn_key_fini(struct sip_txn_key *key);

/** Both are not there, or have the same bytes. */
bool sip_txn_same_text(struct sip_str a, struct sip_str b);

/** `z9hG4bK` (8.1.1.7): the branch tells the transaction. */
bool sip_txn_has_cookie(struct sip_str branch);

/** Same branch and sent-by (17.2.3). */
bool sip_txn_key_same_hop(const struct sip_txn_key *a, const struct sip_txn_key *b);
