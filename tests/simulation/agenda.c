/* SPDX-License-Identifier: BSD-2-Clause */
/* A binary heap of events: see agenda.h. */
#include "agenda.h"

#include "scarcity.h"

#include <stdlib.h>

void agenda_fini(struct agenda *agenda)
{
	free(agenda->heap);
	*agenda = (struct agenda){ 0 };
}

static bool is_before(const struct event *a, const struct event *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void put(struct agenda *agenda, struct event *event, size_t place)
{
	agenda->heap[place] = event;
	event->place = place;
}

static void rise(struct agenda *agenda, struct event *event, size_t place)
{
	while (place > 1 && is_before(event, agenda->heap[place / 2])) {
		put(agenda, agenda->heap[place / 2], place);
		place /= 2;
	}
	put(agenda, event, place);
}

static void sink(struct agenda *agenda, struct event *event, size_t place)
{
	for (size_t child = 2 * place; child <= agenda->count; child = 2 * place) {
		if (child < agenda->count &&
			is_before(agenda->heap[child + 1], agenda->heap[child]))
			child++;
		if (!is_before(agenda->heap[child], event))
			break;
		put(agenda, agenda->heap[child], place);
		place = child;
	}
	put(agenda, event, place);
}

static void make_room(struct agenda *agenda)
{
	size_t room = agenda->room == 0 ? 64 : 2 * agenda->room;
	struct scarcity *before;

	if (agenda->count + 1 < agenda->room)
		return;
	before = scarcity_use(NULL); /* as in memory.c */
	agenda->heap = realloc(agenda->heap, room * sizeof(struct event *));
	scarcity_use(before);
	if (agenda->heap == NULL)
		abort();
	agenda->room = room;
}

void agenda_set(struct agenda *agenda, struct event *event, uint64_t due_us,
	event_fn *happen, void *arg)
{
	agenda_drop(agenda, event);
	make_room(agenda);
	*event = (struct event){
		.due_us = due_us, .order = ++agenda->orders, .happen = happen, .arg = arg
	};
	rise(agenda, event, ++agenda->count);
}

void agenda_drop(struct agenda *agenda, struct event *event)
{
	size_t place = event->place;
	struct event *last;

	if (place == 0)
		return;
	event->place = 0;
	last = agenda->heap[agenda->count--];
	if (last == event)
		return;
	rise(agenda, last, place);
	sink(agenda, last, last->place);
}

bool event_waits(const struct event *event)
{
	return event->place != 0;
}

uint64_t agenda_next_us(const struct agenda *agenda)
{
	return agenda->count > 0 ? agenda->heap[1]->due_us : NEVER;
}

struct event *agenda_take(struct agenda *agenda)
{
	struct event *event = agenda->heap[1];

	agenda_drop(agenda, event);
	return event;
}
