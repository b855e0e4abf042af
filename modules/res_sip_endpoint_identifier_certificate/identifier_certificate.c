/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Identifies an endpoint by the certificate of the connection that a request came by: the
 * `match_certificate=` of identify sections.  Only a certificate that was verified counts
 * (verify_client= of the transport), and of that the names of RFC 5922 section 7.1.
 *
 * An endpoint whose `identify_by=` leaves out `certificate` is not identified here.
 *
 * Threads: the turn of the request's work; reads the configuration only.
 */
#include <res_sip.h>

static struct ast_sip_endpoint *identify(struct sip_rx_data *rdata)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_by_certificate(rdata);
	const struct sip_endpoint_config *options;

	if (endpoint == NULL)
		return NULL;
	options = ast_sip_endpoint_options(endpoint);
	if ((options->identify_by & SIP_IDENTIFY_CERTIFICATE) != 0)
		return endpoint;
	ast_sip_explain(rdata, &options->source,
		"certificate: not endpoint %s, whose identify_by= leaves out certificate",
		ast_sip_endpoint_name(endpoint));
	ast_sip_endpoint_unref(endpoint);
	return NULL;
}

static struct ast_sip_endpoint_identifier identifier = {
	.identify_endpoint = identify,
	.name = "certificate",
	.proves = true,
	.by_certificate = true,
};

static int load(void)
{
	return ast_sip_register_endpoint_identifier(&identifier);
}

static void unload(void)
{
	ast_sip_unregister_endpoint_identifier(&identifier);
}

AST_SIP_MODULE(.name = "res_sip_endpoint_identifier_certificate",
	.flags = AST_SIP_MODULE_DRY_SAFE, .load = load, .unload = unload);
