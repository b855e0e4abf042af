/* SPDX-License-Identifier: BSD-2-Clause */
/* The location as modules see it: that of the current server (res_sip/location.h). */
#include "server/serving.h"
#include "server/show/trace.h"

/* Where the call of the current request goes, for whoever watches one side of it. */
static void tell_watcher(struct sip_server *server, const char *aor)
{
	const struct sip_rx_data *request = ast_sip_current_request();
	struct sip_trace_link link = { .aor = aor };

	if (request == NULL)
		return;
	link.call_id = request->msg.call_id;
	sip_trace_tell_link(server, &link);
}

int ast_sip_location_find(const char *aor, struct ast_sip_contacts *found)
{
	struct sip_server *server = sip_server_here();

	SIP_ASSERT(aor != NULL && found != NULL);
	*found = (struct ast_sip_contacts){ NULL, 0 };
	if (server == NULL)
		return -1;
	if (sip_trace_watched(server))
		tell_watcher(server, aor);
	return sip_location_find(server->location, sip_str_of(aor), found) == 0 ? 0 : -1;
}

/* A peer that is on time has its line ends lost or late. */
#define LATE_MS 30000u

void ast_sip_expect_keep_alive(const struct sip_rx_data *rdata, uint32_t seconds)
{
	SIP_ASSERT(rdata != NULL && seconds > 0 && seconds < 1000000);
	if (rdata->flow.connection != 0 && sip_dry_current() == NULL)
		sip_transport_expect(
			rdata->server->transport, &rdata->flow, seconds * 1000 + LATE_MS);
}

enum ast_sip_register_result ast_sip_location_register(
	const struct ast_sip_registration *change, struct ast_sip_contacts *now)
{
	struct sip_server *server = sip_server_here();
	enum ast_sip_register_result result;

	SIP_ASSERT(change != NULL && now != NULL && server != NULL);
	if (sip_dry_current() != NULL)
		return sip_location_rehearse(server->location, change, now);
	sip_core_enter();
	result = sip_location_register(server->location, change, now);
	sip_core_leave();
	if (result == AST_SIP_REGISTER_DONE && (change->count > 0 || change->remove_all))
		sip_count(server->counters, SIP_COUNT_REGISTRATIONS);
	return result;
}
