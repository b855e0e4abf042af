/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Step "route": where does the request go, and does a Route of ours vouch for it?
 *
 * RFC 3261 16.3 (what can be refused at once) and 16.4: our own Route is taken
 * off, a strict router's change of the Request-URI undone.  Without our signed
 * Route a request with a To tag is a new request.
 */
#include "server/serving.h"

#include "res_sip/explain.h"
#include "server/proxy/record_route.h"
#include "server/settings/emergency.h"
#include "server/settings/listeners.h"
#include "server/show/explain.h"

/* The last element of the Route fields, for strict routing. */
static bool last_route(const struct sip_msg *msg, struct sip_uri *uri)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_str last = { NULL, 0 };

	while (sip_msg_next_element(msg, SIP_HDR_ROUTE, &iter))
		last = iter.value;
	return last.ptr != NULL && sip_name_addr_uri(last, uri) == 0;
}

/* 16.4: a strict router put our Record-Route into the Request-URI and the real one at
 * Route's end. */
static void undo_strict(struct sip_rx_data *rdata, struct sip_str *token)
{
	struct sip_serving *serving = rdata->serving;

	if (!sip_route_has_token(serving->request_uri, token) ||
		!sip_uri_ours(rdata->server, serving->snapshot->settings,
			serving->request_uri) ||
		!last_route(&rdata->msg, &serving->last_route)) {
		*token = (struct sip_str){ NULL, 0 };
		return;
	}
	serving->strict = true;
	serving->request_uri = &serving->last_route;
}

/* Count our own elements at the top; *next gets the first that is not, or has no scheme.
 */
static int take_own_routes(struct sip_rx_data *rdata, struct sip_str *token,
	struct sip_str *path, bool *has_next)
{
	struct sip_serving *serving = rdata->serving;
	struct sip_hdr_iter iter = { 0 };
	size_t total = SIZE_MAX;
	size_t count = 0;

	if (serving->strict)
		/* The last one became the Request-URI. */
		total = sip_msg_count_elements(&rdata->msg, SIP_HDR_ROUTE) - 1;
	*has_next = false;
	while (count < total && sip_msg_next_element(&rdata->msg, SIP_HDR_ROUTE, &iter)) {
		struct sip_str found;

		if (sip_name_addr_uri(iter.value, &serving->route_uri) != 0)
			return SIP_ESYNTAX;
		if (!sip_uri_ours(rdata->server, serving->snapshot->settings,
			    &serving->route_uri)) {
			*has_next = true;
			return 0;
		}
		/* None of ours has both. */
		if (token->ptr == NULL &&
			sip_route_has_token(&serving->route_uri, &found))
			*token = found;
		else if (path->ptr == NULL &&
			sip_path_has_token(&serving->route_uri, &found))
			*path = found;
		if (++count > UINT8_MAX)
			return SIP_ELIMIT;
		serving->own_routes = (uint8_t)count;
	}
	return 0;
}

/* By the connection that it has, whoever a load balancer has said is there; else from the
 * listener that it is reached from; one that is gone since a restart: any that fits. */
static bool lead_to(struct sip_rx_data *rdata, const struct sip_flow *kept)
{
	struct sip_transport *transport = rdata->server->transport;
	struct sip_flow *flow = &rdata->serving->route.flow;

	if (!sip_transport_by_connection(transport, kept, flow) &&
		sip_transport_route(
			transport, kept->listener, kept->kind, &kept->peer, flow) != 0 &&
		sip_transport_route(transport, 0, kept->kind, &kept->peer, flow) != 0)
		return false;
	flow->connection = kept->connection;
	/* It is the way of the call, by the connection that it has. */
	flow->host = kept->host;
	return true;
}

/* RFC 5626 section 5.3: to a phone whose REGISTER went on from here. */
static void follow_path(struct sip_rx_data *rdata, struct sip_str path)
{
	struct ast_sip_route *route = &rdata->serving->route;
	struct sip_flow kept;
	struct sip_flow there;

	if (path.ptr == NULL || route->vouched || rdata->msg.method == SIP_REGISTER)
		return;
	route->by_path = true;
	route->forged_path = !sip_path_verify(rdata->server, path, &kept);
	route->has_flow = !route->forged_path && lead_to(rdata, &kept);
	route->flow_failed = !route->has_flow ||
		(kept.connection != 0 &&
			!sip_transport_by_connection(
				rdata->server->transport, &kept, &there));
}

