/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages as a pcapng file, for Wireshark and tshark.
 *
 * What a packet of them would have been: an IPv4 or IPv6 header and a UDP header with
 * their checksums, the time in microseconds, and the direction.  A message that came over
 * a connection is one datagram here.
 */
#pragma once

#include "trace_ring.h"

/* The file's beginning. */
void capture_begin(struct text *file);

/* A message; `missed` of them were left out before it. */
void capture_add(const struct trace_record *record, struct sip_str message,
	uint64_t missed, struct text *file);
