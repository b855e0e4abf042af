/* SPDX-License-Identifier: BSD-2-Clause */
/* Passing requests and responses on: res_sip/transaction.h, RFC 3261 section 16. */
#include "server/proxy/forward_text.h"

#include "res_sip/log.h"
#include "server/message/build.h"
#include "server/message/request_branch.h"
#include "server/modules/callback.h"
#include "server/proxy/branch_id.h"
#include "server/show/dry_run.h"
#include "server/targets/lookup.h"

static struct sip_log_limit limit;

static int refuse(const char *what, const char *why)
{
	sip_log_limited(&limit, SIP_LOG_WARNING, "forward", "%s: %s", what, why);
	return -1;
}

/* One host, and not "whoever listens here" (which is how the system takes 0.0.0.0). */
static bool is_unicast(const struct sip_addr *addr)
{
	if (addr->sa.sa_family == AF_INET) {
		uint32_t host = ntohl(addr->v4.sin_addr.s_addr);

		return host >> 24 != 0 && host >> 28 != 0xe && host != INADDR_BROADCAST;
	}
	return !IN6_IS_ADDR_UNSPECIFIED(&addr->v6.sin6_addr) &&
		!IN6_IS_ADDR_MULTICAST(&addr->v6.sin6_addr) &&
		!IN6_IS_ADDR_V4MAPPED(&addr->v6.sin6_addr);
}

/* RFC 3261 26.2.2: sips: means TLS, whatever it is carried by; RFC 5630 section 3.1.3:
 * transport=tls is how phones say so in a sip: URI.  False: there is no such way. */
static bool kind_of(const struct sip_uri *uri, enum sip_transport_kind *kind)
{
	bool secure = uri->scheme == SIP_URI_SIPS;
	struct sip_str word = SIP_STR("");

	*kind = secure ? SIP_TLS : SIP_UDP;
	if (!sip_uri_param(uri, SIP_STR("transport"), &word))
		return true;
	for (int i = SIP_UDP; i <= SIP_TLS; i++) {
		enum sip_transport_kind asked = (enum sip_transport_kind)i;

		if (!sip_str_equal_nocase(word, sip_str_of(sip_transport_name(asked))))
			continue;
		*kind = secure ? SIP_TLS : asked;
		return !secure || asked != SIP_UDP;
	}
	return false;
}

int ast_sip_flow_to_uri(const struct sip_uri *uri, struct sip_flow *flow)
{
	struct sip_server *server = sip_server_here();
	enum sip_transport_kind kind;
	struct sip_addr addr;
	uint16_t port = uri->port;

	SIP_ASSERT(server != NULL && uri != NULL && flow != NULL);
	if (uri->scheme != SIP_URI_SIP && uri->scheme != SIP_URI_SIPS)
		return -1;
	if (!kind_of(uri, &kind))
		return refuse("a target can't be reached",
			"its URI asks for a transport that it can't have");
	if (port == 0)
		port = kind == SIP_TLS ? 5061 : 5060;
	if (sip_addr_parse(uri->host, port, &addr) != 0) {
		*flow = (struct sip_flow){ .listener = 0 };
		return AST_SIP_FLOW_BY_NAME;
	}
	if (!is_unicast(&addr) || sip_addr_port(&addr) == 0)
		return refuse("a target can't be reached", "it is not one host");
	if (sip_transport_route(server->transport, 0, kind, &addr, flow) != 0)
		return -1;
	if (uri->scheme == SIP_URI_SIPS)
		sip_transport_secure(flow);
	return 0;
}

int ast_sip_flow_to_contact(const struct ast_sip_contact *contact, struct sip_flow *flow)
{
	struct sip_server *server = sip_server_here();
	struct sip_uri uri;

	SIP_ASSERT(server != NULL && contact != NULL && flow != NULL);
	if (contact->flow.listener != 0)
		return sip_transport_renew(server->transport, &contact->flow, flow) == 0
			? 0
			: -1;
	if (sip_uri_parse(ast_sip_contact_next_hop(contact), &uri) != 0)
		return -1;
	return ast_sip_flow_to_uri(&uri, flow);
}

