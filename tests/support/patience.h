/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that refuses nobody for having waited: for tests with real threads, which a
 * busy machine may hold up for longer than any class may wait.
 */
#pragma once

#include "res_sip/config.h"

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
