/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Step "admit": may this request have a share of the server?
 *
 * Calls in progress were let through by the steps before, and what our signed Route
 * vouches for is one.  Everything else is refused where its source waits (sources.h),
 * and where it has waited longer than its class may (admission.h).  Most of that was
 * decided before a request had its turn; what could have belonged to a call is judged
 * here.  Of a call, only copies are refused of what there was no memory for.  A request
 * of a dialog of ours that is over needs no proof to be told so.
 *
 * A request that has come further may have to wait for a thread that may block.  Where
 * none is free for too long it is refused as well, but for what goes on in a call.
 */
#include "server/admission/admission.h"
#include "server/admission/sources.h"
#include "server/dialogs/leg.h"
#include "server/show/dry_run.h"

/* A dry run waits for nothing; it says how long it might. */
static void say_class(struct sip_rx_data *rdata)
{
	const struct sip_settings *settings = rdata->serving->snapshot->settings;
	enum sip_admission_class class = sip_admission_class_of(rdata, settings);

	sip_dry_say(rdata->serving->dry_run, NULL,
		"class %s: while the server is busy it may wait for %llu ms",
		sip_class_name(class),
		(unsigned long long)(sip_class_max_wait_us(settings, class) / 1000));
}

enum sip_step_result sip_step_admit(struct sip_rx_data *rdata)
{
	struct sip_server *server = rdata->server;
	uint64_t now_us = sip_pool_now_us(server->pool);

	if (rdata->serving->route.vouched)
		return rdata->serving->dry_run == NULL &&
				sip_admission_refused_before(
					server->admission, rdata, now_us)
			? SIP_STEP_DONE
			: SIP_STEP_NEXT;
	if (SIP_UNLIKELY(sip_sources_wait(server, now_us)) && sip_source_refused(rdata))
		return SIP_STEP_DONE;
	if (SIP_UNLIKELY(rdata->serving->dry_run != NULL)) {
		say_class(rdata);
		return sip_leg_unknown(rdata) ? SIP_STEP_DONE : SIP_STEP_NEXT;
	}
	if (sip_admission_refused(server->admission, rdata, now_us))
		return SIP_STEP_DONE;
	return sip_leg_unknown(rdata) ? SIP_STEP_DONE : SIP_STEP_NEXT;
}

enum sip_step_result sip_step_elsewhere(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;

	if (SIP_LIKELY(!sip_turn_missed_spare(&rdata->task)) ||
		serving->dry_run != NULL || serving->route.vouched ||
		rdata->msg.method == SIP_ACK)
		return SIP_STEP_ELSEWHERE;
	sip_admission_give_up(rdata->server->admission, rdata);
	return SIP_STEP_DONE;
}
