/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=system. */
#include "values.h"

#include <stddef.h>

#define POOL "servants= and servants_max= say how many threads there are"

static const struct option system_rows[] = {
	/* What this server does. */
	{ .name = "servants",
		.read = read_number,
		.field = offsetof(struct settings, config.system.servants),
		.max = 1024 },
	{ .name = "servants_max",
		.read = read_number,
		.field = offsetof(struct settings, config.system.servants_max),
		.min = 1,
		.max = 65536 },
	{ .name = "pin_cores",
		.read = read_cores,
		.field = offsetof(struct settings, config.system) },
	{ .name = "timer_t1",
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_t1_ms),
		.min = 1,
		.max = 60000 },
	{ .name = "timer_t2",
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_t2_ms),
		.min = 1,
		.max = 60000 },
	{ .name = "timer_t4",
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_t4_ms),
		.min = 1,
		.max = 60000 },
	{ .name = "timer_b",
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_b_ms),
		.min = 1,
		.max = 3600000 },
	{ .name = "timer_c",
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_c_ms),
		.min = 1,
		.max = 3600000 },
	{ .name = "max_transactions",
		.read = read_number,
		.field = offsetof(struct settings, config.system.max_transactions),
		.max = UINT32_MAX },
	{ .name = "max_contacts",
		.read = read_number,
		.field = offsetof(struct settings, config.system.max_contacts),
		.max = UINT32_MAX },
	{ .name = "threadpool_initial_size", .verdict = OPTION_DIFFERENT, .note = POOL },
	{ .name = "threadpool_auto_increment",
		.verdict = OPTION_DIFFERENT,
		.note = POOL },
	{ .name = "threadpool_idle_timeout", .verdict = OPTION_DIFFERENT, .note = POOL },
	{ .name = "threadpool_max_size", .verdict = OPTION_DIFFERENT, .note = POOL },
	{ .name = "taskpool_minimum_size", .verdict = OPTION_DIFFERENT, .note = POOL },
	{ .name = "taskpool_initial_size", .verdict = OPTION_DIFFERENT, .note = POOL },
	{ .name = "taskpool_auto_increment", .verdict = OPTION_DIFFERENT, .note = POOL },
	{ .name = "taskpool_idle_timeout", .verdict = OPTION_DIFFERENT, .note = POOL },
	{ .name = "taskpool_max_size", .verdict = OPTION_DIFFERENT, .note = POOL },
	/* Later. */
	NOT_YET("compact_headers", "no"),
	NOT_YET("disable_rport", "no"),
	NOT_YET("disable_tcp_switch", "yes"),
	/* Media. */
	NO_MEANING("follow_early_media_fork"),
	NO_MEANING("accept_multiple_sdp_answers"),
};

const struct option_table system_options = OPTION_TABLE(system_rows);
