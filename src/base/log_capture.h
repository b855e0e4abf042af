/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Log lines of one thread, taken instead of written: what would be logged is
 * shown to whoever asks, and the log and the limits of its lines stay as they are.
 *
 * Threads: what is set holds for the thread that sets it.
 */
#pragma once

#include "base/compiler.h"
#include "res_sip/log.h"

/* Takes one line without time and line feed; borrows it. */
struct sip_log_capture {
	void (*take)(struct sip_log_capture *capture, enum sip_log_level level,
		struct sip_str line);
};

/** Every line of this thread that its level lets through goes to `capture` from now on;
 * NULL: to the log again. */
void sip_log_set_capture(struct sip_log_capture *capture);
