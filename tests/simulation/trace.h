/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was sent in a simulation, and what became of it: hashed for comparison, and drawn
 * as a ladder where a rule was broken.
 */
#pragma once

#include "memory.h"

#include <stdio.h>

/* A datagram and its copies. */
#define PASSAGE_COPIES_MAX 3

struct passage {
	uint64_t sent_us;
	struct place from;
	struct place to;
	struct slice text;
	struct slice call_id; /* .at NULL: it is no SIP */
	const char *lost;     /* why; NULL: it arrives */
	uint64_t arrives_us[PASSAGE_COPIES_MAX];
	unsigned copies;
	bool repeated; /* the same bytes went there before */
};

struct trace {
	struct passage *passage; /* the oldest first */
	size_t count;
	size_t room;
	uint64_t hash;
};

void trace_init(struct trace *trace);
void trace_fini(struct trace *trace);

/** Takes note; its number.  The text lives as long as the trace. */
size_t trace_add(struct trace *trace, const struct passage *passage);

/** Of one that went by a connection: it is there, at `us`. */
void trace_arrived(struct trace *trace, size_t number, uint64_t us);

/** Anything else that must be the same in a run of the same seed. */
void trace_note(struct trace *trace, const void *bytes, size_t len);

/** The name of a place in a ladder; borrowed. */
typedef const char *place_name_fn(const void *arg, struct place place);

/** The messages of that Call-ID, at most the last `lines`; an empty one: all messages. */
void trace_ladder(const struct trace *trace, struct slice call_id, size_t lines,
	place_name_fn *name, const void *arg, FILE *out);

/** The same messages whole, one after another. */
void trace_texts(const struct trace *trace, struct slice call_id, FILE *out);
