/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Doubly linked list whose links stand inside of the members.
 *
 * Threads: no locking; whoever owns the list owns its members' links.
 */
#pragma once

#include "base/compiler.h"

#include <stdbool.h>

struct sip_list {
	struct sip_list *next;
	struct sip_list *prev;
};

static inline void sip_list_init(struct sip_list *list)
{
	list->next = list->prev = list;
}

static inline bool sip_list_empty(const struct sip_list *list)
{
	return list->next == list;
}

static inline void sip_list_insert(struct sip_list *before, struct sip_list *link)
{
	link->next = before;
	link->prev = before->prev;
	before->prev->next = link;
	before->prev = link;
}

/** At the end of `list`. */
static inline void sip_list_append(struct sip_list *list, struct sip_list *link)
{
	sip_list_insert(list, link);
}

/** Take out; the link is then a list of its own, so that removing twice is harmless. */
static inline void sip_list_remove(struct sip_list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	sip_list_init(link);
}

#define sip_list_first(list, type, member)                                               \
	(sip_list_empty(list) ? NULL : SIP_CONTAINER((list)->next, type, member))

/**
 * Loop; the current member may be removed, nothing else.
 * `at` and `ahead` are struct sip_list *.
 */
#define sip_list_each(list, at, ahead)                                                   \
	for (at = (list)->next, ahead = at->next; at != (list);                          \
		at = ahead, ahead = at->next)
