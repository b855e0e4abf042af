/* SPDX-License-Identifier: BSD-2-Clause */
/** What stands in the host part of a URI.  Threads: pure functions. */
#pragma once

#include "res_sip/flow.h"

enum host_kind {
	HOST_ADDRESS,
	HOST_NAME,    /* can be looked up */
	HOST_INVALID, /* ends in .invalid: never looked up (RFC 6761, RFC 7118 section 5)
		       */
	HOST_GARBLED,
};

/** Of an address *addr, without a port; of a name *name, without the dot at its end. */
enum host_kind host_read(
	struct sip_str host, struct sip_addr *addr, struct sip_str *name);
