/* SPDX-License-Identifier: BSD-2-Clause */
/* The branch parameter of our Via: branch_id.h.  Loop detection: RFC 5393 section 4.2. */
#include "server/proxy/branch_id.h"

#include "base/hex.h"

#define COOKIE "z9hG4bK"

void sip_branch_write(char text[SIP_BRANCH_LEN], uint64_t call_hash, uint64_t loop_hash,
	uint64_t unique)
{
	memcpy(text, COOKIE, 7);
	sip_hex_write(text + 7, call_hash, 16);
	sip_hex_write(text + 23, loop_hash, 16);
	sip_hex_write(text + 39, unique, 16);
}

bool sip_branch_read(struct sip_str branch, uint64_t *call_hash, uint64_t *loop_hash)
{
	return branch.len == SIP_BRANCH_LEN && memcmp(branch.ptr, COOKIE, 7) == 0 &&
		sip_hex_read(branch.ptr + 7, 16, call_hash) &&
		sip_hex_read(branch.ptr + 23, 16, loop_hash);
}

/* The text keys what follows. */
static void take(struct sip_hash_key *key, struct sip_str text)
{
	key->k[0] ^= sip_hash(key, text.ptr, text.len);
}

/* 16.6 step 8: it reflects "those fields having an impact on the processing of the
 * request", and of what stays the same on the way the hash of the Call-ID says enough: a
 * request meets nobody's Vias but its own.  Of the Routes it is all: where one is used up
 * the next may be ours as well, and only what stands behind it another.
 */
static uint64_t hash_of(const struct sip_rx_data *rdata)
{
	const struct sip_msg *msg = &rdata->msg;
	const struct sip_str uri = rdata->serving->request_uri->text;
	const struct sip_str required = sip_msg_header(msg, SIP_HDR_PROXY_REQUIRE);
	struct sip_hash_key key = rdata->server->loop_key;
	struct sip_hdr_iter iter = { 0 };

	key.k[0] ^= rdata->call_hash;
	key.k[1] ^= msg->cseq;
	while (sip_msg_next_header(msg, SIP_HDR_ROUTE, &iter))
		take(&key, iter.value);
	if (required.ptr != NULL) {
		key.k[1] = ~key.k[1]; /* it is no Route */
		take(&key, required);
	}
	return sip_hash(&key, uri.ptr, uri.len);
}

uint64_t sip_loop_hash(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = sip_serving_of(rdata);

	if (serving->loop_hash == 0)
		serving->loop_hash = hash_of(rdata) | 1;
	return serving->loop_hash;
}

static bool has_hash(const struct sip_via *via, uint64_t wanted)
{
	uint64_t call_hash;
	uint64_t loop_hash;

	return sip_branch_read(via->branch, &call_hash, &loop_hash) &&
		loop_hash == wanted;
}

/* One below the topmost has it. */
static bool is_below(const struct sip_msg *msg, uint64_t wanted)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_via via;

	SIP_IGNORE(sip_msg_next_element(msg, SIP_HDR_VIA, &iter)); /* the topmost */
	while (sip_msg_next_element(msg, SIP_HDR_VIA, &iter)) {
		if (sip_via_parse(iter.value, &via) == 0 && has_hash(&via, wanted))
			return true;
	}
	return false;
}

/* One of the Vias that the request collected is ours, with the same hash: it came round.
 */
bool ast_sip_request_loops(const struct sip_rx_data *const_rdata)
{
	struct sip_rx_data *rdata = const_rdata->serving->rdata;
	uint64_t mine = sip_loop_hash(rdata);
	bool loops = has_hash(&rdata->msg.via, mine) ||
		(sip_msg_has_further_via(&rdata->msg) && is_below(&rdata->msg, mine));

	if (loops)
		sip_serving_count(rdata, SIP_COUNT_LOOPS);
	return loops;
}
