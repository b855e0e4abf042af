/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A received message with where it came from and the memory it lives in.
 *
 * The struct stands at the start of a slab; the message's bytes follow, its
 * index behind them, and the arena in what is left.  It is given back whole
 * with the last reference.
 *
 * Threads: belongs to one thread until it is pushed, then to its work's turn;
 * the reference count is atomic.
 */
#pragma once

#include "base/arena.h"
#include "message/message.h"
#include "work/pool.h"

struct sip_call;
struct sip_peer_names; /* transport/peer_names.h */
struct sip_txn;
struct sip_serving; /* server/: where the request is in the table of steps */
struct sip_server;

#define SIP_RX_SLAB_LEN 4096

struct sip_rx_data {
#define sip_rx_data_MAGIC 0x72786461u
	uint32_t magic;
	_Atomic uint32_t refs;
	struct sip_task task; /* pushes it to its work */
	struct sip_msg msg;
	struct sip_flow
		flow;        /* where it came from; local is the address it was sent to */
	uint64_t arrival_us; /* monotonic; by the kernel where it says */
	bool force_rport;    /* answered as if its Via asked for rport (RFC 3581) */
	/* Admission's: see server/admission/admission.h. */
	bool placed : 1;    /* it had a place */
	bool has_place : 1; /* it has it still */
	uint16_t lane;      /* whose; the number of the reactor where its call begins */
	uint16_t large_blocks; /* what `large` counts for, of 64 bytes */
	/* Its header block is here, but what belongs to it can't be told: to be answered
	 * with this and msg.error, and served in no case.  0: it is whole. */
	uint16_t refused;
	struct sip_arena arena;
	struct sip_slab *slab;             /* where the struct goes back to */
	struct sip_peer_names *peer_names; /* a reference; NULL: its peer has proved
					      none */
	void *large; /* free()d with it: message and index that the slab could not hold */
	_Atomic uint64_t *large_total; /* bytes of all; NULL: not counted */

	/* For the folders above. */
	struct sip_server *server;
	uint64_t call_hash;
	struct sip_call *call;
	struct sip_txn *txn; /* its server transaction; of a response: the client's */
	struct sip_serving *serving;
	void (*fini)(
		struct sip_rx_data *rdata); /* NULL, or called with the last reference */
};

/** One more reference; any thread. */
struct sip_rx_data *sip_rx_data_ref(struct sip_rx_data *rdata);

/** Drop one; *rdata becomes NULL. */
void sip_rx_data_unref(struct sip_rx_data **rdata);

/**
 * Make one with room for a message of `len` bytes (padding and index included) and its
 * text copied in; parsed by the caller with sip_rx_data_parse().  refs is 1.  NULL: out
 * of memory.
 */
SIP_MUST_USE struct sip_rx_data *sip_rx_data_create(struct sip_slab *slab,
	const char *text, size_t len, const struct sip_flow *flow, uint64_t arrival_us);

/** What it has beside its slab is counted in *total from now on. */
void sip_rx_data_count_large(struct sip_rx_data *rdata, _Atomic uint64_t *total);

/** sip_msg_parse() with the index in the slab, or in a large buffer where it does not
 * fit; then the arena is ready.  Errors: sip_msg_parse()'s, SIP_EMEMORY; SIP_EINVALID: it
 * was refused before. */
SIP_MUST_USE int sip_rx_data_parse(
	struct sip_rx_data *rdata, const struct sip_msg_limits *limits);
