/* SPDX-License-Identifier: BSD-2-Clause */
/* The timers of one work: a pairing heap, which needs no memory beyond the timers. */
#include "work/timer_heap.h"

static bool earlier(const struct sip_timer *a, const struct sip_timer *b)
{
	return a->due_us < b->due_us || (a->due_us == b->due_us && a->order < b->order);
}

/* Two roots become one. */
static struct sip_timer *meld(struct sip_timer *a, struct sip_timer *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	if (earlier(b, a)) {
		struct sip_timer *swap = a;

		a = b;
		b = swap;
	}
	b->next = a->child;
	b->prev = a;
	if (a->child != NULL)
		a->child->prev = b;
	a->child = b;
	return a;
}

/* Siblings become one root: in pairs from the left, then the pairs from the right. */
static struct sip_timer *meld_siblings(struct sip_timer *first)
{
	struct sip_timer *pairs = NULL;
	struct sip_timer *root = NULL;

	while (first != NULL) {
		struct sip_timer *second = first->next;
		struct sip_timer *rest = second == NULL ? NULL : second->next;

		first->next = NULL;
		if (second != NULL)
			second->next = NULL;
		struct sip_timer *pair = meld(first, second);
		pair->next = pairs;
		pairs = pair;
		first = rest;
	}
	while (pairs != NULL) {
		struct sip_timer *rest = pairs->next;

		pairs->next = NULL;
		root = meld(root, pairs);
		pairs = rest;
	}
	return root;
}

void sip_timer_heap_put(struct sip_timer **root, struct sip_timer *timer)
{
	timer->child = timer->next = timer->prev = NULL;
	*root = meld(*root, timer);
}

void sip_timer_heap_remove(struct sip_timer **root, struct sip_timer *timer)
{
	struct sip_timer *rest = meld_siblings(timer->child);

	if (timer == *root) {
		*root = rest;
	} else {
		if (timer->prev->child == timer)
			timer->prev->child = timer->next;
		else
			timer->prev->next = timer->next;
		if (timer->next != NULL)
			timer->next->prev = timer->prev;
		*root = meld(*root, rest);
	}
	if (*root != NULL)
		(*root)->prev = (*root)->next = NULL;
	timer->child = timer->next = timer->prev = NULL;
}
