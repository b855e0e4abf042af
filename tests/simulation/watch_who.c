/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may do what: a request that a server sends on, or answers with a 2xx, was proven by
 * a password, comes from the other server, or belongs to a call that was let in and from
 * one of its sides.
 */
#include "watch_state.h"

#include "phone.h"

#include <stdlib.h>
#include <string.h>

/* Of one nonce the server knows the latest requests only. */
#define REQUESTS_REMEMBERED 8

/* A nonce ages by the wall clock, as that was at that instant. */
static int64_t wall_us(const struct watch *watch, unsigned host, uint64_t instant_us)
{
	const struct host *at = &watch->sim->host[host];
	int64_t us = (int64_t)instant_us;

	for (unsigned i = 0; i < at->steps; i++) {
		if (at->step[i].at_us <= instant_us)
			us += at->step[i].by_us;
	}
	return us;
}

void watch_challenged(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *response)
{
	struct challenged *challenged;
	struct slice field = sip_text_field(response,
		response->code == 407 ? "Proxy-Authenticate" : "WWW-Authenticate");
	struct slice nonce;

	if (field.at == NULL)
		watch_broken(watch, host, "challenge-is-whole", response,
			"a 401 or 407 without a challenge");
	nonce = slice_param(field, "nonce");
	challenged = memory_take(&watch->sim->memory, sizeof(*challenged));
	challenged->host = host;
	challenged->to = to;
	challenged->nonce = memory_copy(&watch->sim->memory, nonce.at, nonce.len);
	challenged->at_us = wall_us(watch, host, watch->sim->now_us);
	challenged->next = watch->challenged;
	watch->challenged = challenged;
}

bool watch_may_be_ignored(const struct watch *watch, const struct ask *ask)
{
	const struct cast *cast = &watch->sim->cast;

	if (cast->host[ask->host].failed_logins == 0)
		return false;
	for (unsigned i = 0; i < cast->phone_count; i++) {
		const struct cast_phone *phone = &cast->phone[i];

		/* A replayer spoils the name of whose address it takes. */
		if (phone->kind == CAST_REPLAYER ||
			(phone->kind != CAST_HONEST && phone->place.ip == ask->from.ip))
			return true;
		/* Who was no user for a while had no right password. */
		if (watch->sim->host[ask->host].was_without[phone->user - cast->user] &&
			phone->place.ip == ask->from.ip)
			return true;
	}
	return false;
}

bool watch_changed_since(const struct watch *watch, const struct ask *ask)
{
	uint64_t began_us = watch_instant_us(watch, ask->host, ask->request.call_id);

	return began_us < watch->sim->now_us &&
		watch->sim->host[ask->host].changed_us >= began_us &&
		blocking_held(&watch->sim->host[ask->host], ask->request.call_id,
			watch->sim->now_us);
}

/* The least that the wall clock has said since then: it may have been set back. */
static int64_t least_wall_us(const struct watch *watch, unsigned host, uint64_t since_us)
{
	const struct host *at = &watch->sim->host[host];
	int64_t least_us = wall_us(watch, host, since_us);

	for (unsigned i = 0; i < at->steps; i++) {
		int64_t us = wall_us(watch, host, at->step[i].at_us);

		if (at->step[i].at_us >= since_us && us < least_us)
			least_us = us;
	}
	return least_us;
}

/* By the wall clock, when it was judged: in its turn, which did not begin before it came.
 * RFC 2617 3.2.1 has the nonce of a request stale or not, whenever its answer goes.  What
 * tells that it was let in may have been lost for want of memory. */
static int64_t judged_us(const struct watch *watch, const struct ask *ask)
{
	uint64_t turn_us = watch_instant_us(watch, ask->host, ask->request.call_id);

	if (turn_us < ask->first_us ||
		watch_starved(watch, ask->host, ask->request.call_id, ask->first_us))
		turn_us = ask->first_us;
	return least_wall_us(watch, ask->host, turn_us);
}

static bool was_given_nonce(
	const struct watch *watch, const struct ask *ask, struct slice nonce)
{
	uint64_t lifetime_us = watch->sim->cast.host[ask->host].nonce_lifetime_s *
		SECOND_US;

	/* A copy of what was let in before is let in for 64*T1 longer. */
	if (ask->is_let_in ||
		(ask->code_before != 0 && ask->code_before != 401 &&
			ask->code_before != 407))
		lifetime_us += T64_US;
	if (watch_changed_since(watch, ask))
		lifetime_us = UINT64_MAX / 4;
	for (const struct challenged *at = watch->challenged; at != NULL; at = at->next) {
		if (at->host == ask->host && at->to.ip == ask->from.ip &&
			slice_equal(at->nonce, nonce))
			return judged_us(watch, ask) <=
				at->at_us + (int64_t)(lifetime_us + TOLERANCE_US);
	}
	return false;
}

/* Of the field with the realm of that server; .at NULL: none. */
static struct slice credentials_for(const struct watch *watch, const struct ask *ask)
{
	static const char *const names[] = { "Authorization", "Proxy-Authorization" };
	const char *realm = watch->sim->cast.host[ask->host].domain;

	for (unsigned i = 0; i < 2; i++) {
		struct slice field = sip_text_field(&ask->request, names[i]);

		if (field.at != NULL && slice_is(slice_param(field, "realm"), realm))
			return field;
	}
	return (struct slice){ NULL, 0 };
}

static unsigned long number_of(struct slice nc)
{
	char text[9];

	snprintf(text, sizeof(text), "%.*s", SLICE_ARG(nc));
	return strtoul(text, NULL, 16);
}

