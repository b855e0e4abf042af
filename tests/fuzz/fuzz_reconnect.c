/* SPDX-License-Identifier: BSD-2-Clause */
/* The beginning of a response that was not sent: it goes to where the request came from,
 * at whatever port, or nowhere. */
#include "require.h"

#include "server/message/reconnect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_flow flow = { .listener = 1, .connection = 2, .kind = SIP_TCP };
	struct sip_flow again;

	flow.peer.v4.sin_family = AF_INET;
	flow.peer.v4.sin_addr.s_addr = 0x010200c0;
	if (sip_reconnect_flow(
		    &flow, (struct sip_str){ (const char *)data, size }, &again)) {
		REQUIRE(again.connection == 0);
		REQUIRE(sip_addr_same_host(&again.peer, &flow.peer));
		REQUIRE(sip_addr_port(&again.peer) != 0);
	}
	return 0;
}
