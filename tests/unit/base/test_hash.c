/* SPDX-License-Identifier: BSD-2-Clause */
/* Keyed hashes, held against OpenSSL's SipHash and the published vector. */
#include "support/check.h"

#include "base/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char key_bytes[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15 };

/* The same key as the two words that its bytes make, lowest first. */
static const struct sip_hash_key key = { { UINT64_C(0x0706050403020100),
	UINT64_C(0x0f0e0d0c0b0a0908) } };

static void reference(unsigned c_rounds, unsigned d_rounds, const void *data, size_t len,
	unsigned char *out, size_t size)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
	size_t got = 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &c_rounds),
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &d_rounds),
		OSSL_PARAM_construct_end(),
	};

	CHECK(ctx != NULL);
	CHECK_INT(EVP_MAC_init(ctx, key_bytes, sizeof(key_bytes), params), ==, 1);
	CHECK_INT(EVP_MAC_update(ctx, data, len), ==, 1);
	CHECK_INT(EVP_MAC_final(ctx, out, &got, size), ==, 1);
	CHECK_INT(got, ==, size);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

/* Lowest byte first. */
static uint64_t word_of(const unsigned char bytes[8])
{
	uint64_t word = 0;

	for (int i = 7; i >= 0; i--)
		word = word << 8 | bytes[i];
	return word;
}

TEST(hash_is_siphash_1_3_at_every_length)
{
	unsigned char data[64];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + 200);
	for (size_t len = 0; len <= sizeof(data); len++) {
		unsigned char wanted[8];

		reference(1, 3, data, len, wanted, sizeof(wanted));
		CHECK(sip_hash(&key, data, len) == word_of(wanted));
	}
}

/* Where a header is not there, its text has no address. */
TEST(an_empty_text_needs_no_address)
{
	static const struct sip_str nothing = { NULL, 0 };
	uint8_t mac[2][SIP_MAC_LEN];

	CHECK(sip_hash(&key, NULL, 0) == sip_hash(&key, "", 0));
	sip_mac(&key, &nothing, 1, mac[0]);
	sip_mac(&key, &SIP_STR(""), 1, mac[1]);
	CHECK(memcmp(mac[0], mac[1], SIP_MAC_LEN) == 0);
}

TEST(hash_reads_from_any_alignment)
{
	unsigned char data[40];

	for (size_t shift = 0; shift < 8; shift++) {
		memset(data, 0xee, sizeof(data));
		memcpy(data + shift, "a84b4c76e66710@pc33.example.com", 31);
		CHECK(sip_hash(&key, data + shift, 31) ==
			sip_hash(&key, "a84b4c76e66710@pc33.example.com", 31));
	}
}

TEST(another_key_gives_another_hash)
{
	struct sip_hash_key other = { { key.k[0], key.k[1] ^ 1 } };

	CHECK(sip_hash(&key, "x", 1) != sip_hash(&other, "x", 1));
	CHECK(sip_hash(&key, NULL, 0) != sip_hash(&other, NULL, 0));
}

/* vectors_sip128[0] of the authors' reference code: no input, key 00 .. 0f. */
TEST(mac_of_nothing_is_the_published_vector)
{
	static const uint8_t published[SIP_MAC_LEN] = { 0xa3, 0x81, 0x7f, 0x04, 0xba,
		0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 };
	uint8_t mac[SIP_MAC_LEN];

	sip_mac(&key, NULL, 0, mac);
	CHECK(memcmp(mac, published, sizeof(mac)) == 0);
}

static size_t append(unsigned char *to, size_t at, struct sip_str part)
{
	for (size_t i = 0; i < 8; i++)
		to[at++] = (unsigned char)(part.len >> (8 * i));
	memcpy(to + at, part.ptr, part.len);
	return at + part.len;
}

TEST(mac_is_siphash_2_4_128_of_each_length_and_text)
{
	static const char text[] = "INVITE sip:bob@example.com SIP/2.0 with some more";
	unsigned char joined[256];

	for (size_t first = 0; first < 20; first++) {
		for (size_t second = 0; second < 20; second++) {
			struct sip_str parts[] = { { text, first }, { text + 3, second },
				{ text, 9 } };
			uint8_t mac[SIP_MAC_LEN];
			uint8_t wanted[SIP_MAC_LEN];
			size_t len = 0;

			for (size_t i = 0; i < 3; i++)
				len = append(joined, len, parts[i]);
			reference(2, 4, joined, len, wanted, sizeof(wanted));
			sip_mac(&key, parts, 3, mac);
			CHECK(memcmp(mac, wanted, sizeof(mac)) == 0);
			reference(2, 4, joined, len, wanted, 8);
			CHECK(word_of(wanted) == sip_mac_short(&key, parts, 3));
		}
	}
}

TEST(mac_tells_texts_apart_that_join_to_the_same)
{
	struct sip_str left[] = { SIP_STR("ab"), SIP_STR("c") };
	struct sip_str right[] = { SIP_STR("a"), SIP_STR("bc") };
	struct sip_str more[] = { SIP_STR("ab"), SIP_STR("c"), SIP_STR("") };
	uint8_t macs[3][SIP_MAC_LEN];

	sip_mac(&key, left, 2, macs[0]);
	sip_mac(&key, right, 2, macs[1]);
	sip_mac(&key, more, 3, macs[2]);
	CHECK(!sip_mac_equal(macs[0], macs[1], SIP_MAC_LEN));
	CHECK(!sip_mac_equal(macs[0], macs[2], SIP_MAC_LEN));
}

TEST(mac_equal_looks_at_every_byte)
{
	uint8_t a[SIP_MAC_LEN] = { 0 };
	uint8_t b[SIP_MAC_LEN] = { 0 };

	CHECK(sip_mac_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a) * 8; i++) {
		b[i / 8] = (uint8_t)(1u << i % 8);
		CHECK(!sip_mac_equal(a, b, sizeof(a)));
		b[i / 8] = 0;
	}
	CHECK(sip_mac_equal("x", "y", 0));
}
