/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A back-to-back user agent: a call to somebody who is registered here becomes two, one
 * with the caller and one with the callee, and whatever one side wants the other is
 * asked.  Both run in one work, so neither has to lock the other.  See README.md beside
 * it.
 */
#include <res_sip.h>

#include <stdlib.h>

struct pair {
	struct ast_sip_session *leg[2]; /* caller, callee; NULL: ended */
	char *callee;                   /* a name: endpoint, AOR, user */
	bool early;                     /* the callee's answer came before he took it */
};

static const struct ast_sip_session_usage usage;

static struct ast_sip_session *other(const struct ast_sip_session *session)
{
	const struct pair *pair = ast_sip_session_token(session);

	return pair->leg[session == pair->leg[0]];
}

static bool is_callee(const struct ast_sip_session *session)
{
	const struct pair *pair = ast_sip_session_token(session);

	return session == pair->leg[1];
}

static void release(struct pair *pair)
{
	if (pair->leg[0] != NULL || pair->leg[1] != NULL)
		return;
	free(pair->callee);
	free(pair);
}

/* The second leg; the first is refused where there is none. */
static void call_on(struct pair *pair, struct sip_str offer)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find(pair->callee);

	if (endpoint != NULL)
		pair->leg[1] = ast_sip_create_session(endpoint, NULL, NULL, &usage, pair);
	ast_sip_endpoint_unref(endpoint);
	if (pair->leg[1] == NULL) {
		ast_sip_session_end(pair->leg[0], 480);
		return;
	}
	if (ast_sip_dialog_set_work(
		    ast_sip_session_dialog(pair->leg[1]), ast_sip_current_work()) != 0 ||
		ast_sip_session_invite(pair->leg[1], offer) != 0)
		ast_sip_session_end(pair->leg[1], 0);
}

static void on_offer(struct ast_sip_session *session, struct sip_str offer)
{
	struct pair *pair = ast_sip_session_token(session);
	int result = 0;

	if (pair->leg[0] == NULL) {
		pair->leg[0] = session;
		call_on(pair, offer);
	} else if (other(session) == NULL) {
		result = -1;
	} else if (ast_sip_session_status(pair->leg[0]) == 0 && is_callee(session)) {
		/* What the caller's INVITE has asked for. */
		result = ast_sip_session_answer(pair->leg[0], offer);
	} else if (offer.ptr != NULL) {
		result = ast_sip_session_offer(other(session), offer);
	} else {
		/* What was said before. */
		result = ast_sip_session_answer(session, offer);
	}
	/* Why is in the log. */
	if (result != 0)
		SIP_IGNORE(ast_sip_session_refuse(session, 488));
}

static void on_progress(struct ast_sip_session *session, struct sip_rx_data *response)
{
	/* Lost, it is one of several. */
	if (other(session) != NULL)
		SIP_IGNORE(ast_sip_session_progress(other(session),
			sip_rx_data_status(response), sip_rx_data_body(response)));
}

static void on_answer(struct ast_sip_session *session, struct sip_str answer)
{
	struct pair *pair = ast_sip_session_token(session);

	if (is_callee(session) && ast_sip_session_status(session) == 0)
		pair->early = true; /* on_progress() has passed it on */
	else if (other(session) != NULL &&
		ast_sip_session_answer(other(session), answer) != 0)
		ast_sip_session_end(session, 0);
	else
		pair->early = false;
}

static void on_established(struct ast_sip_session *session)
{
	struct pair *pair = ast_sip_session_token(session);

	/* With what was said early. */
	if (is_callee(session) && pair->early && pair->leg[0] != NULL)
		SIP_IGNORE(ast_sip_session_answer(
			pair->leg[0], (struct sip_str){ NULL, 0 }));
}

static void on_refused(struct ast_sip_session *session, int status)
{
	/* It has ended meanwhile, or waits for it. */
	if (other(session) != NULL)
		SIP_IGNORE(ast_sip_session_refuse(
			other(session), status >= 300 ? status : 500));
}

static void on_ended(struct ast_sip_session *session)
{
	struct pair *pair = ast_sip_session_token(session);
	int status = ast_sip_session_status(session);

	pair->leg[session == pair->leg[1]] = NULL;
	if (pair->leg[0] != NULL)
		ast_sip_session_end(pair->leg[0], status >= 300 ? status : 480);
	if (pair->leg[1] != NULL)
		ast_sip_session_end(pair->leg[1], 0);
	release(pair);
}

static const struct ast_sip_session_usage usage = {
	.name = "back_to_back",
	.on_offer = on_offer,
	.on_progress = on_progress,
	.on_answer = on_answer,
	.on_established = on_established,
	.on_refused = on_refused,
	.on_ended = on_ended,
};

static bool claims(const struct sip_rx_data *rdata)
{
	const struct ast_sip_route *route = ast_sip_request_route(rdata);

	return sip_rx_data_method(rdata) == SIP_INVITE && route->target_is_ours &&
		route->request_uri->user.ptr != NULL;
}

static bool on_request(struct sip_rx_data *rdata)
{
	struct pair *pair;

	if (sip_rx_data_to_tag(rdata).ptr != NULL || !claims(rdata))
		return false;
	pair = calloc(1, sizeof(*pair));
	if (pair != NULL)
		pair->callee = sip_str_copy(
			ast_sip_request_route(rdata)->request_uri->user);
	if (pair == NULL || pair->callee == NULL) {
		free(pair);
		SIP_IGNORE(ast_sip_respond_busy(rdata)); /* it is asked again */
	} else if (ast_sip_session_receive(rdata, &usage, pair) != 0) {
		release(pair);
	}
	return true;
}

static struct sip_service service = {
	.name = "back_to_back",
	.stage = SIP_STAGE_LOCAL,
	.methods = "INVITE ACK BYE CANCEL PRACK UPDATE",
	.on_rx_request = on_request,
	.claims = claims,
	.understands = AST_SIP_SESSION_UNDERSTANDS,
};

static int load(void)
{
	return ast_sip_register_service(&service);
}

static void unload(void)
{
	ast_sip_unregister_service(&service);
}

AST_SIP_MODULE(.name = "back_to_back", .load = load, .unload = unload);
