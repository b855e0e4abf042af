/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server whose work takes time: how late it may be, who waits, who is refused
 * (docs/overload.md).
 *
 * Without that fault nothing is ever late, and nobody is refused.
 */
#include "watch_dialogs.h"

#include <stdlib.h>
#include <string.h>

/* Of docs/overload.md: what the classes may wait, at least as long as a method's class.
 */
#define WAIT_OPTIONS_US UINT64_C(400000)
#define WAIT_KNOWN_US   UINT64_C(350000)
#define WAIT_INVITE_US  UINT64_C(300000)
#define WAIT_OTHER_US   UINT64_C(200000)

/* "a Retry-After of 4 to 15 s" */
#define SOONEST_S 4
#define LATEST_S  15

static const struct pace *pace_of(const struct watch *watch, unsigned host)
{
	return &watch->sim->host[host].pace;
}

/* What is read in one round may be held from another on, and what is not held any more
 * has its time in the next one. */
uint64_t watch_settled_us(
	const struct watch *watch, unsigned host, struct slice call_id, uint64_t us)
{
	uint64_t settled_us = us;

	for (unsigned i = 0; us != NEVER && i < PACE_ROUNDS; i++) {
		uint64_t held_us = blocking_settled_us(
			&watch->sim->host[host], call_id, settled_us);

		settled_us = pace_settled_us(pace_of(watch, host), held_us);
	}
	return settled_us;
}

/* Likewise back: of what has waited for one turn that was held the next may be, too. */
uint64_t watch_instant_us(const struct watch *watch, unsigned host, struct slice call_id)
{
	const struct host *at = &watch->sim->host[host];
	uint64_t instant_us = pace_instant_us(&at->pace, watch->sim->now_us);

	for (unsigned i = 0; i < PACE_ROUNDS; i++) {
		uint64_t held_us = blocking_instant_us(at, call_id, instant_us);

		if (held_us == instant_us)
			break;
		instant_us = pace_instant_us(&at->pace, held_us);
	}
	return instant_us;
}

bool watch_missed_spare(const struct watch *watch, const struct ask *ask)
{
	uint64_t began_us = watch_instant_us(watch, ask->host, ask->request.call_id);

	return blocking_all_block(
		&watch->sim->host[ask->host], began_us, watch->sim->now_us);
}

/* Of a call, and of a dialog of the server's own that nobody has ended: what its BYE was
 * read with may have its turn after that, and belongs to nothing then. */
static bool goes_on(const struct watch *watch, const struct ask *ask)
{
	return watch_is_in_call(watch, ask) &&
		(ask->talk == NULL || watch_talk_goes_on(ask));
}

bool watch_may_wait(const struct watch *watch, const struct ask *ask)
{
	return pace_of(watch, ask->host)->on &&
		!slice_is(ask->request.method, "CANCEL") && !goes_on(watch, ask);
}

/* What it answers a challenge of ours with, or where it has registered, only the server
 * knows: the longer one. */
static uint64_t limit_us(const struct ask *ask)
{
	const struct sip_text *request = &ask->request;

	if (slice_is(request->method, "OPTIONS"))
		return WAIT_OPTIONS_US;
	if (slice_is(request->method, "REGISTER") ||
		sip_text_field(request, "Authorization").at != NULL ||
		sip_text_field(request, "Proxy-Authorization").at != NULL)
		return WAIT_KNOWN_US;
	return slice_is(request->method, "INVITE") ? WAIT_INVITE_US : WAIT_OTHER_US;
}

/* Behind a callback of its own call that blocks nobody waits for the server: its limit is
 * counted from that callback's end. */
static bool has_waited_too_long(const struct watch *watch, const struct ask *ask)
{
	uint64_t turn_us = watch_instant_us(watch, ask->host, ask->request.call_id);
	uint64_t free_us = blocking_free_since_us(
		&watch->sim->host[ask->host], ask->request.call_id, turn_us);

	return turn_us >
		limit_us(ask) + (free_us > ask->arrived_us ? free_us : ask->arrived_us);
}

/* Its first copy overtook the answer that makes its dialog, and began something for all
 * that the server knew; a later one is within that (12.2.2), and nothing is begun. */
static bool is_of_newer_dialog(const struct ask *ask)
{
	return ask->talk != NULL && ask->talk->uac &&
		ask->talk->answered_us >= ask->first_us;
}

void watch_has_turn(struct watch *watch, const struct ask *ask)
{
	if (watch_may_wait(watch, ask) && has_waited_too_long(watch, ask))
		watch_broken(watch, ask->host, "waits-no-longer", &ask->request,
			"let in after it had waited too long");
	if (ask->refused_us != 0 && !is_of_newer_dialog(ask) &&
		watch->sim->now_us + 2 * TOLERANCE_US < ask->refused_from_us + T4_US)
		watch_broken(watch, ask->host, "refused-stays-refused", &ask->request,
			"a copy of what was refused is let in");
}

