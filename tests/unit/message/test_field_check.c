/* SPDX-License-Identifier: BSD-2-Clause */
/* Every header field of RFC 3261 section 20, held against the grammar of section 25.1. */
#include "message/builder.h"
#include "support/check.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define VALUES      8

static const struct {
	enum sip_hdr_id id;
	const char *good[VALUES];
	const char *bad[VALUES];
} fields[] = {
	{ SIP_HDR_ACCEPT,
		{ "", "application/sdp;level=1, application/x-private, text/html" },
		{ "text", "text/html;q=7", "text/html text/plain" } },
	{ SIP_HDR_ACCEPT_ENCODING, { "", "gzip", "compress;q=0.5, *;q=0" },
		{ "gz@ip", "gzip;q=a" } },
	{ SIP_HDR_ACCEPT_LANGUAGE, { "", "da, en-gb;q=0.8, en;q=0.7" },
		{ "en_gb", "e1" } },
	{ SIP_HDR_ALERT_INFO,
		{ "<http://www.example.com/sounds/moo.wav>", "<a:b>;c, <d:e>" },
		{ "", "http://a/", "<http://a/>;", "<a:b> <c:d>", "<sip:>" } },
	{ SIP_HDR_ALLOW, { "", "INVITE, ACK, OPTIONS, x-a.b!" },
		{ "INVITE ACK", "A/B" } },
	{ SIP_HDR_AUTHENTICATION_INFO,
		{ "nextnonce=\"47364c23432d2e131a5fb210812c\"", "qop=auth, nc=00000001" },
		{ "", "nextnonce", "nc=1;qop=auth", "nc=1,nc=1" } },
	{ SIP_HDR_AUTHORIZATION,
		{ "Digest username=\"Alice\", realm=\"atlanta.com\", nonce=\"84a4cc6f\"",
			"Other a=b" },
		{ "", "Digest", "Digest a" } },
	{ SIP_HDR_CALL_ID,
		{ "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@foo.bar.com", "a(\"<:>" },
		{ "", "a b", "@a", "a@", "a@b@c", "a,b" } },
	{ SIP_HDR_CALL_INFO,
		{ "<http://www.example.com/alice/photo.jpg> ;purpose=icon, "
		  "<http://www.example.com/alice/> ;purpose=info" },
		{ "", "<photo.jpg>", "<a:b>;=c" } },
	{ SIP_HDR_CONTACT,
		{ "*",
			"\"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>;q=0.7; "
			"expires=3600, \"Mr. Watson\" <mailto:w@b.com> ;q=0.1",
			"sip:a@b", "tel:+1" },
		{ "", "*,*", "*, sip:a@b", "<sip:a@b>;q=1.5", "<sip:a@b>;expires=soon",
			"<sip:a@b>;q=1;q=1", "sip:a@b?c=d" } },
	{ SIP_HDR_CONTENT_DISPOSITION, { "session", "icon;handling=optional" },
		{ "", "session;", "a/b" } },
	{ SIP_HDR_CONTENT_ENCODING, { "gzip", "gzip, tar" }, { "", ",", "gz ip" } },
	{ SIP_HDR_CONTENT_LANGUAGE, { "fr", "fr, en-US" }, { "", "*", "fr;q=1" } },
	{ SIP_HDR_CONTENT_LENGTH, { "0", "349" }, { "", "-1", "1 2", "0x10", "1;a=b" } },
	{ SIP_HDR_CONTENT_TYPE, { "application/sdp", "text/html; charset=ISO-8859-4" },
		{ "", "application", "text/html;charset" } },
	{ SIP_HDR_CSEQ, { "4711 INVITE", "0 x" },
		{ "", "4711", "INVITE 1", "2147483648 INVITE", "1 A B" } },
	{ SIP_HDR_DATE, { "Sat, 13 Nov 2010 23:29:00 GMT" },
		{ "", "Sat, 13 Nov 2010 23:29:00 CET",
			"Sat, 30 Feb 2010 23:29:00 GMT" } },
	{ SIP_HDR_ERROR_INFO, { "<sip:not-in-service-recording@atlanta.com>" },
		{ "", "sip:a@b" } },
	{ SIP_HDR_EXPIRES, { "5", "4294967295", "4294967296" },
		{ "", "5 s", "-5", "5;a" } },
	{ SIP_HDR_FROM,
		{ "\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s",
			"sip:+12125551212@server.phone2net.com;tag=887s",
			"Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8" },
		{ "", "*", "Bell", "<sip:a@b>, <sip:c@d>", "<sip:a@b>;tag=1;tag=2",
			"\"A <sip:a@b>", "<sip:a b@c>" } },
	/* Brackets and quotes are characters of a word. */
	{ SIP_HDR_IN_REPLY_TO,
		{ "70710@saturn.bell-tel.com, 17320@saturn", "a<b,c>d,\"e" },
		{ "", " , ", "a b", "a@" } },
	{ SIP_HDR_MAX_FORWARDS, { "6", "70" }, { "", "a", "-1" } },
	{ SIP_HDR_MIME_VERSION, { "1.0" }, { "", "1", "a.b" } },
	{ SIP_HDR_MIN_EXPIRES, { "60" }, { "", "a" } },
	{ SIP_HDR_ORGANIZATION, { "", "Boxes by Bob" }, { "\xff", "a\x01" } },
	{ SIP_HDR_PRIORITY, { "emergency", "x" }, { "", "very urgent", "a,b" } },
	{ SIP_HDR_PROXY_AUTHENTICATE,
		{ "Digest realm=\"atlanta.com\", domain=\"sip:ss1.carrier.com\", "
		  "qop=\"auth\", nonce=\"f8\", opaque=\"\", stale=FALSE, algorithm=MD5" },
		{ "", "Digest realm" } },
	{ SIP_HDR_PROXY_AUTHORIZATION,
		{ "Digest username=\"Alice\", realm=\"atlanta.com\"" },
		{ "", "Digest a=\"b" } },
	{ SIP_HDR_PROXY_REQUIRE, { "foo", "foo, bar" }, { "", "foo bar" } },
	{ SIP_HDR_RECORD_ROUTE,
		{ "<sip:server10.biloxi.com;lr>, <sip:bigbox3.site3.atlanta.com;lr>",
			"x <sip:a>;b" },
		{ "", "sip:a;lr", "<sip:a;lr", "<sip:a> <sip:b>", "*" } },
	{ SIP_HDR_REPLY_TO, { "Bob <sip:bob@biloxi.com>", "sip:a@b;c" },
		{ "", "Bob", "<sip:a@b>,<sip:c@d>" } },
	{ SIP_HDR_REQUIRE, { "100rel", "100rel,timer" }, { "", "100 rel" } },
	{ SIP_HDR_RETRY_AFTER, { "18000;duration=3600", "120 (I'm in a meeting)" },
		{ "", "soon", "1 (a" } },
	{ SIP_HDR_ROUTE, { "<sip:bigbox3.site3.atlanta.com;lr>,<sips:a>" },
		{ "", "sip:a" } },
	{ SIP_HDR_SERVER, { "HomeServer v2", "(a, b)" }, { "", "a/b/c", "a;b" } },
	{ SIP_HDR_SUBJECT, { "", "Need more boxes", "a, \"b" }, { "\xc3" } },
	{ SIP_HDR_SUPPORTED, { "", "100rel", "100rel, path" }, { "100 rel", "a=b" } },
	{ SIP_HDR_TIMESTAMP, { "54", "54.1 0.2" }, { "", ".", "54 a" } },
	{ SIP_HDR_TO,
		{ "The Operator <sip:operator@cs.columbia.edu>;tag=287447",
			"sip:+12125551212@server.phone2net.com" },
		{ "", "*", "<>", "Operator", "<sip:a@b>;tag" } },
	{ SIP_HDR_UNSUPPORTED, { "foo", "foo, bar" }, { "", "foo bar" } },
	{ SIP_HDR_USER_AGENT, { "Softphone Beta1.5", "a/1 (b (c))" }, { "", "a b)" } },
	{ SIP_HDR_VIA,
		{ "SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7",
			"SIP / 2.0 / UDP first.example.com: 4000;ttl=16 "
			";maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1, SIP/2.0/TCP [::1]" },
		{ "", "SIP/2.0/UDP", "SIP/2.0 a", "SIP/2.0/UDP a b",
			"SIP/2.0/UDP a;branch=" } },
	{ SIP_HDR_WARNING,
		{ "307 isi.edu \"Session parameter 'foo' not understood\"",
			"301 isi.edu \"a, b\", 370 devnull \"Choose a bigger pipe\"" },
		{ "", "307 isi.edu", "30 isi.edu \"x\"" } },
	{ SIP_HDR_WWW_AUTHENTICATE, { "Digest realm=\"atlanta.com\", nonce=\"f8\"" },
		{ "", "Digest" } },
};

