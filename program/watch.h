/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one client of the trace gets to see, and in which form: `trace --endpoint X --pcap
 * F`.
 *
 * Threads: one, whose ast_sip_server() is the server.
 */
#pragma once

#include "trace_filter.h"

struct watch;

/* Of the arguments of a trace; NULL: error[SYNTAX_ERROR_LEN] says why not. */
struct watch *watch_create(const struct arguments *arguments, char *error);

/* What stands before the first message. */
void watch_begin(const struct watch *watch, struct text *out);

/* Have a record judged, and what is shown of it added to `out`. */
void watch_take(struct watch *watch, const struct trace_record *record,
	struct sip_str message, struct text *out);

/* So many more messages were not judged: told with the next one that is shown. */
void watch_miss(struct watch *watch, uint64_t messages);

void watch_destroy(struct watch **watch);
