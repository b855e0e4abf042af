/* SPDX-License-Identifier: BSD-2-Clause */
/* When two URIs are the same: RFC 3261 section 19.1.4, RFC 3966 section 4. */
#include "res_sip/error.h"
#include "res_sip/uri.h"
#include "support/check.h"

#include <stdio.h>

static bool same(const char *a, const char *b)
{
	struct sip_uri uri_a;
	struct sip_uri uri_b;

	CHECK_INT(sip_uri_parse(sip_str_of(a), &uri_a), ==, 0);
	CHECK_INT(sip_uri_parse(sip_str_of(b), &uri_b), ==, 0);
	/* The rules have no first and second. */
	CHECK_INT(sip_uri_equal(&uri_a, &uri_b), ==, sip_uri_equal(&uri_b, &uri_a));
	CHECK(sip_uri_equal(&uri_a, &uri_a));
	return sip_uri_equal(&uri_a, &uri_b);
}

static void check_pairs(const char *const pairs[][2], size_t count, bool wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (same(pairs[i][0], pairs[i][1]) != wanted)
			check_failed(__FILE__, __LINE__,
				"\"%s\" and \"%s\" are%s the same", pairs[i][0],
				pairs[i][1], wanted ? " not" : "");
	}
}

#define CHECK_SAME(pairs)      check_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]), true)
#define CHECK_DIFFERENT(pairs) check_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]), false)

/* "The URIs within each of the following sets are equivalent" */
TEST(uris_that_the_rfc_calls_equivalent_are)
{
	static const char *const pairs[][2] = {
		{ "sip:%61lice@atlanta.com;transport=TCP",
			"sip:alice@AtLanTa.CoM;Transport=tcp" },
		{ "sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5" },
		{ "sip:carol@chicago.com", "sip:carol@chicago.com;security=on" },
		{ "sip:carol@chicago.com;newparam=5",
			"sip:carol@chicago.com;security=on" },
		{ "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
			"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com" },
		{ "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
			"sip:alice@atlanta.com?priority=urgent&subject=project%20x" },
	};

	CHECK_SAME(pairs);
}

/* "The URIs within each of the following sets are not equivalent" */
TEST(uris_that_the_rfc_calls_different_are)
{
	static const char *const pairs[][2] = {
		{ "SIP:ALICE@AtLanTa.CoM;Transport=udp",
			"sip:alice@AtLanTa.CoM;Transport=UDP" },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:5060" },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp" },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp" },
		{ "sip:carol@chicago.com",
			"sip:carol@chicago.com?Subject=next%20meeting" },
		{ "sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4" },
		{ "sip:carol@chicago.com;security=on",
			"sip:carol@chicago.com;security=off" },
	};

	CHECK_DIFFERENT(pairs);
}

/* RFC 5954: IPv6 addresses are compared as numbers, whatever their text. */
TEST(an_ipv6_address_is_the_same_in_each_of_its_forms)
{
	static const char *const same_pairs[][2] = {
		{ "sip:bob@[2001:db8::9:1]", "sip:bob@[2001:DB8::9:1]" },
		{ "sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8:0:0:0::9:01]" },
		{ "sip:bob@[::ffff:192.0.2.128]:5062", "sip:bob@[::FFFF:c000:280]:5062" },
	};
	static const char *const different_pairs[][2] = {
		{ "sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:2]" },
		{ "sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:1]:5060" },
		{ "sip:bob@[::ffff:192.0.2.128]", "sip:bob@192.0.2.128" },
		{ "sip:bob@[2001::1::1]", "sip:bob@[2001::1::01]" },
	};

	CHECK_SAME(same_pairs);
	CHECK_DIFFERENT(different_pairs);
}

/* "A SIP and SIPS URI are never equivalent." */
TEST(sip_and_sips_are_never_the_same)
{
	CHECK(!same("sip:a@b", "sips:a@b"));
}

/* "Comparison of the userinfo ... is case-sensitive.  This includes ... passwords" */
TEST(user_and_password_have_case_and_may_not_be_left_out)
{
	static const char *const pairs[][2] = {
		{ "sip:a@b", "sip:A@b" },
		{ "sip:a:p@b", "sip:a:P@b" },
		{ "sip:a@b", "sip:b" },
		{ "sip:a@b", "sip:a:p@b" },
		{ "sip:a@b", "sip:a:@b" },
		{ "sip:a@b", "sip:a%20@b" },
		{ "sip:ab@c", "sip:a@c" },
	};

	CHECK_DIFFERENT(pairs);
}

/* "Characters other than those in the "reserved" set are equivalent to their escape" */
TEST(escapes_equal_their_character_unless_it_is_reserved)
{
	static const char *const same_pairs[][2] = {
		{ "sip:%41@b", "sip:A@b" },
		{ "sip:%7e@b", "sip:~@b" },
		{ "sip:a%3bb@c", "sip:a%3Bb@c" },
		{ "sip:*21#@c", "sip:*21%23@c" },
		{ "sip:a@b;x=%41", "sip:a@b;x=a" },
	};
	static const char *const different[][2] = {
		{ "sip:a%3Bb@c", "sip:a;b@c" },
		{ "sip:a%2Fb@c", "sip:a/b@c" },
		{ "sip:a@b;x=1%3A", "sip:a@b;x=1:" },
		/* RFC 4475 3.1.1.3: "unescaping URI components is never performed
		   recursively" */
		{ "sip:value%2541@c", "sip:valueA@c" },
		{ "sip:value%2541@c", "sip:value%41@c" },
	};

	CHECK_SAME(same_pairs);
	CHECK_DIFFERENT(different);
}

