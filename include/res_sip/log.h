/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Log lines: `TIME LEVEL subject: text key=value`.
 *
 * Threads: any.  A line is written whole.  Writing never waits for the reader:
 * when the sink can't keep up, lines are dropped and counted, and a later line
 * says how many.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/str.h"

SIP_API_BEGIN

/** How much a line matters; the first matters most. */
enum sip_log_level {
	SIP_LOG_ERROR,   /**< Something does not work, and somebody must act. */
	SIP_LOG_WARNING, /**< Something is not as it should be. */
	SIP_LOG_NOTICE,  /**< What an operator wants to see: a login that failed. */
	SIP_LOG_INFO,    /**< What happens. */
	SIP_LOG_DEBUG,   /**< Why it happens. */
};

/**
 * Write one line about `subject` (a module's or a part's name).
 *
 * Control characters in the text become `?`, so that a peer can't forge a line.
 */
void sip_log(enum sip_log_level level, const char *subject, const char *format, ...)
	SIP_PRINTF(3, 4);

/** A line that a peer can provoke: at most 10 a second per `limit`, the rest counted. */
struct sip_log_limit {
	_Alignas(8) unsigned char opaque[24]; /* all zero before the first use */
};

/**
 * sip_log() for what a peer can repeat.  The next line let through ends in
 * `(left_out=N)`, how many were not.
 */
void sip_log_limited(struct sip_log_limit *limit, enum sip_log_level level,
	const char *subject, const char *format, ...) SIP_PRINTF(4, 5);

/** Lines above `level` are not written.  Default: SIP_LOG_NOTICE. */
void sip_log_set_level(enum sip_log_level level);

/** Would a line of `level` be written? */
bool sip_log_enabled(enum sip_log_level level);

/** `error`, `warning`, `notice`, `info` or `debug`; -1 for another word. */
int sip_log_level_of(struct sip_str word);

/**
 * Takes one line, which ends with a line feed; borrows it.
 *
 * Threads: the one that logs, so several at a time.  A sink does not set the sink.
 */
typedef void sip_log_sink_fn(void *arg, enum sip_log_level level, struct sip_str line);

/** Where lines go; NULL: standard error.  On return the old sink runs no more. */
void sip_log_set_sink(sip_log_sink_fn *sink, void *arg);

SIP_API_END
