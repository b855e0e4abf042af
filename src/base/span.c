/* SPDX-License-Identifier: BSD-2-Clause */
/* Spans of memory that goes back to the system: see span.h. */
#include "base/span.h"

#include <stdlib.h>
#include <sys/mman.h>

#define SPAN_MIN    ((size_t)16 << 10)
#define SPAN_SHARES 16 /* a span has room for about as many objects at least */

#define REGION_MIN ((size_t)256 << 10)
#define REGION_MAX ((size_t)32 << 20)

/* Empty spans that stay warm: a load that goes up and down by a few objects does not
 * send pages back and forth. */
#define KEEP_BYTES ((size_t)128 << 10)

#define WORD_BITS 64

/* At the beginning of its memory. */
struct sip_span {
	SIP_CACHE_ALIGNED struct sip_free *free; /* those that were outside */
	uint32_t free_count;
	uint32_t carved; /* objects that have been outside; the rest was never touched */
	struct sip_region *region;
	struct sip_span *next; /* of the same level, or of the empty ones */
	struct sip_span **at;  /* what points here; NULL: in no list */
	uint32_t level;        /* of that list */
};

struct sip_region {
	struct sip_region *next;
	char *mapped; /* of what the system gave, which may begin before the first span */
	size_t mapped_len;
	char *first;
	size_t spans;
	size_t cold_count;
	uint64_t cold[]; /* a bit for each span */
};

static size_t round_up(size_t len, size_t to)
{
	return (len + to - 1) / to * to;
}

void sip_spans_init(struct sip_spans *spans, size_t room)
{
	size_t len = SPAN_MIN;

	SIP_ASSERT(room % SIP_CACHE_LINE == 0 && room >= SIP_CACHE_LINE);
	while (len < room * SPAN_SHARES)
		len *= 2;
	*spans = (struct sip_spans){ .room = room, .span_len = len };
	spans->capacity = (len - sizeof(struct sip_span)) / room;
	spans->keep = KEEP_BYTES / len + 1;
}

void sip_spans_fini(struct sip_spans *spans)
{
	struct sip_region *region;

	SIP_ASSERT(spans->warm == spans->empty_count);
	while ((region = spans->regions) != NULL) {
		spans->regions = region->next;
		munmap(region->mapped, region->mapped_len);
		free(region);
	}
}

/* ---- lists ---- */

static void unlink_span(struct sip_span *span)
{
	if (span->at == NULL)
		return;
	*span->at = span->next;
	if (span->next != NULL)
		span->next->at = span->at;
	span->at = NULL;
}

static void link_span(struct sip_span **list, struct sip_span *span)
{
	span->next = *list;
	if (span->next != NULL)
		span->next->at = &span->next;
	*list = span;
	span->at = list;
}

static size_t outside(const struct sip_span *span)
{
	return span->carved - span->free_count;
}

/* Put a span that has some outside into the list of its level, or into none if it is
 * full. */
static void place(struct sip_spans *spans, struct sip_span *span)
{
	size_t out = outside(span);
	uint32_t level = (uint32_t)(out * SIP_SPAN_LEVELS / spans->capacity);

	if (out == spans->capacity) {
		unlink_span(span);
	} else if (span->at == NULL || span->level != level) {
		unlink_span(span);
		span->level = level;
		link_span(&spans->partial[level], span);
	}
}

/* ---- taking ---- */

/* The lowest cold span of a region that has one. */
static struct sip_span *wake(struct sip_spans *spans, struct sip_region *region)
{
	size_t word = 0;
	size_t bit;
	struct sip_span *span;

	while (region->cold[word] == 0)
		word++;
	bit = (size_t)__builtin_ctzll(region->cold[word]);
	region->cold[word] &= region->cold[word] - 1;
	region->cold_count--;
	spans->warm++;
	span = (struct sip_span *)(void *)(region->first +
		(word * WORD_BITS + bit) * spans->span_len);
	*span = (struct sip_span){ .region = region };
	return span;
}

static struct sip_span *find(struct sip_spans *spans)
{
	struct sip_span *span;

	for (size_t level = SIP_SPAN_LEVELS; level-- > 0;) {
		if (spans->partial[level] != NULL)
			return spans->partial[level];
	}
	if ((span = spans->empty) != NULL) {
		unlink_span(span);
		spans->empty_count--;
		return span;
	}
	for (struct sip_region *region = spans->regions; region != NULL;
		region = region->next) {
		if (region->cold_count > 0)
			return wake(spans, region);
	}
	return NULL;
}

static struct sip_taken take_freed(struct sip_span *span, size_t most)
{
	struct sip_taken taken = { span->free, 0, true };
	struct sip_free *last;

	do {
		last = span->free;
		span->free = last->next;
		taken.count++;
	} while (taken.count < most && span->free != NULL);
	last->next = NULL;
	span->free_count -= (uint32_t)taken.count;
	return taken;
}

