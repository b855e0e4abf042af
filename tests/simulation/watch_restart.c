/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a server that ended has forgotten: its transactions, what is registered, and the
 * nonces that it gave.
 *
 * Calls that it let in go on where it has its key file still: RFC 3261 16.6 step 4.
 */
#include "watch_state.h"
#include "watch_streams.h"

#include <string.h>

/* Nobody asks for the time of those that are not of that server. */
static void forget_asks(struct watch *watch, unsigned host)
{
	struct ask **all = &watch->last_ask;

	for (unsigned i = 0; i < WATCH_BUCKETS; i++) {
		struct ask **place = &watch->asks[i];

		while (*place != NULL) {
			if ((*place)->host == host)
				*place = (*place)->next;
			else
				place = &(*place)->next;
		}
	}
	while (*all != NULL) {
		if ((*all)->host == host)
			*all = (*all)->older;
		else
			all = &(*all)->older;
	}
}

static void forget_branches(struct watch *watch, unsigned host)
{
	struct branch **all = &watch->last_branch;

	for (unsigned i = 0; i < WATCH_BUCKETS; i++) {
		struct branch **place = &watch->branches[i];

		while (*place != NULL) {
			if ((*place)->host == host)
				*place = (*place)->next;
			else
				place = &(*place)->next;
		}
	}
	while (*all != NULL) {
		struct branch *branch = *all;

		if (branch->host != host) {
			all = &branch->older;
			continue;
		}
		*all = branch->older;
		branch->older = watch->gone_branches;
		watch->gone_branches = branch;
	}
}

static bool is_of(const struct duty *duty, unsigned host)
{
	return duty->ask != NULL ? duty->ask->host == host : duty->branch->host == host;
}

static void forget_duties(struct watch *watch, unsigned host)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < watch->duties; i++) {
		if (!is_of(&watch->duty[i], host))
			watch->duty[kept++] = watch->duty[i];
	}
	watch->duties = kept;
}

/* Its nonces are those of another run: none of them proves anything. */
static void forget_nonces(struct watch *watch, unsigned host)
{
	struct challenged **place = &watch->challenged;

	while (*place != NULL) {
		if ((*place)->host == host)
			*place = (*place)->next;
		else
			place = &(*place)->next;
	}
}

static void forget_bindings(struct watch *watch, unsigned host)
{
	for (struct binding *at = watch->bindings; at != NULL; at = at->next) {
		if (at->user->host != host)
			continue;
		at->expires_us = 0;
		at->unsure = false;
	}
}

void watch_forget_server(struct watch *watch, unsigned host)
{
	forget_duties(watch, host);
	watch_forget_talks(watch, host);
	forget_asks(watch, host);
	forget_branches(watch, host);
	forget_nonces(watch, host);
	forget_bindings(watch, host);
	watch_streams_forget(watch, host);
	watch->contacts_changed = true;
}

bool watch_was_forgotten(const struct watch *watch, const struct sip_text *request)
{
	const struct branch *at = watch->gone_branches;

	while (at != NULL && !slice_equal(at->request.branch, request->branch))
		at = at->older;
	return at != NULL;
}

/* Decision 064: a contact of an AOR is not available; another place is an error. */
unsigned watch_unreachable_code(const struct watch *watch, const struct branch *branch)
{
	struct place place;

	return branch->ask != NULL && place_of_uri(branch->ask->request.uri, &place) &&
			!place_equal(place, watch->sim->cast.host[branch->host].place)
		? 503
		: 480;
}

/* A CANCEL and an ACK have their INVITE's branch: of a CANCEL that came back it ends
 * itself at first, and the INVITE by its next copy. */
void watch_refused_there(struct watch *watch, unsigned host, struct slice bytes)
{
	struct sip_text text;
	struct branch *at;

	if (sip_text_parse(&text, bytes.at, bytes.len) != NULL || !text.is_request)
		return;
	/* What tells its call wants memory. */
	scarcity_meets(&watch->sim->host[host].scarcity, text.call_id);
	for (at = watch->branches[watch_bucket(text.branch)]; at != NULL; at = at->next) {
		if (at->host != host || !slice_equal(at->request.branch, text.branch))
			continue;
		at->doubtful = true;
		at->response_us = watch->sim->now_us;
		if (at->final_us != 0 ||
			(at->is_invite && slice_is(text.method, "CANCEL")))
			continue;
		at->final_us = watch->sim->now_us;
		at->final_code = watch_unreachable_code(watch, at);
		watch_stop_branch(watch, at);
	}
}
