/* SPDX-License-Identifier: BSD-2-Clause */
/* The public functions of dialogs: res_sip/dialog.h.  Elsewhere: ACK (inviting.c), ending
 * one (hang_up.c). */
#include "server/dialogs/leg.h"
#include "server/message/request_plan.h"
#include "server/show/dry_run.h"

#include "res_sip/log.h"

#include <stdlib.h>

static struct sip_log_limit limit;

static struct sip_dialog *refuse(const char *why)
{
	sip_log_limited(&limit, SIP_LOG_WARNING, "dialog", "no dialog: %s", why);
	return NULL;
}

/* ---- as caller ---- */

/* `uri` with another user part; malloc()ed, NULL: out of memory, or no such URI. */
static char *with_user(const char *uri, const char *user)
{
	size_t len = strlen(uri) + strlen(user) + 2;
	struct sip_uri parsed;
	struct sip_builder b;
	char *text;

	if (sip_uri_parse(sip_str_of(uri), &parsed) != 0 || parsed.host.len == 0)
		return NULL;
	text = malloc(len);
	if (text == NULL)
		return NULL;
	sip_builder_init(&b, text, len - 1);
	sip_put(&b, (struct sip_str){ uri, sip_str_find(parsed.text, ':') + 1 });
	sip_put_clean(&b, sip_str_of(user));
	sip_put_char(&b, '@');
	sip_put(&b, sip_str_of(parsed.host.ptr));
	text[b.len] = '\0';
	if (b.error == 0 && sip_uri_parse(sip_str_of(text), &parsed) == 0)
		return text;
	free(text);
	return NULL;
}

/* The dialog of a call from the endpoint: From, To, and what nobody can guess. */
static int plan_call(struct sip_server *server, struct ast_sip_endpoint *endpoint,
	const struct sip_request_way *way, struct sip_dialog *dialog)
{
	struct sip_snapshot *snapshot = sip_snapshot_take(server);
	char from[1024];
	char call_id[33];
	char tag[17];
	struct sip_dialog_plan plan = {
		.target = sip_str_of(way->uri),
		.routes = way->route != NULL ? sip_str_of(way->route)
					     : (struct sip_str){ NULL, 0 },
	};
	size_t to_len = plan.target.len + 2;
	char *to = malloc(to_len + 1);
	struct sip_builder b;
	int result = SIP_EMEMORY;

	sip_builder_init(&b, from, sizeof(from));
	sip_request_put_identity(&b, snapshot->settings, endpoint, &way->flow);
	sip_snapshot_unref(&snapshot);
	*dialog = (struct sip_dialog){ 0 };
	if (to != NULL && b.error == 0) {
		to[0] = '<';
		memcpy(to + 1, way->uri, to_len - 2);
		to[to_len - 1] = '>';
		sip_random_hex(&server->random, call_id, 32);
		sip_random_hex(&server->random, tag, 16);
		plan.call_id = sip_str_of(call_id);
		plan.local_tag = sip_str_of(tag);
		plan.local = (struct sip_str){ b.buf, b.len };
		plan.remote = (struct sip_str){ to, to_len };
		result = sip_dialog_init_uac(dialog, &plan);
	}
	free(to);
	return result;
}

static struct sip_leg *create_uac(struct sip_server *server,
	struct ast_sip_endpoint *endpoint, const struct sip_request_way *way)
{
	struct sip_dialog dialog;
	struct sip_leg *leg;

	if (plan_call(server, endpoint, way, &dialog) != 0) {
		sip_dialog_fini(&dialog);
		return NULL;
	}
	leg = sip_leg_create(server, &dialog, endpoint, NULL);
	if (leg == NULL)
		return NULL;
	leg->flow = way->flow;
	leg->listener = way->listener;
	leg->registered = way->registered;
	if (!sip_unsent_add(leg)) {
		leg->state = AST_SIP_DIALOG_ENDED;
		sip_leg_unref(&leg);
	}
	return leg;
}

