/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests under way: who is told what becomes of them.
 *
 * The events of a forwarded request come to its service at once, in the turn of
 * the call.  Those of a request that a task of another work sent are pushed to
 * that work, the response with a reference.
 *
 * A branch is over for its service with its final answer.  Its transaction lives
 * on; what still comes of it, further 2xx to an INVITE, goes back from here.
 */
#include "server/message/request_branch.h"

#include "server/dialogs/outgoing.h"
#include "server/modules/callback.h"
#include "server/proxy/branch_id.h"
#include "server/proxy/forward_text.h"
#include "server/targets/tries.h"
#include "work/task.h"

#include <stdlib.h>

struct ast_sip_branch {
#define ast_sip_branch_MAGIC 0x62726368u
	uint32_t magic;
	bool waited_for;    /* its request counts it as unanswered */
	bool ended;         /* ENDED was told: there is no listener */
	uint32_t came_from; /* the request's server transaction; 0: none */
	struct sip_server *server;
	struct sip_rx_data *request; /* counted; NULL: our own, or ended */
	struct sip_request_listener listener;
	struct sip_txn *txn;       /* that counts; NULL: none */
	struct sip_tries *tries;   /* NULL: there is one target, an address */
	struct original *original; /* of its copies; NULL without tries */
};

/* What the copies for one target after the other are made of. */
struct original {
	struct sip_tx_data *tdata;  /* counted; NULL: it is forwarded */
	struct ast_sip_forward how; /* its texts are behind */
	char text[];
};

/* An event on its way to another work. */
struct event {
	struct sip_task task;
	struct sip_request_listener listener; /* a copy */
	enum ast_sip_request_event event;
	struct sip_rx_data *response; /* counted, or NULL */
};

/* The last event. */
struct sip_listener_end {
	struct event event;
};

static const struct sip_txn_user nobody = { .arg = NULL };

size_t sip_request_branch_size(void)
{
	return sizeof(struct ast_sip_branch);
}

/* Whose code it is: that of the running callback, or of a thread of a module. */
static struct sip_call_site *site_of(
	struct sip_server *server, ast_sip_on_response_fn *on_response)
{
	struct sip_call_site *site = sip_callback_current();

	if (on_response == NULL)
		return &server->program_site;
	if (site != NULL)
		return site;
	site = sip_callback_site_of(server->pool, (uintptr_t)on_response, "on_response");
	return site->owner != NULL ? site : &server->program_site;
}

int sip_listener_init(struct sip_request_listener *listener, struct sip_server *server,
	void *token, ast_sip_on_response_fn *on_response)
{
	struct ast_sip_work *work = ast_sip_current_work();
	struct sip_call *call = sip_call_current();

	*listener = (struct sip_request_listener){
		.site = site_of(server, on_response),
		.token = token,
		.on_response = on_response,
	};
	/* A work that goes with its task is nobody's to come back to. */
	if (on_response != NULL && work != NULL &&
		(call != NULL || sip_work_is_created(work))) {
		listener->end = malloc(sizeof(*listener->end));
		if (listener->end == NULL)
			return SIP_EMEMORY;
		listener->work = work;
		listener->pinned = call;
	}
	if (listener->pinned != NULL)
		sip_call_pin(call);
	sip_owner_begin(listener->site->owner, SIP_PENDING_REQUESTS);
	return 0;
}

void sip_listener_fini(struct sip_request_listener *listener)
{
	if (listener->pinned != NULL)
		sip_call_unpin(listener->pinned);
	free(listener->end);
	sip_owner_end(listener->site->owner, SIP_PENDING_REQUESTS);
}

static void call_out(const struct sip_request_listener *listener,
	struct sip_rx_data *request, enum ast_sip_request_event event,
	struct sip_rx_data *response)
{
	struct sip_callback_scope scope;

	sip_callback_open(&scope, listener->site, request);
	listener->on_response(listener->token, event, response);
	sip_callback_close(&scope);
}

static enum sip_task_result run_event(struct sip_task *task)
{
	struct event *event = SIP_CONTAINER(task, struct event, task);
	struct sip_owner *owner = event->listener.site->owner;
	bool last = event->event == AST_SIP_REQUEST_ENDED;

