/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What the Contact fields of a REGISTER ask for (RFC 3261 section 10.3, steps 6
 * and 7).
 *
 * Threads: the turn of the request's work.
 */
#pragma once

#include "outbound.h"
#include "refusal.h"

#include <res_sip/config.h>
#include <res_sip/location.h>
#include <res_sip/message.h>
#include <res_sip/uri.h>

struct bindings {
	/* Their text borrows the request, or stands behind them. */
	struct ast_sip_binding *binding;
	size_t count;
	bool all;      /* `Contact: *` with `Expires: 0` */
	bool secure;   /* one that stays is a sips: URI */
	bool insecure; /* one that stays is none */
	bool flow;    /* one is reached by the flow that the request came by (RFC 5626) */
	void *memory; /* where they stand; NULL: below, as one mostly does */
	struct ast_sip_binding one; /* with the text of its parameters */
	char one_params[256];
};

/**
 * Read them.  `to` is the address of record; `uri_is_ours` says whether a contact would
 * be this server itself.
 *
 * 0 and *bindings, which stays where it is and which bindings_fini() frees; -1 and
 * *refusal.
 */
SIP_MUST_USE int bindings_init(struct bindings *bindings, const struct sip_rx_data *rdata,
	const struct sip_uri *to, const struct sip_aor_config *aor,
	bool (*uri_is_ours)(const struct sip_uri *uri), struct refusal *refusal);

void bindings_fini(struct bindings *bindings);
