/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a usage of a dialog can't do: our first INVITE again after a 422, as the same call
 * (RFC 4028 section 7.3); acknowledging what other phones say that ring for it, each of
 * which has numbers of its own (RFC 3262 section 4); and answering an offer that nobody
 * is asked about (RFC 3261 section 13.2.2.4).
 */
#include "server/dialogs/outgoing.h"
#include "server/sessions/session.h"
#include "session/decline.h"

#include <stdlib.h>

static bool is_session(const struct sip_leg *leg)
{
	return leg->usage == &sip_session_dialog_usage;
}

/* NULL: the leg is none of a session's, or the session may have gone: that of a dialog
 * that has ended, and of the first, which a fork outlives perhaps. */
static struct ast_sip_session *session_of(const struct sip_leg *leg)
{
	if (!is_session(leg) || leg->state == AST_SIP_DIALOG_ENDED ||
		(leg->fork && !leg->taken))
		return NULL;
	return SIP_CAST(ast_sip_session, leg->token);
}

const char *sip_session_name(const struct sip_leg *leg)
{
	const struct ast_sip_session *session = session_of(leg);

	return session != NULL ? session->usage->name : NULL;
}

/* Of a phone that rings beside the first.  That may have ended, and the session with it,
 * which is there until our INVITE is answered all the same. */
static void ring_beside(struct sip_leg *fork, struct sip_rx_data *response)
{
	if (is_session(fork))
		sip_session_acknowledge_fork(
			SIP_CAST(ast_sip_session, fork->token), fork, response);
}

bool sip_session_takes_response(
	struct sip_leg *leg, struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	int status = sip_rx_data_status(response);
	struct ast_sip_session *session;

	SIP_ASSERT(sip_rx_data_method(response) == SIP_INVITE);
	if (leg->fork && !leg->taken && status < 200) {
		ring_beside(leg, response);
		return false;
	}
	session = session_of(leg);
	/* Nobody rings yet, so it is still the first. */
	return session != NULL && status == 422 && outgoing->initial &&
		!leg->terminating && leg->state == AST_SIP_DIALOG_NEW &&
		sip_session_invite_again(session, response) == 0;
}

int sip_session_decline_offer(struct sip_str offer, struct sip_str *answer)
{
	char *text = malloc(SIP_DECLINE_ROOM(offer.len));
	struct sip_builder b;

	*answer = (struct sip_str){ NULL, 0 };
	if (text == NULL)
		return SIP_EMEMORY;
	sip_builder_init(&b, text, SIP_DECLINE_ROOM(offer.len));
	if (sip_decline(&b, offer))
		*answer = (struct sip_str){ text, b.len };
	else
		free(text);
	return 0;
}

struct sip_str sip_session_decline(const struct sip_rx_data *response)
{
	struct sip_str answer = { NULL, 0 };
	struct sip_str offer;

	/* Without memory for one the ACK goes without. */
	if (sip_session_description(response, &offer) == 0 && offer.ptr != NULL)
		SIP_IGNORE(sip_session_decline_offer(offer, &answer));
	return answer;
}
