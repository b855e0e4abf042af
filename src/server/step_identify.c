/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Step "identify": who does the request claim to be from?
 *
 * The registered identifiers are asked in order.  Whoever none of them knows
 * becomes the artificial endpoint, which is challenged exactly as a known one
 * would be, so that nobody can list the endpoints.
 */
#include "server/message/force_rport.h"
#include "server/modules/callback.h"
#include "server/settings/acl.h"
#include "server/settings/match.h"
#include "server/show/dry_run.h"
#include "server/show/explain.h"
#include "server/show/trace.h"

/* Ask one; *found gets its answer, counted. */
static enum sip_step_result ask(struct sip_rx_data *rdata,
	struct sip_registered *registered, struct ast_sip_endpoint **found)
{
	struct sip_dry_run *run = rdata->serving->dry_run;
	struct sip_callback_scope scope;

	if (sip_callback_must_move(&registered->request_site))
		return sip_step_elsewhere(rdata);
	if (run != NULL &&
		!sip_dry_may_call(
			run, registered, "would ask", registered->identifier->name))
		return SIP_STEP_DONE;
	sip_callback_open(&scope, &registered->request_site, rdata);
	*found = registered->identifier->identify_endpoint(rdata);
	sip_callback_close(&scope);
	if (run != NULL)
		sip_explain_identifier(rdata, registered->identifier, *found);
	return SIP_STEP_NEXT;
}

/* It has nothing to go by. */
static bool is_in_vain(
	const struct sip_rx_data *rdata, const struct sip_registered *registered)
{
	const struct ast_sip_endpoint_identifier *identifier = registered->identifier;

	if (rdata->serving->dry_run != NULL)
		return false;
	if (identifier->by_certificate)
		return rdata->peer_names == NULL;
	return identifier->by_address &&
		sip_match_section(
			rdata->serving->snapshot->settings, &rdata->flow.peer) == NULL;
}

/* Everyone in order, from `resume` on. */
static enum sip_step_result ask_all(
	struct sip_rx_data *rdata, struct ast_sip_endpoint **found)
{
	struct sip_serving *serving = rdata->serving;
	const struct sip_registered_list *list = &serving->snapshot->identifiers;

	*found = NULL;
	for (; serving->resume < list->count; serving->resume++) {
		struct sip_registered *registered = list->item[serving->resume];
		const char *name = registered->identifier->name;
		enum sip_step_result result;

		if (sip_registered_is_leaving(registered) ||
			is_in_vain(rdata, registered))
			continue;
		result = ask(rdata, registered, found);
		if (result != SIP_STEP_NEXT)
			return result;
		if (*found == NULL)
			continue;
		serving->proven = registered->identifier->proves;
		serving->anonymous = name != NULL && strcmp(name, "anonymous") == 0;
		break;
	}
	serving->resume = 0;
	return SIP_STEP_NEXT;
}

static void tell_watcher(
	const struct sip_rx_data *rdata, const struct ast_sip_endpoint *endpoint)
{
	const struct sip_trace_link link = {
		.call_id = rdata->msg.call_id,
		.endpoint = endpoint->options.name,
	};

	sip_trace_tell_link(rdata->server, &link);
}

enum sip_step_result sip_step_identify(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;
	struct ast_sip_endpoint *found;
	enum sip_step_result result;

	if (serving->route.vouched)
		return SIP_STEP_NEXT;
	/* An ACK that no transaction and no Route of ours knows: nobody can be challenged
	 * for it. */
	if (rdata->msg.method == SIP_ACK) {
		sip_serving_count(rdata, SIP_COUNT_RX_STRAY_ACKS);
		return SIP_STEP_DONE;
	}
	result = ask_all(rdata, &found);
	if (result != SIP_STEP_NEXT)
		return result;
	if (found != NULL && sip_trace_watched(rdata->server))
		tell_watcher(rdata, found);
	/* Whoever may not come from there is told what somebody unknown is told. */
	if (found != NULL && sip_acl_is_given(&found->options.source_acl) &&
		!sip_acl_admits_endpoint(rdata, found)) {
		ast_sip_endpoint_unref(found);
		found = NULL;
		serving->denied = true;
		serving->proven = false;
		serving->anonymous = false;
	}
	serving->endpoint = found != NULL
		? found
		: ast_sip_endpoint_ref(serving->snapshot->settings->artificial);
	if (serving->proven)
		sip_force_rport_of_endpoint(rdata);
	return SIP_STEP_NEXT;
}

struct ast_sip_endpoint *ast_sip_identify_endpoint(struct sip_rx_data *rdata)
{
	struct ast_sip_endpoint *found = NULL;
	struct sip_snapshot *snapshot;
	struct sip_server *server = sip_server_here();

	SIP_ASSERT(rdata != NULL);
	if (server == NULL)
		return NULL;
	snapshot = sip_snapshot_take(server);
	sip_core_enter();
	for (size_t i = 0; i < snapshot->identifiers.count && found == NULL; i++) {
		struct sip_registered *registered = snapshot->identifiers.item[i];
		struct sip_callback_scope scope;

		if (sip_registered_is_leaving(registered) ||
			(ast_sip_is_dry(rdata) && !sip_registered_dry_safe(registered)))
			continue;
		sip_callback_open(&scope, &registered->request_site, rdata);
		found = registered->identifier->identify_endpoint(rdata);
		sip_callback_close(&scope);
	}
	sip_core_leave();
	sip_snapshot_unref(&snapshot);
	return found;
}
