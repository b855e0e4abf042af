/* SPDX-License-Identifier: BSD-2-Clause */
/* Digest credentials and challenges: RFC 3261 sections 20.7, 20.27, 20.44; RFC 7616. */
#include "res_sip/error.h"
#include "res_sip/message.h"
#include "support/check.h"

static const char credentials[] =
	"Digest username=\"bob\", realm=\"biloxi.com\", "
	"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"sip:bob@biloxi.com\", "
	"qop=auth, nc=00000001, cnonce=\"0a4f113b\", "
	"response=\"6629fae49393a05397450978507c4ef1\", "
	"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", x=y";

static const char challenge[] =
	"DIGEST Realm = \"atlanta.com\" , domain=\"sip:ss1.carrier.com\",qop=\"auth,auth-int\","
	"nonce=\"f8\",stale=FALSE, algorithm=SHA-256,opaque=\"\",userhash=false";

TEST(credentials_are_taken_apart)
{
	struct sip_digest digest;

	CHECK_INT(sip_digest_parse(sip_str_of(credentials), &digest), ==, 0);

	CHECK_STR(digest.scheme, "Digest");
	CHECK_STR(digest.username, "bob");
	CHECK_STR(digest.realm, "biloxi.com");
	CHECK_STR(digest.nonce, "dcd98b7102dd2f0e8b11d0f600bfb0c093");
	CHECK_STR(digest.uri, "sip:bob@biloxi.com");
	CHECK_STR(digest.qop, "auth");
	CHECK_STR(digest.nc, "00000001");
	CHECK_STR(digest.cnonce, "0a4f113b");
	CHECK_STR(digest.response, "6629fae49393a05397450978507c4ef1");
	CHECK_STR(digest.opaque, "5ccc069c403ebaf9f0171e9517f40e41");
	CHECK_STR(digest.algorithm, NULL);
	CHECK_STR(digest.stale, NULL);
	CHECK_STR(digest.domain, NULL);
	CHECK_STR(digest.userhash, NULL);
}

TEST(a_challenge_is_taken_apart)
{
	struct sip_digest digest;

	CHECK_INT(sip_digest_parse(sip_str_of(challenge), &digest), ==, 0);

	CHECK_STR(digest.scheme, "DIGEST");
	CHECK_STR(digest.realm, "atlanta.com");
	CHECK_STR(digest.domain, "sip:ss1.carrier.com");
	CHECK_STR(digest.qop, "auth,auth-int");
	CHECK_STR(digest.stale, "FALSE");
	CHECK_STR(digest.algorithm, "SHA-256");
	CHECK_STR(digest.opaque, "");
	CHECK_STR(digest.userhash, "false");
	CHECK_STR(digest.username, NULL);
}

/* RFC 4475 3.3.7: "A parser must not fail when receiving it." */
TEST(a_scheme_that_nobody_knows_is_named_and_not_read)
{
	struct sip_digest digest;

	CHECK_INT(sip_digest_parse(
			  SIP_STR("NoOneKnowsThisScheme opaque-data=here"), &digest),
		==, 0);
	CHECK_STR(digest.scheme, "NoOneKnowsThisScheme");
	CHECK_INT(sip_digest_parse(SIP_STR("Basic QWxhZGRpbjpvcGVu=="), &digest), ==, 0);
	CHECK_STR(digest.scheme, "Basic");
	CHECK_STR(digest.realm, NULL);
}

TEST(what_is_no_digest_or_says_something_twice_is_refused)
{
	static const char *const bad[] = { "", "Digest", "Digest ", "Digest,realm=\"a\"",
		"Digest realm", "Digest a", "Digest realm=", "Digest realm=\"a",
		"Digest realm=\"a\" nonce=\"b\"", "Digest realm=\"a\",",
		"Digest realm=\"a\";nonce=\"b\"", "Digest realm=\"a\",realm=\"a\"",
		"Digest username=a,Username=b", "Digest realm=\"a\",,nonce=\"b\"",
		"Digest =a" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sip_digest digest;

		if (sip_digest_parse(sip_str_of(bad[i]), &digest) != SIP_ESYNTAX)
			check_failed(__FILE__, __LINE__, "\"%s\" was accepted", bad[i]);
	}
}

/* RFC 3261 section 20.6, RFC 2617 section 3.2.3. */
TEST(what_a_server_says_of_its_answer_is_taken_apart)
{
	struct sip_auth_info info;

	CHECK_INT(sip_auth_info_parse(
			  SIP_STR(" NextNonce=\"47364c23\" , qop=auth,rspauth=\"6629\", "
				  "cnonce=\"0a4f\",nc=00000001, later=x"),
			  &info),
		==, 0);
	CHECK_STR(info.nextnonce, "47364c23");
	CHECK_STR(info.qop, "auth");
	CHECK_STR(info.rspauth, "6629");
	CHECK_STR(info.cnonce, "0a4f");
	CHECK_STR(info.nc, "00000001");
	CHECK_INT(sip_auth_info_parse(SIP_STR("nextnonce=\"\""), &info), ==, 0);
	CHECK_STR(info.nextnonce, "");
	CHECK_STR(info.qop, NULL);
}

TEST(what_is_no_authentication_info_is_refused)
{
	static const char *const bad[] = { "", " ", "nextnonce",
		"nextnonce=", "nextnonce=\"a", "nextnonce=\"a\",", "nc=1 qop=auth",
		"nc=1;qop=auth", "nc=1,NC=1", "=a", "nextnonce=\"a\"b" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sip_auth_info info;

		if (sip_auth_info_parse(sip_str_of(bad[i]), &info) != SIP_ESYNTAX)
			check_failed(__FILE__, __LINE__, "\"%s\" was accepted", bad[i]);
	}
}
