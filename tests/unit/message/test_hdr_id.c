/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of header fields: RFC 3261 sections 7.3.1, 7.3.3 and 20. */
#include "message/builder.h"
#include "support/check.h"

#include <ctype.h>
#include <stdio.h>

/* "Header field names are case-insensitive" (7.3.1, by way of HTTP) */
TEST(every_name_is_known_in_any_case)
{
	for (int id = SIP_HDR_OTHER + 1; id < SIP_HDR_COUNT; id++) {
		struct sip_str name = sip_hdr_name((enum sip_hdr_id)id);
		char lower[32];
		char upper[32];

		CHECK_INT(name.len, >, 0);
		for (size_t i = 0; i < name.len; i++) {
			lower[i] = (char)tolower((unsigned char)name.ptr[i]);
			upper[i] = (char)toupper((unsigned char)name.ptr[i]);
		}

		CHECK_INT(sip_hdr_id_of(name), ==, id);
		CHECK_INT(sip_hdr_id_of((struct sip_str){ lower, name.len }), ==, id);
		CHECK_INT(sip_hdr_id_of((struct sip_str){ upper, name.len }), ==, id);
	}
}

TEST(a_name_with_one_byte_changed_is_no_name)
{
	for (int id = SIP_HDR_OTHER + 1; id < SIP_HDR_COUNT; id++) {
		struct sip_str name = sip_hdr_name((enum sip_hdr_id)id);

		for (size_t at = 0; at < name.len; at++) {
			char changed[32];

			memcpy(changed, name.ptr, name.len);
			changed[at] = '~';
			CHECK_INT(sip_hdr_id_of((struct sip_str){ changed, name.len }),
				==, SIP_HDR_OTHER);
			/* What folds to the same byte as a hyphen does. */
			changed[at] = '\r';
			CHECK_INT(sip_hdr_id_of((struct sip_str){ changed, name.len }),
				==, SIP_HDR_OTHER);
		}
	}
}

/* 7.3.3 and the registry of compact forms. */
TEST(compact_forms_are_the_same_kind)
{
	static const struct {
		const char *name;
		enum sip_hdr_id id;
	} compact[] = {
		{ "b", SIP_HDR_REFERRED_BY },
		{ "c", SIP_HDR_CONTENT_TYPE },
		{ "e", SIP_HDR_CONTENT_ENCODING },
		{ "f", SIP_HDR_FROM },
		{ "i", SIP_HDR_CALL_ID },
		{ "k", SIP_HDR_SUPPORTED },
		{ "l", SIP_HDR_CONTENT_LENGTH },
		{ "m", SIP_HDR_CONTACT },
		{ "o", SIP_HDR_EVENT },
		{ "r", SIP_HDR_REFER_TO },
		{ "s", SIP_HDR_SUBJECT },
		{ "t", SIP_HDR_TO },
		{ "u", SIP_HDR_ALLOW_EVENTS },
		{ "v", SIP_HDR_VIA },
		{ "x", SIP_HDR_SESSION_EXPIRES },
		{ "V", SIP_HDR_VIA },
		{ "a", SIP_HDR_OTHER },
		{ "q", SIP_HDR_OTHER },
	};

	for (size_t i = 0; i < sizeof(compact) / sizeof(compact[0]); i++)
		CHECK_INT(sip_hdr_id_of(sip_str_of(compact[i].name)), ==, compact[i].id);
}

TEST(other_names_are_no_kind)
{
	static const char *const names[] = { "X-Thing", "Viax", "Vi", "ToTo", "",
		"Content-Lengtn", "C%6Fntact",
		"P-Asserted-Identity-And-Some-More-Than-Any", "Fro", "CSeqq", "Via " };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK_INT(sip_hdr_id_of(sip_str_of(names[i])), ==, SIP_HDR_OTHER);
	CHECK_INT(sip_hdr_id_of((struct sip_str){ NULL, 0 }), ==, SIP_HDR_OTHER);
}

TEST(names_are_written_as_the_rfc_writes_them)
{
	CHECK_STR(sip_hdr_name(SIP_HDR_CALL_ID), "Call-ID");
	CHECK_STR(sip_hdr_name(SIP_HDR_CSEQ), "CSeq");
	CHECK_STR(sip_hdr_name(SIP_HDR_MIME_VERSION), "MIME-Version");
	CHECK_STR(sip_hdr_name(SIP_HDR_WWW_AUTHENTICATE), "WWW-Authenticate");
	CHECK_STR(sip_hdr_name(SIP_HDR_P_PREFERRED_IDENTITY), "P-Preferred-Identity");
}
