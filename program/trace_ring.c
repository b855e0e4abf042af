/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of messages. */
#include "trace_ring.h"

#include <stdlib.h>
#include <unistd.h>

bool trace_ring_init(struct trace_ring *ring, size_t size, int wake_fd)
{
	*ring = (struct trace_ring){ .size = size, .wake_fd = wake_fd };
	ring->bytes = malloc(size);
	if (ring->bytes == NULL)
		return false;
	if (pthread_mutex_init(&ring->lock, NULL) == 0)
		return true;
	free(ring->bytes);
	return false;
}

void trace_ring_fini(struct trace_ring *ring)
{
	free(ring->bytes);
	pthread_mutex_destroy(&ring->lock);
}

static void copy_in(struct trace_ring *ring, const void *from, size_t len)
{
	size_t at = (ring->first + ring->used) % ring->size;
	size_t until_end = ring->size - at;
	size_t head = len < until_end ? len : until_end;

	if (len == 0)
		return;
	memcpy(ring->bytes + at, from, head);
	memcpy(ring->bytes, (const unsigned char *)from + head, len - head);
	ring->used += len;
}

static void copy_out(struct trace_ring *ring, void *to, size_t len)
{
	size_t until_end = ring->size - ring->first;
	size_t head = len < until_end ? len : until_end;

	if (len == 0)
		return;
	memcpy(to, ring->bytes + ring->first, head);
	memcpy((unsigned char *)to + head, ring->bytes, len - head);
	ring->first = (ring->first + len) % ring->size;
	ring->used -= len;
}

static void wake(int fd)
{
	static const uint64_t one = 1;

	/* A full eventfd has woken its reader already. */
	if (fd >= 0)
		SIP_IGNORE(write(fd, &one, sizeof(one)) < 0);
}

/* The record with what its text is made of: `parts`, one behind the other. */
static void put(struct trace_ring *ring, struct trace_record *record,
	const struct sip_str *parts, size_t count)
{
	bool was_empty;

	for (size_t i = 0; i < count; i++)
		record->text_len += parts[i].len;
	pthread_mutex_lock(&ring->lock);
	was_empty = ring->used == 0;
	if (ring->size - ring->used < sizeof(*record) + record->text_len) {
		ring->missed += record->what == TRACE_MESSAGE;
	} else {
		record->missed = ring->missed;
		ring->missed = 0;
		copy_in(ring, record, sizeof(*record));
		for (size_t i = 0; i < count; i++)
			copy_in(ring, parts[i].ptr, parts[i].len);
	}
	pthread_mutex_unlock(&ring->lock);
	if (was_empty)
		wake(ring->wake_fd);
}

void trace_ring_put(void *arg, const struct sip_trace_message *message)
{
	struct trace_record record = {
		.what = TRACE_MESSAGE,
		.wall_us = message->wall_us,
		.kind = message->flow.kind,
		.sent = message->sent,
		.local = message->flow.local,
		.peer = message->flow.peer,
	};

	put(arg, &record, &message->text, 1);
}

void trace_ring_put_link(void *arg, const struct sip_trace_link *link)
{
	bool is_endpoint = link->endpoint != NULL;
	const struct sip_str parts[] = { link->call_id, SIP_STR("\n"),
		sip_str_of(is_endpoint ? link->endpoint : link->aor) };
	struct trace_record record = {
		.what = is_endpoint ? TRACE_ENDPOINT : TRACE_AOR,
	};

	put(arg, &record, parts, 3);
}

bool trace_ring_take(
	struct trace_ring *ring, struct trace_record *record, struct text *text)
{
	bool any;

	pthread_mutex_lock(&ring->lock);
	any = ring->used != 0;
	if (any) {
		char part[1024];
		size_t left;

		copy_out(ring, record, sizeof(*record));
		for (left = record->text_len; left != 0;) {
			size_t len = left < sizeof(part) ? left : sizeof(part);

			copy_out(ring, part, len);
			text_add(text, (struct sip_str){ part, len });
			left -= len;
		}
	}
	pthread_mutex_unlock(&ring->lock);
	return any;
}

void trace_ring_clear(struct trace_ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->first = 0;
	ring->used = 0;
	ring->missed = 0;
	pthread_mutex_unlock(&ring->lock);
}
