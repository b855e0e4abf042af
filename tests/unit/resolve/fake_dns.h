/* SPDX-License-Identifier: BSD-2-Clause */
/* A source of DNS records that answers from a table, at once or when the test says so. */
#pragma once

#include "resolve/dns.h"

struct fake_dns {
	struct sip_dns_source source;
	/* Lines of the zone, up to NULL:
	 *     NAME TTL A|AAAA ADDRESS
	 *     NAME TTL SRV PRIORITY WEIGHT PORT TARGET
	 *     NAME TTL NAPTR ORDER PREFERENCE FLAG SERVICE TARGET
	 *     NAME TTL NONE            what is not there may be kept for that long (60)
	 */
	const char *const *zone;
	int fails;            /* the result of all that is asked; 0: none fails */
	bool holds;           /* answers wait for fake_dns_release() */
	unsigned asked;       /* queries so far */
	char asked_for[4096]; /* `TYPE NAME` of each, a line each */
	bool stopped;
	struct sip_dns_query *held[64];
	unsigned held_count;
};

void fake_dns_init(struct fake_dns *fake, const char *const *zone);

/* Answer what is held. */
void fake_dns_release(struct fake_dns *fake);

/* The table's answer; NULL: out of memory. */
struct sip_dns_answer *fake_dns_answer(
	const struct fake_dns *fake, struct sip_str name, enum sip_dns_type type);
