/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is forgiven to a server that did not get its memory.
 *
 * It may say nothing, 500 or 503 to what came at such an instant, and what it had begun
 * before may come to an end late, badly or not at all.  What comes afterwards is served
 * as ever, and who may do what is never forgiven; nor is it that what was refused is done
 * (RFC 3261 10.2).
 */
#include "watch_state.h"

bool watch_starved(
	const struct watch *watch, unsigned host, struct slice call_id, uint64_t since_us)
{
	return scarcity_lacked(
		&watch->sim->host[host].scarcity, call_id, since_us, NEVER);
}

bool watch_lost_2xx(const struct ask *ask)
{
	const struct branch *at = ask->branches;

	while (at != NULL &&
		!(at->doubtful && at->final_us != 0 && at->final_code / 100 == 2))
		at = at->sibling;
	return at != NULL;
}

bool watch_starved_at(
	const struct watch *watch, unsigned host, struct slice call_id, uint64_t us)
{
	const struct scarcity *scarcity = &watch->sim->host[host].scarcity;

	/* A server that is behind serves what waits at several instants. */
	return scarcity_lacked(
		scarcity, call_id, us, watch_settled_us(watch, host, call_id, us));
}

/* What it wanted may be done although nobody was told. */
static void doubt_registration(struct watch *watch, const struct ask *ask)
{
	struct slice to = slice_uri(sip_text_field(&ask->request, "To"));
	const struct cast_user *user = cast_find(&watch->sim->cast, user_of_uri(to));
	struct slice contact = sip_text_item(&ask->request, "Contact", 0);
	struct place place;

	if (user != NULL && contact.at != NULL &&
		place_of_uri(slice_uri(contact), &place))
		watch_doubt_binding(watch, user, place, ask->from);
}

static void doubt_registrations(struct watch *watch)
{
	for (const struct ask *at = watch->last_ask; at != NULL; at = at->older) {
		/* Or earlier, where its turn was held. */
		if (at->last_us >=
				watch_instant_us(watch, at->host, at->request.call_id) &&
			(at->final_us == 0 || at->unanswered > 0) &&
			slice_is(at->request.method, "REGISTER") &&
			watch_starved(
				watch, at->host, at->request.call_id, watch->sim->now_us))
			doubt_registration(watch, at);
	}
}

static void doubt_branches(struct watch *watch)
{
	for (struct branch *at = watch->last_branch; at != NULL; at = at->older) {
		if (at->response_us == watch->sim->now_us &&
			watch_starved(
				watch, at->host, at->request.call_id, watch->sim->now_us))
			at->doubtful = true;
	}
}

void watch_doubt(struct watch *watch)
{
	bool starved = false;

	for (unsigned i = 0; i < CAST_HOSTS; i++)
		starved |= host_starves(&watch->sim->host[i]);
	if (!starved)
		return;
	doubt_registrations(watch);
	doubt_branches(watch);
}

bool watch_was_begun(const struct watch *watch, const struct ask *ask)
{
	const struct scarcity *scarcity = &watch->sim->host[ask->host].scarcity;
	uint64_t now_us = watch->sim->now_us;

	for (uint64_t ago_us = T1_US; ago_us < T64_US; ago_us = 2 * ago_us + T1_US) {
		uint64_t begun_us = now_us - ago_us;

		if (now_us < ask->first_us + ago_us)
			break;
		if ((ask->final_us == 0 || ask->final_us >= begun_us) &&
			(ask->cancel_us == 0 || ask->cancel_us >= begun_us) &&
			scarcity_lacked(scarcity, ask->request.call_id,
				begun_us - TOLERANCE_US, begun_us))
			return true;
	}
	return false;
}

void watch_doubt_beginning(
	const struct watch *watch, const struct branch *invite, struct branch *cancel)
{
	const struct scarcity *scarcity = &watch->sim->host[cancel->host].scarcity;
	uint64_t interval_us = T1_US;
	uint64_t ago_us = T1_US;

	while (ago_us < T64_US && cancel->first_us >= invite->provisional_us + ago_us) {
		uint64_t begun_us = cancel->first_us - ago_us;

		if (scarcity_lacked(scarcity, cancel->request.call_id,
			    begun_us - TOLERANCE_US, begun_us))
			cancel->asked_us = begun_us;
		interval_us = 2 * interval_us > T2_US ? T2_US : 2 * interval_us;
		ago_us += interval_us;
	}
}
