/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose turn it is to offer, in one dialog: RFC 3261 sections 14.1 and 14.2,
 * RFC 3264 section 4, RFC 3311 section 5, RFC 3262 section 5.
 *
 * Told of each request and each description that goes or comes, it says what
 * crosses.  It reads no message and sends none.  Threads: the dialog's turn.
 */
#pragma once

#include "base/random.h"
#include "res_sip/method.h"

#include <stdbool.h>

/* Which offer has no answer yet. */
enum sip_offer {
	SIP_OFFER_NONE,
	SIP_OFFER_SENT,
	SIP_OFFER_RECEIVED,
};

enum sip_exchange_side { SIP_SIDE_OURS, SIP_SIDE_THEIRS };

/* All zero: nothing has happened. */
struct sip_exchange {
	enum sip_offer offer;
	/* The request with which the offer came, or whose answer had it. */
	enum sip_method carrier;
	enum sip_exchange_side carrier_side;
	/* By side: a request that has no final answer. */
	bool invite[2];
	bool update[2];
	bool unacknowledged; /* our final answer to their INVITE has no ACK */
};

/** We want to send INVITE, UPDATE or PRACK.  0, and it counts as sent; SIP_ESTATE: not
 * now, try again when something ended. */
SIP_MUST_USE int sip_exchange_send(
	struct sip_exchange *exchange, enum sip_method method, bool body);

/** INVITE, UPDATE or PRACK came.  0, and it counts as begun; else what to answer: 491, or
 * 500 with a Retry-After (sip_exchange_retry_after_s()). */
SIP_MUST_USE int sip_exchange_receive(
	struct sip_exchange *exchange, enum sip_method method, bool body);

/** A description went with a reliable answer to `method`, or with ACK (`method` is INVITE
 * then): it answers what was offered, offers, or repeats what is known. */
void sip_exchange_body_sent(struct sip_exchange *exchange, enum sip_method method);

/** Likewise one that came. */
void sip_exchange_body_received(struct sip_exchange *exchange, enum sip_method method);

/** The final answer to a request of `side`; an offer it leaves open without a 2xx is
 * void. */
void sip_exchange_final(struct sip_exchange *exchange, enum sip_exchange_side side,
	enum sip_method method, int status);

/** The ACK of our final answer came, or never will. */
void sip_exchange_acknowledged(struct sip_exchange *exchange);

/** How long to wait after a 491 (14.1): 2.1 to 4 s for who chose the Call-ID, else 0 to
 * 2 s, in steps of 10 ms. */
uint32_t sip_exchange_retry_ms(struct sip_random *random, bool chose_call_id);

/** For the Retry-After of a 500: 0 to 10 (14.2, RFC 3311 section 5.2). */
uint32_t sip_exchange_retry_after_s(struct sip_random *random);
