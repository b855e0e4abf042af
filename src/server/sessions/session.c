/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a session, and what its dialog tells it. */
#include "server/sessions/session.h"

#include "server/server.h"

#include "res_sip/log.h"

#include <stdlib.h>

static struct sip_log_limit limit;

int sip_session_fail(const char *what, const char *why)
{
	sip_log_limited(&limit, SIP_LOG_WARNING, "session", "%s: %s", what, why);
	return -1;
}

int sip_session_keep(struct sip_session_text *text, struct sip_str from)
{
	struct sip_session_text copy = { NULL, from.len };

	if (from.len > 0) {
		copy.ptr = sip_str_copy(from);
		if (copy.ptr == NULL)
			return -1;
	}
	free(text->ptr);
	*text = copy;
	return 0;
}

void sip_session_drop(struct sip_session_text *text)
{
	free(text->ptr);
	*text = (struct sip_session_text){ NULL, 0 };
}

void sip_session_move(struct sip_session_text *to, struct sip_session_text *from)
{
	free(to->ptr);
	*to = *from;
	*from = (struct sip_session_text){ NULL, 0 };
}

struct sip_str sip_session_str(const struct sip_session_text *text)
{
	return (struct sip_str){ text->ptr, text->len };
}

int sip_session_start_timer(struct ast_sip_session *session, struct ast_sip_timer **timer,
	ast_sip_timer_fn *fired, uint64_t delay_ms)
{
	if (*timer == NULL)
		*timer = ast_sip_timer_create(fired, session);
	if (*timer == NULL)
		return -1;
	ast_sip_timer_start(*timer, delay_ms);
	return 0;
}

void sip_session_stop_timer(struct ast_sip_timer *timer)
{
	if (timer != NULL)
		ast_sip_timer_stop(timer);
}

/* ---- telling the service ---- */

void sip_session_tell_offer(struct ast_sip_session *session, struct sip_str offer)
{
	if (session->ended)
		return;
	if (session->usage->on_offer != NULL)
		session->usage->on_offer(session, offer);
	else
		SIP_IGNORE(ast_sip_session_refuse(session, 488)); /* it is owed */
}

void sip_session_tell_answer(struct ast_sip_session *session, struct sip_str answer)
{
	if (session->sent.ptr != NULL)
		sip_session_move(&session->local, &session->sent);
	if (!session->ended && !session->sent_is_refresh &&
		session->usage->on_answer != NULL)
		session->usage->on_answer(session, answer);
	session->sent_is_refresh = false;
}

void sip_session_tell_refused(struct ast_sip_session *session, int status)
{
	if (!session->ended && session->usage->on_refused != NULL)
		session->usage->on_refused(session, status);
}

void sip_session_tell_established(struct ast_sip_session *session)
{
	if (session->established)
		return;
	session->established = true;
	if (!session->ended && session->usage->on_established != NULL)
		session->usage->on_established(session);
}

/* ---- life ---- */

static void stop(struct ast_sip_session *session)
{
	ast_sip_timer_destroy(&session->repeat_timer);
	ast_sip_timer_destroy(&session->owed_timer);
	ast_sip_timer_destroy(&session->retry_timer);
	ast_sip_timer_destroy(&session->refresh_timer);
	ast_sip_timer_destroy(&session->expiry_timer);
	ast_sip_release_rx_data(session->invite.request);
	ast_sip_release_rx_data(session->other.request);
	session->invite.request = NULL;
	session->other.request = NULL;
	sip_session_drop(&session->progress.text);
	sip_session_drop(&session->next.text);
	sip_session_drop(&session->accept);
	sip_session_drop(&session->wanted);
	sip_session_drop(&session->sent);
	sip_session_drop(&session->local);
}

void sip_session_ref(struct ast_sip_session *session)
{
	session->references++;
}

void sip_session_unref(struct ast_sip_session *session)
{
	SIP_ASSERT(session->references > 0);
	if (--session->references > 0)
		return;
	stop(session);
	ast_sip_dialog_unref(session->dlg);
	session->magic = 0;
	free(session);
}

static void on_state(struct sip_dialog *dlg, enum ast_sip_dialog_state state,
	struct sip_rx_data *message)
{
	struct ast_sip_session *session = SIP_CAST(
		ast_sip_session, ast_sip_dialog_token(dlg));

	(void)message;
	if (state != AST_SIP_DIALOG_ENDED || dlg != session->dlg)
		return;
	session->ended = true;
	/* 15.1.2: "still respond to any pending requests ... 487"; also where the BYE is
	 * ours, for a 481 would say that there was no such call. */
	if (session->other.request != NULL)
		SIP_IGNORE(ast_sip_respond(session->other.request, 487, NULL)); /* late */
	if (session->usage->on_ended != NULL)
		session->usage->on_ended(session);
	stop(session);
	sip_session_unref(session);
}

