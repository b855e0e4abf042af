/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages on their way from the server's threads to those who watch.
 *
 * A ring of fixed size: a message that does not fit is counted and left out, so that
 * watching never holds up a call.  The lock is held to copy one message.
 *
 * Threads: trace_ring_put() any, the others one.
 */
#pragma once

#include "text.h"

#include <res_sip/trace.h>

#include <pthread.h>

enum trace_what {
	TRACE_MESSAGE,
	TRACE_ENDPOINT, /* text: `CALL-ID\nNAME`, an endpoint that takes part in the call
			 */
	TRACE_AOR,      /* likewise, an AOR that the call goes to */
};

struct trace_record {
	enum trace_what what;
	size_t text_len;
	uint64_t wall_us;
	uint64_t missed; /* messages left out before this one */
	enum sip_transport_kind kind;
	bool sent;
	struct sip_addr local;
	struct sip_addr peer;
};

struct trace_ring {
	pthread_mutex_t lock; /* guards what follows */
	unsigned char *bytes;
	size_t size;
	size_t first;    /* where the oldest record begins */
	size_t used;     /* bytes */
	uint64_t missed; /* since the last record that was put in */
	int wake_fd;     /* written to when the first record comes; -1: nobody waits */
};

/* False: out of memory. */
SIP_MUST_USE bool trace_ring_init(struct trace_ring *ring, size_t size, int wake_fd);

/* The functions of struct sip_trace_watcher; `arg` is the ring. */
void trace_ring_put(void *arg, const struct sip_trace_message *message);
void trace_ring_put_link(void *arg, const struct sip_trace_link *link);

/* Take the oldest record; its text is put into `text`, which is empty before.  False:
 * none. */
bool trace_ring_take(
	struct trace_ring *ring, struct trace_record *record, struct text *text);

/* Forget all records. */
void trace_ring_clear(struct trace_ring *ring);

void trace_ring_fini(struct trace_ring *ring);
