/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that wait until it is known whose call they are of: few, and not for long. */
#pragma once

#include "trace_ring.h"

#define TRACE_HELD_BYTES ((size_t)1024 * 1024)
#define TRACE_HELD_US    UINT64_C(2000000)

struct trace_held_message;

struct trace_held {
	struct trace_held_message *first; /* the oldest */
	struct trace_held_message *last;
	size_t bytes;
};

/* What is shown, in order. */
typedef void trace_show_fn(
	void *arg, const struct trace_record *record, struct sip_str message);

/* Keep a copy; the oldest go for it, and those that are older than TRACE_HELD_US. */
void trace_held_put(struct trace_held *held, const struct trace_record *record,
	struct sip_str message);

/* Show and forget those of a call. */
void trace_held_release(
	struct trace_held *held, struct sip_str call_id, trace_show_fn *show, void *arg);

void trace_held_fini(struct trace_held *held);
