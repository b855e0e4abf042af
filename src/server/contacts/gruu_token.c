/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens of temporary GRUUs: see gruu_token.h. */
#include "server/contacts/gruu_token.h"

#include "base/hex.h"

#include <string.h>

#define HEAD_LEN  12 /* phone and CSeq */
#define PLAIN_MAX (HEAD_LEN + SIP_GRUU_AOR_MAX)
#define BYTES_MAX (SIP_MAC_LEN + PLAIN_MAX)

uint64_t sip_gruu_phone(
	const struct sip_hash_key *key, struct sip_str instance, struct sip_str call_id)
{
	const struct sip_str parts[] = { SIP_STR("gruu phone"), instance, call_id };
	uint8_t mac[SIP_MAC_LEN];
	uint64_t phone;

	sip_mac(key, parts, 3, mac);
	memcpy(&phone, mac, sizeof(phone));
	return phone;
}

static void seal(const struct sip_hash_key *key, const uint8_t *plain, size_t len,
	uint8_t mac[SIP_MAC_LEN])
{
	const struct sip_str parts[] = { SIP_STR("gruu seal"),
		{ (const char *)plain, len } };

	sip_mac(key, parts, 2, mac);
}

/* There and back. */
static void mask(const struct sip_hash_key *key, const uint8_t mac[SIP_MAC_LEN],
	uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at < len; at += SIP_MAC_LEN) {
		char block = (char)(at / SIP_MAC_LEN);
		const struct sip_str parts[] = { SIP_STR("gruu stream"),
			{ (const char *)mac, SIP_MAC_LEN }, { &block, 1 } };
		uint8_t stream[SIP_MAC_LEN];

		sip_mac(key, parts, 3, stream);
		for (size_t i = 0; i < SIP_MAC_LEN && at + i < len; i++)
			bytes[at + i] ^= stream[i];
	}
}

size_t sip_gruu_token_write(const struct sip_hash_key *key,
	const struct sip_gruu_token *token, char text[SIP_GRUU_TOKEN_MAX])
{
	uint8_t bytes[BYTES_MAX];
	uint8_t *plain = bytes + SIP_MAC_LEN;
	size_t len = HEAD_LEN + token->aor_len;

	SIP_ASSERT(token->aor_len <= SIP_GRUU_AOR_MAX);
	memcpy(plain, &token->phone, 8);
	memcpy(plain + 8, &token->cseq, 4);
	memcpy(plain + HEAD_LEN, token->aor, token->aor_len);
	seal(key, plain, len, bytes);
	mask(key, bytes, plain, len);
	sip_hex_write_bytes(text, bytes, SIP_MAC_LEN + len);
	return 2 * (SIP_MAC_LEN + len);
}

bool sip_gruu_token_read(
	const struct sip_hash_key *key, struct sip_str text, struct sip_gruu_token *token)
{
	uint8_t bytes[BYTES_MAX];
	uint8_t mac[SIP_MAC_LEN];
	uint8_t *plain = bytes + SIP_MAC_LEN;
	size_t len = text.len / 2;

	if (text.len % 2 != 0 || len < SIP_MAC_LEN + HEAD_LEN || len > BYTES_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint64_t byte;

		if (!sip_hex_read(text.ptr + 2 * i, 2, &byte))
			return false;
		bytes[i] = (uint8_t)byte;
	}
	len -= SIP_MAC_LEN;
	mask(key, bytes, plain, len);
	seal(key, plain, len, mac);
	if (!sip_mac_equal(mac, bytes, SIP_MAC_LEN))
		return false;
	memcpy(&token->phone, plain, 8);
	memcpy(&token->cseq, plain + 8, 4);
	token->aor_len = len - HEAD_LEN;
	memcpy(token->aor, plain + HEAD_LEN, token->aor_len);
	return true;
}
