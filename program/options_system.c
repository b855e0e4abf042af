/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=system. */
#include "values.h"

#include <stddef.h>

#define THREADS(option_name, without)                                                    \
	{                                                                                \
		.name = option_name, .verdict = OPTION_DIFFERENT, .harmless = without,   \
		.note = "servants= and servants_max= say how many threads there are"     \
	}

static const struct option system_rows[] = {
	/* What this server does. */
	{ .name = "servants",
		.help = "How many threads serve, each with sockets of its own; 0: "
			"as many as this process may use cores.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.system.servants),
		.max = 1024 },
	{ .name = "servants_max",
		.help = "How many threads more may stand in for those that a module "
			"blocks.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.system.servants_max),
		.min = 1,
		.max = 65536 },
	{ .name = "pin_cores",
		.help = "The cores that the servants are bound to, one each, "
			"separated by commas.",
		.unset = "not bound",
		.ours = true,
		.read = read_cores,
		.field = offsetof(struct settings, config.system) },
	{ .name = "timer_t1",
		.help = "T1 of RFC 3261 17.1.1.1 in milliseconds: the first "
			"repetition.",
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_t1_ms),
		.min = 1,
		.max = 60000 },
	{ .name = "timer_t2",
		.help = "T2 of RFC 3261 17.1.2.2 in milliseconds: the longest pause "
			"between repetitions.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_t2_ms),
		.min = 1,
		.max = 60000 },
	{ .name = "timer_t4",
		.help = "T4 of RFC 3261 17.1.2.2 in milliseconds: how long the "
			"network keeps a message.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_t4_ms),
		.min = 1,
		.max = 60000 },
	{ .name = "timer_b",
		.help = "How long an INVITE waits for its first answer, in "
			"milliseconds. Follows `timer_t1` (64 times) where nothing "
			"is said.",
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_b_ms),
		.min = 1,
		.max = 3600000 },
	{ .name = "timer_c",
		.help = "How long a call may ring, in milliseconds (RFC 3261 16.6 "
			"step 11).",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.system.timer_c_ms),
		.min = 1,
		.max = 3600000 },
	{ .name = "max_transactions",
		.help = "Most transactions at a time; 0: no maximum.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.system.max_transactions),
		.max = UINT32_MAX },
	{ .name = "max_contacts",
		.help = "Most registered contacts at a time; 0: no maximum.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.system.max_contacts),
		.max = UINT32_MAX },
	THREADS("threadpool_initial_size", "4"),
	THREADS("threadpool_auto_increment", "1"),
	THREADS("threadpool_idle_timeout", "60"),
	THREADS("threadpool_max_size", "50"),
	THREADS("taskpool_minimum_size", "4"),
	THREADS("taskpool_initial_size", "4"),
	THREADS("taskpool_auto_increment", "1"),
	THREADS("taskpool_idle_timeout", "60"),
	THREADS("taskpool_max_size", "50"),
	/* Later. */
	NOT_YET("compact_headers", "no"),
	NOT_YET("disable_rport", "no"),
	NOT_YET("disable_tcp_switch", "yes"),
	/* Media. */
	MEDIA("follow_early_media_fork", "yes"),
	MEDIA("accept_multiple_sdp_answers", "no"),
};

const struct option_table system_options = OPTION_TABLE(system_rows);
