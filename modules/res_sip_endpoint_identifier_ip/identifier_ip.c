/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Identifies an endpoint by the address a request came from: the `match=` of
 * identify sections, the longest first.
 *
 * An endpoint whose `identify_by=` leaves out `ip` is not identified here, as
 * the operator said that its address proves nothing.
 *
 * Threads: the turn of the request's work; reads the configuration only.
 */
#include <res_sip.h>

static struct ast_sip_endpoint *identify(struct sip_rx_data *rdata)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_by_address(
		&sip_rx_data_flow(rdata)->peer);

	if (endpoint == NULL)
		return NULL;
	if ((ast_sip_endpoint_options(endpoint)->identify_by & SIP_IDENTIFY_IP) != 0)
		return endpoint;
	ast_sip_explain(rdata, &ast_sip_endpoint_options(endpoint)->source,
		"ip: not endpoint %s, whose identify_by= leaves out ip",
		ast_sip_endpoint_name(endpoint));
	ast_sip_endpoint_unref(endpoint);
	return NULL;
}

static struct ast_sip_endpoint_identifier identifier = {
	.identify_endpoint = identify,
	.name = "ip",
	.proves = true,
	.by_address = true,
};

static int load(void)
{
	return ast_sip_register_endpoint_identifier(&identifier);
}

static void unload(void)
{
	ast_sip_unregister_endpoint_identifier(&identifier);
}

AST_SIP_MODULE(.name = "res_sip_endpoint_identifier_ip", .flags = AST_SIP_MODULE_DRY_SAFE,
	.load = load, .unload = unload);
