/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A service that answers calls.  Who calls sip:answer@our-domain is answered, and hears
 * nothing; who calls sip:hold@our-domain is answered, put on hold after a second, and
 * hung up on a second later.  See README.md beside it.
 */
#include "sdp.h"

#include <stdlib.h>

#define SECOND_MS 1000

static struct sip_log_limit limit;

struct call {
	struct ast_sip_session *session;
	struct ast_sip_timer *timer; /* of a call to `hold` */
	bool held;
	unsigned version; /* of the description */
	char said[4096];  /* the description that we gave */
};

/* The call begins, or the caller wants something else in its course. */
static void on_offer(struct ast_sip_session *session, struct sip_str offer)
{
	struct call *call = ast_sip_session_token(session);
	struct sip_str like = offer.ptr != NULL ? offer
						: SIP_STR("m=audio 1 RTP/AVP 0 8");
	struct sip_str answer = sdp_like(
		like, call->version++, "inactive", call->said, sizeof(call->said));

	call->session = session;
	/* Why it could not be sent is in the log. */
	if (answer.ptr == NULL)
		SIP_IGNORE(ast_sip_session_refuse(session, 488));
	else
		SIP_IGNORE(ast_sip_session_answer(session, answer));
}

/* A second after the call was answered, and after it was put on hold. */
static void on_second(void *arg)
{
	struct call *call = arg;
	char text[sizeof(call->said)];
	struct sip_str hold = sdp_like(
		sip_str_of(call->said), call->version++, "sendonly", text, sizeof(text));

	if (call->held || ast_sip_session_offer(call->session, hold) != 0)
		ast_sip_session_end(call->session, 0);
	call->held = true;
}

static void wait_a_second(struct ast_sip_session *session)
{
	struct call *call = ast_sip_session_token(session);

	if (call->timer != NULL)
		ast_sip_timer_start(call->timer, SECOND_MS);
}

static void on_answer(struct ast_sip_session *session, struct sip_str answer)
{
	sip_log_limited(&limit, SIP_LOG_NOTICE, "answer_call", "held");
	(void)answer;
	wait_a_second(session);
}

static void on_ended(struct ast_sip_session *session)
{
	struct call *call = ast_sip_session_token(session);

	sip_log_limited(&limit, SIP_LOG_NOTICE, "answer_call", "ended");
	ast_sip_timer_destroy(&call->timer);
	free(call);
}

static const struct ast_sip_session_usage usage = {
	.name = "answer_call",
	.on_offer = on_offer,
	.on_established = wait_a_second,
	.on_answer = on_answer,
	.on_ended = on_ended,
	.session_expires_s = 1800,
};

static bool claims(const struct sip_rx_data *rdata)
{
	const struct ast_sip_route *route = ast_sip_request_route(rdata);
	struct sip_str user = route->request_uri->user;

	return sip_rx_data_method(rdata) == SIP_INVITE && route->target_is_ours &&
		(sip_str_equal(user, SIP_STR("answer")) ||
			sip_str_equal(user, SIP_STR("hold")));
}

static bool on_request(struct sip_rx_data *rdata)
{
	struct call *call;

	if (sip_rx_data_to_tag(rdata).ptr != NULL || !claims(rdata))
		return false;
	call = calloc(1, sizeof(*call));
	if (call == NULL) {
		SIP_IGNORE(ast_sip_respond_busy(rdata)); /* it is asked again */
		return true;
	}
	if (sip_str_equal(
		    ast_sip_request_route(rdata)->request_uri->user, SIP_STR("hold")))
		call->timer = ast_sip_timer_create(on_second, call);
	if (ast_sip_session_receive(rdata, &usage, call) != 0) {
		ast_sip_timer_destroy(&call->timer);
		free(call);
	}
	return true;
}

static struct sip_service service = {
	.name = "answer_call",
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

AST_SIP_MODULE(.name = "answer_call", .load = load, .unload = unload);