static struct sip_taken carve(struct sip_spans *spans, struct sip_span *span, size_t most)
{
	size_t left = spans->capacity - span->carved;
	struct sip_taken taken = { (char *)(span + 1) + span->carved * spans->room,
		left < most ? left : most, false };

	span->carved += (uint32_t)taken.count;
	return taken;
}

struct sip_taken sip_spans_take(struct sip_spans *spans, size_t most)
{
	struct sip_span *span = find(spans);
	struct sip_taken taken;

	if (span == NULL)
		return (struct sip_taken){ NULL, 0, true };
	taken = span->free != NULL ? take_freed(span, most) : carve(spans, span, most);
	place(spans, span);
	return taken;
}

struct sip_free *sip_taken_chain(const struct sip_spans *spans, struct sip_taken taken)
{
	char *at = taken.first;

	if (taken.chained)
		return taken.first;
	for (size_t i = 1; i < taken.count; i++, at += spans->room)
		((struct sip_free *)(void *)at)->next = (struct sip_free *)(void *)(at +
			spans->room);
	((struct sip_free *)(void *)at)->next = NULL;
	return taken.first;
}

/* ---- giving back ---- */

static struct sip_span *span_of(const struct sip_spans *spans, void *object)
{
	return (struct sip_span *)((uintptr_t)object & ~(uintptr_t)(spans->span_len - 1));
}

static void run_empty(
	struct sip_spans *spans, struct sip_span *span, struct sip_surplus *surplus)
{
	unlink_span(span);
	if (spans->empty_count >= spans->keep) {
		surplus->at[surplus->count].region = span->region;
		surplus->at[surplus->count++].span = span;
		return;
	}
	/* As if it were new: what is carved lies side by side. */
	span->free = NULL;
	span->free_count = 0;
	span->carved = 0;
	link_span(&spans->empty, span);
	spans->empty_count++;
}

void sip_spans_give(
	struct sip_spans *spans, struct sip_free *object, struct sip_surplus *surplus)
{
	struct sip_span *span = span_of(spans, object);

	SIP_ASSERT(outside(span) > 0 && surplus->count < SIP_SURPLUS_MAX);
	object->next = span->free;
	span->free = object;
	span->free_count++;
	if (outside(span) == 0)
		run_empty(spans, span, surplus);
	else
		place(spans, span);
}

void sip_surplus_discard(const struct sip_spans *spans, struct sip_surplus *surplus)
{
	/* It can't fail for memory of our own; if it did, the pages would only stay. */
	for (size_t i = 0; i < surplus->count; i++)
		(void)madvise(surplus->at[i].span, spans->span_len, MADV_DONTNEED);
}

void sip_spans_put_away(struct sip_spans *spans, struct sip_surplus *surplus)
{
	for (size_t i = 0; i < surplus->count; i++) {
		struct sip_region *region = surplus->at[i].region;
		size_t number = (size_t)((char *)surplus->at[i].span - region->first) /
			spans->span_len;

		region->cold[number / WORD_BITS] |= (uint64_t)1 << number % WORD_BITS;
		region->cold_count++;
	}
	spans->warm -= surplus->count;
	surplus->count = 0;
}

bool sip_spans_sparse(const struct sip_spans *spans, uint64_t outside_count)
{
	return spans->warm > spans->keep &&
		outside_count * 2 < spans->warm * spans->capacity;
}

/* ---- regions ---- */

size_t sip_spans_next_region(const struct sip_spans *spans)
{
	size_t len = spans->region_bytes;

	len = len < REGION_MIN ? REGION_MIN : len;
	return round_up(len > REGION_MAX ? REGION_MAX : len, spans->span_len);
}

struct sip_region *sip_region_map(const struct sip_spans *spans, size_t len)
{
	size_t count = len / spans->span_len;
	size_t words = (count + WORD_BITS - 1) / WORD_BITS;
	struct sip_region *region = calloc(1, sizeof(*region) + words * sizeof(uint64_t));
	size_t mapped_len = len + spans->span_len;
	char *mapped;

	if (region == NULL)
		return NULL;
	mapped = mmap(NULL, mapped_len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED) {
		free(region);
		return NULL;
	}
	region->mapped = mapped;
	region->mapped_len = mapped_len;
	region->first = mapped +
		(round_up((uintptr_t)mapped, spans->span_len) - (uintptr_t)mapped);
	region->spans = count;
	region->cold_count = count;
	for (size_t i = 0; i < count; i++)
		region->cold[i / WORD_BITS] |= (uint64_t)1 << i % WORD_BITS;
	return region;
}

void sip_spans_add(struct sip_spans *spans, struct sip_region *region)
{
	region->next = spans->regions;
	spans->regions = region;
	spans->region_bytes += region->spans * spans->span_len;
}
