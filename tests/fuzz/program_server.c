/* SPDX-License-Identifier: BSD-2-Clause */
/* See program_server.h. */
#include "program_server.h"

#include "require.h"
#include "support/two_phones.h"

struct sip_server *program_server(void)
{
	static struct sip_server *server;

	if (server == NULL)
		REQUIRE(two_phones_create(&server) == 0);
	return server;
}
