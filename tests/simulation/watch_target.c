/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where requests of the servers' own calls go: the peer's latest Contact (RFC 3261
 * section 12.2.1).  That is the one of the INVITE that came, or of the first 1xx to one
 * that went (12.1); it changes with each 2xx, and with each INVITE and UPDATE within that
 * is accepted (12.2.1.2, 12.2.2, RFC 3311), and with no further 1xx.
 */
#include "watch_dialogs.h"

void watch_target_moves(struct talk *talk, const struct sip_text *message)
{
	struct slice contact = sip_text_item(message, "Contact", 0);

	if (contact.at == NULL)
		return;
	talk->target_before = talk->target;
	talk->target = watch_talk_keep(talk->watch, slice_uri(contact));
	talk->target_us = talk->watch->sim->now_us;
	talk->either = false;
}

void watch_target_updated(struct talk *talk, const struct sip_text *message)
{
	watch_target_moves(talk, message);
	talk->updated |= !talk->confirmed;
}

/* Of two things of one instant nobody knows which was first; and without memory for the
 * new one the old one stays. */
static bool may_be_before(const struct talk *talk)
{
	return talk->either ||
		talk->target_us >=
		watch_instant_us(talk->watch, talk->host, talk->call_id) ||
		watch_starved_at(talk->watch, talk->host, talk->call_id, talk->target_us);
}

/* The first of all makes the dialog, or another one, where the first was not heard. */
void watch_target_begins(struct talk *talk, const struct sip_text *provisional)
{
	struct slice contact = sip_text_item(provisional, "Contact", 0);

	if (contact.at == NULL || talk->confirmed || talk->updated)
		return;
	if (talk->target.len == 0) {
		watch_target_moves(talk, provisional);
	} else if (may_be_before(talk) &&
		!slice_equal(slice_uri(contact), talk->target)) {
		talk->target_before = watch_talk_keep(talk->watch, slice_uri(contact));
		talk->either = true;
	}
}

void watch_target_used(const struct talk *talk, const struct sip_text *request)
{
	if (talk->target.len == 0 || slice_equal(request->uri, talk->target) ||
		(may_be_before(talk) && slice_equal(request->uri, talk->target_before)))
		return;
	watch_talk_broken(talk, "to-the-target",
		"a request that does not go to the latest Contact");
}
