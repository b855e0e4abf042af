/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each step comes to, in the words of an operator: explain.h.
 *
 * A step has run when it is explained here, so its outcome is read from the request's
 * state; nothing is decided here.
 */
#include "server/show/explain.h"

#include "server/proxy/record_route.h"
#include "server/settings/limits.h"
#include "server/show/dry_run.h"
#include "transaction/lingering.h"

#include <stdio.h>

#define VERDICT(rdata, ...) sip_dry_verdict((rdata)->serving->dry_run, __VA_ARGS__)
#define SAY(rdata, source, ...)                                                          \
	sip_dry_say((rdata)->serving->dry_run, (source), __VA_ARGS__)

/* Longer ones are of no use on a screen. */
#define SHOWN(str)                                                                       \
	SIP_STR_ARG(((struct sip_str){ (str).ptr, (str).len < 200 ? (str).len : 200 }))

static const struct sip_config_source *global_source(const struct sip_rx_data *rdata)
{
	return &rdata->serving->snapshot->settings->global.source;
}

void sip_explain_parse(struct sip_rx_data *rdata, int error)
{
	const struct sip_msg_limits *limits = sip_limits_of(rdata->server);
	const struct sip_msg *msg = &rdata->msg;

	sip_dry_step(rdata->serving->dry_run, "parse");
	if (error == 0 && msg->is_request) {
		VERDICT(rdata, "request");
		SAY(rdata, NULL, "%.*s %.*s, Call-ID %.*s, CSeq %u",
			SHOWN(msg->method_text), SHOWN(msg->request_uri.text),
			SHOWN(msg->call_id), msg->cseq);
		return;
	}
	if (error == 0) {
		VERDICT(rdata, "response");
		SAY(rdata, NULL, "%u to %.*s, Call-ID %.*s, CSeq %u", msg->status,
			SHOWN(msg->cseq_method_text), SHOWN(msg->call_id), msg->cseq);
		return;
	}
	VERDICT(rdata, "malformed");
	SAY(rdata, NULL, "%s: %s", sip_error_text(error),
		msg->error != NULL ? msg->error : "not a SIP message");
	if (error == SIP_ELIMIT)
		SAY(rdata, global_source(rdata),
			"limits of [global]: max_header_bytes=%u max_headers=%u "
			"max_body_bytes=%u",
			limits->header_bytes, limits->headers, limits->body_bytes);
	if (!msg->answerable || !msg->is_request || msg->method == SIP_ACK)
		SAY(rdata, NULL,
			"it is dropped: only a request with a CSeq and a Via is answered, "
			"and never an ACK");
}

static const char *role_text(const struct sip_txn *txn)
{
	switch (sip_txn_role(txn)) {
	case SIP_TXN_UAS_INVITE:
	case SIP_TXN_UAS: return "received";
	case SIP_TXN_UAC_INVITE:
	case SIP_TXN_UAC: break;
	}
	return "sent";
}

static const char *state_text(const struct sip_txn *txn)
{
	static const char *const texts[] = {
		[SIP_TXN_CALLING] = "calling",
		[SIP_TXN_TRYING] = "trying",
		[SIP_TXN_PROCEEDING] = "proceeding",
		[SIP_TXN_COMPLETED] = "completed",
		[SIP_TXN_CONFIRMED] = "confirmed",
		[SIP_TXN_ACCEPTED] = "accepted",
		[SIP_TXN_TERMINATED] = "terminated",
	};

	return texts[sip_txn_state(txn)];
}

/* `accepted, last answer 200` */
static void say_txn(
	struct sip_rx_data *rdata, const char *what, const struct sip_txn *txn)
{
	int status = sip_txn_last_status(txn);
	char answer[32] = "no answer yet";

	if (status != 0)
		snprintf(answer, sizeof(answer), "last answer %d", status);
	SAY(rdata, NULL, "%s: a request that was %s, branch %.*s, %s, %s", what,
		role_text(txn), SHOWN(sip_txn_branch(txn)), state_text(txn), answer);
}

