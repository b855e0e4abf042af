/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The parts of the log, for log.c, the assertions and the tests.
 */
#pragma once

#include "base/compiler.h"
#include "res_sip/log.h"

#include <stdarg.h>

/* Longer lines are cut, and end in "...". */
#define SIP_LOG_LINE_MAX 2048

struct sip_log_line {
	uint64_t wall_us;
	enum sip_log_level level;
	const char *subject;
	uint64_t left_out; /* lines of this kind that were not let through since the last
			      one */
};

/** The whole line with its line feed into text[SIP_LOG_LINE_MAX]; control characters
 * replaced. */
struct sip_str sip_log_format(const struct sip_log_line *line, char *text,
	const char *format, va_list args) __attribute__((format(printf, 3, 0)));

/** May a line pass at `now_us`?  Then *left_out is how many did not since the last that
 * did. */
bool sip_log_limit_pass(struct sip_log_limit *limit, uint64_t now_us, uint64_t *left_out);

/** Hand a line to the thread that writes to standard error; never waits for that. */
void sip_log_stderr_write(struct sip_str line);

/** Wait until all lines are on standard error, at most for `max_ms`. */
void sip_log_stderr_flush(unsigned max_ms);
