/* SPDX-License-Identifier: BSD-2-Clause */
/* A request's state: made at its first step, gone with the message's last reference. */
#include "server/serving.h"

#include "base/hex.h"
#include "server/dialogs/leg.h"
#include "server/message/force_rport.h"

static _Thread_local struct sip_rx_data *current;

int sip_serving_begin(struct sip_rx_data *rdata, struct sip_server *server)
{
	struct sip_serving *serving = sip_arena_alloc(&rdata->arena, sizeof(*serving));

	if (serving == NULL)
		return SIP_EMEMORY;
	memset(serving, 0, offsetof(struct sip_serving, last_route));
	serving->snapshot = sip_snapshot_take(server);
	serving->rdata = rdata;
	serving->request_uri = &rdata->msg.request_uri;
	rdata->serving = serving;
	rdata->fini = sip_serving_end;
	sip_force_rport_begin(rdata);
	return 0;
}

void sip_serving_end(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;

	rdata->serving = NULL;
	if (SIP_UNLIKELY(serving->leg != NULL))
		sip_leg_unref(&serving->leg);
	ast_sip_endpoint_unref(serving->endpoint);
	sip_snapshot_unref(&serving->snapshot);
}

void sip_serving_set_current(struct sip_rx_data *rdata)
{
	current = rdata;
}

struct sip_rx_data *ast_sip_current_request(void)
{
	return current;
}

/*
 * A keyed hash of Call-ID, From tag, CSeq number and topmost branch, so that each copy of
 * a request that left no state gets the same answer (RFC 3261 section 8.2.7).
 */
static void tag_of(const struct sip_rx_data *rdata, char tag[16])
{
	const struct sip_msg *msg = &rdata->msg;
	const struct sip_str number = { (const char *)&msg->cseq, sizeof(msg->cseq) };
	uint64_t hash = sip_hash_parts(&rdata->server->tag_key,
		(const struct sip_str[]){
			msg->call_id, msg->from_tag, number, msg->via.branch },
		4);

	sip_hex_write(tag, hash, 16);
}

struct sip_str sip_to_tag(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;

	if (serving->to_tag_len == 0) {
		tag_of(rdata, serving->to_tag);
		serving->to_tag_len = 16;
	}
	return (struct sip_str){ serving->to_tag, serving->to_tag_len };
}

bool sip_to_tag_is_ours(struct sip_rx_data *ack)
{
	char tag[16];

	if (ack->msg.to_tag.len != sizeof(tag))
		return false;
	tag_of(ack, tag);
	return memcmp(tag, ack->msg.to_tag.ptr, sizeof(tag)) == 0;
}
