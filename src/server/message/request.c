/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of our own: res_sip/request.h, RFC 3261 section 8.1.
 *
 * Each has a Call-ID of its own, and so a work; the caller's task goes on at once,
 * and the transaction begins in the turn of the Call-ID's work.
 */
#include "res_sip/request.h"

#include "server/dialogs/outgoing.h"
#include "server/message/build.h"
#include "server/modules/callback.h"
#include "server/settings/listeners.h"
#include "server/show/dry_run.h"

#include "res_sip/location.h"
#include "res_sip/log.h"

#include <stdlib.h>

static struct sip_log_limit limit;

static int refuse(const char *what, const char *why)
{
	sip_log_limited(
		&limit, SIP_LOG_WARNING, "request", "%s is not sent: %s", what, why);
	return -1;
}

static void put_request(struct sip_tx_data *tdata, const struct sip_settings *settings,
	const char *method, const char *uri, struct ast_sip_endpoint *endpoint)
{
	struct sip_request_plan *plan = tdata->plan;
	struct sip_builder *b = &tdata->head;
	char tag[17];

	sip_random_hex(&plan->server->random, tag, 16);
	sip_put_clean(b, sip_str_of(method));
	sip_put_char(b, ' ');
	sip_put_clean(b, sip_str_of(uri));
	sip_put(b, SIP_STR(" SIP/2.0\r\n"));
	sip_put_our_via(b, plan->server, &tdata->flow,
		(struct sip_str){ plan->branch, SIP_BRANCH_LEN });
	sip_put(b, SIP_STR("Max-Forwards: "));
	sip_put_number(b, settings->global.max_forwards);
	sip_put(b, SIP_STR("\r\nFrom: "));
	sip_request_put_identity(b, settings, endpoint, &tdata->flow);
	sip_put(b, SIP_STR(";tag="));
	sip_put(b, sip_str_of(tag));
	sip_put(b, SIP_STR("\r\nTo: <"));
	sip_put_clean(b, sip_str_of(uri));
	sip_put(b, SIP_STR(">\r\nCall-ID: "));
	sip_put(b, sip_str_of(plan->call_id));
	sip_put(b, SIP_STR("\r\nCSeq: 1 "));
	sip_put_clean(b, sip_str_of(method));
	sip_put(b, SIP_STR("\r\n"));
	if (plan->way.route != NULL)
		sip_put_header(b, SIP_STR("Route"), sip_str_of(plan->way.route));
}

static struct sip_request_plan *create_plan(struct sip_server *server)
{
	struct sip_request_plan *plan = calloc(1, sizeof(*plan));

	if (plan == NULL)
		return NULL;
	plan->server = server;
	sip_random_hex(&server->random, plan->call_id, 32);
	plan->call_hash = sip_calls_hash(server->calls, sip_str_of(plan->call_id));
	sip_branch_write(
		plan->branch, plan->call_hash, 0, sip_random_u64(&server->random));
	return plan;
}

static bool is_token(const char *method)
{
	return method[0] != '\0' &&
		strspn(method,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			"-.!%*_+`'~") == strlen(method);
}

static void drop_way(struct sip_request_plan *plan)
{
	sip_request_way_fini(&plan->way);
}

static int create_request(struct sip_server *server, const char *method,
	struct ast_sip_endpoint *endpoint, const char *uri, struct sip_tx_data **out)
{
	struct sip_tx_data *tdata = NULL;
	struct sip_snapshot *snapshot;
	struct sip_request_way way;
	int result = -1;