/* The flow to the other side. */
static void vouch(struct sip_rx_data *rdata, struct sip_str token)
{
	struct sip_serving *serving = rdata->serving;
	struct sip_route_side other;

	/* A call has no bindings: REGISTER is always the registrar's to judge. */
	if (token.ptr == NULL || rdata->msg.method == SIP_REGISTER)
		return;
	if (sip_route_verify(rdata, token, &other) == SIP_SIDE_NONE)
		return;
	if (!lead_to(rdata, &other.flow))
		return;
	serving->route.vouched = true;
	serving->route.has_flow = true;
}

/* RFC 3261 26.2.2: a sips: URI means TLS on each hop.  A call that was let in goes on,
 * and who calls for help is heard. */
static bool promises_too_much(const struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;

	return serving->request_uri->scheme == SIP_URI_SIPS &&
		!sip_is_tls(rdata->flow.kind) && rdata->msg.to_tag.ptr == NULL &&
		!sip_uri_is_emergency(
			rdata->server, serving->snapshot->settings, serving->request_uri);
}

/* RFC 5630 section 5.1.2 has a code for it; a phone that registers is told once. */
static void refuse_insecure(struct sip_rx_data *rdata)
{
	if (rdata->serving->dry_run != NULL)
		ast_sip_explain_line(rdata, NULL,
			"a sips: URI, and the request came by %s: TLS is wanted on each hop",
			sip_transport_name(rdata->flow.kind));
	if (rdata->msg.method == SIP_REGISTER)
		sip_answer(rdata, 403, "SIPS Needs TLS");
	else
		sip_answer_with(
			rdata, 480, NULL, "Warning", "380 res_sip \"SIPS Not Allowed\"");
}

/* 16.3 and rules: what nobody here could do anything with. */
static bool refuse(struct sip_rx_data *rdata)
{
	const struct sip_uri *uri = rdata->serving->request_uri;

	if (rdata->msg.method == SIP_ACK)
		return false;
	if (promises_too_much(rdata)) {
		refuse_insecure(rdata);
		return true;
	}
	if (uri->scheme == SIP_URI_OTHER) {
		sip_answer(rdata, 416, NULL);
		return true;
	}
	return false;
}

enum sip_step_result sip_step_route(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;
	struct ast_sip_route *route = &serving->route;
	struct sip_str path = { NULL, 0 };
	struct sip_str token;

	undo_strict(rdata, &token);
	if (refuse(rdata))
		return SIP_STEP_DONE;
	if (take_own_routes(rdata, &token, &path, &route->has_route) != 0) {
		if (rdata->msg.method != SIP_ACK)
			sip_answer(rdata, 400, "Bad Request: Route");
		return SIP_STEP_DONE;
	}
	route->request_uri = serving->request_uri;
	route->target = route->has_route ? &serving->route_uri : serving->request_uri;
	route->has_to_tag = rdata->msg.to_tag.ptr != NULL;
	route->target_is_ours = !route->has_route &&
		sip_uri_ours(rdata->server, serving->snapshot->settings, route->target);
	vouch(rdata, token);
	follow_path(rdata, path);
	serving->routed = true;
	if (serving->dry_run != NULL)
		sip_explain_token(rdata, token);
	/* Its phones find another one in their time; a call that was let in goes on. */
	if (!route->vouched && rdata->msg.method != SIP_ACK &&
		sip_listener_refuses(rdata)) {
		sip_answer_with(rdata, 503, NULL, "Retry-After", "1");
		return SIP_STEP_DONE;
	}
	return SIP_STEP_NEXT;
}

const struct ast_sip_route *ast_sip_request_route(const struct sip_rx_data *rdata)
{
	struct sip_serving *serving = sip_serving_of(rdata);

	SIP_ASSERT(serving->routed);
	return &serving->route;
}