const struct ast_sip_dialog_usage sip_session_dialog_usage = {
	.name = "session",
	.on_state = on_state,
	.on_request = sip_session_on_request,
	.on_response = sip_session_on_response,
	.on_cancel = sip_session_on_cancel,
};

static struct ast_sip_session *create(
	const struct ast_sip_session_usage *usage, void *token)
{
	struct ast_sip_session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		return NULL;
	session->magic = ast_sip_session_MAGIC;
	session->references = 1;
	session->server = ast_sip_server();
	session->usage = usage;
	session->token = token;
	session->policy.min_se_s = usage->min_se_s > SIP_REFRESH_LEAST_S
		? usage->min_se_s
		: SIP_REFRESH_LEAST_S;
	session->policy.interval_s = usage->session_expires_s;
	if (session->policy.interval_s != 0 &&
		session->policy.interval_s < session->policy.min_se_s)
		session->policy.interval_s = session->policy.min_se_s;
	return session;
}

static void adopt(struct ast_sip_session *session, struct sip_dialog *dlg)
{
	session->dlg = ast_sip_dialog_ref(dlg);
	ast_sip_dialog_set_usage(dlg, &sip_session_dialog_usage, session);
}

struct ast_sip_session *ast_sip_create_session(struct ast_sip_endpoint *endpoint,
	const char *uri, const char *request_user,
	const struct ast_sip_session_usage *usage, void *token)
{
	struct ast_sip_session *session;
	struct sip_dialog *dlg;

	SIP_ASSERT(usage != NULL);
	session = create(usage, token);
	if (session == NULL)
		return NULL;
	dlg = ast_sip_create_dialog_uac(endpoint, uri, request_user);
	if (dlg == NULL) {
		free(session);
		return NULL;
	}
	adopt(session, dlg);
	return session;
}

/* What can be said before anything is kept of it.  0, or it was answered. */
static int judge(struct ast_sip_session *session, struct sip_rx_data *request)
{
	struct sip_str description;
	struct sip_refresh_ask ask;
	int status = sip_session_check_require(request);

	if (status != 0)
		return status;
	sip_session_read_peer(session, request);
	status = sip_session_read_ask(request, &ask);
	if (status == 0)
		status = sip_session_description(request, &description);
	if (status == 0 && !session->peer_reliable &&
		session->usage->reliable == AST_SIP_SESSION_RELIABLE_REQUIRED)
		status = 421;
	if (status == 0)
		status = sip_refresh_judge(&session->policy, &ask,
			&session->invite.answer, &session->invite.terms);
	if (status != 0)
		sip_session_reject(session, request, status);
	return status;
}

int ast_sip_session_receive(struct sip_rx_data *request,
	const struct ast_sip_session_usage *usage, void *token)
{
	struct ast_sip_session *session;
	struct sip_str offer = { NULL, 0 };
	struct sip_dialog *dlg = NULL;

	SIP_ASSERT(request != NULL && usage != NULL);
	if (sip_rx_data_method(request) != SIP_INVITE ||
		sip_rx_data_to_tag(request).ptr != NULL)
		return -1;
	session = create(usage, token);
	if (session == NULL) {
		SIP_IGNORE(ast_sip_respond_busy(request)); /* it asks again */
		return -1;
	}
	if (judge(session, request) == 0)
		dlg = ast_sip_create_dialog_uas(NULL, request);
	if (dlg == NULL) {
		free(session);
		return -1;
	}
	adopt(session, dlg);
	SIP_IGNORE(sip_session_description(request, &offer)); /* judged already */
	/* Nothing is under way yet. */
	SIP_IGNORE(
		sip_exchange_receive(&session->exchange, SIP_INVITE, offer.ptr != NULL));
	session->invite.request = ast_sip_hold_rx_data(request);
	sip_session_owe(session, &session->invite, offer);
	return 0;
}

void ast_sip_session_end(struct ast_sip_session *session, int code)
{
	SIP_ASSERT(session != NULL);
	ast_sip_dialog_terminate(session->dlg, code);
}

struct sip_dialog *ast_sip_session_dialog(const struct ast_sip_session *session)
{
	return session->dlg;
}

void *ast_sip_session_token(const struct ast_sip_session *session)
{
	return session->token;
}

void ast_sip_session_set_token(struct ast_sip_session *session, void *token)
{
	session->token = token;
}

int ast_sip_session_status(const struct ast_sip_session *session)
{
	return session->status;
}

bool ast_sip_session_expired(const struct ast_sip_session *session)
{
	return session->expired;
}

uint32_t ast_sip_session_interval_s(const struct ast_sip_session *session, bool *ours)
{
	if (ours != NULL)
		*ours = session->terms.ours;
	return session->terms.interval_s;
}