void sip_explain_work(struct sip_rx_data *rdata)
{
	struct sip_txn *txn = rdata->call != NULL ? sip_txn_first(rdata->call) : NULL;

	sip_dry_step(rdata->serving->dry_run, "work");
	if (txn != NULL) {
		VERDICT(rdata, "known");
		say_txn(rdata, "transactions of this Call-ID are under way", txn);
		return;
	}
	if (rdata->call != NULL && rdata->call->lingering != 0) {
		VERDICT(rdata, "known");
		SAY(rdata, NULL,
			"what came with this Call-ID was answered, and waits for copies");
		return;
	}
	VERDICT(rdata, "new");
	SAY(rdata, NULL, "no transaction of this Call-ID is under way");
}

/* `completed, last answer 200` */
static void say_lingering(struct sip_rx_data *rdata, const char *what,
	const struct sip_lingering_look *look)
{
	SAY(rdata, NULL,
		"%s: a request that was received, branch %.*s, completed, last answer %d",
		what, SHOWN(rdata->msg.via.branch), look->status);
}

static void explain_cancel(struct sip_rx_data *rdata)
{
	const struct sip_txn *txn = sip_txn_match_cancel(rdata->call, rdata);
	const struct sip_addr *peer = txn != NULL ? &sip_txn_flow(txn)->peer : NULL;
	struct sip_lingering_look look;
	char theirs[SIP_ADDR_TEXT_LEN];
	char ours[SIP_ADDR_TEXT_LEN];

	if (txn == NULL && sip_lingering_match_cancel(rdata->server->txns, rdata, &look))
		peer = &look.flow.peer;
	if (peer == NULL) {
		VERDICT(rdata, "unknown");
		SAY(rdata, NULL,
			"no request with the branch of this CANCEL (%.*s) is under way",
			SHOWN(rdata->msg.via.branch));
	} else if (!sip_addr_same_host(&rdata->flow.peer, peer)) {
		VERDICT(rdata, "foreign");
		SAY(rdata, NULL,
			"the request that it means came from %s, the CANCEL from %s: only "
			"the same hop may cancel",
			sip_addr_text(peer, theirs),
			sip_addr_text(&rdata->flow.peer, ours));
	} else {
		VERDICT(rdata, "cancel");
		if (txn != NULL)
			say_txn(rdata, "it cancels", txn);
		else
			say_lingering(rdata, "it comes too late to cancel", &look);
	}
}

static void say_copy(struct sip_rx_data *rdata)
{
	VERDICT(rdata, "copy");
	SAY(rdata, NULL,
		"to see how it would be decided anew, write another branch into its first "
		"Via");
}

void sip_explain_match(struct sip_rx_data *rdata, enum sip_step_result result)
{
	struct sip_lingering_look look;
	const struct sip_txn *txn;

	if (rdata->msg.method == SIP_CANCEL) {
		explain_cancel(rdata);
		return;
	}
	txn = sip_txn_match_request(rdata->call, rdata);
	if (txn == NULL && sip_lingering_match(rdata->server->txns, rdata, &look)) {
		say_lingering(
			rdata, "absorbed, and the last answer is sent again", &look);
		say_copy(rdata);
	} else if (txn == NULL && result == SIP_STEP_DONE) {
		VERDICT(rdata, "absorbed");
		SAY(rdata, NULL,
			"the ACK of an answer that was given without keeping anything");
	} else if (txn == NULL) {
		VERDICT(rdata, "none");
		SAY(rdata, NULL, "no transaction has the branch %.*s: it is new",
			SHOWN(rdata->msg.via.branch));
	} else if (rdata->msg.method == SIP_ACK) {
		VERDICT(rdata, result == SIP_STEP_DONE ? "absorbed" : "goes on");
		say_txn(rdata, "it acknowledges", txn);
	} else {
		say_txn(rdata, "absorbed, and the last answer is sent again", txn);
		say_copy(rdata);
	}
}

