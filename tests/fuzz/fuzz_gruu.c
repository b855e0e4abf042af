/* SPDX-License-Identifier: BSD-2-Clause */
/* The user part of a temporary GRUU: what is read was written here, byte for byte; and
 * what is written is read. */
#include "require.h"

#include "server/contacts/gruu_token.h"

#include <string.h>

static const struct sip_hash_key key = { { 1, 2 } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_str given = { (const char *)data, size };
	struct sip_gruu_token token = { .phone = 1, .cseq = 2, .aor_len = size };
	struct sip_gruu_token read;
	char text[SIP_GRUU_TOKEN_MAX];
	size_t len;

	if (sip_gruu_token_read(&key, given, &read)) {
		len = sip_gruu_token_write(&key, &read, text);
		REQUIRE(sip_str_equal(given, (struct sip_str){ text, len }));
	}
	if (size > SIP_GRUU_AOR_MAX)
		return 0;
	memcpy(token.aor, data, size);
	len = sip_gruu_token_write(&key, &token, text);
	REQUIRE(sip_gruu_token_read(&key, (struct sip_str){ text, len }, &read));
	REQUIRE(read.aor_len == size && memcmp(read.aor, data, size) == 0);
	return 0;
}
