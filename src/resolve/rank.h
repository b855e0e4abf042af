/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Which of several addresses of a name is tried first: RFC 6724 section 6.
 *
 * Its rules 3, 4 and 7 ask for what a program cannot see (deprecated and home addresses,
 * tunnels) and are left out.  Threads: pure functions.
 */
#pragma once

#include "res_sip/flow.h"

/**
 * The more, the better.  `from` is our address that the system would use to reach `to`;
 * NULL: it has none, and the rank is the worst.
 */
uint32_t rank_of(const struct sip_addr *to, const struct sip_addr *from);

/** It has one of our addresses to be reached from. */
bool rank_is_usable(uint32_t rank);
