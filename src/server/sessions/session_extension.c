/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a usage of a dialog can't do: our first INVITE again after a 422, as the same call
 * (RFC 4028 section 7.3); and acknowledging what other phones say that ring for it, each
 * of which has numbers of its own (RFC 3262 section 4).
 */
#include "server/dialogs/outgoing.h"
#include "server/sessions/session.h"

/* NULL: the leg is none of a session's, or its session has ended. */
static struct ast_sip_session *session_of(const struct sip_leg *leg)
{
	struct ast_sip_session *session;

	if (leg->usage != &sip_session_dialog_usage)
		return NULL;
	session = SIP_CAST(ast_sip_session, leg->token);
	return session->ended ? NULL : session;
}

const char *sip_session_name(const struct sip_leg *leg)
{
	const struct ast_sip_session *session = session_of(leg);

	return session != NULL ? session->usage->name : NULL;
}

bool sip_session_takes_response(
	struct sip_leg *leg, struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	struct ast_sip_session *session = session_of(leg);
	int status = sip_rx_data_status(response);

	if (session == NULL || sip_rx_data_method(response) != SIP_INVITE)
		return false;
	if (leg->fork && !leg->taken && status < 200)
		sip_session_acknowledge_fork(session, leg, response);
	/* Nobody rings yet, so it is still the first. */
	return status == 422 && outgoing->initial && !leg->terminating &&
		leg->state == AST_SIP_DIALOG_NEW &&
		sip_session_invite_again(session, response) == 0;
}
