/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * TLS as a listener has it: certificate, key, whom it trusts.
 *
 * A context is made whole from the options and files of a transport, and never changed:
 * a reload makes another one, and connections keep the one that they began with.
 *
 * Threads: any.  Making one reads files: not on the pool's threads.
 */
#pragma once

#include "res_sip/config.h"

struct sip_tls_context;

/** Owned.  SIP_EINVALID: *problem says in words what can't be used; SIP_EMEMORY. */
SIP_MUST_USE int sip_tls_context_create(const struct sip_tls_config *config,
	struct sip_tls_context **context, struct sip_tls_problem *problem);
struct sip_tls_context *sip_tls_context_ref(struct sip_tls_context *context);
void sip_tls_context_unref(struct sip_tls_context **context);

/** Made from the same options and the same bytes of files. */
bool sip_tls_context_equal(
	const struct sip_tls_context *a, const struct sip_tls_context *b);

/** When the first of its own certificates ends, in seconds of the wall clock. */
int64_t sip_tls_context_expires_s(const struct sip_tls_context *context);
