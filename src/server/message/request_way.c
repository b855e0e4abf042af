/* SPDX-License-Identifier: BSD-2-Clause */
/* Where requests of our own go, and whom they are from: see request_plan.h. */
#include "server/message/request_plan.h"

#include "server/message/build.h"
#include "server/settings/listeners.h"

#include "res_sip/location.h"

#include <stdlib.h>

/* `transport=` names the listener that its requests leave by.  -1: it does not reach
 * there. */
static int choose_listener(
	const struct ast_sip_endpoint *endpoint, struct sip_request_way *way)
{
	struct sip_transport *transport = sip_server_here()->transport;
	const char *name = endpoint->options.transport;
	const struct sip_listener *listener;
	struct sip_addr peer = way->flow.peer;
	bool secure = (way->flow.host & SIP_HOST_SECURE) != 0;

	if (name == NULL)
		return 0;
	listener = sip_listener_named(transport, name);
	if (listener == NULL)
		return -1;
	way->listener = listener->number;
	if (way->flow.listener == 0)
		return 0;
	/* RFC 3261 26.2.2: sips: is TLS, whatever the endpoint wants. */
	if ((secure && listener->kind != SIP_TLS) ||
		sip_transport_route(transport, listener->number, listener->kind, &peer,
			&way->flow) != 0)
		return -1;
	if (secure)
		sip_transport_secure(&way->flow);
	return 0;
}

/* 0; -1: not to this one. */
static int reach(const struct ast_sip_endpoint *endpoint,
	const struct ast_sip_contact *contact, struct sip_request_way *way)
{
	bool registered = contact->flow.listener != 0;

	if (ast_sip_flow_to_contact(contact, &way->flow) < 0 ||
		(!registered && choose_listener(endpoint, way) != 0))
		return -1;
	/* RFC 3327 5.4: the Path is "a preloaded route set". */
	if (contact->path.len > 0) {
		struct sip_str hop = ast_sip_contact_next_hop(contact);

		way->route = sip_str_copy(contact->path);
		if (way->route == NULL)
			return -1;
		if (hop.ptr != contact->uri.ptr)
			way->first_route = (struct sip_str){
				way->route + (hop.ptr - contact->path.ptr), hop.len
			};
	}
	way->uri = sip_str_copy(contact->uri);
	way->registered = registered;
	return 0;
}

void sip_request_way_fini(struct sip_request_way *way)
{
	free(way->uri);
	free(way->route);
	*way = (struct sip_request_way){ .uri = NULL };
}

int sip_request_target(
	struct ast_sip_endpoint *endpoint, const char *uri, struct sip_request_way *way)
{
	const struct sip_config_list *aors = &endpoint->options.aors;
	struct sip_uri parsed;

	*way = (struct sip_request_way){ .uri = NULL };
	if (uri != NULL) {
		if (sip_uri_parse(sip_str_of(uri), &parsed) != 0 ||
			ast_sip_flow_to_uri(&parsed, &way->flow) < 0 ||
			choose_listener(endpoint, way) != 0)
			return -1;
		way->uri = sip_str_copy(sip_str_of(uri));
		return way->uri != NULL ? 0 : -1;
	}
	for (size_t i = 0; i < aors->count && way->uri == NULL; i++) {
		struct ast_sip_contacts found;

		if (ast_sip_location_find(aors->item[i], &found) != 0)
			return -1;
		for (size_t j = 0; j < found.count && way->uri == NULL; j++) {
			if (reach(endpoint, found.contact[j], way) != 0)
				sip_request_way_fini(way);
		}
		ast_sip_contacts_release(&found);
	}
	if (way->uri != NULL)
		return 0;
	sip_request_way_fini(way);
	return -1;
}

void sip_request_put_host(struct sip_builder *b, const struct sip_global_config *global,
	const struct sip_flow *flow)
{
	char host[SIP_ADDR_TEXT_LEN];

	if (global->domain.count > 0)
		sip_put_clean(b, sip_str_of(global->domain.item[0]));
	else if (flow->listener == 0)
		sip_put_clean(b, sip_str_of(global->default_realm));
	else
		sip_put(b,
			sip_str_of(sip_addr_host_text(
				sip_transport_told(sip_server_here()->transport, flow),
				host)));
}

void sip_request_put_identity(struct sip_builder *b, const struct sip_settings *settings,
	struct ast_sip_endpoint *endpoint, const struct sip_flow *flow)
{
	const struct sip_endpoint_config *options = &endpoint->options;

	sip_put(b, SIP_STR("<sip:"));
	sip_put_clean(
		b, sip_str_of(options->from_user ? options->from_user : options->name));
	sip_put_char(b, '@');
	if (options->from_domain != NULL)
		sip_put_clean(b, sip_str_of(options->from_domain));
	else
		sip_request_put_host(b, &settings->global, flow);
	sip_put(b, SIP_STR(">"));
}
