/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reactor's wheel: see wheel.h.
 *
 * A slot is 16.4 ms wide; 4096 of them make one turn.  A slot holds the places
 * of every turn that fall into it, in no order.
 */
#include "work/wheel.h"

#include "base/clock.h"

#define SLOT_BITS 14

static uint64_t tick_of(uint64_t us)
{
	return us >> SLOT_BITS;
}

static void slot_mark(struct sip_wheel *wheel, uint64_t slot)
{
	wheel->used[slot / 64] |= UINT64_C(1) << slot % 64;
}

static void slot_unmark(struct sip_wheel *wheel, uint64_t slot)
{
	if (sip_list_empty(&wheel->slots[slot]))
		wheel->used[slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

void sip_wheel_init(struct sip_wheel *wheel, uint64_t now_us)
{
	for (size_t i = 0; i < SIP_WHEEL_SLOTS; i++)
		sip_list_init(&wheel->slots[i]);
	for (size_t i = 0; i < SIP_WHEEL_SLOTS / 64; i++)
		wheel->used[i] = 0;
	wheel->next_us = SIP_NEVER;
	wheel->seen_us = now_us;
	wheel->count = 0;
}

void sip_wheel_remove(struct sip_wheel *wheel, struct sip_place *place)
{
	if (place->at_us == SIP_NEVER)
		return;
	sip_list_remove(&place->link);
	/* What was put in late stands in the slot that is looked at next. */
	uint64_t at_us = place->at_us;
	slot_unmark(wheel, tick_of(at_us) % SIP_WHEEL_SLOTS);
	place->at_us = SIP_NEVER;
	wheel->count--;
}

void sip_wheel_put(struct sip_wheel *wheel, struct sip_place *place, uint64_t at_us)
{
	SIP_ASSERT(at_us != SIP_NEVER);
	sip_wheel_remove(wheel, place);
	/* A time that was passed already would be met one turn late. */
	place->at_us = at_us > wheel->seen_us ? at_us : wheel->seen_us;
	uint64_t slot = tick_of(place->at_us) % SIP_WHEEL_SLOTS;
	sip_list_append(&wheel->slots[slot], &place->link);
	slot_mark(wheel, slot);
	wheel->count++;
	if (place->at_us < wheel->next_us)
		wheel->next_us = place->at_us;
}

/* The first tick from `tick` on, within one turn, whose slot has places; or one turn
 * later. */
static uint64_t used_tick(const struct sip_wheel *wheel, uint64_t tick)
{
	uint64_t end = tick + SIP_WHEEL_SLOTS;

	while (tick < end) {
		uint64_t slot = tick % SIP_WHEEL_SLOTS;
		uint64_t bits = wheel->used[slot / 64] >> slot % 64;

		if (bits & 1)
			return tick;
		tick += bits == 0 ? 64 - slot % 64 : 1;
	}
	return end;
}

/* The earliest place of this slot; SIP_NEVER: none. */
static uint64_t slot_next_us(const struct sip_wheel *wheel, uint64_t tick)
{
	const struct sip_list *slot = &wheel->slots[tick % SIP_WHEEL_SLOTS];
	uint64_t next_us = SIP_NEVER;

	for (const struct sip_list *at = slot->next; at != slot; at = at->next) {
		const struct sip_place *place = SIP_CONTAINER(at, struct sip_place, link);

		if (place->at_us < next_us)
			next_us = place->at_us;
	}
	return next_us;
}

/* Everything before seen_us is out: the next place is in the first used slot, or that
 * slot has only places of later turns, and looking when it ends is early, which does no
 * harm. */
static void find_next(struct sip_wheel *wheel)
{
	wheel->next_us = SIP_NEVER;
	if (wheel->count == 0)
		return;
	uint64_t tick = used_tick(wheel, tick_of(wheel->seen_us));
	uint64_t next_us = slot_next_us(wheel, tick);
	uint64_t end_us = (tick + 1) << SLOT_BITS;
	wheel->next_us = next_us < end_us ? next_us : end_us;
}

static struct sip_place *take_from_slot(
	struct sip_wheel *wheel, uint64_t tick, uint64_t now_us)
{
	struct sip_list *slot = &wheel->slots[tick % SIP_WHEEL_SLOTS];

	for (struct sip_list *at = slot->next; at != slot; at = at->next) {
		struct sip_place *place = SIP_CONTAINER(at, struct sip_place, link);

		if (place->at_us <= now_us) {
			sip_wheel_remove(wheel, place);
			return place;
		}
	}
	return NULL;
}

struct sip_place *sip_wheel_take_due(struct sip_wheel *wheel, uint64_t now_us)
{
	while (now_us >= wheel->next_us) {
		uint64_t tick = tick_of(wheel->seen_us);
		struct sip_place *place = NULL;

		/* Where a whole turn was slept through, every slot is looked at once. */
		if (tick_of(now_us) - tick > SIP_WHEEL_SLOTS)
			tick = tick_of(now_us) - SIP_WHEEL_SLOTS;
		for (tick = used_tick(wheel, tick);
			place == NULL && tick <= tick_of(now_us);
			tick = used_tick(wheel, tick + 1))
			place = take_from_slot(wheel, tick, now_us);
		if (place != NULL)
			return place;
		wheel->seen_us = now_us;
		find_next(wheel);
	}
	return NULL;
}

uint64_t sip_wheel_next_us(struct sip_wheel *wheel)
{
	return wheel->count == 0 ? SIP_NEVER : wheel->next_us;
}
