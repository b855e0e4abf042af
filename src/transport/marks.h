/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Marks: numbers that somebody has put on a connection, and is told when it ends.
 *
 * Mostly there is one, which takes no memory beside the connection's; more are a table
 * without doubles, so that a trunk which registers thousands can't fill the memory by
 * doing it again and again.
 *
 * Threads: its owner's.
 */
#pragma once

#include "res_sip/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct sip_marks {
	uint64_t first; /* 0: none */
	uint64_t *slot; /* slots of them, 0 is free; NULL: at most the first one */
	uint32_t slots; /* a power of two */
	uint32_t count; /* in the slots */
	uint32_t taken; /* how far sip_marks_take() has come */
};

/* A longer table, for who may not allocate where he puts a mark. */
struct sip_marks_room {
	uint64_t *slot;
	uint32_t slots;
};

/** All zero: nothing is marked. */
void sip_marks_fini(struct sip_marks *marks);

/** Put `mark`, which is not 0 and well mixed.  0; SIP_ESPACE: room is needed first:
 * *room says how much.  Where there is room it is taken, and *room is what is left over.
 */
SIP_MUST_USE int sip_marks_put(
	struct sip_marks *marks, uint64_t mark, struct sip_marks_room *room);

/** What SIP_ESPACE asks for.  SIP_EMEMORY. */
SIP_MUST_USE int sip_marks_make_room(struct sip_marks_room *room);

/** The next `room` marks at most; nothing is put any more.  0: there are no more. */
unsigned sip_marks_take(struct sip_marks *marks, uint64_t *mark, unsigned room);
