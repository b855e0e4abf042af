/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What the sources of this server's messages have done, and what follows for them.
 *
 * Three budgets (budget.h), because a source address can be forged:
 *
 *   failed   wrong credentials with a nonce that we gave to that address.  Who sends them
 *            reads there what we send, so the source waits: its requests are refused
 *            before all classes, but for those named in sip_source_refused().
 *   doubted  wrong credentials with any other nonce.  Whoever forges the address can
 *            bring this about, so the only consequence is that such credentials are not
 *            judged: they are challenged anew, which costs an honest phone one round.
 *            So it is with wrong ones of a source that waits already, in requests that
 *            pass nevertheless.
 *   garbage  datagrams that can't be parsed, forged or not: further ones are neither
 *            answered nor logged.  Good messages are not touched by it.
 *
 * Threads: any.
 */
#pragma once

#include "server/admission/budget.h"
#include "server/serving.h"

struct sip_sources;

SIP_MUST_USE int sip_sources_create(
	struct sip_random *random, struct sip_sources **sources);
void sip_sources_destroy(struct sip_sources **sources);

/** The request's credentials for `realm` were wrong; nothing happens where it has none.
 */
void sip_source_failed(struct sip_rx_data *rdata, const char *realm);

/** Credentials that are not to be judged. */
bool sip_source_doubts(
	const struct sip_rx_data *rdata, const struct sip_digest *credentials);

/** That peer sent what can't be parsed.  True: it is to be ignored. */
bool sip_source_is_noisy(struct sip_server *server, const struct sip_addr *peer);

/** What the one before would say; nothing is counted. */
bool sip_source_rehearse_noise(struct sip_server *server, const struct sip_addr *peer);

/** Some source waits: one look. */
bool sip_sources_wait(const struct sip_server *server, uint64_t now_us);

/**
 * Refuse a request whose source waits: true, and it was answered 503 (once in a second)
 * or is to be dropped.  Never ACK, CANCEL and emergency calls; not requests from where
 * the AOR that they name has registered, nor those of a network that is known by address
 * without a password.
 */
bool sip_source_refused(struct sip_rx_data *rdata);

/* What a source is known for: the three budgets. */
enum sip_source_deed {
	SIP_SOURCE_FAILED,
	SIP_SOURCE_DOUBTED,
	SIP_SOURCE_GARBAGE,
	SIP_SOURCE_DEEDS
};

/** For the console: the worst sources, at most `room`; returns how many. */
size_t sip_source_list(struct sip_server *server, enum sip_source_deed deed,
	struct sip_budget_entry *entries, size_t room);