	if (sip_request_target(endpoint, uri, &way) != 0)
		return refuse(method, "there is nowhere to send it to");
	tdata = sip_build_begin(server,
		strlen(way.uri) * 2 + (way.route != NULL ? strlen(way.route) : 0) + 1024);
	if (tdata == NULL)
		goto out;
	tdata->method = sip_method_of(sip_str_of(method));
	tdata->flow = way.flow;
	tdata->plan = create_plan(server);
	if (tdata->plan == NULL)
		goto out;
	tdata->plan->way = way;
	way = (struct sip_request_way){ .uri = NULL };
	tdata->plan_fini = drop_way;
	snapshot = sip_snapshot_take(server);
	put_request(tdata, snapshot->settings, method, tdata->plan->way.uri, endpoint);
	sip_snapshot_unref(&snapshot);
	result = tdata->head.error != 0 ? -1 : 0;
out:
	sip_request_way_fini(&way);
	if (result != 0) {
		if (tdata != NULL)
			sip_tx_data_unref(&tdata);
		return refuse(method, "it can't be built");
	}
	*out = tdata;
	return 0;
}

static int create_within(
	struct sip_leg *leg, const char *method, struct sip_tx_data **tdata)
{
	int result;

	sip_core_enter();
	result = sip_leg_create_request(leg, method, tdata);
	sip_core_leave();
	return result == 0 ? 0 : refuse(method, "out of memory");
}

int ast_sip_create_request(const char *method, struct sip_dialog *dlg,
	struct ast_sip_endpoint *endpoint, const char *uri, struct sip_tx_data **tdata)
{
	struct sip_server *server = sip_server_here();

	SIP_ASSERT(method != NULL && tdata != NULL);
	if (server == NULL)
		return refuse(method, "this thread has no server");
	if (!is_token(method))
		return refuse(method, "it is no method");
	if (strcmp(method, "ACK") == 0 || strcmp(method, "CANCEL") == 0)
		return refuse(method, "it belongs to another request");
	if (dlg != NULL)
		return create_within(sip_leg_of(dlg), method, tdata);
	if (strcmp(method, "INVITE") == 0)
		return refuse(method, "it has no dialog");
	if (endpoint == NULL)
		return refuse(method, "it has no endpoint");
	return create_request(server, method, endpoint, uri, tdata);
}

/* The URI whose host says where it goes first. */
static struct sip_str next_hop(const struct sip_request_way *way)
{
	if (way->registered)
		return (struct sip_str){ NULL, 0 };
	return way->first_route.len > 0 ? way->first_route : sip_str_of(way->uri);
}

/* In the turn of the Call-ID's work. */
static enum sip_task_result start_request(struct sip_task *task)
{
	struct sip_request_plan *plan = SIP_CONTAINER(
		task, struct sip_request_plan, task);
	struct sip_tx_data *tdata = plan->tdata;
	struct sip_request_start start = {
		.tdata = tdata,
		.flow = &tdata->flow,
		.branch = { plan->branch, SIP_BRANCH_LEN },
		.listener = plan->listener,
		.next_hop = next_hop(&plan->way),
		.listener_number = plan->way.listener,
	};
	struct ast_sip_branch *branch;

	if (sip_request_start(plan->server, sip_call_current(), &start, &branch) != 0)
		sip_request_never_began(plan->server, &start);
	plan->tdata = NULL;
	sip_tx_data_unref(&tdata);
	return SIP_TASK_DONE;
}

void sip_request_show(struct sip_server *server, struct sip_tx_data *tdata)
{
	struct sip_snapshot *snapshot = sip_snapshot_take(server);
	const struct sip_registered_list *lists[] = { &snapshot->local,
		&snapshot->forward };

	for (size_t l = 0; l < 2 && snapshot->watches_tx_requests; l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			struct sip_registered *registered = lists[l]->item[i];
			struct sip_callback_scope scope;

			if (registered->service->on_tx_request == NULL ||
				sip_registered_is_leaving(registered))
				continue;
			sip_callback_open(&scope, &registered->event_site, NULL);
			registered->service->on_tx_request(tdata);
			sip_callback_close(&scope);
		}
	}
	sip_snapshot_unref(&snapshot);
}

