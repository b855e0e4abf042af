/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints as modules see them: res_sip/endpoint.h. */
#include "res_sip/endpoint.h"

#include "server/serving.h"

static struct ast_sip_endpoint *find_in(
	const struct sip_snapshot *snapshot, const char *name)
{
	struct ast_sip_endpoint *endpoint = sip_names_find(
		&snapshot->settings->endpoints, sip_str_of(name));

	return endpoint != NULL ? ast_sip_endpoint_ref(endpoint) : NULL;
}

struct ast_sip_endpoint *ast_sip_endpoint_find(const char *name)
{
	const struct sip_rx_data *rdata = ast_sip_current_request();
	struct sip_server *server;
	struct ast_sip_endpoint *endpoint;
	struct sip_snapshot *snapshot;

	if (name == NULL)
		return NULL;
	/* A request sees one configuration, from its first step to its last. */
	if (rdata != NULL && rdata->serving != NULL)
		return find_in(rdata->serving->snapshot, name);
	server = sip_server_here();
	if (server == NULL)
		return NULL;
	snapshot = sip_snapshot_take(server);
	endpoint = find_in(snapshot, name);
	sip_snapshot_unref(&snapshot);
	return endpoint;
}

const char *ast_sip_endpoint_name(const struct ast_sip_endpoint *endpoint)
{
	return endpoint->options.name;
}

const struct sip_endpoint_config *ast_sip_endpoint_options(
	const struct ast_sip_endpoint *endpoint)
{
	return &endpoint->options;
}

bool ast_sip_endpoint_is_artificial(const struct ast_sip_endpoint *endpoint)
{
	return endpoint->artificial;
}

const struct sip_auth_config *ast_sip_endpoint_auth(
	const struct ast_sip_endpoint *endpoint, size_t index)
{
	return index < endpoint->auth_count ? &endpoint->auth[index] : NULL;
}

const char *ast_sip_endpoint_ha1(const struct ast_sip_endpoint *endpoint, size_t index)
{
	const char *hex;

	if (index >= endpoint->auth_count)
		return NULL;
	hex = endpoint->ha1[index].hex;
	return hex[0] != '\0' ? hex : NULL;
}

bool ast_sip_endpoint_has_aor(const struct ast_sip_endpoint *endpoint, const char *aor)
{
	for (size_t i = 0; i < endpoint->options.aors.count; i++) {
		if (strcmp(endpoint->options.aors.item[i], aor) == 0)
			return true;
	}
	return false;
}

struct ast_sip_endpoint *ast_sip_request_endpoint(const struct sip_rx_data *rdata)
{
	return rdata->serving != NULL ? rdata->serving->endpoint : NULL;
}

bool ast_sip_request_trusted(const struct sip_rx_data *rdata)
{
	return rdata->serving != NULL && rdata->serving->trusted;
}