/* Why a URI is ours or not. */
static void say_ours(
	struct sip_rx_data *rdata, const char *what, const struct sip_uri *uri)
{
	const struct sip_settings *settings = rdata->serving->snapshot->settings;
	const struct sip_config_list *domains = &settings->global.domain;

	if (!sip_uri_ours(rdata->server, settings, uri)) {
		SAY(rdata, NULL,
			"%s %.*s is not ours: neither a served domain (domain=) at a port "
			"we listen on, nor the address of a listener",
			what, SHOWN(uri->text));
		return;
	}
	for (size_t i = 0; i < domains->count; i++) {
		if (!sip_str_equal_nocase(uri->host, sip_str_of(domains->item[i])))
			continue;
		SAY(rdata, global_source(rdata), "%s %.*s is ours: domain=%s", what,
			SHOWN(uri->text), domains->item[i]);
		return;
	}
	SAY(rdata, NULL, "%s %.*s is ours: %s", what, SHOWN(uri->text),
		uri->scheme == SIP_URI_TEL ? "a number is looked up here"
					   : "the address of a listener, or an alias");
}

void sip_explain_token(struct sip_rx_data *rdata, struct sip_str token)
{
	const struct sip_serving *serving = rdata->serving;
	const char *fault;
	char text[SIP_ADDR_TEXT_LEN];

	if (token.ptr == NULL) {
		if (serving->route.has_to_tag)
			SAY(rdata, NULL,
				"it has a To tag, but no Route of this server: nothing "
				"vouches that it belongs to a call that was let in");
		return;
	}
	if (serving->route.vouched) {
		SAY(rdata, NULL,
			"our signed Route vouches for it: it goes to the other side of its "
			"call, %s",
			sip_addr_text(&serving->route.flow.peer, text));
		return;
	}
	if (rdata->msg.method == SIP_REGISTER) {
		SAY(rdata, NULL, "our signed Route counts for nothing in a REGISTER");
		return;
	}
	fault = sip_route_fault(rdata, token);
	SAY(rdata, global_source(rdata), "our signed Route does not vouch for it: %s",
		fault != NULL ? fault : "the other side can't be reached from here");
}

void sip_explain_route(struct sip_rx_data *rdata, enum sip_step_result result)
{
	const struct sip_serving *serving = rdata->serving;
	const struct ast_sip_route *route = &serving->route;

	if (result == SIP_STEP_DONE) {
		VERDICT(rdata, "refused");
		SAY(rdata, NULL, "%s",
			serving->request_uri->scheme == SIP_URI_OTHER
				? "the scheme of the Request-URI is not known"
				: "a Route can't be read");
		return;
	}
	VERDICT(rdata,
		route->vouched                  ? "in a call"
			: route->target_is_ours ? "ours"
						: "foreign");
	if (serving->strict)
		SAY(rdata, NULL,
			"a strict router put our Route into the Request-URI: undone");
	if (serving->own_routes > 0)
		SAY(rdata, NULL, "%u Route of ours at the top: taken off",
			serving->own_routes);
	if (route->has_route)
		say_ours(rdata, "the next hop, a Route,", route->target);
	else
		say_ours(rdata, "the Request-URI", route->target);
}

void sip_explain_admit(struct sip_rx_data *rdata, enum sip_step_result result)
{
	VERDICT(rdata, result == SIP_STEP_NEXT ? "let in" : "refused");
}

/* The identifier has given its reason itself: `ip: ...`. */
static bool has_said(const struct sip_rx_data *rdata, const char *name)
{
	const struct sip_explanation *explanation = sip_dry_explanation(
		rdata->serving->dry_run);
	const struct sip_explain_step
		*step = &explanation->step[explanation->step_count - 1];
	struct sip_str last;

	if (step->line_count == 0)
		return false;
	last = step->line[step->line_count - 1].text;
	return sip_str_starts(last, sip_str_of(name)) && last.len > strlen(name) &&
		last.ptr[strlen(name)] == ':';
}

