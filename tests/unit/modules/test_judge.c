/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether credentials are right. */
#include "support/check.h"

#include "judge.h"

#include <stdio.h>

#define REALM "example.com"

static const struct sip_auth_config password_of_6001 = {
	.auth_type = SIP_AUTH_USERPASS, .username = "6001", .password = "secret"
};
static const struct sip_auth_config second_of_6001 = {
	.auth_type = SIP_AUTH_USERPASS, .username = "6001", .password = "other"
};
static const struct sip_auth_config without_password = { .auth_type = SIP_AUTH_USERPASS,
	.username = "6003" };

static bool is_ours(const struct sip_uri *uri)
{
	return sip_str_equal_nocase(uri->host, SIP_STR(REALM)) ||
		sip_str_equal(uri->host, SIP_STR("192.0.2.1"));
}

static const struct sip_auth_config *section_of(const void *arg, size_t index)
{
	const struct sip_auth_config *const *sections = arg;

	return sections[index];
}

/* As the configuration makes it. */
static const char *ha1_of(const void *arg, size_t index)
{
	static struct digest_ha1 ha1;
	const struct sip_auth_config *section = section_of(arg, index);
	struct digest_hasher hasher;

	if (section->password == NULL)
		return NULL;
	CHECK_INT(digest_hasher_init(&hasher), ==, 0);
	CHECK_INT(
		digest_ha1_of_password(&hasher, DIGEST_MD5, sip_str_of(section->username),
			SIP_STR(REALM), sip_str_of(section->password), &ha1),
		==, 0);
	digest_hasher_fini(&hasher);
	return ha1.hex;
}

/* What a phone sends, and what it should come to. */
struct attempt {
	const struct sip_auth_config *sections[3];
	const char *user, *password;
	const char *uri;       /* of the credentials; NULL: the Request-URI */
	const char *algorithm; /* NULL: none */
	const char *qop, *nc, *cnonce;
	const char *offered;  /* NULL: nothing configured */
	const char *realm;    /* the phone's; NULL: ours */
	const char *response; /* NULL: computed from the above */
	enum judgement wanted;
};

static void respond(struct digest_hasher *hasher, const struct attempt *a,
	struct sip_digest *credentials, char *response)
{
	enum digest_algorithm algorithm;
	struct digest_ha1 ha1;
	unsigned char sum[DIGEST_MAX_LEN];

	if (digest_algorithm_of(credentials->algorithm, &algorithm) != 0)
		algorithm = DIGEST_MD5;
	struct sip_str realm = sip_str_of(a->realm != NULL ? a->realm : REALM);
	CHECK_INT(digest_ha1_of_password(hasher, algorithm, credentials->username, realm,
			  sip_str_of(a->password), &ha1),
		==, 0);
	CHECK_INT(digest_response(
			  hasher, algorithm, &ha1, SIP_STR("REGISTER"), credentials, sum),
		==, 0);
	for (size_t i = 0; i < digest_len(algorithm); i++)
		sprintf(response + 2 * i, "%02x", sum[i]);
	credentials->response = a->response != NULL ? sip_str_of(a->response)
						    : sip_str_of(response);
}

static enum judgement judged(const struct attempt *a)
{
	struct sip_digest credentials = {
		.username = sip_str_of(a->user),
		.nonce = SIP_STR("n0nce"),
		.uri = sip_str_of(a->uri != NULL ? a->uri : "sip:" REALM),
		.algorithm = sip_str_of(a->algorithm),
		.qop = sip_str_of(a->qop),
		.nc = sip_str_of(a->nc),
		.cnonce = sip_str_of(a->cnonce),
	};
	struct sip_config_list offered = { &a->offered, a->offered != NULL };
	struct digest_hasher hasher;
	struct sip_uri uri;
	char response[2 * DIGEST_MAX_LEN + 1];

	CHECK_INT(digest_hasher_init(&hasher), ==, 0);
	CHECK_INT(sip_uri_parse(SIP_STR("sip:" REALM), &uri), ==, 0);
	respond(&hasher, a, &credentials, response);
	enum judgement result = judge_credentials(&hasher,
		&(struct judge_case){ &credentials, SIP_STR(REALM), SIP_STR("REGISTER"),
			&uri, &offered, is_ours, section_of, ha1_of, a->sections });
	digest_hasher_fini(&hasher);
	return result;
}

#define A6001 .sections = { &password_of_6001 }, .user = "6001"
#define QOP   .qop = "auth", .nc = "00000001", .cnonce = "c"

