/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An answering user agent for the tests: whoever of our domains is asked for is here,
 * answers OPTIONS, MESSAGE and INVITE with 200, and understands application/sdp and
 * nothing else.
 */
#include <res_sip.h>

#define SDP "application/sdp"

static bool claims(const struct sip_rx_data *rdata)
{
	enum sip_method method = sip_rx_data_method(rdata);

	return ast_sip_request_route(rdata)->target_is_ours &&
		(method == SIP_OPTIONS || method == SIP_MESSAGE || method == SIP_INVITE);
}

/* RFC 3261 8.2.3: "If there are any bodies whose type ... are not understood ... 415" */
static bool is_understood(const struct sip_rx_data *rdata)
{
	return sip_rx_data_body(rdata).len == 0 ||
		sip_str_equal_nocase(
			sip_rx_data_header(rdata, SIP_HDR_CONTENT_TYPE), SIP_STR(SDP));
}

/* 20.1: without Accept it is application/sdp. */
static bool accepts_sdp(const struct sip_rx_data *rdata)
{
	return sip_rx_data_header(rdata, SIP_HDR_ACCEPT).ptr == NULL ||
		sip_rx_data_has_token(rdata, SIP_HDR_ACCEPT, SIP_STR(SDP));
}

static bool on_request(struct sip_rx_data *rdata)
{
	struct sip_tx_data *tdata;
	bool invite = sip_rx_data_method(rdata) == SIP_INVITE;
	int code = 200;

	if (!claims(rdata))
		return false;
	if (invite && !is_understood(rdata))
		code = 415;
	else if (invite && !accepts_sdp(rdata))
		code = 406;
	if (ast_sip_create_response(rdata, code, NULL, &tdata) != 0)
		return true;
	/* Without it the sending fails, which is logged. */
	if (code == 415)
		SIP_IGNORE(ast_sip_add_header(tdata, "Accept", SDP));
	/* Lost, it is the peer's to repeat. */
	SIP_IGNORE(ast_sip_send_response(rdata, tdata));
	return true;
}

static struct sip_service service = {
	.name = "agent",
	.stage = SIP_STAGE_LOCAL,
	.methods = "INVITE MESSAGE OPTIONS",
	.on_rx_request = on_request,
	.claims = claims,
};

static int load(void)
{
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "agent", .load = load, .unload = unload);
