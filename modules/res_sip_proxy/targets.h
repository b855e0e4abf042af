/* SPDX-License-Identifier: BSD-2-Clause */
/** Where a request goes: RFC 3261 section 16.5. */
#pragma once

#include "fork.h"

/** 0, or the code to answer with.  The targets' contacts are counted: targets_release().
 */
int targets_find(struct sip_rx_data *request, struct targets *targets);
void targets_release(struct targets *targets);
