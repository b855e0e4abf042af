/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Answers to an INVITE that are sent again and again: RFC 3261 section 13.3.1.
 *
 *      none ---1xx---> ringing: each minute (13.3.1.1)
 *        \              |
 *         `---- 2xx ----+---> accepted: after T1, doubling to T2 (13.3.1.4)
 *                               |-- ACK -------> acknowledged
 *                               `-- 64*T1 -----> given up: the user is told
 *
 * Whatever the transport: "even if a reliable transport is used", as there may be others
 * on the way.  Threads: the turn of the dialog's work.
 */
#pragma once

#include "transaction/txn.h"

struct sip_repeat {
	struct sip_timer again;
	struct sip_timer give_up;
	uint32_t interval_ms; /* until it is sent again */
	uint32_t t2_ms;
	bool accepted;
	struct sip_tx_data *answer; /* counted; NULL: nothing is sent again */
	struct sip_repeat_user {
		void *arg;
		/* Send `answer` again. */
		void (*send)(void *arg, struct sip_tx_data *answer);
		/* Nobody acknowledged it. */
		void (*no_ack)(void *arg);
	} user;
};

void sip_repeat_init(struct sip_repeat *repeat, const struct sip_repeat_user *user);

/** A provisional answer other than 100 was sent. */
void sip_repeat_ringing(struct sip_repeat *repeat, struct sip_tx_data *answer);

/** A 2xx was sent. */
void sip_repeat_accepted(struct sip_repeat *repeat, struct sip_tx_data *answer,
	const struct sip_txn_timing *timing);

/** The ACK came, or another final answer was given, or it is over. */
void sip_repeat_stop(struct sip_repeat *repeat);
