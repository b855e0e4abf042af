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

bool watch_starved(const struct watch *watch, unsigned host, uint64_t since_us)
{
	uint64_t failed_us = watch->sim->host[host].scarcity.failed_us;

	return failed_us != 0 && failed_us >= since_us;
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
	uint64_t settled_us = watch_settled_us(watch, host, call_id, us);

	return scarcity_failed(scarcity, us, us) ||
		scarcity_failed(scarcity, settled_us, settled_us);
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
		if (at->last_us == watch->sim->now_us &&
			(at->final_us == 0 || at->unanswered > 0) &&
			slice_is(at->request.method, "REGISTER") &&
			watch_starved(watch, at->host, watch->sim->now_us))
			doubt_registration(watch, at);
	}
}

static void doubt_branches(struct watch *watch)
{
	for (struct branch *at = watch->last_branch; at != NULL; at = at->older) {
		if (at->response_us == watch->sim->now_us &&
			watch_starved(watch, at->host, watch->sim->now_us))
			at->doubtful = true;
	}
}

void watch_doubt(struct watch *watch)
{
	bool starved = false;

	for (unsigned i = 0; i < CAST_HOSTS; i++)
		starved |= watch_starved(watch, i, watch->sim->now_us);
	if (!starved)
		return;
	doubt_registrations(watch);
	doubt_branches(watch);
}
