/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The rooms of a received message: where its text stands, for who fills it.
 *
 * A receiver takes an empty rx_data, lets the system write into its room, and
 * says with sip_rx_data_fill() what came.  What is longer than the room moves to
 * a large buffer there, so nobody behind it meets a text in two pieces.
 *
 * Threads: as rx_data.h; the room is the receiver's until the message is given on.
 */
#pragma once

#include "transport/rx_data.h"

/* The index behind a text has at least this room before a larger one is tried. */
#define SIP_RX_INDEX_MIN 32

/* Where the text stands in the slab: the parser reads in blocks of 64 bytes. */
#define SIP_RX_TEXT_OFFSET ((sizeof(struct sip_rx_data) + 63) & ~(size_t)63)

/* Bytes of text that the slab itself can take. */
#define SIP_RX_TEXT_ROOM                                                                 \
	(SIP_RX_SLAB_LEN - SIP_RX_TEXT_OFFSET - SIP_MSG_PADDING -                        \
		SIP_RX_INDEX_MIN * sizeof(struct sip_hdr))

_Static_assert(SIP_RX_TEXT_OFFSET + SIP_MSG_PADDING + 1024 < SIP_RX_SLAB_LEN,
	"an ordinary message fits into the slab");

/** One without a text, refs 1; NULL: out of memory. */
SIP_MUST_USE struct sip_rx_data *sip_rx_data_empty(struct sip_slab *slab);

/** SIP_RX_TEXT_ROOM bytes in the slab. */
char *sip_rx_data_room(struct sip_rx_data *rdata);

/**
 * The text is `len` bytes: the first SIP_RX_TEXT_ROOM of them are in the room already,
 * the rest at `more` (borrowed).  SIP_EMEMORY: nothing changed.
 */
SIP_MUST_USE int sip_rx_data_fill(
	struct sip_rx_data *rdata, size_t len, const char *more);
