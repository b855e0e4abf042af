/* SPDX-License-Identifier: BSD-2-Clause */
/* See named.h. */
#include "named.h"

#include "support/check.h"

#include "server/serving.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct fake_dns named_dns;

static const char *const zone[] = {
	"one.example 300 A 192.0.2.51",
	"_sip._udp.two.example 300 SRV 1 1 5060 a.two.example",
	"_sip._udp.two.example 300 SRV 2 1 5062 b.two.example",
	"a.two.example 300 A 192.0.2.51",
	"b.two.example 300 A 192.0.2.52",
	"_sip._udp.three.example 300 SRV 1 1 5060 a.two.example",
	"_sip._udp.three.example 300 SRV 2 1 5062 b.two.example",
	"_sip._udp.three.example 300 SRV 3 1 5060 c.three.example",
	"c.three.example 300 A 192.0.2.53",
	NULL,
};

static void (*further)(struct sip_config *config);

static void with_trunk(struct sip_config *config)
{
	static struct sip_aor_config aors[3];
	static const char *const contact[] = { "sip:box@two.example" };

	memcpy(aors, config->aor, sizeof(aors));
	aors[2].contact = (struct sip_config_list){ contact, 1 };
	config->aor = aors;
	config->global.default_outbound_endpoint = "open";
	if (further != NULL)
		further(config);
}

struct world *named_world_of(void (*configure)(struct sip_config *config))
{
	fake_dns_init(&named_dns, zone);
	further = configure;
	return world_create(&(struct world_options){
		.configure = with_trunk, .dns = &named_dns.source });
}

struct world *named_world_by(const struct sip_listener_config *listener)
{
	fake_dns_init(&named_dns, zone);
	further = NULL;
	return world_create(&(struct world_options){ .configure = with_trunk,
		.dns = &named_dns.source,
		.listener = listener });
}

struct world *named_world(void)
{
	return named_world_of(NULL);
}

int named_ask(struct world *w, const char *method, const char *uri)
{
	static unsigned number;
	char call_id[32];

	snprintf(call_id, sizeof(call_id), "named-%u", ++number);
	return ASK(w, .method = method, .uri = uri, .peer = TRUNK, .call_id = call_id,
		.extra = "Max-Forwards: 70\nContact: <sip:t@192.0.2.99>\n");
}

static void ask_for_call(struct world *w, const char *method, const char *uri)
{
	ASK(w, .method = method, .uri = uri, .peer = TRUNK, .branch = "the-call",
		.extra = "Max-Forwards: 70\n");
}

void named_call(struct world *w, const char *uri)
{
	ask_for_call(w, "INVITE", uri);
}

void named_cancel(struct world *w, const char *uri)
{
	ask_for_call(w, "CANCEL", uri);
}

void named_release(struct world *w)
{
	named_dns.holds = false;
	fake_dns_release(&named_dns);
	wire_settle(&w->wire);
}

size_t sent_to(const struct world *w, const char *peer, const char *start)
{
	struct sip_addr addr = wire_addr(peer);
	size_t count = 0;

	for (size_t i = 0; i < w->wire.count; i++) {
		const struct wire_message *message = &w->wire.sent[i];

		count += sip_addr_equal(&message->flow.peer, &addr) &&
			strncmp(message->text, start, strlen(start)) == 0;
	}
	return count;
}

void named_answer(struct world *w, const char *start, int code, const char *extra)
{
	const struct wire_message *request = wire_last(&w->wire, start);
	char peer[SIP_ADDR_TEXT_LEN];

	sip_addr_text(&request->flow.peer, peer);
	wire_receive(&w->wire, peer, response_text(request, code, peer, extra));
}

void named_fail(struct world *w, const char *start)
{
	const struct wire_message *request = wire_last(&w->wire, start);

	sip_receive_failed(w->server, &request->flow,
		(struct sip_str){ request->text, strlen(request->text) }, ECONNREFUSED);
	wire_settle(&w->wire);
}
