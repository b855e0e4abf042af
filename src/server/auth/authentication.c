/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Authentication: asking the authenticator (res_sip/authenticator.h).
 *
 * Elsewhere: writing a challenge (challenge.c), judging nonces (nonce.c).
 */
#include "server/auth/authentication.h"

#include "res_sip/log.h"
#include "server/admission/sources.h"
#include "server/auth/nonce.h"
#include "server/modules/callback.h"
#include "server/show/dry_run.h"

static struct sip_log_limit limit;

/* The authenticator that this request sees; NULL: none. */
static struct sip_registered *authenticator_of(const struct sip_rx_data *rdata)
{
	return rdata->serving != NULL ? rdata->serving->snapshot->authenticator : NULL;
}

int ast_sip_requires_authentication(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	struct sip_registered *auth = authenticator_of(rdata);
	struct sip_callback_scope scope;
	int result;

	SIP_ASSERT(endpoint != NULL);
	if (auth == NULL)
		return 0;
	sip_core_enter();
	sip_callback_open(&scope, &auth->request_site, rdata);
	result = auth->authenticator->requires_authentication(endpoint, rdata);
	sip_callback_close(&scope);
	sip_core_leave();
	return result;
}

int ast_sip_authenticate_request(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	struct sip_registered *auth = authenticator_of(rdata);
	struct sip_callback_scope scope;
	int result;

	SIP_ASSERT(endpoint != NULL);
	if (auth == NULL)
		return 0;
	if (auth->authenticator->authenticate_request == NULL)
		return -1;
	sip_core_enter();
	sip_callback_open(&scope, &auth->request_site, rdata);
	result = auth->authenticator->authenticate_request(endpoint, rdata);
	sip_callback_close(&scope);
	sip_core_leave();
	return result;
}

static int get_credentials(struct sip_rx_data *rdata, struct ast_sip_endpoint *endpoint,
	struct sip_registered *auth, struct ast_sip_digest_challenge_data *challenge)
{
	struct sip_callback_scope scope;
	int result;

	*challenge = (struct ast_sip_digest_challenge_data){ 0 };
	sip_core_enter();
	sip_callback_open(&scope, &auth->request_site, rdata);
	result = auth->authenticator->get_authentication_credentials(endpoint, challenge);
	sip_callback_close(&scope);
	sip_core_leave();
	return result != 0 || challenge->realm == NULL ? -1 : 0;
}

int ast_sip_get_authentication_credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	struct sip_rx_data *rdata = ast_sip_current_request();
	struct sip_server *server = sip_server_here();
	struct sip_registered *authenticator;
	struct sip_snapshot *snapshot;
	int result = -1;

	SIP_ASSERT(endpoint != NULL && challenge != NULL);
	if (server == NULL)
		return -1;
	snapshot = sip_snapshot_take(server);
	authenticator = sip_snapshot_authenticator(snapshot);
	if (authenticator != NULL)
		result = get_credentials(rdata, endpoint, authenticator, challenge);
	sip_snapshot_unref(&snapshot);
	return result;
}

/* Wrong or missing credentials: say how to do it right. */
static enum ast_sip_check_auth_result challenge(
	struct sip_rx_data *rdata, struct ast_sip_endpoint *endpoint, bool tried)
{
	struct ast_sip_digest_challenge_data data;
	struct sip_registered *auth = authenticator_of(rdata);

	if (get_credentials(rdata, endpoint, auth, &data) != 0)
		return AST_SIP_AUTHENTICATION_FAILED;
	/* A stale nonce came with the right password. */
	if (tried && !rdata->serving->stale)
		sip_source_failed(rdata, data.realm);
	data.stale |= rdata->serving->stale;
	/* Out of memory.  Who was not told how has not failed; where there is none for
	 * that either he asks again. */
	if (ast_sip_challenge_rx_data(rdata, &data) != 0)
		SIP_IGNORE(ast_sip_respond_busy(rdata));
	return AST_SIP_AUTHENTICATION_CHALLENGE_SENT;
}

/* The verdict of authenticate_request() or of its later twin. */
static enum ast_sip_check_auth_result conclude(
	struct sip_rx_data *rdata, struct ast_sip_endpoint *endpoint, bool failed)
{
	bool tried;

	if (!failed) {
		sip_serving_count(rdata, SIP_COUNT_AUTH_SUCCESS);
		rdata->serving->trusted = true;
		return AST_SIP_AUTHENTICATION_SUCCESS;
	}
	/* The authenticator can't tell. */
	if (rdata->serving->answered)
		return AST_SIP_AUTHENTICATION_CHALLENGE_SENT;
	tried = sip_msg_hdr(&rdata->msg, SIP_HDR_AUTHORIZATION) != NULL ||
		sip_msg_hdr(&rdata->msg, SIP_HDR_PROXY_AUTHORIZATION) != NULL;
	if (tried)
		sip_serving_count(rdata, SIP_COUNT_AUTH_FAILED);
	return challenge(rdata, endpoint, tried);
}

