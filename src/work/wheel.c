/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reactor's wheel: see wheel.h.
 *
 * A slot is 16.4 ms wide; 4096 of them make one turn.  A slot holds the places of every
 * turn that fall into it, in no order.  What falls into the present tick stands apart, in
 * near slots of 256 us: with thousands of places in a tick, only those of the first near
 * slot are looked through for the next time.
 */
#include "work/wheel.h"

#include "base/clock.h"

#define SLOT_BITS 14
#define NEAR_BITS 8

static uint64_t tick_of(uint64_t us)
{
	return us >> SLOT_BITS;
}

static uint64_t slot_of(uint64_t tick)
{
	return tick % SIP_WHEEL_SLOTS;
}

static bool is_near(const struct sip_wheel *wheel, uint64_t at_us)
{
	return tick_of(at_us) == tick_of(wheel->seen_us);
}

static uint64_t near_of(uint64_t us)
{
	return us >> NEAR_BITS & (SIP_WHEEL_NEAR - 1);
}

/* Into the list that its time says. */
static void insert(struct sip_wheel *wheel, struct sip_place *place)
{
	uint64_t slot = slot_of(tick_of(place->at_us));
	uint64_t near = near_of(place->at_us);

	if (is_near(wheel, place->at_us)) {
		sip_list_append(&wheel->near[near], &place->link);
		wheel->near_used |= UINT64_C(1) << near;
	} else {
		sip_list_append(&wheel->slots[slot], &place->link);
		wheel->used[slot / 64] |= UINT64_C(1) << slot % 64;
	}
}

/* Out of it. */
static void detach(struct sip_wheel *wheel, struct sip_place *place)
{
	uint64_t slot = slot_of(tick_of(place->at_us));
	uint64_t near = near_of(place->at_us);

	sip_list_remove(&place->link);
	if (is_near(wheel, place->at_us)) {
		if (sip_list_empty(&wheel->near[near]))
			wheel->near_used &= ~(UINT64_C(1) << near);
	} else if (sip_list_empty(&wheel->slots[slot])) {
		wheel->used[slot / 64] &= ~(UINT64_C(1) << slot % 64);
	}
}

void sip_wheel_init(struct sip_wheel *wheel, uint64_t now_us)
{
	for (size_t i = 0; i < SIP_WHEEL_SLOTS; i++)
		sip_list_init(&wheel->slots[i]);
	for (size_t i = 0; i < SIP_WHEEL_NEAR; i++)
		sip_list_init(&wheel->near[i]);
	for (size_t i = 0; i < SIP_WHEEL_SLOTS / 64; i++)
		wheel->used[i] = 0;
	wheel->near_used = 0;
	wheel->next_us = SIP_NEVER;
	wheel->seen_us = now_us;
	wheel->count = 0;
}

void sip_wheel_remove(struct sip_wheel *wheel, struct sip_place *place)
{
	if (place->at_us == SIP_NEVER)
		return;
	detach(wheel, place);
	place->at_us = SIP_NEVER;
	wheel->count--;
}

void sip_wheel_put(struct sip_wheel *wheel, struct sip_place *place, uint64_t at_us)
{
	SIP_ASSERT(at_us != SIP_NEVER);
	sip_wheel_remove(wheel, place);
	/* A time that was passed already would be met one turn late. */
	place->at_us = at_us > wheel->seen_us ? at_us : wheel->seen_us;
	insert(wheel, place);
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
		uint64_t slot = slot_of(tick);
		uint64_t bits = wheel->used[slot / 64] >> slot % 64;

		if (bits & 1)
			return tick;
		tick += bits == 0 ? 64 - slot % 64 : 1;
	}
	return end;
}

/* The earliest place of a list; SIP_NEVER: none. */
static uint64_t earliest_us(const struct sip_list *list)
{
	uint64_t next_us = SIP_NEVER;

	for (const struct sip_list *at = list->next; at != list; at = at->next) {
		const struct sip_place *place = SIP_CONTAINER(at, struct sip_place, link);

		if (place->at_us < next_us)
			next_us = place->at_us;
	}
	return next_us;
}