static const struct attempt attempts[] = {
	{ A6001, .password = "secret", QOP, .wanted = JUDGED_RIGHT },
	{ A6001, .password = "secret", .wanted = JUDGED_RIGHT },
	{ A6001, .password = "secret", .algorithm = "MD5", QOP, .wanted = JUDGED_RIGHT },
	{ A6001, .password = "Secret", QOP, .wanted = JUDGED_WRONG_PASSWORD },
	{ A6001, .password = "", QOP, .wanted = JUDGED_WRONG_PASSWORD },
	{ A6001, .password = "secret", .realm = "else", QOP,
		.wanted = JUDGED_WRONG_PASSWORD },
	{ A6001, .password = "secret", QOP, .response = "00",
		.wanted = JUDGED_WRONG_PASSWORD },
	{ A6001, .password = "secret", QOP, .response = "", .wanted = JUDGED_INCOMPLETE },
	/* Only the sections of the endpoint count. */
	{ .sections = { &password_of_6001 },
		.user = "6002",
		.password = "secret",
		QOP,
		.wanted = JUDGED_UNKNOWN_USER },
	{ .user = "6001", .password = "secret", QOP, .wanted = JUDGED_UNKNOWN_USER },
	{ .user = "6001",
		.password = "no section has this username",
		QOP,
		.wanted = JUDGED_UNKNOWN_USER },
	{ .sections = { &without_password },
		.user = "6003",
		.password = "no section has this username",
		QOP,
		.wanted = JUDGED_WRONG_PASSWORD },
	/* By the sum that stands for nobody's password. */
	{ .sections = { &without_password },
		.user = "6003",
		QOP,
		.response = "7f599796360282d6047e5e93189c2009",
		.wanted = JUDGED_WRONG_PASSWORD },
	{ .user = "6001",
		QOP,
		.response = "7f599796360282d6047e5e93189c2009",
		.wanted = JUDGED_UNKNOWN_USER },
	{ .sections = { &without_password },
		.user = "6003",
		.password = "",
		QOP,
		.wanted = JUDGED_WRONG_PASSWORD },
	{ .sections = { &second_of_6001, &password_of_6001 },
		.user = "6001",
		.password = "secret",
		QOP,
		.wanted = JUDGED_RIGHT },
	{ .sections = { &second_of_6001, &password_of_6001 },
		.user = "6001",
		.password = "third",
		QOP,
		.wanted = JUDGED_WRONG_PASSWORD },
	/* Algorithms. */
	{ A6001, .password = "secret", .algorithm = "SHA-256", QOP,
		.wanted = JUDGED_ALGORITHM },
	{ A6001, .password = "secret", .algorithm = "SHA-256", QOP, .offered = "SHA-256",
		.wanted = JUDGED_RIGHT },
	{ A6001, .password = "secret", .algorithm = "SHA-512-256", QOP,
		.offered = "SHA-512-256", .wanted = JUDGED_RIGHT },
	{ A6001, .password = "secret", QOP, .offered = "SHA-256",
		.wanted = JUDGED_ALGORITHM },
	{ A6001, .password = "secret", .algorithm = "MD5-sess", QOP,
		.wanted = JUDGED_ALGORITHM },
	/* qop: auth needs a count and a nonce of the client (RFC 7616 section 3.4). */
	{ A6001, .password = "secret", .qop = "auth-int", .nc = "00000001", .cnonce = "c",
		.wanted = JUDGED_QOP },
	{ A6001, .password = "secret", .qop = "auth", .cnonce = "c",
		.wanted = JUDGED_QOP },
	{ A6001, .password = "secret", .qop = "auth", .nc = "00000001",
		.wanted = JUDGED_QOP },
	{ A6001, .password = "secret", .qop = "auth", .nc = "1", .cnonce = "c",
		.wanted = JUDGED_QOP },
	{ A6001, .password = "secret", .qop = "auth", .nc = "0000000g", .cnonce = "c",
		.wanted = JUDGED_QOP },
	{ A6001, .password = "secret", .qop = "", .wanted = JUDGED_QOP },
	/* The uri is the Request-URI's. */
	{ A6001, .password = "secret", .uri = "sip:192.0.2.1;transport=tcp", QOP,
		.wanted = JUDGED_RIGHT },
	{ A6001, .password = "secret", .uri = "sip:elsewhere.org", QOP,
		.wanted = JUDGED_URI },
	{ A6001, .password = "secret", .uri = "sip:6001@" REALM, QOP,
		.wanted = JUDGED_URI },
	{ A6001, .password = "secret", .uri = "nonsense", QOP, .wanted = JUDGED_URI },
};

TEST(credentials_are_judged)
{
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		enum judgement result = judged(&attempts[i]);
		if (result != attempts[i].wanted)
			check_failed(__FILE__, __LINE__, "attempt %zu: %s, wanted %s", i,
				judgement_text(result),
				judgement_text(attempts[i].wanted));
	}
}

/* Hashes as a configuration holds them, for user 6002 and password `secret`. */
static struct sip_auth_config hashes = { .username = "6002" };

static enum judgement judged_by_hash(
	enum sip_auth_type type, const char *realm, const char *algorithm)
{
	static char md5[33];
	static char sha256[65];
	struct digest_hasher hasher;
	struct digest_ha1 ha1;
	struct sip_str user = SIP_STR("6002");
	const char *phone_has = realm != NULL && realm[0] != '\0' ? realm : REALM;
	struct sip_str made_for = sip_str_of(phone_has);

