/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The proxy: RFC 3261 section 16, stateful, forking in parallel.
 *
 * This file: which requests it takes, and 16.3, what it refuses.  Where they go:
 * targets.c.  What comes back: fork.c and best.c.
 *
 * Threads: the turn of the call.
 */
#include "targets.h"

#include <stdlib.h>

static void refuse(struct sip_rx_data *request, int code)
{
	/* Its sender repeats what got no answer. */
	SIP_IGNORE(ast_sip_respond(request, code, NULL));
}

/* 16.3 step 5: only Proxy-Require is ours to refuse, and we know no option of it: each of
 * its fields comes back as it is. */
static void refuse_options(struct sip_rx_data *request)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_tx_data *tdata;

	if (ast_sip_create_response(request, 420, NULL, &tdata) != 0)
		return;
	while (sip_rx_data_next_header(request, SIP_HDR_PROXY_REQUIRE, &iter)) {
		char *value = sip_str_copy(iter.value);
		int result = value == NULL
			? -1
			: ast_sip_add_header(tdata, "Unsupported", value);

		free(value);
		if (result != 0) {
			ast_sip_destroy_tx_data(tdata);
			return;
		}
	}
	SIP_IGNORE(ast_sip_send_response(request, tdata)); /* as above */
}

static bool requires_options(const struct sip_rx_data *request)
{
	struct sip_hdr_iter iter = { 0 };

	return sip_rx_data_next_element(request, SIP_HDR_PROXY_REQUIRE, &iter);
}

/* Requests for the server itself are not the proxy's. */
static bool is_mine(const struct sip_rx_data *request)
{
	const struct ast_sip_route *route = ast_sip_request_route(request);

	if (sip_rx_data_method(request) == SIP_REGISTER)
		return !route->target_is_ours;
	return !route->target_is_ours || route->has_flow || route->by_path ||
		route->request_uri->user.ptr != NULL;
}

/* The ACK of a 2xx goes the way of its call; any other does not come here. */
static void pass_ack(struct sip_rx_data *ack)
{
	const struct ast_sip_route *route = ast_sip_request_route(ack);
	struct ast_sip_forward how = { .flow = route->flow };
	uint32_t max_forwards;

	if (!route->has_flow || route->flow_failed)
		return;
	if (sip_rx_data_number(ack, SIP_HDR_MAX_FORWARDS, &max_forwards) == 0 &&
		max_forwards == 0)
		return;
	SIP_IGNORE(ast_sip_forward_ack(ack, &how)); /* the callee repeats its 2xx */
}

/* What makes a dialog takes our address along. */
static bool makes_dialog(const struct sip_rx_data *request)
{
	enum sip_method method = sip_rx_data_method(request);

	return sip_rx_data_to_tag(request).ptr == NULL &&
		(method == SIP_INVITE || method == SIP_SUBSCRIBE || method == SIP_REFER);
}

/* RFC 5626 section 5.1: who comes here first, and whose registrar can keep a Path, is
 * called by way of here. */
static bool wants_path(const struct sip_rx_data *request)
{
	return sip_rx_data_method(request) == SIP_REGISTER &&
		(sip_rx_data_has_token(request, SIP_HDR_SUPPORTED, SIP_STR("path")) ||
			sip_rx_data_has_token(
				request, SIP_HDR_SUPPORTED, SIP_STR("outbound"))) &&
		!sip_rx_data_has_further_via(request);
}

/* 16.3: 0, or the code to refuse it with. */
static int check(struct sip_rx_data *request)
{
	uint32_t max_forwards;

	switch (sip_rx_data_number(request, SIP_HDR_MAX_FORWARDS, &max_forwards)) {
	case 0:
		if (max_forwards == 0) {
			ast_sip_explain(request, NULL, "Max-Forwards is 0");
			return 483;
		}
		break;
	case SIP_EMISSING: break;
	default: return 400;
	}
	if (!ast_sip_request_loops(request))
		return 0;
	ast_sip_explain(request, NULL,
		"it has been here before, and nothing has changed: a loop");
	return 482;
}

/* To where nobody is now: a phone may come before a late copy of the request does, and
 * would ring, or get the message, for a sender who has his answer.  So the copies have to
 * be known. */
static void refuse_for_now(struct sip_rx_data *request, const char *warning)
{
	struct sip_tx_data *tdata;

	if (ast_sip_keep_request(request) != 0) {
		SIP_IGNORE(ast_sip_respond_busy(request)); /* as above */
		return;
	}
	if (warning == NULL || ast_sip_create_response(request, 480, NULL, &tdata) != 0) {
		refuse(request, 480);
		return;
	}
	/* Without memory for it the answer goes without. */
	SIP_IGNORE(ast_sip_add_header(tdata, "Warning", warning));
	SIP_IGNORE(ast_sip_send_response(request, tdata)); /* as above */
}

static void pass_on(struct sip_rx_data *request)
{
	struct targets targets;
	int code = check(request);

	if (code == 0)
		code = targets_find(request, &targets);
	if (code != 0) {
		ast_sip_explain(request, NULL, "refused: %d", code);
		/* Without memory its contacts are not known: a copy must find none. */
		if (code == 500)
			SIP_IGNORE(ast_sip_respond_busy(request)); /* as above */
		else if (code == 480)
			refuse_for_now(request,
				targets.insecure_left ? "380 res_sip \"SIPS Not Allowed\""
						      : NULL);
		else
			refuse(request, code);
		return;
	}
	targets.record_route = makes_dialog(request);
	targets.path = wants_path(request);
	ast_sip_explain(request, NULL, "Record-Route: %s",
		targets.record_route
			? "yes, the request makes a dialog"
			: "no, only INVITE, SUBSCRIBE and REFER without a To tag make one");
	if (ast_sip_keep_request(request) != 0)
		SIP_IGNORE(ast_sip_respond_busy(request)); /* as above */
	else
		fork_start(request, &targets);
	targets_release(&targets);
}

static bool on_request(struct sip_rx_data *request)
{
	if (!is_mine(request))
		return false;
	if (sip_rx_data_method(request) == SIP_ACK)
		pass_ack(request);
	else if (requires_options(request))
		refuse_options(request);
	else
		pass_on(request);
	return true;
}

static struct sip_service service = {
	.name = "proxy",
	.stage = SIP_STAGE_FORWARD,
	.methods =
		"INVITE ACK CANCEL BYE OPTIONS MESSAGE INFO UPDATE REFER SUBSCRIBE NOTIFY PRACK "
		"PUBLISH",
	.on_rx_request = on_request,
	.on_txn_state = fork_on_txn_state,
};

static int load(void)
{
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "res_sip_proxy", .flags = AST_SIP_MODULE_DRY_SAFE, .load = load,
	.unload = unload);
