/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes requests that no other identifier knows as from the endpoint
 * `anonymous@domain`, for the domain the caller's From names, or `anonymous`.
 * Who configures neither has every stranger challenged.
 *
 * Never for REGISTER: a binding that nobody owns would take anybody's calls.
 *
 * Threads: the turn of the request's work; reads the configuration only.
 */
#include <res_sip.h>

#define PREFIX "anonymous@"

/* A longer host is nobody's: the configuration has no such section. */
#define NAME_LEN 256

static struct ast_sip_endpoint *find_of_domain(struct sip_str host)
{
	char name[NAME_LEN] = PREFIX;
	size_t len = sizeof(PREFIX) - 1;

	if (host.len == 0 || host.len >= sizeof(name) - len)
		return NULL;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];
		name[len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	name[len] = '\0';
	return ast_sip_endpoint_find(name);
}

static struct ast_sip_endpoint *identify(struct sip_rx_data *rdata)
{
	struct ast_sip_endpoint *endpoint = NULL;
	struct sip_uri uri;

	if (sip_rx_data_method(rdata) == SIP_REGISTER) {
		ast_sip_explain(rdata, NULL, "anonymous: never for a REGISTER");
		return NULL;
	}
	if (sip_uri_parse(sip_rx_data_from(rdata)->uri, &uri) == 0 &&
		(uri.scheme == SIP_URI_SIP || uri.scheme == SIP_URI_SIPS))
		endpoint = find_of_domain(uri.host);
	if (endpoint == NULL)
		endpoint = ast_sip_endpoint_find("anonymous");
	if (endpoint == NULL)
		ast_sip_explain(rdata, NULL, "anonymous: no endpoint has this name");
	return endpoint;
}

static struct ast_sip_endpoint_identifier identifier = {
	.identify_endpoint = identify,
	.name = "anonymous",
};

static int load(void)
{
	return ast_sip_register_endpoint_identifier(&identifier);
}

static void unload(void)
{
	ast_sip_unregister_endpoint_identifier(&identifier);
}

AST_SIP_MODULE(.name = "res_sip_endpoint_identifier_anonymous",
	.flags = AST_SIP_MODULE_DRY_SAFE, .load = load, .unload = unload);
