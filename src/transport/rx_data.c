/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of a received message.
 *
 *     slab    | struct | text ... | padding | index | arena          |
 *     or      | struct | arena                                       |
 *     large                       | text ... | padding | index       |
 *
 * Text and index are always neighbours, so that one rule finds the index's place
 * in both.  Slices of the message point into the text: whoever moves it parses
 * it again.
 */
#include "transport/rx_data.h"

#include "transport/peer_names.h"
#include "transport/rx_room.h"

#include "base/slab.h"

#include <stdlib.h>
#include <string.h>

/* Entries behind a text in a large buffer, at the first try. */
#define LARGE_INDEX 128

/* Large buffers are multiples of that. */
#define LARGE_BLOCK 64

struct sip_rx_data *sip_rx_data_ref(struct sip_rx_data *rdata)
{
	/* relaxed: who refers to it already keeps it alive; partner: sip_rx_data_unref()
	 */
	atomic_fetch_add_explicit(&rdata->refs, 1, memory_order_relaxed);
	return rdata;
}

static void count_large(struct sip_rx_data *rdata, uint16_t blocks)
{
	uint64_t more = ((uint64_t)blocks - rdata->large_blocks) * LARGE_BLOCK;

	rdata->large_blocks = blocks;
	/* Relaxed: a sum, which orders nothing; the receiver reads it. */
	if (rdata->large_total != NULL)
		atomic_fetch_add_explicit(rdata->large_total, more, memory_order_relaxed);
}

void sip_rx_data_count_large(struct sip_rx_data *rdata, _Atomic uint64_t *total)
{
	uint16_t blocks = rdata->large_blocks;

	rdata->large_blocks = 0;
	rdata->large_total = total;
	count_large(rdata, blocks);
}

static void drop_large(struct sip_rx_data *rdata)
{
	if (rdata->large == NULL)
		return;
	count_large(rdata, 0);
	free(rdata->large);
	rdata->large = NULL;
}