	if (sip_callback_must_move(event->listener.site))
		return SIP_TASK_ELSEWHERE;
	call_out(&event->listener, NULL, event->event, event->response);
	if (event->response != NULL)
		sip_rx_data_unref(&event->response);
	if (last && event->listener.pinned != NULL)
		sip_call_unpin(event->listener.pinned);
	free(event); /* of a struct sip_listener_end it is all */
	if (last)
		sip_owner_end(owner, SIP_PENDING_REQUESTS);
	return SIP_TASK_DONE;
}

static void push_event(struct sip_server *server,
	const struct sip_request_listener *listener, enum ast_sip_request_event what,
	struct sip_rx_data *response)
{
	struct event *event = what == AST_SIP_REQUEST_ENDED ? &listener->end->event
							    : malloc(sizeof(*event));

	/* Out of memory: told in this turn rather than not at all. */
	if (event == NULL) {
		call_out(listener, NULL, what, response);
		return;
	}
	*event = (struct event){ .listener = *listener, .event = what };
	event->task.run = run_event;
	event->task.pushed_us = sip_pool_now_us(server->pool);
	if (response != NULL)
		event->response = sip_rx_data_ref(response);
	sip_work_push(listener->work, &event->task);
}

void sip_listener_tell(struct sip_server *server,
	const struct sip_request_listener *listener, struct sip_rx_data *request,
	enum ast_sip_request_event event, struct sip_rx_data *response)
{
	if (listener->on_response != NULL && listener->work != NULL) {
		push_event(server, listener, event, response);
		return;
	}
	if (listener->on_response != NULL)
		call_out(listener, request, event, response);
	if (event == AST_SIP_REQUEST_ENDED)
		sip_owner_end(listener->site->owner, SIP_PENDING_REQUESTS);
}

static void tell(const struct ast_sip_branch *branch, enum ast_sip_request_event event,
	struct sip_rx_data *response)
{
	sip_listener_tell(
		branch->server, &branch->listener, branch->request, event, response);
}

static void answered(struct ast_sip_branch *branch)
{
	if (!branch->waited_for)
		return;
	branch->waited_for = false;
	sip_keep_branch_answered(branch->request);
}

static void end_for_service(struct ast_sip_branch *branch)
{
	if (branch->ended)
		return;
	branch->ended = true;
	answered(branch);
	tell(branch, AST_SIP_REQUEST_ENDED, NULL);
	sip_rx_data_unref(&branch->request);
}

/* In one call out, for each is dear. */
static void call_out_final(
	const struct ast_sip_branch *branch, struct sip_rx_data *response)
{
	const struct sip_request_listener *listener = &branch->listener;
	struct sip_callback_scope scope;

	sip_callback_open(&scope, listener->site, branch->request);
	listener->on_response(listener->token, AST_SIP_REQUEST_RESPONSE, response);
	listener->on_response(listener->token, AST_SIP_REQUEST_ENDED, NULL);
	sip_callback_close(&scope);
	sip_owner_end(listener->site->owner, SIP_PENDING_REQUESTS);
}

/* The final answer, and that it was the last. */
static void tell_final(struct ast_sip_branch *branch, struct sip_rx_data *response)
{
	const struct sip_request_listener *listener = &branch->listener;

	if (listener->work != NULL || listener->on_response == NULL) {
		tell(branch, AST_SIP_REQUEST_RESPONSE, response);
		end_for_service(branch);
		return;
	}
	branch->ended = true;
	call_out_final(branch, response);
	answered(branch);
	sip_rx_data_unref(&branch->request);
}

static void pass_further_2xx(
	const struct ast_sip_branch *branch, struct sip_rx_data *response)
{
	struct sip_txn *txn = sip_txn_find(response->call, branch->came_from);

	if (txn != NULL)
		sip_pass_further_2xx(txn, response);
}

static void on_response(void *arg, struct sip_txn *txn, struct sip_rx_data *response)
{
	struct ast_sip_branch *branch = SIP_CAST(ast_sip_branch, arg);

	if (branch->ended) {
		pass_further_2xx(branch, response);
		return;
	}
	(void)txn;
	if (response->msg.status < 200)
		tell(branch, AST_SIP_REQUEST_RESPONSE, response);
	else
		tell_final(branch, response);
}

