/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Calling code that the core did not write, with the request it is about.
 */
#pragma once

#include "server/serving.h"

struct sip_callback_scope {
	struct sip_call_site *site;
	struct sip_rx_data *before;
};

/** The request becomes the thread's current one; NULL: none. */
void sip_callback_open(struct sip_callback_scope *scope, struct sip_call_site *site,
	struct sip_rx_data *rdata);
void sip_callback_close(struct sip_callback_scope *scope);
