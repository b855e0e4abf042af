/* SPDX-License-Identifier: BSD-2-Clause */
/* A server that is made and does not run, for what the program asks of one. */
#pragma once

#include <res_sip/server.h>

/** The one server, made when first asked for; it is this thread's.  Endpoint 6001 is
 * known by the address 192.0.2.10, 6002 has a contact at 192.0.2.20:5070. */
struct sip_server *program_server(void);
