/* SPDX-License-Identifier: BSD-2-Clause */
/** What could not be parsed: answered where that is possible, else dropped; counted
 * either way. */
#pragma once

#include "server/server.h"

/** On the reactor; borrows rdata. */
void sip_receive_bad(struct sip_server *server, struct sip_rx_data *rdata);
