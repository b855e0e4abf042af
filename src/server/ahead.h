/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What requests will look at, asked for before they do.
 *
 * With a hundred thousand phones all that is kept of one lies in memory, and not in a
 * cache: its name in the tables, its endpoint, its AOR and its bindings.  Each step to
 * them waits for the one before.  Requests that came together wait together: first the
 * first step of all is begun, then the second.
 *
 * Threads: any.
 */
#pragma once

#include "server/server.h"

/** Of those that begin something; the others are passed over. */
void sip_look_ahead(
	struct sip_server *server, struct sip_rx_data *const *batch, unsigned count);
