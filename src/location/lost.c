/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lost contacts: see lost.h.
 *
 * What stays of one is where it was and who it was: its URI, the Call-ID, which a phone
 * keeps that registers again, and the parameters, which name the flow of RFC 5626.
 */
#include "location/lost.h"

#include "res_sip/error.h"

static bool is_reached_by(const struct contact *contact, const struct sip_flow *flow)
{
	return plan_is_live(contact) && sip_flow_equal(&contact->public.flow, flow);
}

int lost_plan(struct plan *plan, struct contact_kind *kind, const struct sip_flow *flow)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		struct plan_entry *entry = &plan->entry[i];

		/* What is due goes of itself. */
		if (entry->after == NULL || !is_reached_by(entry->before, flow))
			continue;
		const struct ast_sip_contact *before = &entry->before->public;
		struct ast_sip_contact values = {
			.uri = before->uri,
			.params = before->params,
			.call_id = before->call_id,
			.expires_at_us = before->expires_at_us,
			.flow = before->flow,
		};
		struct contact *after = contact_create(kind, &values, 0, NULL);
		plan_set(plan, entry, after, "lost");
		if (after == NULL)
			return SIP_EMEMORY;
	}
	return 0;
}
