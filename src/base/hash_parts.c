/* SPDX-License-Identifier: BSD-2-Clause */
/* One keyed hash over several texts: each with its length before it, in one buffer. */
#include "base/hash.h"

#include <string.h>

#define ROOM 1024

uint64_t sip_hash_parts(
	const struct sip_hash_key *key, const struct sip_str *parts, size_t count)
{
	struct sip_hash_key chained = *key;
	char buf[ROOM];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t part_len = (uint32_t)parts[i].len;

		if (parts[i].len + sizeof(part_len) > ROOM - len) {
			/* What does not fit keys what follows. */
			chained.k[0] ^= sip_hash(&chained, buf, len);
			len = 0;
		}
		if (parts[i].len + sizeof(part_len) > ROOM) {
			chained.k[1] ^= sip_hash(&chained, parts[i].ptr, parts[i].len);
			continue;
		}
		memcpy(buf + len, &part_len, sizeof(part_len));
		len += sizeof(part_len);
		if (parts[i].len > 0)
			memcpy(buf + len, parts[i].ptr, parts[i].len);
		len += parts[i].len;
	}
	return sip_hash(&chained, buf, len);
}
