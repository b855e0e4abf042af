/* SPDX-License-Identifier: BSD-2-Clause */
/* Header fields of sessions: what a message says of its sender, and what ours say. */
#include "server/sessions/session.h"

#include "message/builder.h"
#include "server/serving.h"

#include <stdio.h>

#define SDP "application/sdp"

static const char allow[] = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE";

static bool is_sdp(struct sip_str type)
{
	size_t end = sip_str_find(type, ';');

	if (end != SIZE_MAX)
		type.len = end;
	return sip_str_equal_nocase(sip_str_trim(type), SIP_STR(SDP));
}

int sip_session_description(const struct sip_rx_data *rdata, struct sip_str *description)
{
	struct sip_str body = sip_rx_data_body(rdata);

	*description = (struct sip_str){ NULL, 0 };
	if (body.len == 0)
		return 0;
	if (!is_sdp(sip_rx_data_header(rdata, SIP_HDR_CONTENT_TYPE)))
		return 415;
	*description = body;
	return 0;
}

int sip_session_read_ask(const struct sip_rx_data *rdata, struct sip_refresh_ask *ask)
{
	struct sip_str expires = sip_rx_data_header(rdata, SIP_HDR_SESSION_EXPIRES);
	struct sip_str min_se = sip_rx_data_header(rdata, SIP_HDR_MIN_SE);

	*ask = (struct sip_refresh_ask){ 0 };
	ask->supported = sip_rx_data_has_token(
				 rdata, SIP_HDR_SUPPORTED, SIP_STR("timer")) ||
		sip_rx_data_has_token(rdata, SIP_HDR_REQUIRE, SIP_STR("timer"));
	if (expires.ptr != NULL && sip_session_expires_parse(expires, &ask->expires) != 0)
		return 400;
	if (min_se.ptr != NULL && sip_min_se_parse(min_se, &ask->min_se_s) != 0)
		return 400;
	return 0;
}

void sip_session_read_peer(
	struct ast_sip_session *session, const struct sip_rx_data *rdata)
{
	if (sip_rx_data_header(rdata, SIP_HDR_ALLOW).ptr != NULL)
		session->peer_updates = sip_rx_data_has_token(
			rdata, SIP_HDR_ALLOW, SIP_STR("UPDATE"));
	if (!sip_rx_data_is_request(rdata) || sip_rx_data_method(rdata) != SIP_INVITE)
		return;
	session->insisted = sip_rx_data_has_token(
		rdata, SIP_HDR_REQUIRE, SIP_STR("100rel"));
	session->peer_reliable = session->insisted ||
		sip_rx_data_has_token(rdata, SIP_HDR_SUPPORTED, SIP_STR("100rel"));
}

int sip_session_check_require(struct sip_rx_data *request)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_builder b;
	char text[256];

	sip_builder_init(&b, text, sizeof(text) - 1);
	while (sip_rx_data_next_element(request, SIP_HDR_REQUIRE, &iter)) {
		if (sip_str_equal_nocase(iter.value, SIP_STR("100rel")) ||
			sip_str_equal_nocase(iter.value, SIP_STR("timer")))
			continue;
		if (b.len > 0)
			sip_put(&b, SIP_STR(", "));
		sip_put_clean(&b, iter.value);
	}
	if (b.len == 0 && b.error == 0)
		return 0;
	text[b.len] = '\0';
	/* Too many to be named: none is.  What can't be sent the peer asks for again. */
	if (b.error != 0)
		sip_answer(request, 420, NULL);
	else
		sip_answer_with(request, 420, NULL, "Unsupported", text);
	return 420;
}

void sip_session_reject(
	struct ast_sip_session *session, struct sip_rx_data *request, int code)
{
	char number[16];

	/* What can't be sent is logged, and the peer asks again. */
	switch (code) {
	case 415: sip_answer_with(request, code, NULL, "Accept", SDP); break;
	case 421: sip_answer_with(request, code, NULL, "Require", "100rel"); break;
	case 422:
		snprintf(number, sizeof(number), "%u", session->policy.min_se_s);
		sip_answer_with(request, code, NULL, "Min-SE", number);
		break;
	case 500:
		snprintf(number, sizeof(number), "%u",
			sip_exchange_retry_after_s(&session->server->random));
		sip_answer_with(request, code, NULL, "Retry-After", number);
		break;
	default: sip_answer(request, code, NULL);
	}
}

int sip_session_put_body(struct sip_tx_data *tdata, struct sip_str text)
{
	return text.len == 0 ? 0 : ast_sip_add_body_bytes(tdata, SDP, text.ptr, text.len);
}

int sip_session_put_number(struct sip_tx_data *tdata, const char *name, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return ast_sip_add_header(tdata, name, text);
}

static const char *supported(const struct ast_sip_session *session)
{
	return session->usage->reliable == AST_SIP_SESSION_RELIABLE_NO ? "timer"
								       : "100rel, timer";
}

int sip_session_put_abilities(
	const struct ast_sip_session *session, struct sip_tx_data *tdata)
{
	if (ast_sip_add_header(tdata, "Allow", allow) != 0)
		return -1;
	return ast_sip_add_header(tdata, "Supported", supported(session));
}

void sip_session_answer_options(
	struct ast_sip_session *session, struct sip_rx_data *request)
{
	struct sip_tx_data *tdata;

	/* The core writes Allow; what can't be sent is asked for again. */
	if (ast_sip_create_response(request, 200, NULL, &tdata) != 0)
		return;
	if (ast_sip_add_header(tdata, "Accept", SDP) != 0 ||
		ast_sip_add_header(tdata, "Supported", supported(session)) != 0)
		ast_sip_destroy_tx_data(tdata);
	else
		SIP_IGNORE(ast_sip_send_response(request, tdata));
}

static int put_expires(
	struct sip_tx_data *tdata, const struct sip_session_expires *expires)
{
	static const char *const suffix[] = { "", ";refresher=uac", ";refresher=uas" };
	char text[48];

	if (expires->interval_s == 0)
		return 0;
	snprintf(text, sizeof(text), "%u%s", expires->interval_s,
		suffix[expires->refresher]);
	return ast_sip_add_header(tdata, "Session-Expires", text);
}

int sip_session_put_ask(struct sip_tx_data *tdata, const struct sip_refresh_ask *ask)
{
	if (put_expires(tdata, &ask->expires) != 0)
		return -1;
	return ask->min_se_s == 0
		? 0
		: sip_session_put_number(tdata, "Min-SE", ask->min_se_s);
}

int sip_session_put_answer(
	struct sip_tx_data *tdata, const struct sip_refresh_answer *answer)
{
	if (put_expires(tdata, &answer->expires) != 0)
		return -1;
	return answer->require ? ast_sip_add_header(tdata, "Require", "timer") : 0;
}
