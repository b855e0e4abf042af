/* SPDX-License-Identifier: BSD-2-Clause */
/* What access lists say of a message, in the words of an operator: explain.h. */
#include "server/show/explain.h"

#include "server/settings/acl.h"
#include "server/show/dry_run.h"

void sip_explain_verdict(const struct sip_rx_data *rdata, const char *what,
	const struct sip_addr *addr, const struct sip_acl_verdict *verdict)
{
	struct sip_dry_run *run = rdata->serving->dry_run;
	char text[SIP_ADDR_TEXT_LEN];

	sip_dry_say(run, &verdict->source, "%s %s may %scome, by list [%s] of %s [%s]",
		what, sip_addr_host_text(addr, text), verdict->allowed ? "" : "not ",
		verdict->list, verdict->kind, verdict->name);
}

bool sip_explain_lists(struct sip_rx_data *rdata)
{
	const struct sip_settings *settings = rdata->serving->snapshot->settings;
	const struct sip_listener *listener = sip_transport_listener(
		rdata->server->transport, rdata->flow.listener);
	struct sip_acl_verdict verdict;

	if (!settings->filters || !sip_acl_is_about(rdata))
		return true;
	sip_acl_judge_source(settings, listener != NULL ? listener->name : NULL,
		&rdata->flow.peer, &verdict);
	sip_dry_step(rdata->serving->dry_run, "lists");
	sip_dry_verdict(
		rdata->serving->dry_run, "%s", verdict.allowed ? "allowed" : "dropped");
	if (verdict.kind != NULL)
		sip_explain_verdict(rdata, "source", &rdata->flow.peer, &verdict);
	return verdict.allowed;
}
