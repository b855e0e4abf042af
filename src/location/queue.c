/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heap of due times: see queue.h.
 */
#include "location/queue.h"

#define FIRST_ROOM 4

static void put(struct shard *shard, uint32_t place, struct record *record)
{
	shard->queue[place] = record;
	record->queue.place = place;
}

static void sift_up(struct shard *shard, uint32_t place, struct record *record)
{
	while (place != 0) {
		uint32_t parent = (place - 1) / 2;
		if (shard->queue[parent]->queue.due_us <= record->queue.due_us)
			break;
		put(shard, place, shard->queue[parent]);
		place = parent;
	}
	put(shard, place, record);
}

static void sift_down(struct shard *shard, uint32_t place, struct record *record)
{
	for (uint32_t child; (child = 2 * place + 1) < shard->queue_count;
		place = child) {
		if (child + 1 < shard->queue_count &&
			shard->queue[child + 1]->queue.due_us <
				shard->queue[child]->queue.due_us)
			child++;
		if (shard->queue[child]->queue.due_us >= record->queue.due_us)
			break;
		put(shard, place, shard->queue[child]);
	}
	put(shard, place, record);
}

/* `record` takes the place of whatever stood there. */
static void settle(struct shard *shard, uint32_t place, struct record *record)
{
	uint32_t parent = place == 0 ? 0 : (place - 1) / 2;

	if (place != 0 && shard->queue[parent]->queue.due_us > record->queue.due_us)
		sift_up(shard, place, record);
	else
		sift_down(shard, place, record);
}

/* Sequentially consistent: expiry.c says with what. */
static void publish_due(struct shard *shard)
{
	uint64_t due_us = shard->queue_count == 0 ? SIP_NEVER
						  : shard->queue[0]->queue.due_us;

	if (atomic_load_explicit(&shard->due_us, memory_order_relaxed) != due_us)
		atomic_store(&shard->due_us, due_us);
}

void queue_add(struct shard *shard, struct record *record)
{
	SIP_ASSERT(shard->queue_count < shard->queue_room);
	sift_up(shard, shard->queue_count++, record);
	publish_due(shard);
}

void queue_remove(struct shard *shard, struct record *record)
{
	uint32_t place = record->queue.place;

	SIP_ASSERT(place < shard->queue_count && shard->queue[place] == record);
	struct record *last = shard->queue[--shard->queue_count];
	if (last != record)
		settle(shard, place, last);
	publish_due(shard);
}

void queue_replace(struct shard *shard, struct record *before, struct record *after)
{
	uint32_t place = before->queue.place;

	SIP_ASSERT(place < shard->queue_count && shard->queue[place] == before);
	if (after->queue.due_us >= before->queue.due_us) {
		after->queue.due_us = before->queue.due_us;
		put(shard, place, after);
		return;
	}
	sift_up(shard, place, after);
	publish_due(shard);
}

void queue_reckon(struct shard *shard, struct record *record)
{
	uint32_t place = record->queue.place;

	SIP_ASSERT(place < shard->queue_count && shard->queue[place] == record);
	record->queue.due_us = record_due_us(record);
	settle(shard, place, record);
	publish_due(shard);
}

struct record *queue_due(struct shard *shard, uint64_t now_us)
{
	struct record *first;

	while (shard->queue_count != 0) {
		first = shard->queue[0];
		if (first->queue.due_us > now_us)
			break;
		if (record_due_us(first) <= now_us)
			return first;
		queue_reckon(shard, first);
	}
	return NULL;
}

void queue_move(struct shard *shard, struct record ***array, uint32_t *room)
{
	struct record **shorter = shard->queue;
	uint32_t shorter_room = shard->queue_room;

	SIP_ASSERT(*room > shorter_room);
	if (shard->queue_count != 0)
		memcpy(*array, shorter, shard->queue_count * sizeof(*shorter));
	shard->queue = *array;
	shard->queue_room = *room;
	*array = shorter;
	*room = shorter_room;
}

uint32_t queue_longer(uint32_t room)
{
	/* A quarter more: there are thousands of them, and what is spare is spare in
	 * each. */
	return room < FIRST_ROOM ? FIRST_ROOM : room + room / 4 + 1;
}
