/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a server does without one of its modules: nothing that is for that one.
 *
 * Each request is served by the modules that were there when it came, so that what came
 * before is ended as it was begun, and where a module is replaced all rules hold.
 */
#include "watch_state.h"

/* It was there when the turn of a first copy began: what is served now may be that one,
 * whose callback blocked, and not the latest. */
static bool was_begun_before(
	const struct watch *watch, const struct ask *ask, uint64_t us)
{
	return ask->first_us <= us &&
		watch_instant_us(watch, ask->host, ask->request.call_id) <= us;
}

/* It was let in, and has a transaction: that gets its copies (17.2.1, 17.2.2). */
static bool was_let_in_before(const struct ask *ask, uint64_t us)
{
	return ask->is_stateful && ask->kept_us <= us;
}

/* Not there when the request came, nor since. */
static bool lacks(
	const struct watch *watch, const struct ask *ask, enum host_module which)
{
	const struct host *host = &watch->sim->host[ask->host];
	uint64_t gone_us = host->gone_us[which];

	return host->module[which] == NULL && ask->last_us > gone_us &&
		!was_begun_before(watch, ask, gone_us) &&
		!was_let_in_before(ask, gone_us);
}

bool watch_lacked(const struct watch *watch, unsigned number, uint64_t since_us)
{
	const struct host *host = &watch->sim->host[number];

	for (unsigned i = 0; i < HOST_MODULES; i++) {
		if (host->module[i] == NULL ||
			(host->gone_us[i] != 0 && host->present_us[i] >= since_us))
			return true;
	}
	return false;
}

static enum host_module identifier_of(const struct watch *watch, const struct ask *ask)
{
	return ask->from.ip == watch->sim->cast.host[1 - ask->host].place.ip
		? HOST_IDENTIFIER_IP
		: HOST_IDENTIFIER_USER;
}

static enum host_module service_of(const struct ask *ask, bool sent_on)
{
	if (sent_on)
		return HOST_PROXY;
	return slice_is(ask->request.method, "REGISTER") ? HOST_REGISTRAR : HOST_OPTIONS;
}

void watch_has_modules(struct watch *watch, const struct ask *ask, bool sent_on)
{
	bool in_call = watch_is_in_call(watch, ask);

	if (!in_call && lacks(watch, ask, HOST_AUTHENTICATOR))
		watch_broken(watch, ask->host, "module-absent", &ask->request,
			"served without an authenticator");
	if (!in_call && lacks(watch, ask, identifier_of(watch, ask)))
		watch_broken(watch, ask->host, "module-absent", &ask->request,
			"served without the identifier that knows whom it is from");
	/* The desk is always there. */
	if (ask->talk == NULL && lacks(watch, ask, service_of(ask, sent_on)))
		watch_broken(watch, ask->host, "module-absent", &ask->request,
			"served by a module that was unloaded");
}

/* "Answers 503 in the moment between two of them".  Not to what is for a dialog that
 * there is not: its 481 (12.2.2) asks nobody who sent it. */
void watch_refused_without(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	/* A transaction answers a copy as it did. */
	if (response->code == 503 || response->code == ask->code_before ||
		slice_is(response->method, "CANCEL") || ask->branches != NULL ||
		watch_is_in_call(watch, ask) || !lacks(watch, ask, HOST_AUTHENTICATOR))
		return;
	if (response->code == 481 && watch_is_of_a_talk(watch, ask->host, &ask->request))
		return;
	watch_broken(watch, ask->host, "module-absent", &ask->request,
		"an answer without an authenticator that is no 503");
}
