/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The Path of a REGISTER (RFC 3327): the proxies that stand between us and the
 * phone, which calls to it must pass again.
 *
 * Threads: the turn of the request's work.
 */
#pragma once

#include "refusal.h"

#include <res_sip/config.h>
#include <res_sip/message.h>

struct path {
	struct sip_str
		text;  /* all values, separated by commas, in their order; empty: none */
	bool insecure; /* one of them is no sips: URI */
	char *joined;  /* owned; NULL: `text` borrows the request */
};

/** 0 and *path, which path_fini() frees; -1 and *refusal, and nothing to free. */
SIP_MUST_USE int path_init(struct path *path, const struct sip_rx_data *rdata,
	const struct sip_aor_config *aor, struct refusal *refusal);

/** Also of one that is all zero. */
void path_fini(struct path *path);
