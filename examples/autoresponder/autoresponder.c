/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A service in one file: whoever sends a MESSAGE to sip:echo@our-domain is
 * answered 200, and the text is logged.  See README.md beside it.
 */
#include <res_sip.h>

#include <stdlib.h>

/* Who is meant; AUTORESPONDER_USER in the environment names another. */
static const char *user = "echo";

/* Also tells the core that such a request ends here, and is not to be forwarded. */
static bool claims(const struct sip_rx_data *rdata)
{
	const struct ast_sip_route *route = ast_sip_request_route(rdata);

	return sip_rx_data_method(rdata) == SIP_MESSAGE && route->target_is_ours &&
		sip_str_equal(route->request_uri->user, sip_str_of(user));
}

/* Runs for requests that were identified and authenticated.  True: taken. */
static bool on_request(struct sip_rx_data *rdata)
{
	static struct sip_log_limit limit;

	if (!claims(rdata))
		return false;
	sip_log_limited(&limit, SIP_LOG_NOTICE, "autoresponder", "from=%.*s text=%.*s",
		SIP_STR_ARG(sip_rx_data_from(rdata)->uri),
		SIP_STR_ARG(sip_rx_data_body(rdata)));
	/* Why it could not be sent is in the log. */
	SIP_IGNORE(ast_sip_respond(rdata, 200, NULL));
	return true;
}

static struct sip_service service = {
	.name = "autoresponder",
	.stage = SIP_STAGE_LOCAL,
	.methods = "MESSAGE",
	.on_rx_request = on_request,
	.claims = claims,
};

static int load(void)
{
	const char *other = getenv("AUTORESPONDER_USER");

	if (other != NULL)
		user = other;
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "autoresponder", .load = load, .unload = unload);
