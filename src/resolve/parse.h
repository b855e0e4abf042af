/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A DNS message as an answer: c-ares reads it, and what nobody could use is left out.
 *
 * Threads: pure functions.
 */
#pragma once

#include "resolve/dns.h"

/**
 * The answer to a question for `name`: of no records where it says that there are none.
 *
 * Left out: services that are not ours, NAPTR that ask for more than a look-up, names
 * that can't be looked up, addresses that are nobody's.
 *
 * 0 and a reference; SIP_ESYNTAX, SIP_ELIMIT and SIP_EMEMORY as of sip_dns_answered().
 */
SIP_MUST_USE int parse_answer(const struct sip_dns_query *query, const uint8_t *message,
	size_t len, struct sip_dns_answer **answer);