static void remember(struct sip_serving *serving, enum ast_sip_check_auth_result result)
{
	serving->auth_checked = true;
	serving->auth_result = result;
}

/* Has he to prove it, and does he: both in one callback. */
static void ask(struct sip_rx_data *rdata, struct ast_sip_endpoint *endpoint,
	bool *required, bool *failed)
{
	struct sip_registered *auth = authenticator_of(rdata);
	const struct ast_sip_authenticator *asked;
	struct sip_callback_scope scope;

	*required = *failed = false;
	if (auth == NULL)
		return;
	asked = auth->authenticator;
	sip_core_enter();
	sip_callback_open(&scope, &auth->request_site, rdata);
	*required = asked->requires_authentication(endpoint, rdata) != 0;
	if (*required)
		*failed = asked->authenticate_request == NULL ||
			asked->authenticate_request(endpoint, rdata) != 0;
	sip_callback_close(&scope);
	sip_core_leave();
}

enum ast_sip_check_auth_result ast_sip_check_authentication(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	struct sip_serving *serving = sip_serving_of(rdata);
	bool required;
	bool failed;

	SIP_ASSERT(endpoint != NULL);
	if (serving->auth_checked)
		return serving->auth_result;
	ask(rdata, endpoint, &required, &failed);
	if (!required) {
		/* Without a password only the identifier can have proved anything. */
		serving->trusted = serving->proven && !endpoint->artificial;
		remember(serving, AST_SIP_AUTHENTICATION_NOT_REQUIRED);
	} else {
		remember(serving, conclude(rdata, endpoint, failed));
	}
	return serving->auth_result;
}

/* Start an authenticator that answers later; the transaction absorbs copies meanwhile. */
static enum sip_check begin_later(struct sip_rx_data *rdata,
	struct ast_sip_endpoint *endpoint, struct sip_registered *auth)
{
	struct sip_serving *serving = rdata->serving;
	struct sip_callback_scope scope;
	int failed;

	if (serving->dry_run != NULL) {
		sip_dry_verdict(serving->dry_run, "would ask the authenticator");
		sip_dry_say(serving->dry_run, NULL,
			"module %s answers later: the explanation ends here",
			auth->module);
		sip_dry_stop(serving->dry_run);
		return SIP_CHECK_ANSWERED;
	}
	if (!serving->kept && ast_sip_keep_request(rdata) != 0) {
		SIP_IGNORE(ast_sip_respond_busy(rdata)); /* it is the peer's to repeat */
		return SIP_CHECK_ANSWERED;
	}
	/* No callback of it has asked for that, and yet it is kept for it. */
	if (serving->keeper == NULL && rdata->txn != NULL) {
		serving->keeper = &auth->owner;
		sip_owner_begin(serving->keeper, SIP_PENDING_TRANSACTIONS);
	}
	serving->resume = 1;
	atomic_store(&serving->waiting, true);
	sip_rx_data_ref(
		rdata); /* given back when ast_sip_authentication_done() resumes it */
	sip_callback_open(&scope, &auth->request_site, rdata);
	failed = auth->authenticator->authenticate_request_later(endpoint, rdata);
	sip_callback_close(&scope);
	if (failed)
		ast_sip_authentication_done(rdata, -1);
	return SIP_CHECK_LATER;
}

void ast_sip_authentication_done(struct sip_rx_data *rdata, int result)
{
	struct sip_serving *serving = sip_serving_of(rdata);

	sip_core_enter();
	if (atomic_exchange(&serving->waiting, false)) {
		serving->later_result = result;
		sip_serving_resume(rdata);
	} else {
		sip_log_limited(&limit, SIP_LOG_WARNING, "authentication",
			"a result was given twice, the second is ignored");
	}
	sip_core_leave();
}

enum sip_check sip_check_authentication(
	struct sip_rx_data *rdata, struct ast_sip_endpoint *endpoint)
{
	struct sip_serving *serving = rdata->serving;
	struct sip_registered *auth = serving->snapshot->authenticator;
	enum ast_sip_check_auth_result result;

	/* Meanwhile it was cancelled, took too long, or the server has stopped. */
	if (serving->resume != 0 && (serving->answered || rdata->txn == NULL))
		return SIP_CHECK_ANSWERED;
	if (serving->resume != 0) {
		remember(serving, conclude(rdata, endpoint, serving->later_result != 0));
		result = serving->auth_result;
	} else if (auth->authenticator->authenticate_request_later != NULL &&
		ast_sip_requires_authentication(endpoint, rdata)) {
		return begin_later(rdata, endpoint, auth);
	} else {
		result = ast_sip_check_authentication(endpoint, rdata);
	}
	switch (result) {
	case AST_SIP_AUTHENTICATION_SUCCESS:
	case AST_SIP_AUTHENTICATION_NOT_REQUIRED: return SIP_CHECK_PASSED;
	case AST_SIP_AUTHENTICATION_FAILED: sip_answer(rdata, 403, NULL); break;
	case AST_SIP_AUTHENTICATION_CHALLENGE_SENT: break;
	}
	return SIP_CHECK_ANSWERED;
}
