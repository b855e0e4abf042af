/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a connection from a load balancer begins: a header that is whole is found by each
 * beginning that has it, in the same place and with the same peer, and none before; one
 * that is broken stays so; nothing may be long without being one or the other.
 */
#include "require.h"
#include "transport/proxy_header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory that ends with it. */
static enum sip_proxy_header_status read_beginning(
	const uint8_t *data, size_t len, struct sip_proxy_header *header)
{
	char *copy = malloc(len > 0 ? len : 1);
	enum sip_proxy_header_status status;

	REQUIRE(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	status = sip_proxy_header_read((struct sip_str){ copy, len }, header);
	free(copy);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_proxy_header all;
	struct sip_proxy_header some;
	enum sip_proxy_header_status status = read_beginning(data, size, &all);

	REQUIRE(status != SIP_PROXY_HEADER_PARTLY || size < SIP_PROXY_HEADER_MAX);
	REQUIRE((status == SIP_PROXY_HEADER_BROKEN) == (all.reason != NULL));
	if (status == SIP_PROXY_HEADER_WHOLE) {
		REQUIRE(all.len <= size && all.len <= SIP_PROXY_HEADER_MAX);
		REQUIRE(!all.relayed || all.peer.sa.sa_family == AF_INET ||
			all.peer.sa.sa_family == AF_INET6);
	}
	for (size_t len = 0; len < size && len < 600; len++) {
		enum sip_proxy_header_status early = read_beginning(data, len, &some);

		if (early == SIP_PROXY_HEADER_PARTLY)
			continue;
		REQUIRE(early == status);
		REQUIRE(early != SIP_PROXY_HEADER_WHOLE ||
			(some.len == all.len && len >= all.len &&
				some.relayed == all.relayed &&
				(!all.relayed || sip_addr_equal(&some.peer, &all.peer))));
	}
	return 0;
}
