/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was refused lately: see refused.h.
 *
 * A place is one word, the upper part of it of the request's name and the lower the
 * time, so that it is read and written whole.  All is relaxed: it orders nothing, and
 * copies of one request have their turns one after another.
 */
#include "server/admission/refused.h"

#include <stdatomic.h>
#include <stdlib.h>

#define WAYS 4u

/* Some seconds of the most refusals that are answered (max_refusals). */
#define PLACES_PER_SERVANT 32768u

#define T4_US UINT64_C(5000000)

/* Milliseconds, nearly; in 24 bits they are hours. */
#define TICK_BITS 10
#define TIME_BITS 24
#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)

int sip_refused_init(struct sip_refused *refused, unsigned servants)
{
	atomic_init(&refused->latest_us, 0);
	refused->places = (size_t)servants * PLACES_PER_SERVANT;
	refused->place = calloc(refused->places, sizeof(*refused->place));
	return refused->place != NULL ? 0 : SIP_EMEMORY;
}

void sip_refused_fini(struct sip_refused *refused)
{
	free(refused->place);
	refused->place = NULL;
}

static uint64_t mix(uint64_t hash, struct sip_str text)
{
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Both sides of a call count by themselves (RFC 3261 12.2.1.1), and in each of its early
 * dialogs. */
static uint64_t side_of(const struct sip_msg *msg)
{
	const uint64_t start = UINT64_C(0xcbf29ce484222325);

	if (msg->to_tag.ptr == NULL)
		return start;
	return mix(mix(mix(start, msg->from_tag), SIP_STR(";")), msg->to_tag);
}

/* Copies have the same Call-ID, CSeq number and method; the hash of the Call-ID is
 * keyed. */
static uint64_t name_of(const struct sip_rx_data *rdata)
{
	uint64_t name = rdata->call_hash ^ side_of(&rdata->msg) ^
		UINT64_C(0x9e3779b97f4a7c15) *
			(((uint64_t)rdata->msg.cseq << 8) + rdata->msg.method);

	return name ^ (name >> 29);
}

static uint64_t tick_of(uint64_t us)
{
	return (us >> TICK_BITS) & TIME_MASK;
}

/* Ticks since it was refused; more than there are: another, or none. */
static uint64_t age_of(uint64_t found, uint64_t name, uint64_t now_us)
{
	if (found == 0 || ((found ^ name) & ~TIME_MASK) != 0)
		return TIME_MASK + 1;
	return (tick_of(now_us) - found) & TIME_MASK;
}

static _Atomic uint64_t *set_of(const struct sip_refused *refused, uint64_t name)
{
	return &refused->place[name % (refused->places / WAYS) * WAYS];
}

/* A newcomer takes the place of the same one, or of the one that is oldest. */
void sip_refused_note(
	struct sip_refused *refused, const struct sip_rx_data *rdata, uint64_t now_us)
{
	uint64_t name = name_of(rdata);
	_Atomic uint64_t *set = set_of(refused, name);
	unsigned chosen = 0;
	uint64_t oldest = 0;

	for (unsigned i = 0; i < WAYS; i++) {
		uint64_t found = atomic_load_explicit(&set[i], memory_order_relaxed);
		uint64_t age = found == 0 ? TIME_MASK
					  : (tick_of(now_us) - found) & TIME_MASK;

		if (age_of(found, name, now_us) <= TIME_MASK)
			age = TIME_MASK + 1;
		if (age > oldest) {
			oldest = age;
			chosen = i;
		}
	}
	atomic_store_explicit(&set[chosen], (name & ~TIME_MASK) | tick_of(now_us),
		memory_order_relaxed);
	atomic_store_explicit(&refused->latest_us, now_us, memory_order_relaxed);
}

bool sip_refused_none(const struct sip_refused *refused, uint64_t now_us)
{
	uint64_t latest_us = atomic_load_explicit(
		&refused->latest_us, memory_order_relaxed);

	return SIP_LIKELY(latest_us == 0) || now_us > latest_us + T4_US;
}

bool sip_refused_knows(const struct sip_refused *refused, const struct sip_rx_data *rdata,
	uint64_t now_us)
{
	uint64_t name = name_of(rdata);
	_Atomic uint64_t *set = set_of(refused, name);

	for (unsigned i = 0; i < WAYS; i++) {
		uint64_t found = atomic_load_explicit(&set[i], memory_order_relaxed);

		if (age_of(found, name, now_us) <= T4_US >> TICK_BITS)
			return true;
	}
	return false;
}
