/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Step "authenticate": is it true?
 *
 * Vouched requests of a call that was let in, ACK and CANCEL are never challenged
 * (RFC 3261 section 22.1).  Without an authenticator nobody is served, unless the
 * configuration says so.
 */
#include "server/serving.h"

#include "server/auth/authentication.h"
#include "server/message/force_rport.h"
#include "server/show/dry_run.h"

/* An authenticator may ask nothing of the unknown; who may not come does not by that. */
static bool refuse_denied(struct sip_rx_data *rdata)
{
	if (rdata->serving->denied)
		sip_answer(rdata, 403, NULL);
	return rdata->serving->denied;
}

static enum sip_step_result no_authenticator(struct sip_rx_data *rdata)
{
	if (!rdata->serving->snapshot->settings->global.authentication) {
		if (refuse_denied(rdata))
			return SIP_STEP_DONE;
		/* Everybody is believed to be who he says he is, if he says so. */
		rdata->serving->trusted = !rdata->serving->endpoint->artificial &&
			!rdata->serving->anonymous;
		sip_force_rport_of_endpoint(rdata);
		return SIP_STEP_NEXT;
	}
	sip_answer_with(rdata, 503, NULL, "Retry-After", "2");
	return SIP_STEP_DONE;
}

enum sip_step_result sip_step_authenticate(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;
	struct sip_registered *authenticator = sip_snapshot_authenticator(
		serving->snapshot);

	if (serving->route.vouched) {
		serving->trusted = true;
		return SIP_STEP_NEXT;
	}
	if (serving->resume == 0) {
		if (authenticator == NULL)
			return no_authenticator(rdata);
		if (sip_callback_must_move(&authenticator->request_site))
			return sip_step_elsewhere(rdata);
		if (serving->dry_run != NULL &&
			!sip_dry_may_call(serving->dry_run, authenticator, "would ask",
				"the authenticator"))
			return SIP_STEP_DONE;
	}
	switch (sip_check_authentication(rdata, serving->endpoint)) {
	case SIP_CHECK_LATER: return SIP_STEP_LATER;
	case SIP_CHECK_PASSED: break;
	case SIP_CHECK_ANSWERED: return SIP_STEP_DONE;
	}
	serving->resume = 0;
	if (refuse_denied(rdata))
		return SIP_STEP_DONE;
	sip_force_rport_of_endpoint(rdata);
	return SIP_STEP_NEXT;
}
