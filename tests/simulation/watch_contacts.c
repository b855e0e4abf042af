/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is registered: RFC 3261 section 10.3.
 *
 * A binding that was acknowledged is there until it expires or is removed, and not after;
 * a call reaches all phones of its user that are there, and nobody else.
 */
#include "watch_state.h"

#include <stdlib.h>
#include <string.h>

#define CONTACTS_MAX 32

/* By its URI: what makes a binding another one (10.3 step 7). */
static struct binding *find_or_add(
	struct watch *watch, const struct cast_user *user, struct place registered)
{
	struct binding *at = watch->bindings;

	while (at != NULL &&
		(at->user != user || !place_equal(at->registered, registered)))
		at = at->next;
	if (at != NULL)
		return at;
	at = memory_take(&watch->sim->memory, sizeof(*at));
	at->user = user;
	at->registered = registered;
	at->next = watch->bindings;
	watch->bindings = at;
	return at;
}

/* Of the bindings that are reached there the one that lives longest; NULL: none ever. */
static struct binding *find(
	struct watch *watch, const struct cast_user *user, struct place place)
{
	struct binding *found = NULL;

	for (struct binding *at = watch->bindings; at != NULL; at = at->next) {
		if (at->user == user && place_equal(at->place, place) &&
			(found == NULL || at->unsure ||
				(!found->unsure && at->expires_us > found->expires_us)))
			found = at;
	}
	return found;
}

void watch_doubt_binding(struct watch *watch, const struct cast_user *user,
	struct place registered, struct place place)
{
	struct binding *binding = find_or_add(watch, user, registered);

	binding->unsure = true;
	if (binding->place.ip == 0)
		binding->place = place;
}

/* What the 200 says of the contact at that place; 0: it is not in it. */
static uint64_t granted_s(const struct sip_text *response, struct place wanted)
{
	struct slice contact;
	struct place place;

	for (unsigned i = 0; (contact = sip_text_item(response, "Contact", i)).at != NULL;
		i++) {
		struct slice expires = slice_param(contact, "expires");

		if (place_of_uri(slice_uri(contact), &place) &&
			place_equal(place, wanted))
			return expires.at != NULL ? strtoul(expires.at, NULL, 10) : 0;
	}
	return 0;
}

/* 10.3 step 8: "all current bindings", at the turn of the AOR.  Of two REGISTERs at one
 * instant either has it first, and the answers are sent in the turns of their calls: what
 * was acknowledged just before may be in the list, or not. */
static void check_list(struct watch *watch, const struct ask *ask,
	const struct cast_user *user, const struct sip_text *response)
{
	uint64_t now_us = watch->sim->now_us;
	uint64_t instant_us = watch_instant_us(watch, ask->host, ask->request.call_id);

	for (struct binding *at = watch->bindings; at != NULL; at = at->next) {
		uint64_t left_us = at->expires_us > now_us ? at->expires_us - now_us : 0;
		uint64_t told_us = granted_s(response, at->registered) * SECOND_US;
		char place[PLACE_TEXT_LEN];

		/* In whole seconds, rounded either way. */
		bool is_older = at->told_us < instant_us ||
			slice_equal(at->told_call_id, ask->request.call_id);

		if (at->user == user && !at->unsure && is_older &&
			(told_us + SECOND_US + TOLERANCE_US < left_us ||
				told_us > left_us + SECOND_US + TOLERANCE_US))
			sim_broken(watch->sim, "bindings-listed", response->call_id,
				"server %s: %s has %.3f s left, and is listed with %.3f s",
				watch->sim->cast.host[ask->host].name,
				place_text(at->place, place), (double)left_us / 1e6,
				(double)told_us / 1e6);
	}
}

void watch_registered(
	struct watch *watch, struct ask *ask, const struct sip_text *response)
{
	const struct sip_text *request = &ask->request;
	struct slice to = slice_uri(sip_text_field(request, "To"));
	const struct cast_user *user = cast_find(&watch->sim->cast, user_of_uri(to));
	struct slice contact = sip_text_item(request, "Contact", 0);
	struct slice expires = sip_text_field(request, "Expires");
	struct binding *binding;
	struct place place;

	if (user == NULL)
		watch_broken(watch, ask->host, "aor-exists", request,
			"a 200 to a REGISTER for nobody");
	if (!slice_equal(user_of_uri(slice_uri(sip_text_field(request, "From"))),
		    user_of_uri(to)))
		watch_broken(watch, ask->host, "aor-of-its-own", request,
			"a phone registered for another user");
	watch->contacts_changed = true;
	if (contact.at == NULL || !place_of_uri(slice_uri(contact), &place))
		return;
	binding = find_or_add(watch, user, place);
	/* A copy is answered as it was, and changes nothing; also where one between the
	 * two was challenged.  Who sends it has heard nothing yet: when the binding has
	 * come to its end meanwhile he gets it again. */
	if (ask->is_registered && binding->expires_us > watch->sim->now_us)
		return;
	ask->is_registered = true;
	/* rewrite_contact=yes: reached where it registers from. */
	binding->place = ask->from;
	binding->via = ask->via;
	binding->told_us = watch->sim->now_us;
	binding->told_call_id = request->call_id;
	/* A copy is answered as its first was to be, which was not sent perhaps. */
	binding->unsure = ask->last_us != ask->first_us &&
		watch_starved(watch, ask->host, ask->request.call_id, ask->first_us);
	if (binding->expires_us <= watch->sim->now_us)
		binding->since_us = watch->sim->now_us;
	binding->expires_us = 0;
	if (expires.at == NULL || strtoul(expires.at, NULL, 10) != 0)
		binding->expires_us = watch->sim->now_us +
			granted_s(response, place) * SECOND_US;
	if (!binding->unsure)
		check_list(watch, ask, user, response);
	/* Decision 125: it is bound to a connection, which may have ended meanwhile. */
	if (ask->via.ip != 0 && watch_is_lost(watch, ask->host, ask->via))
		binding->expires_us = 0;
}