/* What becomes of the ACK of a refusal is nobody's business. */
static void tell_failure(
	const struct ast_sip_branch *branch, enum ast_sip_request_event event)
{
	if (!branch->ended)
		tell(branch, event, NULL);
}

static void on_timeout(void *arg, struct sip_txn *txn)
{
	(void)txn;
	tell_failure(SIP_CAST(ast_sip_branch, arg), AST_SIP_REQUEST_TIMEOUT);
}

static void on_error(void *arg, struct sip_txn *txn, int error)
{
	(void)txn;
	(void)error;
	tell_failure(SIP_CAST(ast_sip_branch, arg), AST_SIP_REQUEST_FAILED);
}

static void destroy_original(struct original *original)
{
	if (original == NULL)
		return;
	sip_tx_data_unref(&original->tdata);
	free(original);
}

static void destroy(struct ast_sip_branch *branch)
{
	struct sip_slab *slab = branch->server->branch_slab;

	destroy_original(branch->original);
	branch->magic = 0;
	sip_slab_free(slab, branch);
}

/* Through, or ended before. */
static void on_over(void *arg, struct sip_txn *txn)
{
	struct ast_sip_branch *branch = SIP_CAST(ast_sip_branch, arg);

	if (txn != NULL)
		sip_txn_set_user(txn, &nobody);
	end_for_service(branch);
	destroy(branch);
}

/* The request that is being forwarded awaits its answer. */
static void belong_to(struct ast_sip_branch *branch, struct sip_rx_data *request)
{
	branch->request = sip_rx_data_ref(request);
	if (request->txn == NULL)
		return;
	branch->came_from = sip_txn_serial(request->txn);
	branch->waited_for = true;
	request->serving->forwarded = true;
	request->serving->unanswered++;
}

static const struct sip_txn_user events = {
	.on_response = on_response,
	.on_timeout = on_timeout,
	.on_error = on_error,
	.on_through = on_over,
	.on_ended = on_over,
};

/* ---- where a name leads ---- */

static struct sip_tx_data *build(
	void *arg, const struct sip_flow *flow, struct sip_str branch_text)
{
	struct ast_sip_branch *branch = SIP_CAST(ast_sip_branch, arg);
	struct original *original = branch->original;
	struct ast_sip_forward how = original->how;

	if (original->tdata != NULL)
		return sip_retarget(branch->server, original->tdata,
			&original->tdata->flow, flow, branch_text);
	how.flow = *flow;
	return sip_forward_build(branch->request, &how, branch_text);
}

static struct sip_str copy_text(char **at, struct sip_str text)
{
	struct sip_str copy = { text.ptr != NULL ? *at : NULL, text.len };

	if (text.len > 0)
		memcpy(*at, text.ptr, text.len);
	*at += text.len;
	return copy;
}

static struct original *create_original(const struct sip_request_start *start)
{
	const struct ast_sip_forward *how = start->how;
	struct original *original;
	char *at;

	if (how == NULL) {
		original = calloc(1, sizeof(*original));
		if (original != NULL)
			original->tdata = sip_tx_data_ref(start->tdata);
		return original;
	}
	original = calloc(1,
		sizeof(*original) + how->request_uri.len + how->route.len + how->aor.len);
	if (original == NULL)
		return NULL;
	original->how = *how;
	at = original->text;
	original->how.request_uri = copy_text(&at, how->request_uri);
	original->how.route = copy_text(&at, how->route);
	original->how.aor = copy_text(&at, how->aor);
	return original;
}

static void note_try(void *arg, struct sip_txn *txn)
{
	SIP_CAST(ast_sip_branch, arg)->txn = txn;
}

/* Whoever names a transport, or the listener, has chosen. */
static bool may_switch(const struct sip_request_start *start, const struct sip_uri *uri)
{
	return start->listener_number == 0 && uri->scheme == SIP_URI_SIP &&
		!sip_uri_param(uri, SIP_STR("transport"), NULL);
}

