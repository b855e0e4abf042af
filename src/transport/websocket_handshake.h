/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The request that makes a connection a WebSocket, and its answer: RFC 6455 sections 4.2
 * and 4.4, with the subprotocol of RFC 7118 section 4.
 *
 * Threads: pure functions.
 */
#pragma once

#include "res_sip/config.h"

/* The longest header block that is read: browsers send their cookies along. */
#define SIP_HANDSHAKE_MAX 8192u

/* Room for the longest answer, of any handshake. */
#define SIP_HANDSHAKE_ANSWER_LEN 768u

struct sip_handshake {
	uint16_t status;    /* of HTTP; 101: it is one */
	const char *reason; /* a sentence for who reads the answer, and for the log */
	struct sip_str key;
	struct sip_str origin; /* ptr NULL: none was sent */
};

/**
 * Read a header block with its empty line, whose lines end with CR LF (asserted); what is
 * found borrows from it.
 *
 * Status 101, or: 400 it is no such request, 403 it is of a page that `origins` does not
 * name, 405 another method than GET, 426 plain HTTP or another version of WebSocket, 505
 * another version of HTTP.  What sends no Origin is no browser, and needs none.
 */
void sip_handshake_read(struct sip_str head, const struct sip_config_list *origins,
	struct sip_handshake *handshake);

/** Write the answer into text[SIP_HANDSHAKE_ANSWER_LEN]; returns its length, or 0: out of
 * memory. */
SIP_MUST_USE size_t sip_handshake_answer(
	const struct sip_handshake *handshake, char *text);
