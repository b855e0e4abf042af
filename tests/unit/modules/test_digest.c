/* SPDX-License-Identifier: BSD-2-Clause */
/* The arithmetic of Digest, against the examples that were published with it. */
#include "support/check.h"

#include "digest.h"

#include "res_sip/error.h"

/* One published example. */
struct example {
	const char *where;
	enum digest_algorithm algorithm;
	const char *user, *realm, *password, *method;
	struct sip_digest credentials;
};

static const struct example examples[] = {
	{ "RFC 2617 section 3.5", DIGEST_MD5, "Mufasa", "testrealm@host.com",
		"Circle Of Life", "GET",
		{ .nonce = { "dcd98b7102dd2f0e8b11d0f600bfb0c093", 34 },
			.uri = { "/dir/index.html", 15 },
			.qop = { "auth", 4 },
			.nc = { "00000001", 8 },
			.cnonce = { "0a4f113b", 8 },
			.response = { "6629fae49393a05397450978507c4ef1", 32 } } },
	{ "RFC 2069 section 2.4, by erratum 749", DIGEST_MD5, "Mufasa",
		"testrealm@host.com", "CircleOfLife", "GET",
		{ .nonce = { "dcd98b7102dd2f0e8b11d0f600bfb0c093", 34 },
			.uri = { "/dir/index.html", 15 },
			.response = { "1949323746fe6a43ef61f9606e7febea", 32 } } },
	{ "RFC 7616 section 3.9.1, MD5", DIGEST_MD5, "Mufasa", "http-auth@example.org",
		"Circle of Life", "GET",
		{ .nonce = { "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", 44 },
			.uri = { "/dir/index.html", 15 },
			.qop = { "auth", 4 },
			.nc = { "00000001", 8 },
			.cnonce = { "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 44 },
			.response = { "8ca523f5e9506fed4657c9700eebdbec", 32 } } },
	{ "RFC 7616 section 3.9.1, SHA-256", DIGEST_SHA256, "Mufasa",
		"http-auth@example.org", "Circle of Life", "GET",
		{ .nonce = { "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", 44 },
			.uri = { "/dir/index.html", 15 },
			.qop = { "auth", 4 },
			.nc = { "00000001", 8 },
			.cnonce = { "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 44 },
			.response = { "753927fa0e85d155564e2e272a28d1802ca10daf449"
				      "6794697cf8db5856cb6c1",
				64 } } },
	{ "RFC 7616 section 3.9.2, by erratum 4897", DIGEST_SHA512_256,
		"J\xc3\xa4s\xc3\xb8n Doe", "api@example.org", "Secret, or not?", "GET",
		{ .nonce = { "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", 44 },
			.uri = { "/doe.json", 9 },
			.qop = { "auth", 4 },
			.nc = { "00000001", 8 },
			.cnonce = { "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", 44 },
			.response = { "3798d4131c277846293534c3edc11bd8a5e4cdcbff7"
				      "8b05db9d95eeb1cec68a5",
				64 } } },
};

TEST(published_examples_come_out)
{
	struct digest_hasher hasher;

	CHECK_INT(digest_hasher_init(&hasher), ==, 0);
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		struct digest_ha1 ha1;
		unsigned char sum[DIGEST_MAX_LEN];
		CHECK_INT(
			digest_ha1_of_password(&hasher, e->algorithm, sip_str_of(e->user),
				sip_str_of(e->realm), sip_str_of(e->password), &ha1),
			==, 0);
		CHECK_INT(digest_response(&hasher, e->algorithm, &ha1,
				  sip_str_of(e->method), &e->credentials, sum),
			==, 0);
		if (!digest_response_is(
			    e->credentials.response, sum, digest_len(e->algorithm)))
			check_failed(
				__FILE__, __LINE__, "%s does not come out", e->where);
	}
	digest_hasher_fini(&hasher);
}

/* RFC 2617 section 3.2.2.2: what a configuration holds in place of a password. */
TEST(a_stored_hash_is_the_hash_of_the_password)
{
	struct digest_hasher hasher;
	struct digest_ha1 computed;
	struct digest_ha1 stored;

	CHECK_INT(digest_hasher_init(&hasher), ==, 0);
	CHECK_INT(digest_ha1_of_password(&hasher, DIGEST_MD5, SIP_STR("Mufasa"),
			  SIP_STR("testrealm@host.com"), SIP_STR("Circle Of Life"),
			  &computed),
		==, 0);
	CHECK_INT(digest_ha1_of_hex(DIGEST_MD5,
			  SIP_STR("939E7578ed9e3c518a452acee763bce9"), &stored),
		==, 0);
	CHECK(sip_str_equal((struct sip_str){ computed.hex, computed.len },
		(struct sip_str){ stored.hex, stored.len }));
	digest_hasher_fini(&hasher);
}

/* Texts around the size that is put together before it is hashed, against OpenSSL's own
 * sum of all at once. */
TEST(long_texts_are_hashed_whole)
{
	static char text[1000];
	struct digest_hasher hasher;

	memset(text, 'x', sizeof(text));
	CHECK_INT(digest_hasher_init(&hasher), ==, 0);
	for (size_t user = 1; user < 400; user += 3) {
		for (size_t password = 300; password < 340; password++) {
			struct digest_ha1 ha1;
			unsigned char expected[DIGEST_MAX_LEN];

			text[user] = text[user + 2] = ':';
			CHECK_INT(digest_ha1_of_password(&hasher, DIGEST_MD5,
					  (struct sip_str){ text, user },
					  (struct sip_str){ text + user + 1, 1 },
					  (struct sip_str){ text + user + 3, password },
					  &ha1),
				==, 0);
			CHECK_INT(EVP_Digest(text, user + 3 + password, expected, NULL,
					  EVP_md5(), NULL),
				==, 1);
			CHECK(digest_response_is(
				(struct sip_str){ ha1.hex, ha1.len }, expected, 16));
			text[user] = text[user + 2] = 'x';
		}
	}
	digest_hasher_fini(&hasher);
}

static void respond_to(struct digest_hasher *hasher, const char *method, const char *uri,
	unsigned char *sum)
{
	const struct digest_ha1 ha1 = { "00112233445566778899aabbccddeeff", 32 };
	const struct sip_digest credentials = { .nonce = SIP_STR("n"),
		.uri = sip_str_of(uri) };

	CHECK_INT(digest_response(hasher, DIGEST_MD5, &ha1, sip_str_of(method),
			  &credentials, sum),
		==, 0);
}

/* A hasher that has made sums before comes to what one comes to that has not. */
TEST(what_is_kept_of_a_register_is_good_for_its_uri_only)
{
	static const char *const uris[] = {
		"sip:a.example", "sip:a.example", "", "sip:b.example", "sip:a.example",
		"sip:a.exampl",
		"sip:an-address-that-is-longer-than-what-is-kept-of-any-REGISTER.example",
		"sip:an-address-that-is-longer-than-what-is-kept-of-any-REGISTER.exampl2"
	};
	static const char *const methods[] = { "REGISTER", "INVITE", "REGISTER",
		"register" };
	struct digest_hasher used;

	CHECK_INT(digest_hasher_init(&used), ==, 0);
	for (size_t i = 0; i < 4 * sizeof(uris) / sizeof(uris[0]); i++) {
		struct digest_hasher fresh;
		unsigned char sum[DIGEST_MAX_LEN];
		unsigned char right[DIGEST_MAX_LEN];

		CHECK_INT(digest_hasher_init(&fresh), ==, 0);
		respond_to(&fresh, methods[i % 4], uris[i / 4], right);
		respond_to(&used, methods[i % 4], uris[i / 4], sum);
		CHECK(memcmp(sum, right, 16) == 0);
		digest_hasher_fini(&fresh);
	}
	digest_hasher_fini(&used);
}

/* Hex digits have a bit that letters' case has; other bytes with it are no digits. */
TEST(what_differs_from_a_digit_by_case_only_is_none)
{
	const unsigned char sum[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	char text[] = "0123456789ABcdef0000000000000000";

	CHECK(digest_response_is((struct sip_str){ text, 32 }, sum, 16));
	for (size_t i = 0; i < 32; i++) {
		char was = text[i];

		for (int c = 0; c < 256; c++) {
			bool same = c == was || (was >= 'A' && ((c ^ 0x20) == was));

			text[i] = (char)c;
			CHECK_INT(
				digest_response_is((struct sip_str){ text, 32 }, sum, 16),
				==, same);
		}
		text[i] = was;
	}
}

TEST(text_that_is_no_sum_of_the_algorithm_is_refused)
{
	struct digest_ha1 ha1;
	struct sip_str md5 = SIP_STR("939e7578ed9e3c518a452acee763bce9");

	CHECK_INT(digest_ha1_of_hex(DIGEST_SHA256, md5, &ha1), ==, SIP_ESYNTAX);
	CHECK_INT(digest_ha1_of_hex(DIGEST_MD5, SIP_STR(""), &ha1), ==, SIP_ESYNTAX);
	CHECK_INT(digest_ha1_of_hex(
			  DIGEST_MD5, SIP_STR("g39e7578ed9e3c518a452acee763bce9"), &ha1),
		==, SIP_ESYNTAX);
}

static const struct {
	const char *name;
	int result;
	enum digest_algorithm algorithm;
} names[] = {
	{ NULL, 0, DIGEST_MD5 },
	{ "MD5", 0, DIGEST_MD5 },
	{ "md5", 0, DIGEST_MD5 },
	{ "SHA-256", 0, DIGEST_SHA256 },
	{ "sha-512-256", 0, DIGEST_SHA512_256 },
	{ "MD5-sess", SIP_EUNSUPPORTED, DIGEST_MD5 },
	{ "SHA-256-sess", SIP_EUNSUPPORTED, DIGEST_MD5 },
	{ "SHA-512", SIP_EUNSUPPORTED, DIGEST_MD5 },
	{ "", SIP_EUNSUPPORTED, DIGEST_MD5 },
};

TEST(algorithms_are_known_by_name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum digest_algorithm algorithm = DIGEST_MD5;
		int result = digest_algorithm_of(sip_str_of(names[i].name), &algorithm);
		CHECK_INT(result, ==, names[i].result);
		CHECK_INT(algorithm, ==, names[i].algorithm);
	}
	CHECK_STR(digest_algorithm_name(DIGEST_SHA512_256), "SHA-512-256");
}

TEST(a_response_is_compared_as_bytes)
{
	const unsigned char sum[] = { 0x0a, 0xff, 0x10, 0x5c };

	CHECK(digest_response_is(SIP_STR("0aff105c"), sum, 4));
	CHECK(digest_response_is(SIP_STR("0AFF105C"), sum, 4));
	CHECK(!digest_response_is(SIP_STR("0aff115c"), sum, 4));
	CHECK(!digest_response_is(SIP_STR("1aff105c"), sum, 4));
	CHECK(!digest_response_is(SIP_STR("0aff105"), sum, 4));
	CHECK(!digest_response_is(SIP_STR("0aff1005c"), sum, 4));
	CHECK(!digest_response_is(SIP_STR("0aff105x"), sum, 4));
	CHECK(!digest_response_is((struct sip_str){ 0 }, sum, 4));
}
