/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What of a DNS message its parsers leave out: how many records there are, and how long
 * they, or their absence, may be kept (RFC 1035 section 4.1, RFC 2308 section 5).
 *
 * Threads: pure functions.
 */
#pragma once

#include "resolve/dns.h"

#define WIRE_A     1
#define WIRE_CNAME 5
#define WIRE_SOA   6
#define WIRE_AAAA  28
#define WIRE_SRV   33
#define WIRE_NAPTR 35

/** The number of a type. */
uint16_t wire_type(enum sip_dns_type type);

struct wire_answer {
	unsigned count; /* records of the type that was asked for */
	/* The least of them and of the aliases that lead there.  Without records: of the
	 * zone's SOA, the lesser of its own and its minimum; 0 where it has none. */
	uint32_t ttl_s;
};

/** 0; SIP_ESYNTAX: it is no DNS message, or not whole. */
SIP_MUST_USE int wire_read(const uint8_t *message, size_t len, enum sip_dns_type type,
	struct wire_answer *answer);
