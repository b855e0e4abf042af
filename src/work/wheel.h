/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A reactor's wheel: places in time, found by a hash of the time.
 *
 * Putting in and taking out cost the same however many there are, and nothing
 * is ever sorted or moved in bulk.  Times are exact to the microsecond; what is
 * more than one turn of the wheel away (67 s) is met early and stays.
 *
 * Threads: the reactor's owner.
 */
#pragma once

#include "base/list.h"

#define SIP_WHEEL_SLOTS 4096u
#define SIP_WHEEL_NEAR  64u

struct sip_place {
	struct sip_list link;
	uint64_t at_us; /* SIP_NEVER: not in the wheel */
};

struct sip_wheel {
	struct sip_list slots[SIP_WHEEL_SLOTS];
	uint64_t used[SIP_WHEEL_SLOTS / 64];  /* a bit per slot that has places */
	struct sip_list near[SIP_WHEEL_NEAR]; /* places of seen_us's tick */
	uint64_t near_used;                   /* a bit per near slot that has places */
	uint64_t next_us;                     /* no place is earlier */
	uint64_t seen_us; /* all places before it have been taken out */
	uint64_t count;
};

void sip_wheel_init(struct sip_wheel *wheel, uint64_t now_us);

/** Not SIP_NEVER.  A place that is in the wheel moves. */
void sip_wheel_put(struct sip_wheel *wheel, struct sip_place *place, uint64_t at_us);

/** A place that is not in the wheel is left alone. */
void sip_wheel_remove(struct sip_wheel *wheel, struct sip_place *place);

/** Take out one place whose time has come; NULL: none. */
struct sip_place *sip_wheel_take_due(struct sip_wheel *wheel, uint64_t now_us);

/** When to look again: not after the next place's time, perhaps before; SIP_NEVER: none.
 */
uint64_t sip_wheel_next_us(struct sip_wheel *wheel);

/** Each place once, in no order.  `see` leaves the wheel as it is. */
void sip_wheel_visit(const struct sip_wheel *wheel,
	void (*see)(void *arg, const struct sip_place *place), void *arg);
