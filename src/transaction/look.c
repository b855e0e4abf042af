/* SPDX-License-Identifier: BSD-2-Clause */
/* What the console sees of a transaction, in its call's turn. */
#include "transaction/txn_private.h"

struct sip_txn *sip_txn_next(const struct sip_txn *txn)
{
	const struct sip_list *next = txn->link.next;

	return next != &txn->call->txns ? SIP_CONTAINER(next, struct sip_txn, link)
					: NULL;
}

static uint64_t earlier(const struct sip_timer *a, const struct sip_timer *b)
{
	return a->due_us < b->due_us ? a->due_us : b->due_us;
}

void sip_txn_look(const struct sip_txn *txn, struct sip_txn_look *look)
{
	uint64_t now_us = sip_pool_now_us(txn->call->work.pool);
	uint64_t due_us = earlier(&txn->resend, &txn->expire);

	look->method = txn->key.method;
	look->age_ms = (uint32_t)(now_us / 1000) - txn->began_ms;
	look->next_timer_us = SIP_NEVER;
	if (due_us != SIP_NEVER)
		look->next_timer_us = due_us > now_us ? due_us - now_us : 0;
}

const char *sip_txn_state_name(enum sip_txn_state state)
{
	static const char *const names[] = { "calling", "trying", "proceeding",
		"completed", "confirmed", "accepted", "terminated" };

	return names[state];
}