static struct sip_tx_data *build(struct sip_rx_data *request,
	const struct ast_sip_forward *how, struct sip_str branch, size_t size)
{
	struct sip_tx_data *tdata = sip_build_begin(request->server, size);

	if (tdata != NULL)
		sip_put_forwarded_request(&tdata->head, request, how, branch);
	return tdata;
}

struct sip_tx_data *sip_forward_build(struct sip_rx_data *request,
	const struct ast_sip_forward *how, struct sip_str branch)
{
	const struct sip_msg *msg = &request->msg;
	size_t size = (size_t)msg->len + how->request_uri.len + how->route.len + 1024;
	struct sip_tx_data *tdata = build(request, how, branch, size);

	/* Long names of TLS in our Record-Route, or hundreds of Routes. */
	if (tdata != NULL && tdata->head.error == SIP_ESPACE) {
		sip_tx_data_unref(&tdata);
		tdata = build(request, how, branch, 2 * size + 2048);
	}
	if (tdata == NULL)
		return NULL;
	if (tdata->head.error != 0) {
		sip_tx_data_unref(&tdata);
		return NULL;
	}
	tdata->method = (enum sip_method)msg->method;
	tdata->forwarded = true;
	tdata->len = (uint32_t)tdata->head.len;
	tdata->sealed = true;
	return tdata;
}

/* Where a name leads, as far as that is known without asking. */
static void explain_name(struct sip_rx_data *request, struct sip_str next_hop)
{
	struct sip_targets targets;
	char text[SIP_ADDR_TEXT_LEN];
	struct sip_uri uri;
	int result;

	if (sip_uri_parse(next_hop, &uri) != 0)
		return;
	result = sip_lookup(request->server, &(struct sip_lookup){ .uri = &uri }, NULL,
		&targets, NULL);
	if (result == SIP_EMISSING)
		ast_sip_explain(request, NULL, "the name %.*s would be looked up",
			SIP_STR_ARG(uri.host));
	else if (result != 0)
		ast_sip_explain(request, NULL, "the name %.*s leads nowhere: %s",
			SIP_STR_ARG(uri.host), sip_lookup_error(result));
	for (unsigned i = 0; i < targets.count; i++)
		ast_sip_explain(request, NULL, "target %u of %.*s: %s by %s", i + 1,
			SIP_STR_ARG(uri.host),
			sip_addr_text(&targets.target[i].addr, text),
			sip_transport_name(targets.target[i].kind));
}

static int start_dry(struct sip_rx_data *request, struct sip_request_start *start,
	struct ast_sip_branch **branch)
{
	struct sip_dry_run *run = request->serving->dry_run;
	const struct sip_request_listener *listener = &start->listener;

	if (start->tdata != NULL)
		sip_dry_send(run, start->flow, start->tdata);
	else
		explain_name(request, start->next_hop);
	return sip_dry_request(
		run, listener->site, listener->token, listener->on_response, branch);
}

/* Send it, or say that it would be sent. */
static int start_branch(struct sip_rx_data *request, struct sip_request_start *start,
	struct ast_sip_branch **branch)
{
	struct sip_request_listener *listener = &start->listener;
	int result;

	if (request->serving->dry_run != NULL)
		return start_dry(request, start, branch);
	sip_owner_begin(listener->site->owner, SIP_PENDING_REQUESTS);
	result = sip_request_start(request->server, request->call, start, branch);
	if (result != 0)
		sip_owner_end(listener->site->owner, SIP_PENDING_REQUESTS);
	return result;
}

static int forward_request(struct sip_rx_data *request, const struct ast_sip_forward *how,
	void *token, ast_sip_on_response_fn *on_response, struct ast_sip_branch **out)
{
	struct sip_server *server = request->server;
	char branch[SIP_BRANCH_LEN];
	struct sip_request_start start = {
		.flow = &how->flow,
		.branch = { branch, sizeof(branch) },
		.request = request,
		.listener = {
			.token = token,
			.on_response = on_response,
			.site = &request->serving->service->response_site,
		},
	};
	int result;

	if (request->msg.max_forwards == 0)
		return refuse("a request can't be forwarded", "Max-Forwards is 0");
	if (how->flow.listener != 0) {
		sip_branch_write(branch, request->call_hash, sip_loop_hash(request),
			sip_random_u64(&server->random));
		start.tdata = sip_forward_build(request, how, start.branch);
		if (start.tdata == NULL)
			return refuse("a request can't be forwarded",
				"out of memory, or too large");
	}
	start.how = how;
	start.next_hop = how->next_hop;
	result = start_branch(request, &start, out);
	sip_tx_data_unref(&start.tdata);
	/* Why a name leads nowhere was said already. */
	if (result != 0)
		return how->flow.listener == 0 ? -1
					       : refuse("a request can't be forwarded",
							 "out of memory, or too large");
	sip_serving_count(request, SIP_COUNT_RELAYED);
	return 0;
}

