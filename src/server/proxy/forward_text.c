/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forwarded text: long runs of what was received are copied, and between them
 * stands what RFC 3261 16.6 changes: Request-URI, Max-Forwards, Via, Record-Route,
 * our own Route, our own credentials.
 */
#include "server/proxy/forward_text.h"

#include "server/message/build.h"
#include "server/proxy/record_route.h"

/* A walk over the header lines: what was not dropped is copied in one piece. */
struct editor {
	struct sip_builder *b;
	const struct sip_rx_data *request;
	const struct ast_sip_forward *how;
	size_t copied;     /* offset up to which the text was dealt with */
	unsigned routes;   /* own Route elements still to be dropped */
	size_t route_at;   /* index of the Route element */
	size_t last_route; /* index of the one that became the Request-URI; SIZE_MAX: none
			    */
	bool strict_next;  /* the next hop is a strict router */
	bool top_via_done;
	bool has_max_forwards;
	bool has_length;
};

static size_t head_end(const struct sip_msg *msg)
{
	size_t end = msg->body_off;

	/* Before the empty line, whose end may be a bare LF. */
	if (end > 0 && msg->text[end - 1] == '\n')
		end--;
	if (end > 0 && msg->text[end - 1] == '\r')
		end--;
	return end;
}

static size_t line_end(const struct sip_msg *msg, size_t index)
{
	return index + 1u < msg->hdr_count ? msg->hdrs[index + 1].name_off
					   : head_end(msg);
}

/* Copy what stands before `offset` and was not copied yet. */
static void copy_up_to(struct editor *e, size_t offset)
{
	const char *text = e->request->msg.text;

	if (offset > e->copied)
		sip_put(e->b, (struct sip_str){ text + e->copied, offset - e->copied });
	e->copied = offset;
}

/* Leave the line out; something else may be written in its place. */
static void drop_line(struct editor *e, size_t index)
{
	copy_up_to(e, e->request->msg.hdrs[index].name_off);
	e->copied = line_end(&e->request->msg, index);
}

/* The received top Via gets received and rport where it lacks them. */
static void edit_via(struct editor *e)
{
	const struct sip_msg *msg = &e->request->msg;

	if (e->top_via_done)
		return;
	e->top_via_done = true;
	copy_up_to(e, (size_t)(msg->via_value.ptr - msg->text));
	sip_put_top_via(e->b, e->request);
	e->copied += msg->via_value.len;
}

static void edit_max_forwards(struct editor *e, size_t index)
{
	drop_line(e, index);
	if (e->has_max_forwards)
		return;
	e->has_max_forwards = true;
	sip_put(e->b, SIP_STR("Max-Forwards: "));
	sip_put_number(e->b, e->request->msg.max_forwards - 1);
	sip_put(e->b, SIP_STR("\r\n"));
}

/* 16.4 and 16.6 step 6: our own elements at the top go, and the one that became the
 * Request-URI. */
static void edit_route(struct editor *e, size_t index)
{
	struct sip_str rest = sip_msg_hdr_value(
		&e->request->msg, &e->request->msg.hdrs[index]);
	struct sip_str element;
	bool begun = false;

	drop_line(e, index);
	while (sip_list_next(&rest, &element)) {
		size_t at = e->route_at++;

		if (e->routes > 0) {
			e->routes--;
			continue;
		}
		if (at == e->last_route)
			continue;
		sip_put(e->b, begun ? SIP_STR(", ") : SIP_STR("Route: "));
		sip_put(e->b, element);
		begun = true;
	}
	if (begun)
		sip_put(e->b, SIP_STR("\r\n"));
}

/* Credentials for our realms are not the next hop's business; others' pass (22.3). */
static void edit_credentials(struct editor *e, size_t index)
{
	const struct sip_msg *msg = &e->request->msg;
	const struct sip_serving *serving = e->request->serving;
	const struct sip_global_config *global = &serving->snapshot->settings->global;
	struct sip_digest digest;

	/* Another scheme's have no realm that could be ours. */
	if (sip_digest_parse(sip_msg_hdr_value(msg, &msg->hdrs[index]), &digest) != 0 ||
		digest.realm.ptr == NULL)
		return;
	if (sip_str_equal(digest.realm, sip_str_of(global->default_realm))) {
		drop_line(e, index);
		return;
	}
	for (size_t i = 0; serving->endpoint != NULL && i < serving->endpoint->auth_count;
		i++) {
		if (sip_str_equal(
			    digest.realm, sip_str_of(serving->endpoint->auth[i].realm))) {
			drop_line(e, index);
			return;
		}
	}
}

