/* SPDX-License-Identifier: BSD-2-Clause */
/** Responses, and what the transport says went wrong, on their way to a client
 * transaction. */
#pragma once

#include "server/serving.h"

/** In the call's turn.  ELSEWHERE: whom it is for is known to block. */
enum sip_task_result sip_receive_response(struct sip_rx_data *rdata);

/** The response is a copy of one that was passed on: counted, and nothing else comes of
 * it. Any thread. */
bool sip_absorb_response(const struct sip_rx_data *rdata);