struct sip_dialog *ast_sip_create_dialog_uac(
	struct ast_sip_endpoint *endpoint, const char *uri, const char *request_user)
{
	struct sip_server *server = sip_server_here();
	struct sip_leg *leg = NULL;
	struct sip_request_way way;

	SIP_ASSERT(endpoint != NULL);
	if (server == NULL)
		return refuse("this thread has no server");
	if (sip_dry_run_current() != NULL)
		return NULL;
	sip_core_enter();
	if (sip_request_target(endpoint, uri, &way) == 0) {
		if (request_user != NULL) {
			char *other = with_user(way.uri, request_user);

			free(way.uri);
			way.uri = other;
		}
		if (way.uri != NULL)
			leg = create_uac(server, endpoint, &way);
	}
	sip_request_way_fini(&way);
	sip_core_leave();
	return leg != NULL
		? &leg->dialog
		: refuse("there is nowhere to send it to, or it can't be built");
}

/* ---- as callee ---- */

static struct sip_leg *create_uas(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	struct sip_dialog dialog;
	int result = sip_dialog_init_uas(&dialog, &rdata->msg, sip_to_tag(rdata));
	struct sip_leg *leg;

	if (result == 0) {
		leg = sip_leg_create(rdata->server, &dialog, endpoint, NULL);
		if (leg != NULL)
			return leg;
		result = SIP_EMEMORY;
	} else
		sip_dialog_fini(&dialog);
	/* Lost, it is the peer's to repeat. */
	if (result == SIP_EMEMORY)
		SIP_IGNORE(ast_sip_respond_busy(rdata));
	else
		sip_answer(rdata, 400, "Bad Request: Contact or Record-Route");
	return NULL;
}

static struct sip_leg *begin_uas(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	struct sip_leg *leg = create_uas(endpoint, rdata);

	if (leg == NULL)
		return NULL;
	leg->flow = rdata->flow;
	if (ast_sip_keep_request(rdata) != 0) {
		SIP_IGNORE(ast_sip_respond_busy(rdata)); /* as above */
		leg->state = AST_SIP_DIALOG_ENDED;
		sip_leg_unref(&leg);
		return NULL;
	}
	sip_leg_enter(leg, rdata->call);
	leg->invite = sip_rx_data_ref(rdata);
	rdata->serving->leg = sip_leg_ref(leg);
	return leg;
}

struct sip_dialog *ast_sip_create_dialog_uas(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;
	struct sip_leg *leg;

	SIP_ASSERT(serving != NULL);
	if (serving->dry_run != NULL) {
		sip_dry_say(serving->dry_run, NULL, "it would begin a dialog");
		return NULL;
	}
	if (rdata->msg.method != SIP_INVITE || rdata->msg.to_tag.ptr != NULL ||
		rdata->call == NULL || serving->answered || serving->leg != NULL)
		return refuse("the request is none that begins one");
	if (endpoint == NULL)
		endpoint = serving->endpoint;
	if (endpoint == NULL)
		return refuse("the request has no endpoint");
	sip_core_enter();
	leg = begin_uas(endpoint, rdata);
	sip_core_leave();
	return leg != NULL ? &leg->dialog : NULL;
}

/* ---- both ---- */

static const struct sip_leg *look(const struct sip_dialog *dlg)
{
	SIP_ASSERT(dlg != NULL && dlg->magic == sip_dialog_MAGIC);
	/* The first of its fields. */
	return (const struct sip_leg *)(const void *)dlg;
}

/* A thread of a module's own has made it, where no callback says whose code runs. */
static void find_owner(struct sip_leg *leg, const struct ast_sip_dialog_usage *usage)
{
	struct sip_call_site *site;

	if (leg->site != &leg->server->program_site || usage->on_state == NULL)
		return;
	site = sip_callback_site_of(
		leg->server->pool, (uintptr_t)usage->on_state, "on_state");
	if (site->owner == NULL)
		return;
	sip_owner_begin(site->owner, SIP_PENDING_DIALOGS);
	sip_unsent_set_site(leg, site);
}

