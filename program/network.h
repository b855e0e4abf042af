/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that belong together: a network, with a port or any. */
#pragma once

#include <res_sip.h>

struct network {
	struct sip_addr addr; /* port 0: any */
	unsigned prefix_len;  /* bits */
};

/* `192.0.2.1`, `192.0.2.1:5060`, `192.0.2.0/24`, `192.0.2.0/24:5060`,
 * `[2001:db8::]/32:5060`. False: it is none of them. */
SIP_MUST_USE bool network_parse(struct sip_str text, struct network *network);

bool network_has(const struct network *network, const struct sip_addr *addr);
