/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lingers: left, found, and answered from.  See lingering.h; its end:
 * lingering_end.c.
 *
 * A record is found by a hash with a key of ours, 64 bits beside the Call-ID's 64, and by
 * the method: nobody can make two of them meet, and by chance they do not.  Branches
 * count byte by byte, as in match.c.
 *
 * Nothing is copied out of a record but under its stripe's lock: the sweeper may be about
 * to end it.
 */
#include "transaction/lingering_private.h"

#include "transaction/own_text.h"

#include <ctype.h>
#include <string.h>

/* What makes one Call-ID's messages look at many is kept short. */
#define EACH_MOST 256u

/* A branch with a host of that length together; longer ones leave no record. */
#define PRINT_MOST 256u

/* What a record is told by. */
struct print {
	uint64_t call_hash;
	uint64_t key;
	uint32_t method;
};

/* Of one branch there are two methods at most, and nobody else's: no key is needed. */
static uint32_t method_of(struct sip_str method)
{
	uint64_t word = 0;

	memcpy(&word, method.ptr, method.len < sizeof(word) ? method.len : sizeof(word));
	return (uint32_t)((word ^ method.len) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* False: it is too long to have left one. */
static bool print_of(struct print *print, const struct sip_calls *calls,
	uint64_t call_hash, const struct sip_txn_key *key)
{
	char text[PRINT_MOST + sizeof(key->port)];
	size_t len = key->branch.len + key->sent_by.len;

	if (len > PRINT_MOST || key->branch.len == 0)
		return false;
	memcpy(text, key->branch.ptr, key->branch.len);
	for (size_t i = 0; i < key->sent_by.len; i++)
		text[key->branch.len + i] = (char)tolower(
			(unsigned char)key->sent_by.ptr[i]);
	memcpy(text + len, &key->port, sizeof(key->port));
	print->call_hash = call_hash;
	print->key = sip_hash(&calls->key, text, len + sizeof(key->port));
	print->method = method_of(key->method);
	return true;
}

/* ---- addresses: family, port, host, and IPv6's scope ---- */

#define ADDR_MOST (1 + sizeof(in_port_t) + sizeof(struct in6_addr) + sizeof(uint32_t))

static char *put(char *at, const void *bytes, size_t len)
{
	return (char *)memcpy(at, bytes, len) + len;
}

static char *put_addr(char *at, const struct sip_addr *addr)
{
	*at++ = (char)addr->sa.sa_family;
	if (addr->sa.sa_family == AF_INET) {
		at = put(at, &addr->v4.sin_port, sizeof(addr->v4.sin_port));
		at = put(at, &addr->v4.sin_addr, sizeof(addr->v4.sin_addr));
	} else if (addr->sa.sa_family == AF_INET6) {
		at = put(at, &addr->v6.sin6_port, sizeof(addr->v6.sin6_port));
		at = put(at, &addr->v6.sin6_addr, sizeof(addr->v6.sin6_addr));
		at = put(at, &addr->v6.sin6_scope_id, sizeof(addr->v6.sin6_scope_id));
	}
	return at;
}

static const char *get(const char *at, void *bytes, size_t len)
{
	memcpy(bytes, at, len);
	return at + len;
}

static const char *get_addr(const char *at, struct sip_addr *addr)
{
	*addr = (struct sip_addr){ .sa.sa_family = (sa_family_t)(unsigned char)*at++ };
	if (addr->sa.sa_family == AF_INET) {
		at = get(at, &addr->v4.sin_port, sizeof(addr->v4.sin_port));
		at = get(at, &addr->v4.sin_addr, sizeof(addr->v4.sin_addr));
	} else if (addr->sa.sa_family == AF_INET6) {
		at = get(at, &addr->v6.sin6_port, sizeof(addr->v6.sin6_port));
		at = get(at, &addr->v6.sin6_addr, sizeof(addr->v6.sin6_addr));
		at = get(at, &addr->v6.sin6_scope_id, sizeof(addr->v6.sin6_scope_id));
	}
	return at;
}

static void get_flow(const struct sip_lingering *lingering, struct sip_flow *flow)
{
	*flow = (struct sip_flow){ .listener = lingering->listener, .kind = SIP_UDP };
	get_addr(get_addr(lingering->room, &flow->local), &flow->peer);
}

/* ---- leaving one ---- */

static struct sip_lingering *make(struct sip_keeper *keeper, const struct print *print,
	const struct sip_flow *flow, const struct sip_tx_data *answer)
{
	char addresses[2 * ADDR_MOST];
	struct sip_lingering *made;
	size_t addr_len = 0;
	size_t text_len = 0;

	if (answer != NULL) {
		addr_len = (size_t)(put_addr(put_addr(addresses, &flow->local),
					    &flow->peer) -
			addresses);
		text_len = answer->len;
	}
	if (text_len > UINT16_MAX)
		return NULL;
	made = sip_keeper_alloc(
		keeper, offsetof(struct sip_lingering, room) + addr_len + text_len);
	if (made == NULL)
		return NULL;
	made->call_hash = print->call_hash;
	made->key = print->key;
	made->method = print->method;
	made->listener = flow->listener;
	made->text_len = (uint16_t)text_len;
	made->addr_len = (uint8_t)addr_len;
	made->stay = SIP_LINGERING_ONCE;
	if (answer != NULL) {
		memcpy(made->room, addresses, addr_len);
		memcpy(made->room + addr_len, answer->text, text_len);
	}
	return made;
}

void sip_lingering_free(struct sip_lingerings *lingerings, struct sip_lingering *old)
{
	if (lingerings->max != 0)
		atomic_fetch_sub(&lingerings->total, 1);
	sip_keeper_free(&lingerings->txns->keeper, old,
		offsetof(struct sip_lingering, room) + old->addr_len + old->text_len);
}

/* Stripe locked. */
static void insert(struct stripe *stripe, struct sip_lingering *lingering)
{
	struct bucket *bucket = bucket_of(stripe, lingering->call_hash);

	lingering->next = bucket->lingering;
	bucket->lingering = lingering;
	bucket->lingering_marks |= mark_of(lingering->call_hash);
	stripe->lingering++;
}

static bool is_client(const struct sip_txn *txn)
{
	return txn->role == SIP_TXN_UAC;
}

/* Where it came, or was sent, and nobody wants to hear more of it. */
static bool leaves_record(const struct sip_txn *txn)
{
	if (txn->state != COMPLETED || sip_txn_reliable(txn) ||
		txn->user.on_ended != NULL || txn->user.on_error != NULL)
		return false;
	if (is_client(txn))
		return true;
	return txn->role == SIP_TXN_UAS && !txn->uas.by_2543 && !txn->uas.cancelled;
}

/* The Call-ID of a call that has joined another is not that call's. */
static uint64_t call_hash_of(const struct sip_txn *txn)
{
	if (!is_client(txn))
		return txn->uas.request->call_hash;
	if (SIP_LIKELY(txn->call->joined == NULL))
		return txn->call->hash;
	return sip_calls_hash(txn->txns->lingerings->calls,
		sip_own_text_header(txn->uac.request, SIP_HDR_CALL_ID));
}

/* Who counts what lingers of that Call-ID: the call, or who has joined it; NULL: nobody.
 */
static struct sip_call *counter_of(struct sip_call *call, uint64_t call_hash)
{
	while (call != NULL && call->hash != call_hash)
		call = call->joined;
	return call;
}

/* False: the calls are ending. */
static bool keep(struct sip_lingerings *lingerings, struct sip_lingering *made,
	enum sip_lingering_side side, uint64_t until_us)
{
	struct sip_calls *calls = lingerings->calls;
	struct stripe *stripe = stripe_of(calls, made->call_hash);
	size_t grow_from = 0;
	bool kept;

	sip_leaf_lock(&stripe->lock);
	/* sip_calls_end() has locked each stripe since it said so. */
	kept = !sip_calls_ending(calls);
	if (kept) {
		made->until_us = until_us;
		insert(stripe, made);
		sip_lingering_line_up(&stripe->queues[side], made);
		if (is_crowded(stripe))
			grow_from = stripe->bucket_count;
	}
	sip_leaf_unlock(&stripe->lock);
	if (grow_from > 0)
		sip_calls_grow(stripe, grow_from);
	if (kept)
		sip_lingering_sweep(lingerings, stripe);
	return kept;
}

static uint64_t until_us(const struct sip_txns *txns, enum sip_lingering_side side)
{
	uint64_t ms = side == SIP_LINGERING_CLIENT ? txns->timing.t4_ms
						   : txns->timing.timer_b_ms;

	return sip_pool_now_us(txns->lingerings->calls->pool) + ms * 1000;
}

bool sip_lingering_keep(const struct sip_txn *txn)
{
	enum sip_lingering_side side = is_client(txn) ? SIP_LINGERING_CLIENT
						      : SIP_LINGERING_SERVER;
	struct sip_lingerings *lingerings = txn->txns->lingerings;
	struct sip_lingering *made;
	struct sip_call *counter;
	struct print print;

	if (!leaves_record(txn) ||
		!print_of(&print, lingerings->calls, call_hash_of(txn), &txn->key))
		return false;
	counter = counter_of(txn->call, print.call_hash);
	if (counter == NULL || counter->lingering >= EACH_MOST)
		return false;
	made = make(&txn->txns->keeper, &print, &txn->flow,
		side == SIP_LINGERING_SERVER ? txn->uas.last_response : NULL);
	if (made == NULL)
		return false;
	if (lingerings->max != 0)
		atomic_fetch_add(&lingerings->total, 1);
	if (!keep(lingerings, made, side, until_us(txn->txns, side))) {
		sip_lingering_free(lingerings, made);
		return false;
	}
	counter->lingering++;
	return true;
}

/* ---- finding one ---- */

/* Stripe locked. */
static struct sip_lingering *find(const struct stripe *stripe, const struct print *print,
	bool any_method, unsigned *count)
{
	const struct bucket *bucket = bucket_of(stripe, print->call_hash);
	struct sip_lingering *at = NULL;

	*count = 0;
	if ((bucket->lingering_marks & mark_of(print->call_hash)) != 0)
		at = bucket->lingering;
	for (; at != NULL; at = at->next) {
		if (at->call_hash != print->call_hash)
			continue;
		++*count;
		if (at->key == print->key && (any_method || at->method == print->method))
			return at;
	}
	return NULL;
}

static bool print_of_request(struct print *print, const struct sip_calls *calls,
	const struct sip_rx_data *rdata)
{
	struct sip_txn_key key;

	sip_txn_key_of(&key, &rdata->msg);
	return sip_txn_has_cookie(key.branch) &&
		print_of(print, calls, rdata->call_hash, &key);
}

/* Also of an answer that is not whole. */
static int status_of(const struct sip_lingering *lingering)
{
	const char *code = lingering->room + lingering->addr_len + strlen("SIP/2.0 ");

	return (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
}

static bool match(struct sip_txns *txns, const struct sip_rx_data *rdata, bool is_cancel,
	struct sip_lingering_look *look)
{
	struct sip_calls *calls = txns->lingerings->calls;
	struct stripe *stripe = stripe_of(calls, rdata->call_hash);
	struct sip_call *counter = counter_of(rdata->call, rdata->call_hash);
	const struct sip_lingering *found;
	struct print print;
	unsigned count;

	/* None is known to be there, most often. */
	if ((counter != NULL && counter->lingering == 0) ||
		!print_of_request(&print, calls, rdata))
		return false;
	sip_leaf_lock(&stripe->lock);
	found = find(stripe, &print, is_cancel, &count);
	if (found != NULL && look != NULL) {
		get_flow(found, &look->flow);
		look->status = status_of(found);
	}
	sip_leaf_unlock(&stripe->lock);
	if (found == NULL && counter != NULL)
		counter->lingering = count;
	return found != NULL;
}

bool sip_lingering_match(struct sip_txns *txns, const struct sip_rx_data *rdata,
	struct sip_lingering_look *look)
{
	return rdata->msg.method != SIP_ACK && match(txns, rdata, false, look);
}

bool sip_lingering_match_cancel(struct sip_txns *txns, const struct sip_rx_data *cancel,
	struct sip_lingering_look *look)
{
	return match(txns, cancel, true, look);
}

bool sip_lingering_match_response(
	struct sip_txns *txns, const struct sip_rx_data *response)
{
	const struct sip_msg *msg = &response->msg;
	struct sip_txn_key key = { .branch = msg->via.branch,
		.method = msg->cseq_method_text };
	struct sip_calls *calls = txns->lingerings->calls;
	struct stripe *stripe = stripe_of(calls, response->call_hash);
	struct print print;
	unsigned count;
	bool found;

	if (!print_of(&print, calls, response->call_hash, &key))
		return false;
	sip_leaf_lock(&stripe->lock);
	found = find(stripe, &print, false, &count) != NULL;
	sip_leaf_unlock(&stripe->lock);
	return found;
}

/* ---- answering from one ---- */

/* The length of its answer; 0: it has ended meanwhile. */
static uint32_t len_of(struct stripe *stripe, const struct print *print)
{
	const struct sip_lingering *found;
	unsigned count;
	uint32_t len;

	sip_leaf_lock(&stripe->lock);
	found = find(stripe, print, false, &count);
	len = found != NULL ? found->text_len : 0;
	sip_leaf_unlock(&stripe->lock);
	return len;
}

/* Its answer, of the length that it had just now. */
static bool copy_answer(struct stripe *stripe, const struct print *print,
	struct sip_tx_data *tdata, uint32_t len, struct sip_flow *flow)
{
	const struct sip_lingering *found;
	unsigned count;
	bool same;

	sip_leaf_lock(&stripe->lock);
	found = find(stripe, print, false, &count);
	same = found != NULL && found->text_len == len;
	if (same) {
		get_flow(found, flow);
		memcpy(tdata->text, found->room + found->addr_len, len);
	}
	sip_leaf_unlock(&stripe->lock);
	tdata->len = len;
	tdata->sealed = true;
	return same;
}

void sip_lingering_receive(struct sip_txns *txns, const struct sip_rx_data *rdata)
{
	struct sip_calls *calls = txns->lingerings->calls;
	struct stripe *stripe = stripe_of(calls, rdata->call_hash);
	struct sip_tx_data *tdata;
	struct sip_flow flow;
	struct print print;
	uint32_t len;

	sip_count(txns->counters, SIP_COUNT_RX_RETRANSMISSIONS);
	if (!print_of_request(&print, calls, rdata) ||
		(len = len_of(stripe, &print)) == 0)
		return;
	tdata = sip_tx_data_create(txns->keeper.tx_slab, len);
	if (tdata == NULL)
		return;
	if (copy_answer(stripe, &print, tdata, len, &flow)) {
		sip_count(txns->counters, SIP_COUNT_TX_RETRANSMISSIONS);
		sip_transport_send(txns->transport, &flow, tdata);
	}
	sip_tx_data_unref(&tdata);
}

void sip_lingering_cancelled(struct sip_txns *txns, const struct sip_rx_data *cancel)
{
	struct sip_calls *calls = txns->lingerings->calls;
	struct stripe *stripe = stripe_of(calls, cancel->call_hash);
	struct sip_lingering *found;
	struct print print;
	unsigned count;

	if (!print_of_request(&print, calls, cancel))
		return;
	sip_leaf_lock(&stripe->lock);
	found = find(stripe, &print, true, &count);
	if (found != NULL && found->stay == SIP_LINGERING_ONCE)
		found->stay = SIP_LINGERING_TWICE;
	sip_leaf_unlock(&stripe->lock);
}

/* ---- for the console ---- */

static void see(const struct sip_lingering *lingering, uint64_t linger_us,
	uint64_t now_us, struct sip_lingering_seen *seen)
{
	uint64_t left_us = lingering->until_us > now_us ? lingering->until_us - now_us
							: 0;

	get_flow(lingering, &seen->flow);
	seen->status = status_of(lingering);
	seen->next_timer_us = left_us;
	seen->age_ms = left_us < linger_us ? (uint32_t)((linger_us - left_us) / 1000) : 0;
	seen->len = lingering->text_len < sizeof(seen->text)
		? lingering->text_len
		: (uint16_t)sizeof(seen->text);
	memcpy(seen->text, lingering->room + lingering->addr_len, seen->len);
}

/* Behind the last line end. */
static uint16_t whole_lines(const char *text, uint16_t len)
{
	while (len > 0 && text[len - 1] != '\n')
		len--;
	return len;
}

size_t sip_lingerings_see(const struct sip_lingerings *lingerings, unsigned number,
	struct sip_lingering_seen *seen, size_t most)
{
	uint64_t now_us = sip_pool_now_us(lingerings->calls->pool);
	uint64_t linger_us = lingerings->txns->timing.timer_b_ms * UINT64_C(1000);
	struct stripe *stripe = &lingerings->calls->stripes[number];
	const struct sip_lingering *at;
	size_t count = 0;

	sip_leaf_lock(&stripe->lock);
	at = stripe->queues[SIP_LINGERING_SERVER].oldest;
	for (; at != NULL && count < most; at = at->later)
		see(at, linger_us, now_us, &seen[count++]);
	sip_leaf_unlock(&stripe->lock);
	for (size_t i = 0; i < count; i++)
		seen[i].len = whole_lines(seen[i].text, seen[i].len);
	return count;
}