/* A copy of it could still be on its way: T4 is "the amount of time the network will take
 * to clear messages between client and server transactions" (17.1.2.2). */
bool watch_was_turned_away(const struct watch *watch, const struct ask *ask)
{
	return ask->refused_us != 0 &&
		watch->sim->now_us < ask->refused_us + T4_US + TOLERANCE_US;
}

/* One of another early dialog, with the same number, was: see docs/simulation.md. */
static bool is_taken_for_refused(const struct watch *watch, const struct ask *ask)
{
	for (const struct ask *at = watch->last_ask; at != NULL; at = at->older) {
		if (at != ask && at->host == ask->host && at->final_code == 503 &&
			at->request.cseq == ask->request.cseq &&
			slice_equal(at->request.call_id, ask->request.call_id) &&
			slice_equal(at->request.method, ask->request.method) &&
			slice_equal(at->request.from_tag, ask->request.from_tag))
			return true;
	}
	return false;
}

/* Its turn was waited for while it stopped: what it would begin then is refused. */
static bool ends_meanwhile(const struct watch *watch, const struct ask *ask)
{
	const struct host *host = &watch->sim->host[ask->host];

	return host->stopping &&
		blocking_held(host, ask->request.call_id, watch->sim->now_us);
}

static bool is_refused_again(const struct watch *watch, const struct ask *ask)
{
	return ask->code_before == 503 || is_taken_for_refused(watch, ask);
}

/* When its turn began, or that of a copy that was refused: which stays so. */
static bool lacked_in_turn(const struct watch *watch, const struct ask *ask)
{
	uint64_t began_us = watch_instant_us(watch, ask->host, ask->request.call_id);

	if (ask->code_before == 503 && ask->judged_before_us < began_us)
		began_us = ask->judged_before_us;
	return watch_lacked(
		watch, ask->host, began_us < ask->last_us ? began_us : ask->last_us);
}

void watch_turned_away(
	struct watch *watch, struct ask *ask, const struct sip_text *response)
{
	const struct host *host = &watch->sim->host[ask->host];
	struct slice after = sip_text_field(response, "Retry-After");
	unsigned long after_s = after.at != NULL ? strtoul(after.at, NULL, 10) : 0;

	/* Its service has refused it, who stands between two for instance. */
	if (ask->let_in)
		return;
	if (ask->busy_us == 0 &&
		watch_starved_at(
			watch, ask->host, ask->request.call_id, watch->sim->now_us))
		ask->busy_us = watch->sim->now_us;
	if (watch_starved(watch, ask->host, ask->request.call_id, ask->first_us) ||
		is_refused_again(watch, ask) || ends_meanwhile(watch, ask))
		return;
	if (slice_is(ask->request.method, "CANCEL") ||
		(goes_on(watch, ask) && !lacked_in_turn(watch, ask)))
		watch_broken(watch, ask->host, "a-call-goes-on", &ask->request,
			"refused, though it belongs to a call");
	/* Who waits for wrong passwords is told how long; without an authenticator nobody
	 * is let in. */
	if (watch_may_be_ignored(watch, ask) || watch_changed_since(watch, ask) ||
		lacked_in_turn(watch, ask))
		return;
	if (after_s < SOONEST_S || after_s > LATEST_S)
		watch_broken(watch, ask->host, "refusal-says-when", &ask->request,
			"a 503 without a Retry-After of 4 to 15 s");
	if (watch_was_turned_away(watch, ask))
		return;
	ask->refused_us = watch->sim->now_us;
	ask->refused_from_us = watch_instant_us(watch, ask->host, ask->request.call_id);
	if (watch_missed_spare(watch, ask))
		return;
	if (!host->pace.on ||
		!(pace_is_loaded(host) ||
			pace_was_loaded(
				&host->pace, ask->refused_from_us, watch->sim->now_us)))
		watch_broken(watch, ask->host, "refused-under-load-only", &ask->request,
			"refused, and nobody had to wait");
	if (watch_instant_us(watch, ask->host, ask->request.call_id) >
		ask->arrived_us + 2 * limit_us(ask))
		watch_broken(watch, ask->host, "refused-in-time", &ask->request,
			"refused after its sender had long asked again");
}

/* Its INVITE was let in before it came. */
static bool is_known_cancel(struct watch *watch, const struct ask *cancel)
{
	const struct ask *invite = watch_find_ask(
		watch, cancel->host, &cancel->request, "INVITE");

	return invite != NULL && invite->branches != NULL &&
		invite->branches->first_us < cancel->first_us;
}

bool watch_may_be_dropped(struct watch *watch, const struct ask *ask)
{
	const struct pace *pace = pace_of(watch, ask->host);
	bool is_cancel = slice_is(ask->request.method, "CANCEL");

	if (!pace->on || goes_on(watch, ask) ||
		(is_cancel && is_known_cancel(watch, ask)))
		return false;
	return pace_was_loaded(pace, ask->arrived_us,
		watch_settled_us(watch, ask->host, ask->request.call_id, ask->last_us) +
			2 * limit_us(ask));
}