/* Takes the reference to `endpoint`, which was found by `by`. */
static bool is_trusted(struct ast_sip_endpoint *endpoint, uint32_t by)
{
	bool trusted = endpoint != NULL && endpoint->options.trust_id_inbound &&
		(endpoint->options.identify_by & by) != 0;

	ast_sip_endpoint_unref(endpoint);
	return trusted;
}

/* Inside of a call nobody was identified: what is known then is the address, and what
 * the peer of a connection has proved. */
static bool trusts_peer(const struct sip_rx_data *request)
{
	return is_trusted(ast_sip_endpoint_by_certificate(request),
		       SIP_IDENTIFY_CERTIFICATE) ||
		is_trusted(ast_sip_endpoint_by_address(&request->flow.peer),
			SIP_IDENTIFY_IP);
}

/* RFC 3325: an identity that somebody asserts counts only where he is trusted. */
static void edit_identity(struct editor *e, size_t index)
{
	const struct ast_sip_endpoint *endpoint = e->request->serving->endpoint;

	if (endpoint != NULL ? !endpoint->options.trust_id_inbound
			     : !trusts_peer(e->request))
		drop_line(e, index);
}

static void edit_line(struct editor *e, size_t index)
{
	switch (e->request->msg.hdrs[index].id) {
	case SIP_HDR_VIA: edit_via(e); break;
	case SIP_HDR_MAX_FORWARDS: edit_max_forwards(e, index); break;
	case SIP_HDR_ROUTE:
		if (e->routes > 0 || e->last_route != SIZE_MAX)
			edit_route(e, index);
		break;
	case SIP_HDR_AUTHORIZATION:
	case SIP_HDR_PROXY_AUTHORIZATION: edit_credentials(e, index); break;
	case SIP_HDR_P_ASSERTED_IDENTITY: edit_identity(e, index); break;
	case SIP_HDR_MAX_BREADTH: drop_line(e, index); break;
	case SIP_HDR_CONTENT_LENGTH: e->has_length = true; break;
	default: break;
	}
}

static void put_request_line(struct editor *e)
{
	const struct sip_msg *msg = &e->request->msg;
	struct sip_str uri = e->how->request_uri;

	if (uri.ptr == NULL)
		uri = e->request->serving->request_uri->text;
	if (e->strict_next)
		uri = e->request->serving->route_uri.text;
	sip_put(e->b, msg->method_text);
	sip_put_char(e->b, ' ');
	/* RFC 5630 section 5.3: what was called by a sip: URI is not called by a sips:
	 * one, though its contact has that, and TLS leads there. */
	if (e->request->serving->request_uri->scheme == SIP_URI_SIP &&
		uri.ptr == e->how->request_uri.ptr && sip_uri_is_sips(uri)) {
		sip_put(e->b, SIP_STR("sip"));
		uri = (struct sip_str){ uri.ptr + 4, uri.len - 4 };
	}
	sip_put_clean(e->b, uri);
	sip_put(e->b, SIP_STR(" SIP/2.0\r\n"));
	e->copied = msg->hdr_count > 0 ? msg->hdrs[0].name_off : head_end(msg);
}

/* What the received message lacked. */
static void put_missing(struct editor *e)
{
	const struct sip_msg *msg = &e->request->msg;

	if (e->how->route.len > 0)
		sip_put_header(e->b, SIP_STR("Route"), e->how->route);
	if (!e->has_max_forwards)
		sip_put(e->b, SIP_STR("Max-Forwards: 70\r\n"));
	if (e->strict_next) {
		sip_put(e->b, SIP_STR("Route: <"));
		sip_put(e->b, e->request->serving->request_uri->text);
		sip_put(e->b, SIP_STR(">\r\n"));
	}
	if (e->how->max_breadth > 0) {
		sip_put(e->b, SIP_STR("Max-Breadth: "));
		sip_put_number(e->b, e->how->max_breadth);
		sip_put(e->b, SIP_STR("\r\n"));
	}
	if (!e->has_length) {
		sip_put(e->b, SIP_STR("Content-Length: "));
		sip_put_number(e->b, msg->body_len);
		sip_put(e->b, SIP_STR("\r\n"));
	}
}