/* The one that the server has is the one that was acknowledged last. */
static void check_contact(struct watch *watch, const struct cast_user *user,
	const struct host_contact *contact)
{
	const struct host *host = &watch->sim->host[user->host];
	const struct binding *binding = find(watch, user, contact->place);
	uint64_t now_us = watch->sim->now_us;
	char place[PLACE_TEXT_LEN];

	if (binding == NULL ||
		(!binding->unsure &&
			watch_settled_us(watch, user->host, (struct slice){ "", 0 },
				binding->expires_us) +
					TOLERANCE_US <
				now_us))
		sim_broken(watch->sim, "not-registered-after", (struct slice){ "", 0 },
			"%s is still at %s", user->name,
			place_text(contact->place, place));
	if (!binding->unsure && !host->pace.on &&
		contact->expires_us > binding->expires_us + TOLERANCE_US)
		sim_broken(watch->sim, "not-registered-after", (struct slice){ "", 0 },
			"%s is at %s for longer than was acknowledged", user->name,
			place_text(contact->place, place));
}

static void check_user(struct watch *watch, const struct cast_user *user)
{
	struct host_contact contact[CONTACTS_MAX];
	size_t count = host_contacts(
		&watch->sim->host[user->host], user->name, contact, CONTACTS_MAX);
	uint64_t now_us = watch->sim->now_us;
	char place[PLACE_TEXT_LEN];

	for (struct binding *at = watch->bindings; at != NULL; at = at->next) {
		size_t i = 0;

		if (at->user != user || at->unsure ||
			at->expires_us <= now_us + TOLERANCE_US)
			continue;
		while (i < count && !place_equal(contact[i].place, at->place))
			i++;
		if (i == count)
			sim_broken(watch->sim, "registered-until-it-expires",
				(struct slice){ "", 0 }, "%s is not at %s any more",
				user->name, place_text(at->place, place));
	}
	if (count > watch->sim->cast.host[user->host].max_contacts)
		sim_broken(watch->sim, "max-contacts", (struct slice){ "", 0 },
			"%s has %zu phones, of %u", user->name, count,
			watch->sim->cast.host[user->host].max_contacts);
	for (size_t i = 0; i < count; i++)
		check_contact(watch, user, &contact[i]);
}

void watch_contacts(struct watch *watch)
{
	for (unsigned i = 0; i < watch->sim->cast.user_count; i++)
		check_user(watch, &watch->sim->cast.user[i]);
}

/* By its host part: the served domain, or the server itself. */
static bool is_for(const struct watch *watch, unsigned host, struct slice uri)
{
	const char *at = uri.len != 0 ? memchr(uri.at, '@', uri.len) : NULL;
	const char *domain = watch->sim->cast.host[host].domain;
	struct place place;

	if (place_of_uri(uri, &place))
		return place_equal(place, watch->sim->cast.host[host].place);
	return at != NULL && strncmp(at + 1, domain, strlen(domain)) == 0;
}

void watch_reached(struct watch *watch, struct ask *ask, struct place to)
{
	struct slice uri = ask->request.uri;
	const struct cast_user *user = cast_find(&watch->sim->cast, user_of_uri(uri));
	struct binding *binding;
	struct place place;

	if (!is_for(watch, ask->host, uri)) {
		if (place_of_uri(uri, &place) && !place_equal(place, to))
			watch_broken(watch, ask->host, "reaches-only-who-is-there",
				&ask->request, "relayed to another place");
		return;
	}
	if (user != NULL && user->host != ask->host) {
		if (!place_equal(to, watch->sim->cast.host[user->host].place))
			watch_broken(watch, ask->host, "reaches-only-who-is-there",
				&ask->request, "not sent to the other server");
		return;
	}
	binding = user == NULL ? NULL : find(watch, user, to);
	if (binding == NULL ||
		(!binding->unsure &&
			binding->expires_us + TOLERANCE_US < watch->sim->now_us))
		watch_broken(watch, ask->host, "reaches-only-who-is-there", &ask->request,
			"sent to where nobody is registered");
	if (ask->branches == NULL)
		watch_owe(watch, (struct duty){ .kind = DUTY_REACH_ALL, .ask = ask });
}

/* Copies that came since it was let in are absorbed (17.2.1), and timer A sends a branch
 * that was lost on its way out then. */
static bool may_lack_branches(const struct watch *watch, const struct ask *ask)
{
	uint64_t turn_us = ask->is_stateful && ask->kept_us < ask->last_us ? ask->kept_us
									   : ask->last_us;

	return watch_starved(watch, ask->host, ask->request.call_id, turn_us) ||
		watch_was_begun(watch, ask);
}

/* At the instant of the first branch all others have begun, too (16.6). */
void watch_reached_all(struct watch *watch, const struct ask *ask)
{
	const struct cast_user *user = cast_find(
		&watch->sim->cast, user_of_uri(ask->request.uri));

	for (const struct binding *at = watch->bindings; at != NULL; at = at->next) {
		const struct branch *branch = ask->branches;

		if (at->user != user || at->unsure ||
			watch_settled_us(watch, ask->host, ask->request.call_id,
				at->since_us) >= ask->branches->first_us ||
			at->expires_us <= watch->sim->now_us + TOLERANCE_US)
			continue;
		while (branch != NULL && !place_equal(branch->to, at->place))
			branch = branch->sibling;
		if (branch == NULL && !may_lack_branches(watch, ask))
			watch_broken(watch, ask->host, "reaches-all-who-are-there",
				&ask->request, "a phone that is registered is left out");
	}
}