bool watch_is_nonce_forgotten(const struct watch *watch, const struct ask *ask)
{
	struct slice field = credentials_for(watch, ask);
	unsigned long nc = number_of(slice_param(field, "nc"));
	struct slice nonce = slice_param(field, "nonce");

	if (!was_given_nonce(watch, ask, nonce))
		return true;
	for (const struct counted *at = watch->counted; at != NULL; at = at->next) {
		unsigned long other = number_of(at->nc);

		if (other != nc &&
			other % REQUESTS_REMEMBERED == nc % REQUESTS_REMEMBERED &&
			slice_equal(at->nonce, nonce))
			return true;
	}
	return false;
}

/* At most once for two different requests. */
static void count(struct watch *watch, const struct ask *ask, struct slice field)
{
	struct slice nonce = slice_param(field, "nonce");
	struct slice nc = slice_param(field, "nc");
	struct slice response = slice_param(field, "response");
	const struct sip_text *request = &ask->request;
	struct counted *at = watch->counted;

	while (at != NULL && !(slice_equal(at->nonce, nonce) && slice_equal(at->nc, nc)))
		at = at->next;
	if (at != NULL) {
		if (!slice_equal(at->call_id, request->call_id) ||
			at->cseq != request->cseq ||
			!slice_equal(at->response, response) ||
			!slice_equal(at->method, request->method))
			watch_broken(watch, ask->host, "nonce-count-once", request,
				"a nonce count served two requests");
		return;
	}
	at = memory_take(&watch->sim->memory, sizeof(*at));
	*at = (struct counted){ .next = watch->counted,
		.nonce = nonce,
		.nc = nc,
		.response = response,
		.call_id = request->call_id,
		.cseq = request->cseq,
		.method = request->method };
	watch->counted = at;
}

static const char *text_of(struct watch *watch, struct slice slice)
{
	return memory_copy(&watch->sim->memory, slice.at, slice.len).at;
}

/* Without the parameter that tells one Contact of a phone from the next. */
static struct slice without_number(struct slice uri)
{
	struct slice n = slice_param(uri, "n");

	if (n.at != NULL && n.at + n.len == uri.at + uri.len)
		uri.len -= n.len + strlen(";n=");
	return uri;
}

/* RFC 3261 19.1.4: "All other uri-parameters appearing in only one URI are ignored when
 * comparing the URIs." */
static bool same_uri(struct slice a, struct slice b)
{
	struct slice n = slice_param(a, "n");
	struct slice other = slice_param(b, "n");

	return (n.at == NULL || other.at == NULL || slice_equal(n, other)) &&
		slice_equal(without_number(a), without_number(b));
}

/* Some clients sign the server that they send to: that fits every request.  Here that is
 * the domain, for REGISTER; a phone that signs the server's address was led to do so by a
 * Contact of the server's, and meant something else. */
static bool uri_fits(const struct watch *watch, const struct ask *ask, struct slice uri)
{
	const char *domain = watch->sim->cast.host[ask->host].domain;

	return same_uri(uri, ask->request.uri) ||
		(uri.len == 4 + strlen(domain) && memcmp(uri.at, "sip:", 4) == 0 &&
			memcmp(uri.at + 4, domain, strlen(domain)) == 0);
}

/* The right answer to a nonce that was given to that address, by whom From names. */
static bool is_proven(struct watch *watch, const struct ask *ask, struct slice field)
{
	struct slice from = slice_uri(sip_text_field(&ask->request, "From"));
	const struct cast_user *user = cast_find(&watch->sim->cast, user_of_uri(from));
	struct slice nonce = slice_param(field, "nonce");
	char response[33];

	if (user == NULL || user->host != ask->host ||
		(user == watch->sim->host[ask->host].without &&
			!watch_changed_since(watch, ask)) ||
		!slice_is(slice_param(field, "username"), user->name) ||
		!uri_fits(watch, ask, slice_param(field, "uri")))
		return false;
	digest_response(response, user->name, watch->sim->cast.host[ask->host].domain,
		user->password, text_of(watch, ask->request.method),
		text_of(watch, slice_param(field, "uri")), text_of(watch, nonce),
		text_of(watch, slice_param(field, "nc")),
		text_of(watch, slice_param(field, "cnonce")));
	return slice_is(slice_param(field, "response"), response) &&
		was_given_nonce(watch, ask, nonce);
}

/* One of these let the call of `ask` in, and it comes from a side of it: by address, not
 * by port. */
static bool let_in(const struct branch *branches, const struct ask *ask)
{
	for (const struct branch *at = branches; at != NULL; at = at->older) {
		if (at->host != ask->host || !at->is_invite || at->ask == NULL ||
			at->ask == ask || at->ask->request.to_tag.len > 0 ||
			!slice_equal(at->request.call_id, ask->request.call_id))
			continue;
		if (ask->from.ip == at->ask->from.ip || ask->from.ip == at->to.ip)
			return true;
	}
	return false;
}

bool watch_is_in_call(const struct watch *watch, const struct ask *ask)
{
	return ask->request.to_tag.len > 0 &&
		(watch_is_in_talk(ask) || let_in(watch->last_branch, ask) ||
			(watch->sim->host[ask->host].keeps_keys &&
				let_in(watch->gone_branches, ask)));
}

void watch_accepted(struct watch *watch, struct ask *ask)
{
	const struct cast_host *other = &watch->sim->cast.host[1 - ask->host];
	struct slice field = credentials_for(watch, ask);

	if (ask->from.ip == other->place.ip)
		return;
	if (watch_is_in_call(watch, ask))
		return;
	if (field.at == NULL || !is_proven(watch, ask, field))
		watch_broken(watch, ask->host, "nothing-unauthenticated", &ask->request,
			"served without proof of who it is");
	ask->is_let_in = true;
	count(watch, ask, field);
}
