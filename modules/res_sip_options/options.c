/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers OPTIONS that are for this server (RFC 3261 section 11): those whose
 * Request-URI is ours and names no user, and those that may not be forwarded
 * any further (16.3, step 3), which is how a path is traced.
 *
 * The answer is stateless; Allow is written by the core, which knows what all
 * services take.  There is no body: the server itself has no media.
 *
 * Threads: the turn of the request's work.
 */
#include <res_sip.h>

static bool is_last_hop(const struct sip_rx_data *rdata)
{
	uint32_t max_forwards;

	return sip_rx_data_number(rdata, SIP_HDR_MAX_FORWARDS, &max_forwards) == 0 &&
		max_forwards == 0;
}

static bool is_for_us(const struct sip_rx_data *rdata)
{
	const struct ast_sip_route *route = ast_sip_request_route(rdata);

	return route->target_is_ours && route->request_uri->user.ptr == NULL;
}

static bool claims(const struct sip_rx_data *rdata)
{
	return sip_rx_data_method(rdata) == SIP_OPTIONS &&
		(is_for_us(rdata) || is_last_hop(rdata));
}

/* RFC 3261 section 11.2.  Nothing but `identity` is decoded, and texts are in English. */
static const struct {
	const char *name;
	const char *value;
} capabilities[] = {
	{ "Accept", "application/sdp" },
	{ "Accept-Encoding", "identity" },
	{ "Accept-Language", "en" },
	{ "Supported", "path" },
};

static void answer(struct sip_rx_data *rdata)
{
	struct sip_tx_data *tdata;

	if (ast_sip_create_response(rdata, 200, NULL, &tdata) != 0)
		return;
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		/* A field that found no room makes the sending fail, which is logged
		 * there. */
		SIP_IGNORE(ast_sip_add_header(
			tdata, capabilities[i].name, capabilities[i].value));
	}
	/* The peer repeats what got no answer. */
	SIP_IGNORE(ast_sip_send_response(rdata, tdata));
}

static bool on_request(struct sip_rx_data *rdata)
{
	if (!claims(rdata))
		return false;
	answer(rdata);
	return true;
}

static struct sip_service service = {
	.name = "options",
	.stage = SIP_STAGE_LOCAL,
	.methods = "OPTIONS",
	.methods_only = true,
	.on_rx_request = on_request,
	.claims = claims,
	.understands = "path",
};

static int load(void)
{
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "res_sip_options", .flags = AST_SIP_MODULE_DRY_SAFE, .load = load,
	.unload = unload);