/* The list of the earliest places of the present tick; NULL: it has none. */
static struct sip_list *first_near(struct sip_wheel *wheel)
{
	if (wheel->near_used == 0)
		return NULL;
	return &wheel->near[__builtin_ctzll(wheel->near_used)];
}

/* Everything before seen_us is out: the next place is in the first near slot, else in the
 * first used slot, or that slot has only places of later turns, and looking when it ends
 * is early, which does no harm. */
static uint64_t find_next_us(struct sip_wheel *wheel)
{
	const struct sip_list *near = first_near(wheel);

	if (near != NULL)
		return earliest_us(near);
	if (wheel->count == 0)
		return SIP_NEVER;
	uint64_t tick = used_tick(wheel, tick_of(wheel->seen_us));
	uint64_t next_us = earliest_us(&wheel->slots[slot_of(tick)]);
	uint64_t end_us = (tick + 1) << SLOT_BITS;
	return next_us < end_us ? next_us : end_us;
}

/* That tick is the present one, and all places before it are out: its own come near. */
static void open_tick(struct sip_wheel *wheel, uint64_t tick)
{
	struct sip_list *slot = &wheel->slots[slot_of(tick)];
	uint64_t begin_us = tick << SLOT_BITS;
	struct sip_list *after;

	SIP_ASSERT(wheel->near_used == 0);
	for (struct sip_list *at = slot->next; at != slot; at = after) {
		struct sip_place *place = SIP_CONTAINER(at, struct sip_place, link);

		after = at->next;
		if (tick_of(place->at_us) > tick)
			continue;
		detach(wheel, place);
		/* What is of an earlier turn has been slept through. */
		place->at_us = place->at_us > begin_us ? place->at_us : begin_us;
		sip_list_append(&wheel->near[near_of(place->at_us)], &place->link);
		wheel->near_used |= UINT64_C(1) << near_of(place->at_us);
	}
	wheel->seen_us = begin_us;
}

/* The present tick has no places: go on to the first that has, or to the one of now.
 * False: it is that already. */
static bool go_on(struct sip_wheel *wheel, uint64_t now_us)
{
	uint64_t tick = tick_of(wheel->seen_us);

	if (tick >= tick_of(now_us))
		return false;
	/* Where a whole turn was slept through, every slot is looked at once. */
	if (tick_of(now_us) - tick > SIP_WHEEL_SLOTS)
		tick = tick_of(now_us) - SIP_WHEEL_SLOTS;
	tick = used_tick(wheel, tick + 1);
	open_tick(wheel, tick < tick_of(now_us) ? tick : tick_of(now_us));
	return true;
}

static struct sip_place *take_from(
	struct sip_wheel *wheel, struct sip_list *list, uint64_t now_us)
{
	for (struct sip_list *at = list->next; at != list; at = at->next) {
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
		struct sip_list *near = first_near(wheel);
		struct sip_place *place = near != NULL ? take_from(wheel, near, now_us)
						       : NULL;

		if (place != NULL)
			return place;
		if (near == NULL && go_on(wheel, now_us))
			continue;
		wheel->seen_us = now_us;
		wheel->next_us = find_next_us(wheel);
	}
	return NULL;
}

uint64_t sip_wheel_next_us(struct sip_wheel *wheel)
{
	return wheel->count == 0 ? SIP_NEVER : wheel->next_us;
}

static void visit_list(const struct sip_list *list,
	void (*see)(void *arg, const struct sip_place *place), void *arg)
{
	for (const struct sip_list *at = list->next; at != list; at = at->next)
		see(arg, SIP_CONTAINER(at, struct sip_place, link));
}

void sip_wheel_visit(const struct sip_wheel *wheel,
	void (*see)(void *arg, const struct sip_place *place), void *arg)
{
	for (size_t i = 0; i < SIP_WHEEL_SLOTS / 64; i++) {
		for (uint64_t bits = wheel->used[i]; bits != 0; bits &= bits - 1)
			visit_list(&wheel->slots[64 * i + (size_t)__builtin_ctzll(bits)],
				see, arg);
	}
	for (size_t i = 0; i < SIP_WHEEL_NEAR; i++)
		visit_list(&wheel->near[i], see, arg);
}
