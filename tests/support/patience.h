/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests with real threads, which a busy machine may hold up: how long they wait, and
 * a server that refuses nobody for having waited longer than its class may.
 */
#pragma once

#include "res_sip/config.h"

#include <stdlib.h>

/* How many seconds a wait may take until the test fails.  While allocations fail on
 * purpose, waiting in vain is what happens. */
static inline int patience_s(void)
{
	return getenv("SIP_ALLOC_FAIL") != NULL ? 3 : 60;
}

static inline void config_be_patient(struct sip_config *config)
{
	const uint32_t longest_ms = 60000;

	config->system.max_wait_emergency_ms = longest_ms;
	config->system.max_wait_options_ms = longest_ms;
	config->system.max_wait_known_ms = longest_ms;
	config->system.max_wait_invite_ms = longest_ms;
	config->system.max_wait_register_ms = longest_ms;
	config->system.max_wait_other_ms = longest_ms;
}