/* "A user, ttl, or method uri-parameter appearing in only one URI never matches" */
TEST(some_parameters_must_be_in_both)
{
	static const char *const pairs[][2] = {
		{ "sip:a@b", "sip:a@b;user=ip" },
		{ "sip:a@b", "sip:a@b;ttl=1" },
		{ "sip:a@b", "sip:a@b;method=INVITE" },
		{ "sip:a@b", "sip:a@b;maddr=b" },
		{ "sip:a@b", "sip:a@b;MADDR=b" },
		{ "sip:a@b", "sip:a@b;x;%75ser=phone" },
		{ "sip:a@b;method=INVITE", "sip:a@b;method=invite" },
		{ "sip:a@b;lr", "sip:a@b;lr=true" },
		{ "sip:a@b;x=1;y=2", "sip:a@b;x=2;y=1" },
	};

	CHECK_DIFFERENT(pairs);
}

TEST(the_order_and_case_of_parameters_mean_nothing)
{
	static const char *const pairs[][2] = {
		{ "sip:a@b;x=1;y=2;lr", "sip:a@b;LR;Y=2;X=1" },
		{ "sip:a@b;maddr=H;ttl=1", "sip:a@b;ttl=1;maddr=h" },
		{ "sip:a@b;x=1;other", "sip:a@b;another;x=1" },
	};

	CHECK_SAME(pairs);
}

/* "URI header components are never ignored." */
TEST(header_fields_must_all_be_in_both)
{
	static const char *const same_pairs[][2] = {
		{ "sip:a@b?Subject=X", "sip:a@b?s=x" },
		{ "sip:a@b?x=1&x=2", "sip:a@b?x=2&X=1" },
	};
	static const char *const different[][2] = {
		{ "sip:a@b?x=1&x=1&x=2", "sip:a@b?x=1&x=2&x=2" },
		{ "sip:a@b?x=1", "sip:a@b?x=1&x=1" },
		{ "sip:a@b?x=1", "sip:a@b?x=2" },
		{ "sip:a@b?x=1", "sip:a@b?y=1" },
		{ "sip:a@b?Call-ID=a", "sip:a@b?Call-ID=A" },
	};

	CHECK_SAME(same_pairs);
	CHECK_DIFFERENT(different);
}

/* An escape of what needs none means the same (19.1.4), on whichever side it stands: the
 * first of two such names was unknown, and two URIs were the same one way round. */
TEST(the_name_of_a_header_field_may_be_escaped)
{
	static const char *const same_pairs[][2] = {
		{ "sip:a@b?Call-ID=1", "sip:a@b?%43all-ID=1" },
		{ "sip:a@b?i=1", "sip:a@b?%43all-%49D=1" },
		{ "sip:a@b?%53ubject=X", "sip:a@b?%73=x" },
		{ "sip:a@b?%78-thing=1", "sip:a@b?X-thing=1" },
	};
	static const char *const different[][2] = {
		{ "sip:a@b?%43all-ID=a", "sip:a@b?Call-ID=A" },
		{ "sip:a@b?%43all-ID=a", "sip:a@b?Subject=a" },
		{ "sip:a@b?%43all-IDx=a", "sip:a@b?Call-ID=a" },
	};

	CHECK_SAME(same_pairs);
	CHECK_DIFFERENT(different);
}

/* A peer chooses how many there are; matching each with each must not become its weapon.
 */
TEST(very_many_parameters_are_the_same_only_as_the_same_text)
{
	char a[512] = "sip:a@b";
	char b[512] = "sip:a@b";
	size_t len = 7;

	for (int i = 0; i < 40; i++) {
		snprintf(a + len, sizeof(a) - len, ";p%02d", i);
		snprintf(b + len, sizeof(b) - len, ";p%02d", 39 - i);
		len += 4;
	}

	CHECK(same(a, a));
	CHECK(!same(a, b));
}

TEST(telephone_numbers_are_compared_without_separators)
{
	static const char *const same_pairs[][2] = {
		{ "tel:+1-201-555-0123", "tel:+12015550123" },
		{ "tel:+1(201)555.0123", "TEL:+1-201-555-0123" },
		{ "tel:1A;phone-context=Example.COM",
			"tel:1a;phone-context=example.com" },
		{ "tel:12;phone-context=+1-914", "tel:1-2;Phone-Context=+1914" },
		{ "tel:+1;ext=1-2;isub=3", "tel:+1;isub=3;ext=12" },
	};
	static const char *const different[][2] = {
		{ "tel:+12", "tel:12" },
		{ "tel:+12", "tel:+123" },
		{ "tel:+12", "tel:+12;ext=3" },
		{ "tel:+12;x=1", "tel:+12;y=1" },
		{ "tel:1;phone-context=a.b", "tel:1;phone-context=a-b" },
		{ "tel:1;phone-context=a.b", "tel:1;phone-context=ab" },
		{ "tel:1", "tel:1-;phone-context=+1" },
	};

	CHECK_SAME(same_pairs);
	CHECK_DIFFERENT(different);
}

TEST(other_uris_are_the_same_when_their_text_is)
{
	static const char *const same_pairs[][2] = {
		{ "urn:service:sos", "URN:Service:SOS" },
		{ "urn:EXAMPLE:a", "urn:example:a" },
		{ "isbn:298", "ISBN:298" },
	};
	static const char *const different[][2] = {
		{ "urn:example:a", "urn:example:A" },
		{ "urn:service:sos", "urn:service:sos.police" },
		{ "urn:a", "urn:b" },
		{ "http://a", "http://A" },
		{ "http:a", "https:a" },
		{ "sip:a@b", "tel:1" },
	};

	CHECK_SAME(same_pairs);
	CHECK_DIFFERENT(different);
}
