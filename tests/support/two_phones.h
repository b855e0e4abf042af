/* SPDX-License-Identifier: BSD-2-Clause */
/* A server for who looks at messages: it binds nothing, authenticates nobody, and knows
 * 6001 by the address 192.0.2.10, and 6002 by its contact 192.0.2.20:5070. */
#pragma once

#include <res_sip/server.h>

/** Chosen for this thread.  What sip_server_create() returned. */
SIP_MUST_USE int two_phones_create(struct sip_server **server);
