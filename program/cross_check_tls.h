/* SPDX-License-Identifier: BSD-2-Clause */
/* Cross checks of transports of TLS: their files, and until when they hold. */
#pragma once

#include "cross_check.h"

/* The files are read.  A transport of tls has port 5061 where its bind= names none.  One
 * of another protocol may not promise what certificates prove. */
void cross_check_tls(struct settings *settings, const struct section *section,
	struct sip_transport_section *transport);