void sip_explain_identifier(const struct sip_rx_data *rdata,
	const struct ast_sip_endpoint_identifier *identifier,
	const struct ast_sip_endpoint *found)
{
	const char *name = identifier->name != NULL ? identifier->name : "(no name)";

	if (found != NULL)
		SAY(rdata, &found->options.source, "%s: endpoint %s", name,
			found->options.name);
	else if (!has_said(rdata, name))
		SAY(rdata, NULL, "%s: nobody", name);
}

void sip_explain_identify(struct sip_rx_data *rdata, enum sip_step_result result)
{
	const struct sip_serving *serving = rdata->serving;

	if (serving->route.vouched) {
		VERDICT(rdata, "not asked");
		SAY(rdata, NULL, "our signed Route vouches for the request");
	} else if (result == SIP_STEP_DONE) {
		VERDICT(rdata, "dropped");
		SAY(rdata, NULL,
			"an ACK that no transaction and no Route of ours knows: nobody can "
			"be challenged for it");
	} else if (serving->endpoint->artificial) {
		VERDICT(rdata, "unknown");
		SAY(rdata, NULL,
			"no identifier knows the sender: he is challenged like anybody");
	} else {
		VERDICT(rdata, "%s", serving->endpoint->options.name);
	}
}

/* Why an endpoint that needs no password is trusted, or not. */
static void say_trust(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;
	const struct ast_sip_endpoint *endpoint = serving->endpoint;

	SAY(rdata, &endpoint->options.source, "endpoint %s has no auth=: nobody is asked",
		endpoint->options.name);
	SAY(rdata, NULL, "%s",
		serving->trusted
			? "it was identified by what proves it, such as its address, so it "
			  "may send to other domains"
			: "nothing was proved, so it may not send to other domains");
}

static void say_challenge(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;
	const struct sip_global_config *global = &serving->snapshot->settings->global;
	const struct sip_config_list *algorithms = &global->default_auth_algorithms_uas;

	VERDICT(rdata, "challenged");
	SAY(rdata, &global->source,
		"realm %s (default_realm=, or the first domain=), algorithms %s%s (%s "
		"default_auth_algorithms_uas=)%s",
		global->default_realm,
		algorithms->count > 0 ? algorithms->item[0] : "MD5",
		algorithms->count > 1 ? " and others" : "",
		algorithms->count > 0 ? "by" : "the default of",
		serving->stale ? ", stale=true: a phone asks again by itself" : "");
}

void sip_explain_authenticate(struct sip_rx_data *rdata, enum sip_step_result result)
{
	const struct sip_serving *serving = rdata->serving;

	if (sip_dry_stopped(serving->dry_run))
		return;
	if (serving->route.vouched) {
		VERDICT(rdata, "not asked");
		SAY(rdata, NULL, "a request of a call that was let in is not challenged");
	} else if (sip_snapshot_authenticator(serving->snapshot) == NULL) {
		VERDICT(rdata, result == SIP_STEP_NEXT ? "off" : "refused");
		SAY(rdata, global_source(rdata),
			result == SIP_STEP_NEXT
				? "authentication=none: everybody is who he says he is"
				: "no authenticator is loaded");
	} else if (result == SIP_STEP_NEXT &&
		serving->auth_result == AST_SIP_AUTHENTICATION_SUCCESS) {
		VERDICT(rdata, "passed");
		SAY(rdata, &serving->endpoint->options.source,
			"it is proved that endpoint %s sent it",
			serving->endpoint->options.name);
	} else if (result == SIP_STEP_NEXT) {
		VERDICT(rdata, "not needed");
		say_trust(rdata);
	} else if (serving->auth_result == AST_SIP_AUTHENTICATION_CHALLENGE_SENT) {
		say_challenge(rdata);
	} else {
		VERDICT(rdata, "refused");
		SAY(rdata, NULL,
			"the credentials are wrong, and no challenge can be made");
	}
}