int ast_sip_forward_request(struct sip_rx_data *request,
	const struct ast_sip_forward *how, void *token,
	ast_sip_on_response_fn *on_response, struct ast_sip_branch **branch)
{
	int result;

	SIP_ASSERT(
		request != NULL && how != NULL && on_response != NULL && branch != NULL);
	SIP_ASSERT(sip_serving_of(request)->service != NULL);
	sip_core_enter();
	result = forward_request(request, how, token, on_response, branch);
	sip_core_leave();
	return result;
}

/* 16.11: without a transaction, the branch is a function of what came, the same for each
 * copy. */
int ast_sip_forward_ack(struct sip_rx_data *ack, const struct ast_sip_forward *how)
{
	struct sip_server *server = ack->server;
	char branch[SIP_BRANCH_LEN];
	struct sip_tx_data *tdata;

	SIP_ASSERT(how != NULL && ack->serving != NULL);
	if (ack->msg.max_forwards == 0)
		return refuse("an ACK can't be forwarded", "Max-Forwards is 0");
	sip_branch_write(branch, ack->call_hash, sip_loop_hash(ack),
		sip_hash(&server->loop_key, ack->msg.via.branch.ptr,
			ack->msg.via.branch.len));
	tdata = sip_forward_build(ack, how, (struct sip_str){ branch, sizeof(branch) });
	if (tdata == NULL)
		return refuse("an ACK can't be forwarded", "out of memory, or too large");
	sip_core_enter();
	if (ack->serving->dry_run != NULL)
		sip_dry_send(ack->serving->dry_run, &how->flow, tdata);
	else
		sip_transport_send(server->transport, &how->flow, tdata);
	sip_core_leave();
	sip_tx_data_unref(&tdata);
	return 0;
}

void ast_sip_cancel_branch(struct ast_sip_branch *branch, const char *reason)
{
	char line[256];
	struct sip_builder b;

	SIP_ASSERT(branch != NULL);
	if (sip_dry_run_current() != NULL)
		return;
	sip_builder_init(&b, line, sizeof(line));
	if (reason != NULL)
		sip_put_header(&b, SIP_STR("Reason"), sip_str_of(reason));
	if (b.error != 0)
		b.len = 0;
	sip_core_enter();
	/* Out of memory: it is tried again. */
	SIP_IGNORE(sip_request_branch_cancel(branch, (struct sip_str){ line, b.len }));
	sip_core_leave();
}

int sip_forwarded_response(
	struct sip_server *server, struct sip_rx_data *response, struct sip_tx_data **out)
{
	const struct sip_msg *msg = &response->msg;
	struct sip_tx_data *tdata;

	/* 16.7 step 3: without another Via "the response was meant for this element and
	 * MUST NOT be forwarded". */
	if (!sip_msg_has_further_via(msg))
		return refuse("a response can't be forwarded", "it has no further Via");
	tdata = sip_build_begin(server, (size_t)msg->len + 256);
	if (tdata == NULL)
		return -1;
	tdata->status = msg->status;
	tdata->method = (enum sip_method)msg->method;
	tdata->forwarded = true;
	tdata->has_content_type = true; /* or the sender left it out */
	sip_put_forwarded_response(&tdata->head, response);
	if (tdata->head.error != 0 ||
		(msg->body_len > 0 &&
			sip_build_set_body(
				tdata, msg->text + msg->body_off, msg->body_len) != 0)) {
		sip_tx_data_unref(&tdata);
		return -1;
	}
	*out = tdata;
	return 0;
}

int ast_sip_create_forwarded_response(struct sip_rx_data *request,
	struct sip_rx_data *response, struct sip_tx_data **tdata)
{
	SIP_ASSERT(request != NULL && response != NULL && tdata != NULL);
	return sip_forwarded_response(request->server, response, tdata);
}
