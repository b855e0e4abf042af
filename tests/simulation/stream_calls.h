/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls of the servers' connections, which meet the simulated network.
 *
 * The linker sends those of the library here first (--wrap).  Descriptors that were made
 * here are numbers that the system never gives; all others go to the system.  One that is
 * closed is never given again, so that who uses it later is found.
 */
#pragma once

#include "stream_net.h"

struct sim;

/** Descriptors of the server with that address that are not closed yet; of connections
 * only. */
unsigned stream_descriptors(const struct sim *sim, unsigned host, bool listening);
