/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses in messages: see net.h. */
#include "net.h"

#include <arpa/inet.h>

bool net_address_of(struct span uri, struct sockaddr_in *address)
{
	char host[64];
	const char *end = uri.at + uri.len;
	const char *at = memchr(uri.at, '@', uri.len);
	const char *colon = memchr(uri.at, ':', uri.len);
	size_t len = 0;

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(5060) };
	at = at != NULL ? at + 1 : colon != NULL ? colon + 1 : uri.at;
	while (at + len != end && (at[len] == '.' || (at[len] >= '0' && at[len] <= '9')))
		len++;
	if (len >= sizeof(host))
		return false;
	memcpy(host, at, len);
	host[len] = '\0';
	if (at + len != end && at[len] == ':') {
		struct span port = { at + len + 1, (size_t)(end - (at + len + 1)) };
		address->sin_port = htons((uint16_t)span_number(port));
	}
	return inet_pton(AF_INET, host, &address->sin_addr) == 1;
}
