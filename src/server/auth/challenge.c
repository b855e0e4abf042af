/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Challenges: 401 and 407 (RFC 3261 section 22, RFC 8760).
 *
 * One header field per algorithm, best first, each with the same nonce.  Known
 * and unknown users see the same bytes but for the nonce.
 */
#include "server/auth/authentication.h"

#include "base/hex.h"
#include "res_sip/log.h"
#include "server/admission/sources.h"
#include "server/auth/nonce.h"
#include "server/message/build.h"
#include "server/show/dry_run.h"

static struct sip_log_limit limit;

static int refuse(const char *why)
{
	sip_log_limited(&limit, SIP_LOG_WARNING, "authentication",
		"no challenge is sent: %s", why);
	return -1;
}

/* 22.3: a proxy challenges with 407, a server for itself with 401. */
static bool for_proxy(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;

	if (rdata->msg.method == SIP_REGISTER || serving->snapshot->forward.count == 0)
		return false;
	return !sip_uri_ours(rdata->server, serving->snapshot->settings,
		       serving->request_uri) ||
		!sip_serving_is_claimed(rdata);
}

/* What a challenge says, whichever its algorithm. */
struct words {
	const struct ast_sip_digest_challenge_data *data;
	struct sip_str nonce;
	const char *opaque;
	const char *header;
};

static void put_challenge(
	struct sip_builder *b, const struct words *w, struct sip_str algorithm)
{
	sip_put(b, sip_str_of(w->header));
	sip_put(b, SIP_STR(": Digest realm="));
	sip_put_quoted(b, sip_str_of(w->data->realm));
	if (w->data->domain != NULL) {
		sip_put(b, SIP_STR(", domain="));
		sip_put_quoted(b, sip_str_of(w->data->domain));
	}
	sip_put(b, SIP_STR(", nonce="));
	sip_put_quoted(b, w->nonce);
	sip_put(b, SIP_STR(", opaque="));
	sip_put_quoted(b, sip_str_of(w->opaque));
	sip_put(b, SIP_STR(", algorithm="));
	sip_put_clean(b, algorithm);
	sip_put(b, SIP_STR(", qop=\"auth\""));
	if (w->data->stale)
		sip_put(b, SIP_STR(", stale=true"));
	sip_put(b, SIP_STR("\r\n"));
}

/* Room for what put_challenges() writes; quoting can double a text. */
static int make_room(struct sip_tx_data *tdata, const struct words *w,
	const struct sip_config_list *configured)
{
	size_t one = 160 +
		2 *
			(w->nonce.len + sip_str_of(w->data->realm).len +
				sip_str_of(w->opaque).len +
				sip_str_of(w->data->domain).len);
	size_t count = configured->count + 1;
	struct sip_str rest = sip_str_of(w->data->algorithms);
	struct sip_str algorithm;

	while (sip_list_next(&rest, &algorithm)) {
		one += algorithm.len;
		count++;
	}
	for (size_t i = 0; i < configured->count; i++)
		one += strlen(configured->item[i]);
	return sip_tx_data_grow(tdata, tdata->head.len + count * one);
}

/* One per algorithm: those the data names, else those of the configuration, else MD5. */
static void put_challenges(struct sip_builder *b, const struct words *w,
	const struct sip_config_list *configured)
{
	struct sip_str rest = sip_str_of(w->data->algorithms);
	struct sip_str algorithm;

	if (rest.ptr != NULL) {
		while (sip_list_next(&rest, &algorithm))
			put_challenge(b, w, algorithm);
		return;
	}
	for (size_t i = 0; i < configured->count; i++)
		put_challenge(b, w, sip_str_of(configured->item[i]));
	if (configured->count == 0)
		put_challenge(b, w, SIP_STR("MD5"));
}

static int send_challenge(struct sip_rx_data *rdata,
	const struct ast_sip_digest_challenge_data *data, bool proxy)
{
	struct sip_server *server = rdata->server;
	const struct sip_global_config *global = &rdata->serving->snapshot->settings
							  ->global;
	struct words w = {
		.data = data,
		.nonce = sip_str_of(data->nonce),
		.opaque = data->opaque ? data->opaque : sip_nonces_opaque(server->nonces),
		.header = proxy ? "Proxy-Authenticate" : "WWW-Authenticate",
	};
	char nonce[SIP_NONCE_LEN];
	struct sip_tx_data *tdata;

	if (data->realm == NULL)
		return refuse("the authenticator gave no realm");
	if (rdata->msg.method == SIP_ACK || rdata->msg.method == SIP_CANCEL)
		return refuse("ACK and CANCEL can't be challenged");
	if (ast_sip_create_response(rdata, proxy ? 407 : 401, NULL, &tdata) != 0)
		return refuse("out of memory");
	if (w.nonce.ptr == NULL) {
		sip_nonce_write(server->nonces,
			sip_clock_wall_us(server->clock_used) / 1000,
			sip_str_of(data->realm), &rdata->flow.peer, nonce);
		w.nonce = (struct sip_str){ nonce, sizeof(nonce) };
	}
	if (make_room(tdata, &w, &global->default_auth_algorithms_uas) != 0) {
		sip_tx_data_unref(&tdata);
		return refuse("out of memory");
	}
	put_challenges(&tdata->head, &w, &global->default_auth_algorithms_uas);
	sip_serving_count(rdata, SIP_COUNT_CHALLENGES);
	return ast_sip_send_response(rdata, tdata);
}

