/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A shard's records by due time: a heap, so that each change costs a few steps.
 *
 * Every record of the shard is in it, those that never expire at the end, so
 * that a record has its place from the moment it is in the shard.
 *
 * Each step is at a record that was long not looked at.  So one that is refreshed, and
 * due later than it was, stays where it is with the time that it has there: only when
 * that comes it is put where it belongs, once for however many times it was refreshed.
 *
 * Threads: under the shard's lock, but for queue_longer().
 */
#pragma once

#include "location/shard.h"

/** There is room for it (asserted). */
void queue_add(struct shard *shard, struct record *record);
void queue_remove(struct shard *shard, struct record *record);
void queue_replace(struct shard *shard, struct record *before, struct record *after);

/** It is due at another time than it was. */
void queue_reckon(struct shard *shard, struct record *record);

/** The first that is due by now; NULL: none is. */
struct record *queue_due(struct shard *shard, uint64_t now_us);

/** Give it the longer array, and get the shorter one. */
void queue_move(struct shard *shard, struct record ***array, uint32_t *room);

/** How long an array follows one of `room`. */
uint32_t queue_longer(uint32_t room);
