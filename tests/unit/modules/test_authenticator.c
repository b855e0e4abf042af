/* SPDX-License-Identifier: BSD-2-Clause */
/* The default authenticator, as the core calls it. */
#include "support/check.h"

#include "unit/modules/fake_core.h"

#include "digest.h"
#include "hashers.h"

#include <stdio.h>

extern const struct ast_sip_module_file ast_sip_module_file;

static const struct sip_auth_config password = {
	.auth_type = SIP_AUTH_USERPASS, .username = "6001", .password = "secret"
};
static const struct sip_auth_config hashed = { .auth_type = SIP_AUTH_DIGEST,
	.username = "6002",
	.realm = "old.example.com",
	.md5_cred = "00112233445566778899aabbccddeeff",
	.sha256 = "hash" };
static struct ast_sip_endpoint phone = { .options = { .name = "6001" },
	.auth = { &password },
	.ha1 = { "cb98474e871c50bb207ef96006333023" } };
static struct ast_sip_endpoint open_phone = { .options = { .name = "open" } };
static struct ast_sip_endpoint nobody = { .options = { .name = "" }, .artificial = true };

/* The linker sends the module's calls here (--wrap). */
struct digest_hasher *__real_digest_hasher_borrow(struct digest_hashers *hashers);
struct digest_hasher *__wrap_digest_hasher_borrow(struct digest_hashers *hashers);

static bool no_hasher; /* out of memory */

struct digest_hasher *__wrap_digest_hasher_borrow(struct digest_hashers *hashers)
{
	return no_hasher ? NULL : __real_digest_hasher_borrow(hashers);
}

/* A REGISTER with a right response to nonce `n` for user 6001 and that password. */
static struct sip_rx_data *request_with(const char *secret)
{
	static char headers[512];
	struct digest_hasher hasher;
	struct digest_ha1 ha1;
	unsigned char sum[DIGEST_MAX_LEN];
	const struct sip_digest credentials = { .nonce = SIP_STR("n"),
		.uri = SIP_STR("sip:example.com") };

	CHECK_INT(digest_hasher_init(&hasher), ==, 0);
	CHECK_INT(digest_ha1_of_password(&hasher, DIGEST_MD5, SIP_STR("6001"),
			  SIP_STR("example.com"), sip_str_of(secret), &ha1),
		==, 0);
	CHECK_INT(digest_response(&hasher, DIGEST_MD5, &ha1, SIP_STR("REGISTER"),
			  &credentials, sum),
		==, 0);
	digest_hasher_fini(&hasher);
	int len = sprintf(headers,
		"Authorization: Digest username=\"6001\", realm=\"example.com\", nonce=\"n\", "
		"uri=\"sip:example.com\", response=\"");
	for (size_t i = 0; i < digest_len(DIGEST_MD5); i++)
		len += sprintf(headers + len, "%02x", sum[i]);
	strcat(headers, "\"\n");
	return fake_request(&(struct fake_message){ .headers = headers });
}

TEST(whoever_has_a_secret_or_no_name_must_prove_himself)
{
	fake_begin(&ast_sip_module_file);
	struct sip_rx_data *rdata = fake_request(&(struct fake_message){ 0 });

	CHECK(fake.authenticator->requires_authentication(&phone, rdata) != 0);
	CHECK(fake.authenticator->requires_authentication(&nobody, rdata) != 0);
	CHECK(fake.authenticator->requires_authentication(&open_phone, rdata) == 0);
	fake_end(&ast_sip_module_file);
}

TEST(the_right_password_with_a_good_nonce_comes_in)
{
	fake_begin(&ast_sip_module_file);

	fake.nonce = AST_SIP_NONCE_GOOD;
	CHECK_INT(
		fake.authenticator->authenticate_request(&phone, request_with("secret")),
		==, 0);
	fake.nonce = AST_SIP_NONCE_COPY;
	CHECK_INT(
		fake.authenticator->authenticate_request(&phone, request_with("secret")),
		==, 0);

	CHECK_INT(fake.nonce_uses, ==, 2);
	CHECK_INT(fake.log_lines, ==, 0);
	fake_end(&ast_sip_module_file);
}

