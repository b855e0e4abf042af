/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asking contacts: see ask.h.
 *
 * What is known is one word, so that a reader sees a state and its round-trip time
 * together: the state in the low bits, microseconds above them.
 */
#include "location/ask.h"

#define TENTH_US   UINT64_C(100000)
#define STATE_BITS 2
#define STATE_MASK ((1u << STATE_BITS) - 1)
#define RTT_MAX_US (UINT32_MAX >> STATE_BITS) /* 17 minutes */

/* relaxed, here and below: each word stands for itself, and is looked at again */
uint64_t contact_ask_us(const struct contact *contact)
{
	uint32_t tenths = atomic_load_explicit(&contact->ask_ds, memory_order_relaxed);

	return tenths == 0 ? SIP_NEVER : tenths * TENTH_US;
}

void contact_ask_at(struct contact *contact, uint64_t due_us)
{
	uint64_t tenths = due_us == SIP_NEVER ? 0
		: due_us == 0                 ? 1
					      : (due_us - 1) / TENTH_US + 1;

	/* 13 years of the monotonic clock. */
	SIP_ASSERT(tenths <= UINT32_MAX);
	atomic_store_explicit(&contact->ask_ds, (uint32_t)tenths, memory_order_relaxed);
}

static void set_asked(
	struct contact *contact, enum ast_sip_reachability what, uint32_t rtt_us)
{
	atomic_store_explicit(&contact->asked, rtt_us << STATE_BITS | (uint32_t)what,
		memory_order_relaxed);
}

void contact_ask_first(struct contact *contact, struct sip_random *random,
	uint64_t now_us, uint32_t every_s)
{
	contact_ask_at(
		contact, now_us + sip_random_u64(random) % (every_s * UINT64_C(1000000)));
	set_asked(contact, AST_SIP_UNKNOWN, 0);
}

void contact_ask_like(struct contact *contact, const struct contact *before)
{
	atomic_store_explicit(&contact->ask_ds,
		atomic_load_explicit(&before->ask_ds, memory_order_relaxed),
		memory_order_relaxed);
	atomic_store_explicit(&contact->asked,
		atomic_load_explicit(&before->asked, memory_order_relaxed),
		memory_order_relaxed);
}

void contact_is_there(struct contact *contact)
{
	uint32_t asked = atomic_load_explicit(&contact->asked, memory_order_relaxed);

	set_asked(contact, AST_SIP_REACHABLE, asked >> STATE_BITS);
}

enum ast_sip_reachability contact_answered(
	struct contact *contact, enum ast_sip_reachability what, uint32_t rtt_us)
{
	uint32_t word = (rtt_us < RTT_MAX_US ? rtt_us : RTT_MAX_US) << STATE_BITS |
		(uint32_t)what;

	return (enum ast_sip_reachability)(
		atomic_exchange_explicit(&contact->asked, word, memory_order_relaxed) &
		STATE_MASK);
}

enum ast_sip_reachability ast_sip_contact_reachability(
	const struct ast_sip_contact *contact, uint32_t *rtt_us)
{
	SIP_ASSERT(contact != NULL);
	const struct contact *own = SIP_CONTAINER(contact, const struct contact, public);
	uint32_t asked = atomic_load_explicit(&own->asked, memory_order_relaxed);

	if (rtt_us != NULL)
		*rtt_us = asked >> STATE_BITS;
	return (enum ast_sip_reachability)(asked & STATE_MASK);
}
