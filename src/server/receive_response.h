/* SPDX-License-Identifier: BSD-2-Clause */
/** Responses, and what the transport says went wrong, on their way to a client
 * transaction. */
#pragma once

#include "server/serving.h"

/** In the call's turn.  ELSEWHERE: whom it is for is known to block. */
enum sip_task_result sip_receive_response(struct sip_rx_data *rdata);
