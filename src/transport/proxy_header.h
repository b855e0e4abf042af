/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The header of the PROXY protocol, versions 1 and 2: what a load balancer says at the
 * beginning of a connection about whose it is.
 *
 *     PROXY TCP4 192.0.2.7 198.51.100.1 51234 5060<CR><LF>
 *
 * Version 2 says the same in binary, after twelve bytes that no SIP message begins with.
 * Its extensions (TLVs) are passed over.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/flow.h"
#include "res_sip/str.h"

/* Longer ones are refused; without extensions one has 232 bytes at most. */
#define SIP_PROXY_HEADER_MAX 2048u

enum sip_proxy_header_status {
	SIP_PROXY_HEADER_PARTLY, /* so far it is one */
	SIP_PROXY_HEADER_WHOLE,
	SIP_PROXY_HEADER_BROKEN,
};

struct sip_proxy_header {
	size_t len;   /* what comes behind it is the connection's */
	bool relayed; /* no: the load balancer's own (a health check), or from where
			 it does not know */
	struct sip_addr peer; /* whose the connection is, where it was relayed */
	const char *reason;   /* of one that is broken */
};

/** `text` is how the connection begins, as far as known. */
SIP_MUST_USE enum sip_proxy_header_status sip_proxy_header_read(
	struct sip_str text, struct sip_proxy_header *header);