void sip_rx_data_unref(struct sip_rx_data **place)
{
	struct sip_rx_data *rdata = *place;

	*place = NULL;
	if (rdata == NULL)
		return;
	SIP_ASSERT(rdata->magic == sip_rx_data_MAGIC);
	/* acq_rel: the last one sees what the others (this same line) did before they let
	 * go */
	if (atomic_fetch_sub_explicit(&rdata->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (rdata->fini != NULL)
		rdata->fini(rdata);
	sip_arena_fini(&rdata->arena);
	drop_large(rdata);
	if (rdata->peer_names != NULL)
		sip_peer_names_unref(&rdata->peer_names);
	rdata->magic = 0;
	sip_slab_free(rdata->slab, rdata);
}

char *sip_rx_data_room(struct sip_rx_data *rdata)
{
	return (char *)rdata + SIP_RX_TEXT_OFFSET;
}

static char *slab_end(struct sip_rx_data *rdata)
{
	return (char *)rdata + SIP_RX_SLAB_LEN;
}

struct sip_rx_data *sip_rx_data_empty(struct sip_slab *slab)
{
	struct sip_rx_data *rdata = sip_slab_alloc(slab);

	if (rdata == NULL)
		return NULL;
	/* The room behind the struct is left as it is: a batch has many that are never
	 * filled. */
	memset(rdata, 0, sizeof(*rdata));
	rdata->magic = sip_rx_data_MAGIC;
	atomic_init(&rdata->refs, 1);
	rdata->slab = slab;
	rdata->msg.text = sip_rx_data_room(rdata);
	sip_arena_init(&rdata->arena, slab_end(rdata), 0);
	return rdata;
}

/* From `offset` up to what a struct sip_hdr may stand on. */
static size_t index_offset(size_t text_len)
{
	size_t align = _Alignof(struct sip_hdr);

	return (text_len + SIP_MSG_PADDING + align - 1) / align * align;
}

/* A buffer of its own with room for an index of `entries`; the text comes in two parts.
 */
static int move_to_large(struct sip_rx_data *rdata, struct sip_str first,
	struct sip_str second, size_t entries)
{
	size_t len = first.len + second.len;
	size_t size = index_offset(len) + entries * sizeof(struct sip_hdr);
	/* Sizes that are multiples of the alignment are what aligned_alloc() takes. */
	size_t blocks = (size + LARGE_BLOCK - 1) / LARGE_BLOCK;
	char *large = aligned_alloc(LARGE_BLOCK, blocks * LARGE_BLOCK);

	if (large == NULL)
		return SIP_EMEMORY;
	memcpy(large, first.ptr, first.len);
	if (second.len > 0)
		memcpy(large + first.len, second.ptr, second.len);
	memset(large + len, 0, SIP_MSG_PADDING);
	drop_large(rdata);
	count_large(rdata, (uint16_t)blocks);
	rdata->large = large;
	rdata->msg.text = large;
	rdata->msg.len = (uint32_t)len;
	return SIP_OK;
}

int sip_rx_data_fill(struct sip_rx_data *rdata, size_t len, const char *more)
{
	char *room = sip_rx_data_room(rdata);
	struct sip_str first = { room, SIP_RX_TEXT_ROOM };

	if (len > SIP_RX_TEXT_ROOM) {
		return move_to_large(rdata, first,
			(struct sip_str){ more, len - SIP_RX_TEXT_ROOM }, LARGE_INDEX);
	}
	memset(room + len, 0, SIP_MSG_PADDING);
	rdata->msg.len = (uint32_t)len;
	return SIP_OK;
}

struct sip_rx_data *sip_rx_data_create(struct sip_slab *slab, const char *text,
	size_t len, const struct sip_flow *flow, uint64_t arrival_us)
{
	struct sip_rx_data *rdata = sip_rx_data_empty(slab);
	size_t here = len < SIP_RX_TEXT_ROOM ? len : SIP_RX_TEXT_ROOM;

	SIP_ASSERT(len <= UINT32_MAX - SIP_RX_SLAB_LEN);
	if (rdata == NULL)
		return NULL;
	if (here > 0)
		memcpy(sip_rx_data_room(rdata), text, here);
	if (sip_rx_data_fill(rdata, len, len > here ? text + here : NULL) != SIP_OK)
		sip_rx_data_unref(&rdata);
	if (rdata != NULL) {
		rdata->flow = *flow;
		rdata->arrival_us = arrival_us;
	}
	return rdata;
}

/* The index goes behind the text's padding, as large as the room there is. */
static void place_index(struct sip_rx_data *rdata)
{
	struct sip_msg *msg = &rdata->msg;
	size_t room = LARGE_INDEX;
	uintptr_t align = _Alignof(struct sip_hdr);
	/* Leading line ends may have been skipped, so the text's start says nothing. */
	uintptr_t at = (uintptr_t)(msg->text + msg->len + SIP_MSG_PADDING);

	at = (at + align - 1) / align * align;
	if (rdata->large == NULL)
		room = ((uintptr_t)slab_end(rdata) - at) / sizeof(struct sip_hdr);
	msg->hdrs = (struct sip_hdr *)at;
	msg->hdr_room = (uint16_t)room;
	msg->hdr_count = 0;
}

/* Text and index move to where the largest index that is allowed has room. */
static int make_room(struct sip_rx_data *rdata, const struct sip_msg_limits *limits)
{
	struct sip_msg *msg = &rdata->msg;
	size_t entries = limits->headers < UINT16_MAX ? limits->headers : UINT16_MAX;
	struct sip_str text = { msg->text, msg->len };

	if (move_to_large(rdata, text, (struct sip_str){ NULL, 0 }, entries) != SIP_OK)
		return SIP_EMEMORY;
	msg->hdrs = (struct sip_hdr *)(void *)(msg->text + index_offset(msg->len));
	msg->hdr_room = (uint16_t)entries;
	msg->hdr_count = 0;
	return SIP_OK;
}

/* What the message leaves of the slab. */
static void start_arena(struct sip_rx_data *rdata)
{
	char *start = sip_rx_data_room(rdata);

	if (rdata->large == NULL)
		start = (char *)(rdata->msg.hdrs + rdata->msg.hdr_count);
	sip_arena_fini(&rdata->arena);
	sip_arena_init(&rdata->arena, start, (size_t)(slab_end(rdata) - start));
}

int sip_rx_data_parse(struct sip_rx_data *rdata, const struct sip_msg_limits *limits)
{
	const char *refused_why = rdata->msg.error;
	uint32_t len = rdata->msg.len;
	int error;

	place_index(rdata);
	error = sip_msg_parse(&rdata->msg, limits);
	if (error == SIP_ESPACE) {
		/* The parser cuts off what stands behind the body; let it decide afresh.
		 */
		rdata->msg.len = len;
		error = make_room(rdata, limits);
		if (error == SIP_OK)
			error = sip_msg_parse(&rdata->msg, limits);
	}
	/* Also after an error: the answer is built in it. */
	start_arena(rdata);
	if (SIP_LIKELY(rdata->refused == 0))
		return error;
	rdata->msg.error_status = rdata->refused;
	rdata->msg.error = refused_why;
	return SIP_EINVALID;
}
