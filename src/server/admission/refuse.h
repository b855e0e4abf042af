/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * 503 with Retry-After (RFC 3261 sections 21.5.4 and 20.33), from the turn of the
 * request's work or from the reactor before it has one.
 */
#pragma once

#include "server/serving.h"

/** With Retry-After spread over several seconds, lest all come back at once; the same
 * for each copy of the request. */
void sip_refuse(struct sip_rx_data *rdata);

/** With Retry-After so many seconds away. */
void sip_refuse_until(struct sip_rx_data *rdata, uint32_t seconds);