/* Nobody took it: the words to the code that the step answered with. */
static const char *why_nobody(const struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;

	if (rdata->msg.method == SIP_ACK)
		return "an ACK that belongs to nothing is dropped";
	if (rdata->msg.to_tag.ptr != NULL)
		return "it has a To tag, and belongs to no call that is known here: 481";
	if (!serving->route.target_is_ours && serving->trusted)
		return "no service passes it on: 404";
	if (!serving->route.target_is_ours)
		return "it is for another domain, and its sender may not send there: 403";
	return "no service takes this method for this Request-URI";
}

static bool is_first_answer(const struct sip_rx_data *rdata, struct sip_str start)
{
	const struct sip_explanation *explanation = sip_dry_explanation(
		rdata->serving->dry_run);

	return explanation->message_count > 0 &&
		sip_str_starts(explanation->message[0].text, start);
}

void sip_explain_serve(struct sip_rx_data *rdata, enum sip_step_result result)
{
	const struct sip_serving *serving = rdata->serving;

	(void)result;
	if (serving->service != NULL) {
		VERDICT(rdata, "taken by %s", serving->service->service->name);
		if (serving->kept)
			SAY(rdata, NULL,
				"the service keeps it: a transaction would be made");
	} else if (serving->resume == 0 && serving->answered) {
		VERDICT(rdata, "refused");
		SAY(rdata, NULL, "%s",
			is_first_answer(rdata, SIP_STR("SIP/2.0 482"))
				? "the same request came another way before, and is being "
				  "answered"
				: "it requires an extension that this server does not "
				  "know (Require)");
	} else {
		VERDICT(rdata, "nobody");
		SAY(rdata, NULL, "%s", why_nobody(rdata));
	}
}

void sip_explain_response(struct sip_rx_data *rdata)
{
	const struct sip_txn *txn = rdata->call != NULL
		? sip_txn_match_response(rdata->call, rdata)
		: NULL;

	sip_dry_step(rdata->serving->dry_run, "match");
	if (txn != NULL) {
		VERDICT(rdata, "answer");
		say_txn(rdata, "it answers", txn);
		return;
	}
	if (sip_lingering_match_response(rdata->server->txns, rdata)) {
		VERDICT(rdata, "copy");
		SAY(rdata, NULL,
			"a final answer to the request (branch %.*s, method %.*s) was passed "
			"on: it is absorbed",
			SHOWN(rdata->msg.via.branch), SHOWN(rdata->msg.cseq_method_text));
		return;
	}
	VERDICT(rdata, "stray");
	SAY(rdata, NULL,
		"no request of ours waits for it (branch %.*s, method %.*s): it is "
		"dropped",
		SHOWN(rdata->msg.via.branch), SHOWN(rdata->msg.cseq_method_text));
}

/* The first line of a message. */
static struct sip_str first_line(struct sip_str text)
{
	size_t len = sip_str_find(text, '\r');

	return (struct sip_str){ text.ptr, len < text.len ? len : text.len };
}

void sip_explain_respond(struct sip_rx_data *rdata)
{
	struct sip_dry_run *run = rdata->serving->dry_run;
	const struct sip_explanation *explanation = sip_dry_explanation(run);

	if (sip_dry_stopped(run))
		return;
	sip_dry_step(run, "respond");
	if (explanation->message_count == 0)
		VERDICT(rdata, "nothing is sent");
	else
		VERDICT(rdata, "%zu to be sent", explanation->message_count);
	for (size_t i = 0; i < explanation->message_count; i++) {
		const struct sip_explain_message *message = &explanation->message[i];
		struct sip_str line = first_line(message->text);
		char peer[SIP_ADDR_TEXT_LEN];
		char local[SIP_ADDR_TEXT_LEN];

		SAY(rdata, NULL, "%.*s -> %s (from %s)", SHOWN(line),
			sip_addr_text(&message->flow.peer, peer),
			sip_addr_text(&message->flow.local, local));
	}
}
