/* SPDX-License-Identifier: BSD-2-Clause */
/** The text of a forwarded message: what was received, with edits. */
#pragma once

#include "server/serving.h"

#include "res_sip/transaction.h"

/** Write the copy of `request` that goes to how->flow into b, whole, with `branch` in our
 * Via. */
void sip_put_forwarded_request(struct sip_builder *b, const struct sip_rx_data *request,
	const struct ast_sip_forward *how, struct sip_str branch);

/** The copy, sealed.  NULL (logged): out of memory, or too large. */
SIP_MUST_USE struct sip_tx_data *sip_forward_build(struct sip_rx_data *request,
	const struct ast_sip_forward *how, struct sip_str branch);

/** Write the head of a response as it goes back: without our Via and without
 * Content-Length. */
void sip_put_forwarded_response(
	struct sip_builder *b, const struct sip_rx_data *response);