void ast_sip_dialog_set_usage(
	struct sip_dialog *dlg, const struct ast_sip_dialog_usage *usage, void *token)
{
	struct sip_leg *leg = sip_leg_of(dlg);

	SIP_ASSERT(usage != NULL);
	leg->usage = usage;
	leg->token = token;
	sip_core_enter();
	find_owner(leg, usage);
	sip_core_leave();
}

int ast_sip_dialog_set_work(struct sip_dialog *dlg, struct ast_sip_work *work)
{
	struct sip_leg *leg = sip_leg_of(dlg);
	const char *why = NULL;
	struct sip_call *call;

	sip_core_enter();
	call = sip_call_current();
	if (call == NULL || &call->work != work)
		why = "it is not the work of a call, or not its turn";
	else if (leg->call != NULL || leg->state != AST_SIP_DIALOG_NEW ||
		sip_call_join(call, dlg->call_id, leg->call_hash) != 0)
		why = "something was sent already, or out of memory";
	else
		sip_leg_enter(leg, call);
	sip_core_leave();
	if (why == NULL)
		return 0;
	sip_log_limited(&limit, SIP_LOG_WARNING, "dialog", "no other work: %s", why);
	return -1;
}

struct ast_sip_work *ast_sip_dialog_work(const struct sip_dialog *dlg)
{
	struct sip_call *call = look(dlg)->call;

	return call != NULL ? &call->work : NULL;
}

struct sip_dialog *ast_sip_dialog_ref(struct sip_dialog *dlg)
{
	sip_leg_ref(sip_leg_of(dlg));
	return dlg;
}

void ast_sip_dialog_unref(struct sip_dialog *dlg)
{
	struct sip_leg *leg = dlg != NULL ? sip_leg_of(dlg) : NULL;

	sip_leg_unref(&leg);
}

void ast_sip_dialog_defer_ack(struct sip_dialog *dlg)
{
	sip_leg_of(dlg)->defer_ack = true;
}

enum ast_sip_dialog_state ast_sip_dialog_state(const struct sip_dialog *dlg)
{
	return look(dlg)->state;
}

enum ast_sip_dialog_cause ast_sip_dialog_cause(const struct sip_dialog *dlg)
{
	return look(dlg)->state == AST_SIP_DIALOG_ENDED ? look(dlg)->cause
							: AST_SIP_DIALOG_NOT_ENDED;
}

bool ast_sip_dialog_is_uac(const struct sip_dialog *dlg)
{
	return dlg->uac;
}

bool ast_sip_dialog_is_secure(const struct sip_dialog *dlg)
{
	return dlg->secure;
}

bool ast_sip_dialog_inviting(const struct sip_dialog *dlg)
{
	return look(dlg)->inviting != NULL;
}

bool ast_sip_dialog_invited(const struct sip_dialog *dlg)
{
	return look(dlg)->invite != NULL;
}

struct ast_sip_endpoint *ast_sip_dialog_endpoint(const struct sip_dialog *dlg)
{
	return look(dlg)->endpoint;
}

void *ast_sip_dialog_token(const struct sip_dialog *dlg)
{
	return look(dlg)->token;
}

void ast_sip_dialog_set_token(struct sip_dialog *dlg, void *token)
{
	sip_leg_of(dlg)->token = token;
}

struct sip_str ast_sip_dialog_call_id(const struct sip_dialog *dlg)
{
	return dlg->call_id;
}

struct sip_str ast_sip_dialog_local_tag(const struct sip_dialog *dlg)
{
	return dlg->local_tag;
}

struct sip_str ast_sip_dialog_remote_tag(const struct sip_dialog *dlg)
{
	return dlg->remote_tag;
}

struct sip_str ast_sip_dialog_remote_target(const struct sip_dialog *dlg)
{
	return dlg->target;
}

struct sip_dialog *ast_sip_dialog_of(const struct sip_rx_data *rdata)
{
	struct sip_leg *leg = rdata->serving != NULL ? rdata->serving->leg : NULL;

	return leg != NULL ? &leg->dialog : NULL;
}
