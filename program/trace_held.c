/* SPDX-License-Identifier: BSD-2-Clause */
/* A list, the oldest first. */
#include "trace_held.h"

#include "message_head.h"

#include <stdlib.h>

struct trace_held_message {
	struct trace_held_message *next;
	struct trace_record record;
	size_t len;
	char text[];
};

/* What it costs; empty ones are not free. */
static size_t cost(size_t len)
{
	return sizeof(struct trace_held_message) + len;
}

static void drop_first(struct trace_held *held)
{
	struct trace_held_message *first = held->first;

	held->first = first->next;
	if (held->first == NULL)
		held->last = NULL;
	held->bytes -= cost(first->len);
	free(first);
}

static bool must_go(const struct trace_held *held, uint64_t now_us, size_t len)
{
	return held->bytes + cost(len) > TRACE_HELD_BYTES ||
		held->first->record.wall_us + TRACE_HELD_US < now_us;
}

void trace_held_put(struct trace_held *held, const struct trace_record *record,
	struct sip_str message)
{
	struct trace_held_message *made;

	while (held->first != NULL && must_go(held, record->wall_us, message.len))
		drop_first(held);
	/* Without memory it is not shown: it might not have been in any case. */
	made = malloc(cost(message.len));
	if (made == NULL)
		return;
	*made = (struct trace_held_message){ .record = *record, .len = message.len };
	memcpy(made->text, message.ptr, message.len);
	if (held->last != NULL)
		held->last->next = made;
	else
		held->first = made;
	held->last = made;
	held->bytes += cost(message.len);
}

static bool is_of(const struct trace_held_message *message, struct sip_str call_id)
{
	struct message_head head;

	message_head_read((struct sip_str){ message->text, message->len }, &head);
	return sip_str_equal(head.call_id, call_id);
}

void trace_held_release(
	struct trace_held *held, struct sip_str call_id, trace_show_fn *show, void *arg)
{
	struct trace_held_message **at = &held->first;

	held->last = NULL;
	while (*at != NULL) {
		struct trace_held_message *message = *at;

		if (!is_of(message, call_id)) {
			held->last = message;
			at = &message->next;
			continue;
		}
		show(arg, &message->record,
			(struct sip_str){ message->text, message->len });
		*at = message->next;
		held->bytes -= cost(message->len);
		free(message);
	}
}

void trace_held_fini(struct trace_held *held)
{
	while (held->first != NULL)
		drop_first(held);
}
