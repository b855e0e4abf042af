/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as `res_sip trace` prints it. */
#pragma once

#include "trace_ring.h"

/* Append when, which way, on which flow, in which transaction, and what; `missed`
 * messages before it are told of. */
void trace_print(const struct trace_record *record, struct sip_str message,
	uint64_t missed, struct text *text);
