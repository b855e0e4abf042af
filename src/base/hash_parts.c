/* SPDX-License-Identifier: BSD-2-Clause */
/* One keyed hash over several texts: each with its length before it, in one buffer. */
#include "base/hash.h"

#include <string.h>

#define ROOM 1024

static char *put_part(char *at, struct sip_str part)
{
	uint32_t part_len = (uint32_t)part.len;

	memcpy(at, &part_len, sizeof(part_len));
	at += sizeof(part_len);
	if (part.len > 0)
		memcpy(at, part.ptr, part.len);
	return at + part.len;
}

/* There are more than the buffer has room for. */
static uint64_t hash_long_parts(
	const struct sip_hash_key *key, const struct sip_str *parts, size_t count)
{
	struct sip_hash_key chained = *key;
	char buf[ROOM];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		size_t part_len = parts[i].len + sizeof(uint32_t);

		if (part_len > ROOM - len) {
			/* What does not fit keys what follows. */
			chained.k[0] ^= sip_hash(&chained, buf, len);
			len = 0;
		}
		if (part_len > ROOM) {
			chained.k[1] ^= sip_hash(&chained, parts[i].ptr, parts[i].len);
			continue;
		}
		put_part(buf + len, parts[i]);
		len += part_len;
	}
	return sip_hash(&chained, buf, len);
}

uint64_t sip_hash_parts(
	const struct sip_hash_key *key, const struct sip_str *parts, size_t count)
{
	char buf[ROOM];
	char *at = buf;
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += parts[i].len + sizeof(uint32_t);
	if (len > ROOM)
		return hash_long_parts(key, parts, count);
	for (size_t i = 0; i < count; i++)
		at = put_part(at, parts[i]);
	return sip_hash(key, buf, len);
}