/* Its only target is an address, and it is too long for UDP. */
static bool is_to_switch(
	const struct sip_server *server, const struct sip_request_start *start)
{
	struct sip_uri uri;

	return start->next_hop.ptr != NULL && start->flow->kind == SIP_UDP &&
		sip_tries_are_wanted(server, start->tdata->len) &&
		sip_uri_parse(start->next_hop, &uri) == 0 && may_switch(start, &uri);
}

static int start_tries(struct ast_sip_branch *branch, struct sip_call *call,
	const struct sip_request_start *start)
{
	struct sip_tries_user user = {
		.build = build,
		.began = note_try,
		.events = events,
	};
	struct sip_uri uri;
	struct sip_tries_start tries = {
		.server = branch->server,
		.call = call,
		.where = { .uri = &uri, .listener = start->listener_number },
		.user = &user,
	};
	struct sip_target target;

	if (sip_uri_parse(start->next_hop, &uri) != 0)
		return SIP_ESYNTAX;
	tries.may_switch = may_switch(start, &uri);
	if (start->flow->listener != 0) {
		target = (struct sip_target){ start->flow->kind, start->flow->peer };
		tries.target = &target;
	}
	branch->original = create_original(start);
	if (branch->original == NULL)
		return SIP_EMEMORY;
	user.events.arg = branch;
	tries.call_hash = call->hash;
	if (start->request != NULL) {
		tries.loop_hash = sip_loop_hash(start->request);
		tries.where.source = &start->request->flow.peer;
	}
	return sip_tries_start(&tries, &branch->tries);
}

static int start_only(struct ast_sip_branch *branch, struct sip_call *call,
	const struct sip_request_start *start)
{
	struct sip_txn_user user = events;

	user.arg = branch;
	return sip_uac_create(branch->server->txns, call, start->tdata, start->flow,
		start->branch, &user, &branch->txn);
}

int sip_request_start(struct sip_server *server, struct sip_call *call,
	const struct sip_request_start *start, struct ast_sip_branch **out)
{
	struct ast_sip_branch *branch = sip_slab_alloc(server->branch_slab);
	int result;

	if (branch == NULL)
		return SIP_EMEMORY;
	*branch = (struct ast_sip_branch){
		.magic = ast_sip_branch_MAGIC,
		.server = server,
		.listener = start->listener,
	};
	if (start->request != NULL)
		belong_to(branch, start->request);
	result = start->flow->listener != 0 && !is_to_switch(server, start)
		? start_only(branch, call, start)
		: start_tries(branch, call, start);
	if (result != 0) {
		answered(branch);
		sip_rx_data_unref(&branch->request);
		destroy(branch);
		return result;
	}
	*out = branch;
	return 0;
}

int sip_request_branch_cancel(struct ast_sip_branch *branch, struct sip_str extra)
{
	struct sip_txn *cancel;

	if (branch->tries != NULL)
		return branch->ended ? SIP_ESTATE
				     : sip_tries_cancel(branch->tries, extra);
	return sip_uac_cancel(branch->txn, extra, &nobody, &cancel);
}

void sip_request_never_began(
	struct sip_server *server, const struct sip_request_start *start)
{
	struct ast_sip_branch branch = {
		.magic = ast_sip_branch_MAGIC,
		.server = server,
		.listener = start->listener,
	};

	tell(&branch, AST_SIP_REQUEST_FAILED, NULL);
	tell(&branch, AST_SIP_REQUEST_ENDED, NULL);
}

struct sip_call_site *sip_request_branch_site(const struct sip_txn *txn)
{
	const struct ast_sip_branch *branch = sip_txn_user_arg(txn);

	/* A CANCEL of our own has nobody who listens, nor has what is over (whose site
	 * may be gone); a keep-alive (qualify.c) is no branch, nor is a request within a
	 * dialog. */
	if (branch == NULL)
		return NULL;
	if (SIP_UNLIKELY(branch->magic != ast_sip_branch_MAGIC)) {
		branch = sip_tries_user_arg(sip_txn_user_arg(txn));
		if (branch == NULL)
			return NULL;
		if (branch->magic != ast_sip_branch_MAGIC)
			return sip_outgoing_site((void *)(uintptr_t)branch);
	}
	return branch->ended ? NULL : branch->listener.site;
}