void sip_put_forwarded_request(struct sip_builder *b, const struct sip_rx_data *request,
	const struct ast_sip_forward *how, struct sip_str branch)
{
	const struct sip_msg *msg = &request->msg;
	struct editor e = {
		.b = b,
		.request = request,
		.how = how,
		.routes = request->serving->own_routes,
		.last_route = SIZE_MAX,
	};

	if (request->serving->strict)
		e.last_route = sip_msg_count_elements(msg, SIP_HDR_ROUTE) - 1;
	/* 16.6 step 6: its URI becomes the Request-URI, which goes to the end of Route.
	 */
	e.strict_next = request->serving->route.has_route &&
		how->request_uri.ptr == NULL &&
		!sip_uri_param(&request->serving->route_uri, SIP_STR("lr"), NULL);
	if (e.strict_next)
		e.routes++;
	put_request_line(&e);
	sip_put_our_via(b, request->server, &how->flow, branch);
	if (how->record_route)
		sip_put_record_route(b, request, &how->flow, how->aor);
	if (how->path)
		sip_put_path(b, request, &how->flow);
	for (size_t i = 0; i < msg->hdr_count; i++)
		edit_line(&e, i);
	copy_up_to(&e, head_end(msg));
	put_missing(&e);
	sip_put(b, SIP_STR("\r\n"));
	sip_put(b, (struct sip_str){ msg->text + msg->body_off, msg->body_len });
}

/* As it came, where that is as everybody writes it. */
static void put_status_line(struct editor *e)
{
	const struct sip_msg *msg = &e->request->msg;
	size_t behind = msg->hdr_count > 0 ? msg->hdrs[0].name_off : head_end(msg);
	size_t plain = sizeof("SIP/2.0 200 ") - 1;

	if (memcmp(msg->text, "SIP/2.0 ", 8) == 0 &&
		msg->reason.ptr == msg->text + plain &&
		behind == plain + msg->reason.len + 2)
		return;
	sip_put(e->b, SIP_STR("SIP/2.0 "));
	sip_put_number(e->b, msg->status);
	sip_put_char(e->b, ' ');
	sip_put(e->b, msg->reason);
	sip_put(e->b, SIP_STR("\r\n"));
	e->copied = behind;
}

/* Our own Via, which is the topmost, goes; the rest of its line stays. */
static void drop_top_via(struct editor *e, size_t index)
{
	const struct sip_msg *msg = &e->request->msg;
	struct sip_str rest = sip_msg_hdr_value(msg, &msg->hdrs[index]);
	struct sip_str element;

	if (e->top_via_done)
		return;
	e->top_via_done = true;
	drop_line(e, index);
	if (SIP_LIKELY(rest.len == msg->via_value.len) ||
		!sip_list_next(&rest, &element) || (rest = sip_str_trim(rest)).len == 0)
		return;
	sip_put(e->b, SIP_STR("Via: "));
	sip_put(e->b, rest);
	sip_put(e->b, SIP_STR("\r\n"));
}

/* A response as it goes back. */
static void edit_back(struct editor *e, size_t index)
{
	switch (e->request->msg.hdrs[index].id) {
	case SIP_HDR_VIA: drop_top_via(e, index); break;
	case SIP_HDR_CONTENT_LENGTH: drop_line(e, index); break;
	case SIP_HDR_P_ASSERTED_IDENTITY:
		if (!trusts_peer(e->request))
			drop_line(e, index);
		break;
	default: break;
	}
}

void sip_put_forwarded_response(struct sip_builder *b, const struct sip_rx_data *response)
{
	const struct sip_msg *msg = &response->msg;
	struct editor e = {
		.b = b,
		.request = response,
	};

	put_status_line(&e);
	for (size_t i = 0; i < msg->hdr_count; i++)
		edit_back(&e, i);
	copy_up_to(&e, head_end(msg));
}