static void check_value(enum sip_hdr_id id, const char *value, int wanted)
{
	if (sip_field_check(id, sip_str_of(value)) != wanted)
		check_failed(__FILE__, __LINE__, "%.*s: %s was %s",
			SIP_STR_ARG(sip_hdr_name(id)), value,
			wanted == 0 ? "refused" : "accepted");
}

TEST(the_examples_of_section_20_are_good)
{
	for (size_t i = 0; i < ROWS(fields); i++) {
		for (size_t n = 0; n < VALUES && fields[i].good[n] != NULL; n++)
			check_value(fields[i].id, fields[i].good[n], 0);
	}
}

TEST(what_the_grammar_does_not_have_is_refused)
{
	for (size_t i = 0; i < ROWS(fields); i++) {
		for (size_t n = 0; n < VALUES && fields[i].bad[n] != NULL; n++)
			check_value(fields[i].id, fields[i].bad[n], SIP_ESYNTAX);
	}
}

TEST(all_fields_of_section_20_are_known_and_others_pass)
{
	bool listed[SIP_HDR_COUNT] = { false };

	for (size_t i = 0; i < ROWS(fields); i++)
		listed[fields[i].id] = true;
	CHECK_INT(ROWS(fields), ==, 44);
	for (int id = 0; id < SIP_HDR_COUNT; id++) {
		if (!listed[id])
			check_value((enum sip_hdr_id)id, "\x01 anything;;", 0);
	}
}

TEST(white_space_around_a_value_and_empty_elements_are_skipped)
{
	check_value(SIP_HDR_ALLOW, " ,INVITE,, ACK ,", 0);
	check_value(SIP_HDR_CONTENT_LENGTH, " 7\t", 0);
	check_value(SIP_HDR_PRIORITY, " urgent ", 0);
	check_value(SIP_HDR_CONTACT, " * ", 0);
}
