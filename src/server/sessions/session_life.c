/* SPDX-License-Identifier: BSD-2-Clause */
/* The session timer: RFC 4028 section 10. */
#include "server/sessions/session.h"

#include "server/server.h"

static void refresh(void *arg)
{
	struct ast_sip_session *session = SIP_CAST(ast_sip_session, arg);

	session->refresh_due = true;
	sip_session_kick(session);
}

/* Nobody has refreshed it. */
static void expire(void *arg)
{
	struct ast_sip_session *session = SIP_CAST(ast_sip_session, arg);

	session->expired = true;
	ast_sip_session_end(session, 0);
}

void sip_session_live(
	struct ast_sip_session *session, const struct sip_refresh_terms *terms)
{
	int result = 0;

	session->terms = *terms;
	session->refresh_due = false;
	sip_session_stop_timer(session->refresh_timer);
	sip_session_stop_timer(session->expiry_timer);
	if (terms->interval_s == 0)
		return;
	if (terms->ours)
		result = sip_session_start_timer(session, &session->refresh_timer,
			refresh, sip_refresh_after_ms(terms));
	if (result == 0)
		result = sip_session_start_timer(session, &session->expiry_timer, expire,
			sip_refresh_expires_after_ms(terms));
	/* What was promised can't be kept. */
	if (result != 0)
		ast_sip_session_end(session, 0);
}
