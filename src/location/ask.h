/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Asking contacts whether they are there: when, and what came of it.
 *
 * The due times of a hundred thousand contacts are spread evenly from the first second:
 * the first one of each is drawn from the whole interval, and the others follow it at the
 * interval's distance.  Who asks, and how, is not the location's business.
 *
 * Threads: any.
 */
#pragma once

#include "base/random.h"
#include "location/contact.h"

/** When it is to be asked next; SIP_NEVER. */
uint64_t contact_ask_us(const struct contact *contact);

/** Rounded up to tenths of a second. */
void contact_ask_at(struct contact *contact, uint64_t due_us);

/** A new contact, of which nothing is known: for the first time within `every_s`. */
void contact_ask_first(struct contact *contact, struct sip_random *random,
	uint64_t now_us, uint32_t every_s);

/** One that takes the place of `before`: when it would have been, and what is known. */
void contact_ask_like(struct contact *contact, const struct contact *before);

/** It has written to us by itself; a round-trip time that was measured stays. */
void contact_is_there(struct contact *contact);

/** What is known from now on; returns what was before. */
enum ast_sip_reachability contact_answered(
	struct contact *contact, enum ast_sip_reachability what, uint32_t rtt_us);