TEST(a_stale_nonce_does_not_come_in_and_is_no_failed_login)
{
	fake_begin(&ast_sip_module_file);

	fake.nonce = AST_SIP_NONCE_STALE;
	CHECK(fake.authenticator->authenticate_request(&phone, request_with("secret")) !=
		0);

	CHECK_INT(fake.nonce_uses, ==, 1);
	CHECK_INT(fake.log_lines, ==, 0);
	fake_end(&ast_sip_module_file);
}

/* A nonce is counted only for who knows the secret: others could use it up, or learn that
 * it is stale. */
TEST(a_wrong_password_is_logged_and_its_nonce_not_counted)
{
	fake_begin(&ast_sip_module_file);

	CHECK(fake.authenticator->authenticate_request(&phone, request_with("guess")) !=
		0);

	CHECK_INT(fake.nonce_uses, ==, 0);
	CHECK_INT(fake.log_lines, ==, 1);
	CHECK(strstr(fake.log,
		      "authentication: failed login source=198.51.100.7:5062 user=6001 "
		      "method=REGISTER reason=wrong password") != NULL);
	fake_end(&ast_sip_module_file);
}

/* The phone is challenged for ever: without a line nobody would know why. */
TEST(credentials_for_another_realm_are_logged)
{
	fake_begin(&ast_sip_module_file);

	CHECK(fake.authenticator->authenticate_request(&phone,
		      fake_request(&(struct fake_message){
			      .headers =
				      "Authorization: Digest username=\"6001\", "
				      "realm=\"old one\", nonce=\"n\", "
				      "uri=\"sip:example.com\", response=\"0\"\n" })) !=
		0);

	CHECK_INT(fake.log_lines, ==, 1);
	CHECK(strstr(fake.log,
		      "authentication: credentials for another realm "
		      "source=198.51.100.7:5062 user=6001 method=REGISTER realm=old?one "
		      "ours=example.com") != NULL);
	fake_end(&ast_sip_module_file);
}

TEST(an_unknown_user_is_logged_as_such)
{
	fake_begin(&ast_sip_module_file);

	CHECK(fake.authenticator->authenticate_request(&nobody, request_with("secret")) !=
		0);

	CHECK_INT(fake.nonce_uses, ==, 0);
	CHECK(strstr(fake.log, "user=6001 method=REGISTER reason=unknown user") != NULL);
	fake_end(&ast_sip_module_file);
}

/* Who reads the log to block addresses must not be led to another's. */
TEST(a_name_can_not_look_like_a_field_of_the_log)
{
	fake_begin(&ast_sip_module_file);
	struct sip_rx_data *rdata = fake_request(&(struct fake_message){
		.headers = "Authorization: Digest username=\"a source=192.0.2.9 b\", "
			   "realm=\"example.com\", nonce=\"n\", uri=\"sip:example.com\", "
			   "response=\"00\"\n" });

	CHECK(fake.authenticator->authenticate_request(&nobody, rdata) != 0);

	CHECK(strstr(fake.log, "user=a?source?192.0.2.9?b method=") != NULL);
	fake_end(&ast_sip_module_file);
}

/* He has the right password, and must not be taken for an attacker. */
TEST(who_is_not_judged_for_want_of_memory_is_told_to_come_later)
{
	fake_begin(&ast_sip_module_file);

	fake.nonce = AST_SIP_NONCE_GOOD;
	no_hasher = true;
	CHECK(fake.authenticator->authenticate_request(&phone, request_with("secret")) !=
		0);
	no_hasher = false;

	CHECK_INT(fake.responses, ==, 1);
	CHECK_INT(fake.response.status, ==, 503);
	CHECK(strstr(fake.log, "failed login") == NULL);
	CHECK(strstr(fake.log, "authentication: not judged: ") != NULL);
	fake_end(&ast_sip_module_file);
}

TEST(a_request_without_credentials_is_no_failed_login)
{
	fake_begin(&ast_sip_module_file);
	struct sip_rx_data *rdata = fake_request(&(struct fake_message){ 0 });

	CHECK(fake.authenticator->authenticate_request(&phone, rdata) != 0);

	CHECK_INT(fake.log_lines, ==, 0);
	fake_end(&ast_sip_module_file);
}

