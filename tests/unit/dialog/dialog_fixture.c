/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that make dialogs: dialog_fixture.h. */
#include "dialog_fixture.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define TEXT_LEN 8192
#define HDRS     256

const struct sip_msg *message_of(const char *text)
{
	static struct {
		char text[TEXT_LEN + SIP_MSG_PADDING];
		struct sip_hdr hdrs[HDRS];
		struct sip_msg msg;
	} rooms[8];
	static unsigned turn;
	struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;
	size_t at = turn++ % 8;
	size_t len = 0;

	for (; *text != '\0'; text++) {
		CHECK(len + 2 < TEXT_LEN);
		if (*text == '\n')
			rooms[at].text[len++] = '\r';
		rooms[at].text[len++] = *text;
	}
	rooms[at].msg = (struct sip_msg){ .text = rooms[at].text,
		.len = (uint32_t)len,
		.hdrs = rooms[at].hdrs,
		.hdr_room = HDRS };
	CHECK_INT(sip_msg_parse(&rooms[at].msg, &limits), ==, 0);
	return &rooms[at].msg;
}

const struct sip_msg *invite_with(const char *extra)
{
	char text[TEXT_LEN];

	snprintf(text, sizeof(text),
		"INVITE sip:bob@b.example SIP/2.0\n"
		"Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\n"
		"From: \"Alice, A.\" <sip:alice@a.example>;x=y;tag=theirs\n"
		"To: sip:bob@b.example\n"
		"Call-ID: call\nCSeq: 7 INVITE\nMax-Forwards: 70\n%s"
		"Content-Length: 0\n\n",
		extra);
	return message_of(text);
}

const struct sip_msg *answer_with(int status, const char *to_tag, const char *extra)
{
	char text[TEXT_LEN];

	snprintf(text, sizeof(text),
		"SIP/2.0 %d X\n"
		"Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\n"
		"From: <sip:alice@a.example>;tag=ours\n"
		"To: <sip:bob@b.example>%s%s\n"
		"Call-ID: call\nCSeq: 1 INVITE\n%s"
		"Content-Length: 0\n\n",
		status, to_tag != NULL ? ";tag=" : "", to_tag != NULL ? to_tag : "",
		extra);
	return message_of(text);
}

void uas_dialog(struct sip_dialog *dlg, const char *extra)
{
	CHECK_INT(sip_dialog_init_uas(dlg, invite_with(extra), SIP_STR("ours")), ==, 0);
}

void uac_dialog(struct sip_dialog *dlg)
{
	const struct sip_dialog_plan plan = {
		.call_id = SIP_STR("call"),
		.local_tag = SIP_STR("ours"),
		.local = SIP_STR("<sip:alice@a.example>"),
		.remote = SIP_STR("<sip:bob@b.example>"),
		.target = SIP_STR("sip:bob@b.example"),
	};

	CHECK_INT(sip_dialog_init_uac(dlg, &plan), ==, 0);
	dlg->local_cseq = 1;
}

const char *request_text(const struct sip_dialog *dlg, const char *method, uint32_t cseq)
{
	static char text[TEXT_LEN];
	struct sip_builder b;

	sip_builder_init(&b, text, sip_dialog_request_len(dlg) + 2 * strlen(method));
	sip_dialog_put_line(&b, dlg, sip_str_of(method));
	sip_dialog_put_fields(&b, dlg, sip_str_of(method), cseq);
	CHECK_INT(b.error, ==, 0);
	text[b.len] = '\0';
	return text;
}
