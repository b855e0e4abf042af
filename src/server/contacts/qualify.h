/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Keep-alive: asking contacts whether they are there (qualify_frequency=).
 *
 * Each is asked with OPTIONS from the listener and address that it registered on, so that
 * the NAT on the way keeps its binding.  When is the location's business (ask.h there).
 */
#pragma once

#include "server/server.h"

/** At most so many wait for their answer at a time; the others come later. */
#define SIP_QUALIFY_MAX 2048

/** What the location calls (location.h): ask that contact now.  Returns in how many
 * milliseconds again; 0: never. */
uint32_t sip_qualify(
	void *server, struct sip_str aor, const struct ast_sip_contact *contact);
