/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules of a server that block: what asks a database, as its callbacks see it.
 *
 * Their callbacks run on spares of the server's pool, begin, take their time on the
 * simulation's clock, and go on; so long the work that they belong to is held, and all
 * else goes on.  Which modules do, how often and for how long is drawn once for each
 * server.
 */
#pragma once

#include "agenda.h"
#include "draw.h"
#include "sip_text.h"

#include "support/spare_threads.h"

struct host;

/* Whose callbacks. */
enum blocking_kind {
	BLOCK_AUTHENTICATOR,
	BLOCK_IDENTIFIERS,
	BLOCK_REGISTRAR,
	BLOCK_OPTIONS,
	BLOCK_PROXY,
};

#define BLOCK_KINDS 5

#define BLOCK_CLASSES 4

#define BLOCK_BUCKETS 64

/* Nothing of that Call-ID is done meanwhile: one of its callbacks blocks, or waits for a
 * spare. */
struct blocking_span {
	struct blocking_span *next;
	struct blocking_span *next_open;
	struct slice call_id;
	uint64_t from_us;
	uint64_t until_us; /* NEVER: it lasts */
	bool seen;
};

struct blocking {
	bool on;
	bool kind[BLOCK_KINDS];
	unsigned servants_max;
	unsigned permille;               /* of its callbacks take time */
	uint64_t most_us[BLOCK_CLASSES]; /* as many of each */
	unsigned long_permille;          /* of those very much */
	struct draw draw;

	struct host *host;
	struct spares spares; /* of the server that runs */
	struct event event[SPARES_MAX];
	uint64_t busy_us; /* since then all that may be lent block; NEVER: not all do */
	struct blocking_span *span[BLOCK_BUCKETS];
	struct blocking_span *open;
};

/** NULL: it is none of a simulation that runs. */
struct sip_server;
const struct blocking *blocking_of_server(const struct sip_server *server);

/** The server is about to be created: the threads for its pool; NULL: nothing blocks. */
const struct sip_spare_threads *blocking_begin(struct host *host);

/** It has ended. */
void blocking_end(struct host *host);

/** What does not block any more goes on.  True: something did. */
bool blocking_run(struct host *host);

/** Something can go on. */
bool blocking_is_ready(const struct host *host);

/** At the end of an instant: note whose turn is held from now on, and whose no more
 * (rules spare-is-lent and held-once). */
void blocking_note(struct host *host);

/** When what had to happen in that call at `us` can have happened: later where it was
 * held then. */
uint64_t blocking_settled_us(const struct host *host, struct slice call_id, uint64_t us);

/** What happened to that call since then happens when it is not held any more: at `us` or
 * later. */
uint64_t blocking_instant_us(const struct host *host, struct slice call_id, uint64_t us);

/** When it was held last, up to `us`: the end of that.  0: it was not. */
uint64_t blocking_free_since_us(
	const struct host *host, struct slice call_id, uint64_t us);

/** It was held at `us`, or until then. */
bool blocking_held(const struct host *host, struct slice call_id, uint64_t us);

/** All that may be lent block since `from_us`, and for as long as one waits at least. */
bool blocking_all_block(const struct host *host, uint64_t from_us, uint64_t until_us);

/** The callback that runs takes its time, perhaps; on a spare only. */
void blocking_pause(void);