static int send_request(struct sip_server *server, struct sip_tx_data *tdata, void *token,
	ast_sip_on_response_fn *on_response)
{
	struct sip_request_plan *plan = tdata->plan;
	struct sip_str call_id = sip_str_of(plan->call_id);
	int result;

	if (plan->leg == NULL) {
		sip_request_show(server, tdata);
		if (sip_build_seal(server, tdata) != 0)
			return SIP_EMEMORY;
	}
	result = sip_listener_init(&plan->listener, server, token, on_response);
	if (result != 0)
		return result;
	plan->tdata = tdata;
	plan->task.run = start_request;
	plan->task.pushed_us = sip_pool_now_us(server->pool);
	if (plan->leg != NULL) {
		call_id = plan->leg->dialog.call_id;
		sip_leg_prepare_send(plan);
	}
	result = sip_calls_push(server->calls, call_id, plan->call_hash, &plan->task);
	if (result != 0)
		sip_listener_fini(&plan->listener);
	return result;
}

/* What would be sent; its completion hears that it ended. */
static int send_dry(struct sip_dry_run *run, struct sip_tx_data *tdata, void *token,
	ast_sip_on_response_fn *on_response)
{
	struct sip_server *server = tdata->plan->server;
	struct sip_call_site *site = sip_callback_current();
	int result = sip_build_seal(server, tdata);
	struct ast_sip_branch *branch;

	if (result == 0)
		result = sip_dry_request(run, site != NULL ? site : &server->program_site,
			token, on_response, &branch);
	if (result == 0)
		sip_dry_send(run, &tdata->flow, tdata);
	return result;
}

int ast_sip_send_tx_data(
	struct sip_tx_data *tdata, void *token, ast_sip_on_response_fn *on_response)
{
	struct sip_dry_run *run = sip_dry_run_current();
	struct sip_server *server;
	int result;

	SIP_ASSERT(tdata != NULL && tdata->plan != NULL);
	server = tdata->plan->server;
	sip_core_enter();
	if (run != NULL)
		result = send_dry(run, tdata, token, on_response);
	else if (atomic_load(&server->stopping))
		result = SIP_ESTATE;
	else
		result = send_request(server, tdata, token, on_response);
	sip_core_leave();
	if (result == 0 && run == NULL)
		return 0;
	sip_tx_data_unref(&tdata);
	if (result == 0)
		return 0;
	return refuse("a request", sip_error_text(result));
}

/* The endpoint of default_outbound_endpoint, counted; NULL (logged): none. */
static struct ast_sip_endpoint *find_default(
	struct sip_server *server, const char *method)
{
	struct sip_snapshot *snapshot = sip_snapshot_take(server);
	const char *name = snapshot->settings->global.default_outbound_endpoint;
	struct ast_sip_endpoint *endpoint = NULL;

	if (name == NULL)
		refuse(method, "[global] default_outbound_endpoint is not set");
	else
		endpoint = sip_names_find(
			&snapshot->settings->endpoints, sip_str_of(name));
	if (endpoint != NULL)
		ast_sip_endpoint_ref(endpoint);
	else if (name != NULL)
		refuse(method,
			"there is no endpoint of default_outbound_endpoint's name");
	sip_snapshot_unref(&snapshot);
	return endpoint;
}

int ast_sip_send_request(const char *method, const char *body, struct sip_dialog *dlg)
{
	struct sip_server *server = sip_server_here();
	struct ast_sip_endpoint *endpoint;
	struct sip_tx_data *tdata;
	int result;

	SIP_ASSERT(method != NULL);
	if (server == NULL)
		return refuse(method, "this thread has no server");
	endpoint = dlg == NULL ? find_default(server, method) : NULL;
	if (endpoint == NULL && dlg == NULL)
		return -1;
	result = ast_sip_create_request(method, dlg, endpoint, NULL, &tdata);
	ast_sip_endpoint_unref(endpoint);
	if (result != 0)
		return -1;
	if (body != NULL && ast_sip_add_body(tdata, body) != 0) {
		ast_sip_destroy_tx_data(tdata);
		return refuse(method, "out of memory");
	}
	return ast_sip_send_tx_data(tdata, NULL, NULL);
}