	CHECK_INT(digest_hasher_init(&hasher), ==, 0);
	CHECK_INT(digest_ha1_of_password(
			  &hasher, DIGEST_MD5, user, made_for, SIP_STR("secret"), &ha1),
		==, 0);
	memcpy(md5, ha1.hex, 32);
	CHECK_INT(digest_ha1_of_password(&hasher, DIGEST_SHA256, user, made_for,
			  SIP_STR("secret"), &ha1),
		==, 0);
	memcpy(sha256, ha1.hex, 64);
	digest_hasher_fini(&hasher);
	hashes.auth_type = type;
	hashes.realm = realm;
	hashes.md5_cred = md5;
	hashes.sha256 = sha256;
	return judged(&(struct attempt){ .sections = { &hashes },
		.user = "6002",
		.password = "secret",
		QOP,
		.algorithm = algorithm,
		.offered = algorithm,
		.realm = phone_has });
}

TEST(stored_hashes_are_as_good_as_the_password)
{
	CHECK_INT(judged_by_hash(SIP_AUTH_MD5, NULL, NULL), ==, JUDGED_RIGHT);
	CHECK_INT(judged_by_hash(SIP_AUTH_MD5, REALM, "MD5"), ==, JUDGED_RIGHT);
	CHECK_INT(judged_by_hash(SIP_AUTH_DIGEST, NULL, "SHA-256"), ==, JUDGED_RIGHT);
	/* `realm=` with nothing behind it, as `check` has it. */
	CHECK_INT(judged_by_hash(SIP_AUTH_MD5, "", "MD5"), ==, JUDGED_RIGHT);
	/* There is none for that algorithm. */
	CHECK_INT(judged_by_hash(SIP_AUTH_DIGEST, NULL, "SHA-512-256"), ==,
		JUDGED_WRONG_PASSWORD);
}

/* "digest: a password or hashes", and a password is good for each algorithm. */
TEST(digest_takes_a_password_too)
{
	static const char *const algorithms[] = { "MD5", "SHA-256", "SHA-512-256" };
	static const struct sip_auth_config either = {
		.auth_type = SIP_AUTH_DIGEST, .username = "6002", .password = "secret"
	};

	for (size_t i = 0; i < 3; i++) {
		struct attempt attempt = { .sections = { &either },
			.user = "6002",
			.password = "secret",
			QOP,
			.algorithm = algorithms[i],
			.offered = algorithms[i] };

		CHECK_INT(judged(&attempt), ==, JUDGED_RIGHT);
		attempt.password = "wrong";
		CHECK_INT(judged(&attempt), ==, JUDGED_WRONG_PASSWORD);
	}
}

TEST(a_hash_of_another_realm_does_not_count)
{
	CHECK_INT(judged_by_hash(SIP_AUTH_MD5, "old.example.com", "MD5"), ==,
		JUDGED_WRONG_PASSWORD);
}

static const struct {
	const char *credentials, *request;
	bool agree;
} uris[] = {
	{ "sip:bob@example.com", "sip:bob@example.com", true },
	{ "sip:bob@EXAMPLE.com", "sip:bob@example.com", true },
	{ "sip:bob@example.com", "sip:bob@example.com:5060", true },
	{ "sip:bob@example.com;transport=tcp", "sip:bob@example.com", true },
	{ "sips:bob@example.com", "sip:bob@example.com", true },
	{ "sip:b%6fb@example.com", "sip:bob@example.com", true },
	{ "sip:bob@example.com", "sip:bob@192.0.2.1", true },
	{ "sip:bob@other.org", "sip:bob@OTHER.org:5070", true },
	{ "sip:bob@example.com", "sip:bob@other.org", false },
	{ "sip:alice@example.com", "sip:bob@example.com", false },
	{ "sip:Bob@example.com", "sip:bob@example.com", false },
	{ "sip:example.com", "sip:bob@example.com", true },
	{ "sip:192.0.2.1;lr", "sip:bob@other.org", true },
	{ "sip:other.org", "sip:bob@other.org", false },
	/* What the requests of a call to a service of ours are signed for. */
	{ "sip:67b15ab4643855ba@192.0.2.1", "sip:bob@other.org", false },
	{ "sip:67b15ab4643855ba@192.0.2.1", "sip:192.0.2.1", false },
	{ "sip:bob@example.com", "sip:example.com", false },
	{ "tel:+15551234", "tel:+1-555-1234", true },
	{ "tel:+15551234", "sip:+15551234@example.com", false },
};

TEST(uris_agree_when_they_name_the_same_user)
{
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct sip_uri a;
		struct sip_uri b;
		CHECK_INT(sip_uri_parse(sip_str_of(uris[i].credentials), &a), ==, 0);
		CHECK_INT(sip_uri_parse(sip_str_of(uris[i].request), &b), ==, 0);
		if (judge_uris_agree(&a, &b, is_ours) != uris[i].agree)
			check_failed(__FILE__, __LINE__, "%s and %s", uris[i].credentials,
				uris[i].request);
	}
}
