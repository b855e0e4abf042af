/* SPDX-License-Identifier: BSD-2-Clause */
/* Phones that have moved: see moves.h. */
#include "server/contacts/moves.h"

#include "base/hash.h"
#include "base/lock.h"
#include "res_sip/error.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 1024
#define HOPS  16 /* moves of one call that are followed */

struct place {
	uint32_t who;         /* 0: the slot is free */
	struct sip_flow flow; /* but for our address */
};

struct sip_moves {
	_Atomic uint32_t noted; /* ever: without any nobody looks */
	struct move {
		struct sip_leaf_lock lock; /* guards what follows */
		struct place from;
		struct sip_flow to;
	} slot[SLOTS];
};

int sip_moves_create(struct sip_moves **moves)
{
	*moves = calloc(1, sizeof(**moves));
	if (*moves == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < SLOTS; i++)
		sip_leaf_lock_init(&(*moves)->slot[i].lock);
	return 0;
}

void sip_moves_destroy(struct sip_moves **place)
{
	struct sip_moves *moves = *place;

	*place = NULL;
	if (moves == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		sip_leaf_lock_fini(&moves->slot[i].lock);
	free(moves);
}

/* `who` is hashed with a secret key, so nobody can aim at a slot. */
static struct move *slot_of(struct sip_moves *moves, const struct place *place)
{
	static const struct sip_hash_key key = { { 0, 0 } };
	const struct sip_flow *flow = &place->flow;
	uint8_t bytes[3 * sizeof(uint32_t) + sizeof(uint16_t) + 16] = { 0 };
	uint16_t port = sip_addr_port(&flow->peer);

	memcpy(bytes, &place->who, sizeof(place->who));
	memcpy(bytes + 4, &flow->listener, sizeof(flow->listener));
	memcpy(bytes + 8, &flow->connection, sizeof(flow->connection));
	memcpy(bytes + 12, &port, sizeof(port));
	if (flow->peer.sa.sa_family == AF_INET6)
		memcpy(bytes + 14, &flow->peer.v6.sin6_addr, 16);
	else
		memcpy(bytes + 14, &flow->peer.v4.sin_addr, 4);
	return &moves->slot[sip_hash(&key, bytes, sizeof(bytes)) % SLOTS];
}

static bool same_place(const struct place *a, const struct place *b)
{
	return a->who == b->who && a->flow.listener == b->flow.listener &&
		a->flow.connection == b->flow.connection &&
		sip_addr_equal(&a->flow.peer, &b->flow.peer);
}

/* Somebody is there again: what goes there stays there. */
static void forget(struct sip_moves *moves, const struct place *place)
{
	struct move *move = slot_of(moves, place);

	sip_leaf_lock(&move->lock);
	if (same_place(&move->from, place))
		move->from.who = 0;
	sip_leaf_unlock(&move->lock);
}

void sip_moves_note(struct sip_moves *moves, uint32_t who, const struct sip_flow *before,
	const struct sip_flow *now)
{
	struct place to = { who, *now };

	if (before == NULL && atomic_load(&moves->noted) == 0)
		return;
	forget(moves, &to);
	if (before == NULL)
		return;
	struct place from = { who, *before };
	struct move *move = slot_of(moves, &from);
	sip_leaf_lock(&move->lock);
	move->from = from;
	move->to = to.flow;
	sip_leaf_unlock(&move->lock);
	atomic_fetch_add(&moves->noted, 1);
}

/* One move. */
static bool step(struct sip_moves *moves, struct place *place)
{
	struct move *move = slot_of(moves, place);
	bool moved;

	sip_leaf_lock(&move->lock);
	moved = same_place(&move->from, place);
	if (moved)
		place->flow = move->to;
	sip_leaf_unlock(&move->lock);
	return moved;
}

bool sip_moves_follow(struct sip_moves *moves, uint32_t who, struct sip_flow *flow)
{
	struct place place = { who, *flow };
	bool moved = false;

	if (who == 0 || atomic_load(&moves->noted) == 0)
		return false;
	for (unsigned i = 0; i < HOPS && step(moves, &place); i++)
		moved = true;
	*flow = place.flow;
	return moved;
}