int ast_sip_challenge_request(struct ast_sip_digest_challenge_data *challenge)
{
	struct sip_rx_data *rdata = ast_sip_current_request();

	SIP_ASSERT(challenge != NULL);
	if (rdata == NULL || rdata->serving == NULL)
		return refuse("no request is being served here");
	return send_challenge(rdata, challenge, false);
}

int ast_sip_challenge_rx_data(
	struct sip_rx_data *rdata, const struct ast_sip_digest_challenge_data *challenge)
{
	SIP_ASSERT(rdata != NULL && challenge != NULL);
	return send_challenge(rdata, challenge, for_proxy(rdata));
}

/* Credentials of a header field for that realm. */
static int find_credentials(const struct sip_rx_data *rdata, enum sip_hdr_id id,
	struct sip_str realm, struct sip_digest *credentials)
{
	struct sip_hdr_iter iter = { 0 };

	while (sip_msg_next_header(&rdata->msg, id, &iter)) {
		if (sip_msg_digest(iter.value, credentials) == 0 &&
			sip_str_equal(credentials->realm, realm))
			return 0;
	}
	return -1;
}

int sip_find_credentials(const struct sip_rx_data *rdata, const char *realm,
	struct sip_digest *credentials)
{
	struct sip_str wanted = sip_str_of(realm);

	if (find_credentials(rdata, SIP_HDR_AUTHORIZATION, wanted, credentials) == 0)
		return 0;
	return find_credentials(rdata, SIP_HDR_PROXY_AUTHORIZATION, wanted, credentials);
}

int ast_sip_request_credentials(const struct sip_rx_data *rdata, const char *realm,
	struct sip_digest *credentials)
{
	if (sip_find_credentials(rdata, realm, credentials) != 0)
		return -1;
	return sip_source_doubts(rdata, credentials) ? -1 : 0;
}

/* nc is eight hex digits (RFC 7616 section 3.4); 0: not so. */
static uint32_t nonce_count(const struct sip_digest *credentials)
{
	const struct sip_str nc = credentials->nc;
	uint64_t digits;
	uint64_t count;

	/* Without qop the response does not cover nc: whoever heard it could count on. */
	if (credentials->qop.ptr == NULL)
		return 1;
	if (nc.len != sizeof(digits))
		return 0;
	memcpy(&digits, nc.ptr, sizeof(digits));
	/* Letters in lower case; nothing else becomes a digit by that. */
	digits |= (digits & UINT64_C(0x4040404040404040)) >> 1;
	return sip_hex_read((const char *)&digits, sizeof(digits), &count)
		? (uint32_t)count
		: 0;
}

/* What makes it this request.  It tells copies from others and guards nothing: who
 * repeats a response can repeat the rest. */
static uint64_t request_hash(
	const struct sip_rx_data *rdata, const struct sip_digest *credentials)
{
	const struct sip_msg *msg = &rdata->msg;
	uint64_t hash = sip_hash(
		&rdata->server->tag_key, msg->call_id.ptr, msg->call_id.len);
	uint64_t response[2] = { 0, 0 };

	if (credentials->response.len >= sizeof(response))
		memcpy(response, credentials->response.ptr, sizeof(response));
	return hash ^ msg->cseq * UINT64_C(0x9e3779b97f4a7c15) ^
		response[0] * UINT64_C(0xbf58476d1ce4e5b9) ^
		response[1] * UINT64_C(0x94d049bb133111eb);
}

static enum ast_sip_nonce_verdict rehearse_nonce(
	const struct sip_rx_data *rdata, const struct sip_nonce_use *use)
{
	static const char *const names[] = {
		[AST_SIP_NONCE_GOOD] = "good",
		[AST_SIP_NONCE_COPY] = "good",
		[AST_SIP_NONCE_STALE] = "stale",
	};
	const struct sip_server *server = rdata->server;
	char why[SIP_NONCE_WHY_LEN];
	enum ast_sip_nonce_verdict verdict = sip_nonce_rehearse(
		server->nonces, use, server->started_ms, why);

	sip_dry_say(rdata->serving->dry_run,
		&rdata->serving->snapshot->settings->global.source, "the nonce is %s: %s",
		names[verdict], why);
	return verdict;
}

bool ast_sip_nonce_proves_source(
	const struct sip_rx_data *rdata, const struct sip_digest *credentials)
{
	SIP_ASSERT(rdata != NULL && credentials != NULL);
	return sip_nonce_is_ours(rdata->server->nonces, credentials->nonce,
		credentials->realm, &rdata->flow.peer);
}

enum ast_sip_nonce_verdict ast_sip_nonce_use(
	struct sip_rx_data *rdata, const struct sip_digest *credentials)
{
	struct sip_serving *serving = sip_serving_of(rdata);
	struct sip_nonce_use use = {
		.nonce = credentials->nonce,
		.realm = credentials->realm,
		.source = &rdata->flow.peer,
		.wall_ms = sip_clock_wall_us(rdata->server->clock_used) / 1000,
		.count = nonce_count(credentials),
		.request = request_hash(rdata, credentials),
	};
	enum ast_sip_nonce_verdict verdict = serving->dry_run == NULL
		? sip_nonce_judge(rdata->server->nonces, &use)
		: rehearse_nonce(rdata, &use);

	if (verdict == AST_SIP_NONCE_STALE) {
		serving->stale = true;
		sip_serving_count(rdata, SIP_COUNT_AUTH_REPLAYS);
	}
	return verdict;
}