TEST(one_who_floods_with_guesses_does_not_flood_the_log)
{
	fake_begin(&ast_sip_module_file);

	for (int i = 0; i < 100; i++)
		CHECK(fake.authenticator->authenticate_request(
			      &phone, request_with("guess")) != 0);

	CHECK_INT(fake.log_lines, <=, 20);
	fake_end(&ast_sip_module_file);
}

static void fail_from(const char *source)
{
	struct sip_rx_data *rdata = request_with("guess");

	CHECK_INT(sip_addr_parse(sip_str_of(source), 5060, &fake.flow.peer), ==, 0);
	CHECK(fake.authenticator->authenticate_request(&phone, rdata) != 0);
}

/* Who blocks addresses by the log has to see each. */
TEST(a_flood_from_one_source_does_not_hide_another)
{
	fake_begin(&ast_sip_module_file);

	for (int i = 0; i < 100; i++)
		fail_from("192.0.2.66");
	for (int i = 0; i < 20; i++) {
		char source[32];

		sprintf(source, "203.0.113.%d", i + 1);
		fail_from(source);
	}

	/* Two sources share a place now and then. */
	CHECK_INT(fake.log_lines, >=, 10 + 17);
	fake_end(&ast_sip_module_file);
}

/* Else anybody could have any address blocked. */
TEST(a_source_that_may_be_forged_is_said_to_be)
{
	fake_begin(&ast_sip_module_file);

	fake.source_unproven = true;
	fail_from("192.0.2.66");

	CHECK(strstr(fake.log, "reason=wrong password, source not proven\n") != NULL);
	fake_end(&ast_sip_module_file);
}

TEST(everybody_is_challenged_for_the_same_realm)
{
	struct ast_sip_endpoint by_hash = { .options = { .name = "6002" },
		.auth = { &hashed } };
	struct ast_sip_digest_challenge_data challenge[3] = { 0 };

	fake_begin(&ast_sip_module_file);
	CHECK_INT(
		fake.authenticator->get_authentication_credentials(&phone, &challenge[0]),
		==, 0);
	CHECK_INT(fake.authenticator->get_authentication_credentials(
			  &nobody, &challenge[1]),
		==, 0);
	CHECK_INT(fake.authenticator->get_authentication_credentials(
			  &by_hash, &challenge[2]),
		==, 0);
	for (size_t i = 0; i < 3; i++) {
		CHECK_STR(sip_str_of(challenge[i].realm), "example.com");
		CHECK(challenge[i].algorithms == NULL && challenge[i].nonce == NULL);
	}
	CHECK_INT(challenge[0].is_md5, ==, 0);
	CHECK_STR(sip_str_of(challenge[0].auth.plain.username), "6001");
	CHECK_STR(sip_str_of(challenge[0].auth.plain.password), "secret");
	CHECK_INT(challenge[1].is_md5, ==, 0);
	CHECK_INT(challenge[2].is_md5, ==, 1);
	CHECK_STR(sip_str_of(challenge[2].auth.md5), hashed.md5_cred);
	CHECK_STR(sip_str_of(challenge[2].sha256), "hash");
	fake_end(&ast_sip_module_file);
}

TEST(there_is_nothing_to_challenge_an_open_endpoint_with)
{
	struct ast_sip_digest_challenge_data challenge = { 0 };

	fake_begin(&ast_sip_module_file);
	CHECK_INT(fake.authenticator->get_authentication_credentials(
			  &open_phone, &challenge),
		==, -1);
	fake_end(&ast_sip_module_file);
}

TEST(the_realm_has_a_default)
{
	struct ast_sip_digest_challenge_data challenge = { 0 };

	fake_begin(&ast_sip_module_file);
	fake.global.default_realm = NULL;
	CHECK_INT(fake.authenticator->get_authentication_credentials(&nobody, &challenge),
		==, 0);
	CHECK_STR(sip_str_of(challenge.realm), "example.com");
	fake.global.domain.count = 0;
	CHECK_INT(fake.authenticator->get_authentication_credentials(&nobody, &challenge),
		==, 0);
	CHECK_STR(sip_str_of(challenge.realm), "res_sip");
	fake_end(&ast_sip_module_file);
}
