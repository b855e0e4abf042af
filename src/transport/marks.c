/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks: see marks.h. */
#include "transport/marks.h"

#include "base/compiler.h"
#include "res_sip/error.h"

#include <stdlib.h>

#define FIRST_SLOTS 8u

void sip_marks_fini(struct sip_marks *marks)
{
	free(marks->slot);
	*marks = (struct sip_marks){ .first = 0 };
}

/* Where it is or would be; the table is never full. */
static uint64_t *place_of(uint64_t *slot, uint32_t slots, uint64_t mark)
{
	uint32_t i = (uint32_t)mark & (slots - 1);

	while (slot[i] != 0 && slot[i] != mark)
		i = (i + 1) & (slots - 1);
	return &slot[i];
}

/* Move what there is into the longer table; the caller gets the shorter one. */
static void move(struct sip_marks *marks, struct sip_marks_room *room)
{
	struct sip_marks_room before = { marks->slot, marks->slots };

	for (uint32_t i = 0; i < before.slots; i++)
		if (before.slot[i] != 0)
			*place_of(
				room->slot, room->slots, before.slot[i]) = before.slot[i];
	marks->slot = room->slot;
	marks->slots = room->slots;
	*room = before;
}

int sip_marks_put(struct sip_marks *marks, uint64_t mark, struct sip_marks_room *room)
{
	SIP_ASSERT(mark != 0);
	if (marks->first == 0)
		marks->first = mark;
	if (marks->first == mark)
		return 0;
	if (marks->slots != 0 && *place_of(marks->slot, marks->slots, mark) == mark)
		return 0;
	/* Half of it stays free. */
	if (marks->count + 1 > marks->slots / 2) {
		uint32_t wanted = marks->slots == 0 ? FIRST_SLOTS : marks->slots * 2;

		if (room->slot == NULL || room->slots < wanted) {
			room->slots = wanted;
			return SIP_ESPACE;
		}
		move(marks, room);
	}
	*place_of(marks->slot, marks->slots, mark) = mark;
	marks->count++;
	return 0;
}

int sip_marks_make_room(struct sip_marks_room *room)
{
	free(room->slot);
	room->slot = calloc(room->slots, sizeof(*room->slot));
	return room->slot != NULL ? 0 : SIP_EMEMORY;
}

unsigned sip_marks_take(struct sip_marks *marks, uint64_t *mark, unsigned room)
{
	unsigned count = 0;

	if (marks->first != 0 && room > 0) {
		mark[count++] = marks->first;
		marks->first = 0;
	}
	for (; marks->taken < marks->slots && count < room; marks->taken++)
		if (marks->slot[marks->taken] != 0)
			mark[count++] = marks->slot[marks->taken];
	return count;
}
