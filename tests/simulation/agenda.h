/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is going to happen when: a heap of events, by virtual time, then by the order in
 * which they were added.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEVER UINT64_MAX

typedef void event_fn(void *arg);

/* Embedded in what it happens to; zeroed before the first use. */
struct event {
	uint64_t due_us;
	uint64_t order;
	size_t place; /* in the heap, from 1 on; 0: it does not wait */
	event_fn *happen;
	void *arg;
};

struct agenda {
	struct event **heap; /* from 1 on */
	size_t count;
	size_t room;
	uint64_t orders;
};

void agenda_fini(struct agenda *agenda);

/** Let it happen at that time; one that waits already waits for this time instead. */
void agenda_set(struct agenda *agenda, struct event *event, uint64_t due_us,
	event_fn *happen, void *arg);

/** It does not happen; nothing where it did not wait. */
void agenda_drop(struct agenda *agenda, struct event *event);

bool event_waits(const struct event *event);

/** NEVER: nothing waits. */
uint64_t agenda_next_us(const struct agenda *agenda);

/** Takes the first out of the agenda; there is one. */
struct event *agenda_take(struct agenda *agenda);
