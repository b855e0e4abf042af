/* SPDX-License-Identifier: BSD-2-Clause */
/* The signed Record-Route: record_route.h. */
#include "server/proxy/record_route.h"

#include "base/hex.h"
#include "res_sip/location.h"
#include "server/contacts/moves.h"
#include "server/message/build.h"

#define MAC_LEN                                                                          \
	10 /* bytes of it that are written: 80 bits, in a URI that lives for a day */

/* time, then per side: listener, transport and family, port, whose AOR, address, where it
 * is not by UDP the connection's number, and where a name of TLS belongs to it that,
 * behind its length; then the MAC. */
#define SIDE_BYTES  (4 + 1 + 2 + 4) /* and the address */
#define TOKEN_BYTES (4 + 2 * (SIDE_BYTES + 16 + 4 + SIP_TLS_HOST_LEN) + MAC_LEN)

/* Beside the family: a name follows.  A number of one does not outlive the server. */
#define NAMED 8u
/* Likewise: SIP_HOST_SECURE. */
#define SECURE 1u

struct token {
	uint8_t bytes[TOKEN_BYTES];
	size_t len; /* without the MAC */
};

static void add_bytes(struct token *t, const void *bytes, size_t len)
{
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

static void add_number(struct token *t, uint32_t number)
{
	uint8_t bytes[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
		(uint8_t)(number >> 8), (uint8_t)number };

	add_bytes(t, bytes, sizeof(bytes));
}

static uint32_t read_number(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
		(uint32_t)bytes[2] << 8 | bytes[3];
}

static void add_side(const struct sip_server *server, struct token *t,
	const struct sip_flow *flow, uint32_t who)
{
	char name[SIP_TLS_HOST_LEN];
	bool is_v6 = flow->peer.sa.sa_family == AF_INET6;
	bool named = sip_transport_host_name(server->transport, flow->host, name);
	uint16_t port = sip_addr_port(&flow->peer);
	uint8_t head[3] = { (uint8_t)((unsigned)flow->kind << 4 | (is_v6 ? 6u : 4u) |
				    (named ? NAMED : 0) |
				    ((flow->host & SIP_HOST_SECURE) != 0 ? SECURE : 0)),
		(uint8_t)(port >> 8), (uint8_t)port };

	/* Whole: a listener's number is never used again, so each reload may bring more.
	 */
	add_number(t, flow->listener);
	add_bytes(t, head, sizeof(head));
	add_bytes(t, &who, sizeof(who));
	if (is_v6)
		add_bytes(t, &flow->peer.v6.sin6_addr, 16);
	else
		add_bytes(t, &flow->peer.v4.sin_addr, 4);
	if (flow->kind != SIP_UDP)
		add_number(t, flow->connection);
	if (named) {
		uint8_t len = (uint8_t)strlen(name);

		add_bytes(t, &len, sizeof(len));
		add_bytes(t, name, len);
	}
}

static void sign(const struct sip_hash_key *key, const struct token *t,
	struct sip_str call_id, struct sip_str caller_tag, uint8_t mac[SIP_MAC_LEN])
{
	sip_mac(key,
		(const struct sip_str[]){
			{ (const char *)t->bytes, t->len }, call_id, caller_tag },
		3, mac);
}

static uint64_t wall_s(const struct sip_server *server)
{
	return sip_clock_wall_us(server->clock_used) / 1000000;
}

uint32_t sip_route_who(const struct sip_server *server, struct sip_str aor)
{
	uint32_t who = (uint32_t)sip_hash(&server->loop_key, aor.ptr, aor.len);

	return aor.len == 0 ? 0 : who == 0 ? 1 : who;
}

static bool is_at(const struct ast_sip_contacts *found, const struct sip_flow *flow)
{
	for (size_t i = 0; i < found->count; i++) {
		if (sip_flow_equal(&found->contact[i]->flow, flow))
			return true;
	}
	return false;
}

/* The AOR of the caller's that is registered where the request comes from; 0: none. */
static uint32_t who_calls(const struct sip_rx_data *request)
{
	const struct ast_sip_endpoint *endpoint = request->serving->endpoint;
	uint32_t who = 0;

	for (size_t i = 0;
		endpoint != NULL && who == 0 && i < endpoint->options.aors.count; i++) {
		struct sip_str aor = sip_str_of(endpoint->options.aors.item[i]);
		struct ast_sip_contacts found;

		/* Out of memory: the call is bound to the address it has now. */
		if (sip_location_find(request->server->location, aor, &found) != 0)
			continue;
		if (is_at(&found, &request->flow))
			who = sip_route_who(request->server, aor);
		ast_sip_contacts_release(&found);
	}
	return who;
}

static void make_token(struct token *t, const struct sip_rx_data *request,
	const struct sip_flow *to, struct sip_str aor)
{
	uint8_t mac[SIP_MAC_LEN];

	t->len = 0;
	add_number(t, (uint32_t)wall_s(request->server));
	add_side(request->server, t, &request->flow, who_calls(request));
	add_side(request->server, t, to, sip_route_who(request->server, aor));
	sign(&request->server->route_key[0].key, t, request->msg.call_id,
		request->msg.from_tag, mac);
	add_bytes(t, mac, MAC_LEN);
}

/* 16.6 step 4: "If the Request-URI contains a SIPS URI, or the topmost Route header field
 * value [...] contains a SIPS URI, the URI placed into the Record-Route header field MUST
 * be a SIPS URI." */
static bool is_secure(const struct sip_rx_data *request)
{
	const struct sip_serving *serving = request->serving;

	return serving->request_uri->scheme == SIP_URI_SIPS ||
		(serving->route.has_route && serving->route_uri.scheme == SIP_URI_SIPS);
}

static void put_one(struct sip_builder *b, const struct sip_rx_data *request,
	const struct sip_flow *flow, const struct token *t)
{
	sip_put(b, SIP_STR("Record-Route: <"));
	sip_put_our_uri(b, request->server, flow, is_secure(request), SIP_STR(""));
	sip_put(b, SIP_STR(";lr;rs="));
	sip_put_hex(b, t->bytes, t->len);
	sip_put(b, SIP_STR(">\r\n"));
}

void sip_put_record_route(struct sip_builder *b, const struct sip_rx_data *request,
	const struct sip_flow *to, struct sip_str aor)
{
	const struct sip_transport *transport = request->server->transport;
	struct token t;

	make_token(&t, request, to, aor);
	put_one(b, request, to, &t);
	if (to->kind != request->flow.kind ||
		!sip_addr_equal(sip_transport_told(transport, to),
			sip_transport_told(transport, &request->flow)))
		put_one(b, request, &request->flow, &t);
}

/* No Call-ID has spaces in it. */
#define PATH_CALL SIP_STR("the flow of a path")

void sip_put_path(struct sip_builder *b, const struct sip_rx_data *request,
	const struct sip_flow *to)
{
	uint8_t mac[SIP_MAC_LEN];
	struct token t = { .len = 0 };

	add_side(request->server, &t, &request->flow, 0);
	sign(&request->server->route_key[0].key, &t, PATH_CALL, SIP_STR(""), mac);
	add_bytes(&t, mac, MAC_LEN);
	/* RFC 5630 section 5.2: a sips: Contact has a Path of sips: URIs only. */
	sip_put(b, SIP_STR("Path: <"));
	sip_put_our_uri(b, request->server, to, is_secure(request), SIP_STR(""));
	sip_put(b, SIP_STR(";lr;ob;fs="));
	sip_put_hex(b, t.bytes, t.len);
	sip_put(b, SIP_STR(">\r\n"));
}

bool sip_path_has_token(const struct sip_uri *uri, struct sip_str *token)
{
	return sip_uri_param(uri, SIP_STR("fs"), token) && token->ptr != NULL;
}

bool sip_route_has_token(const struct sip_uri *uri, struct sip_str *token)
{
	return sip_uri_param(uri, SIP_STR("rs"), token) && token->ptr != NULL;
}

/* 19.1.4: parameter values have no case. */
static int read_hex(struct sip_str text, struct token *t)
{
	if (text.len % 2 != 0 || text.len / 2 > sizeof(t->bytes) ||
		text.len / 2 < MAC_LEN + 4)
		return SIP_ESYNTAX;
	if (!sip_hex_read_bytes(text.ptr, text.len / 2, t->bytes))
		return SIP_ESYNTAX;
	t->len = text.len / 2 - MAC_LEN;
	return 0;
}

/* The name at `at`, if there is one; returns how many bytes it took, 0 where it has not
 * got all of them. */
static size_t read_name(const struct sip_server *server, const struct token *t, size_t at,
	struct sip_flow *flow)
{
	size_t len = at < t->len ? t->bytes[at] : 0;

	if (len == 0 || t->len - at - 1 < len)
		return 0;
	/* Without memory the certificate has to be that of the address. */
	SIP_IGNORE(sip_transport_host(server->transport,
		(struct sip_str){ (const char *)t->bytes + at + 1, len }, &flow->host));
	return len + 1;
}

/* One side from the bytes at *at; the MAC has proved that we wrote them. */
static int read_side(const struct sip_server *server, const struct token *t, size_t *at,
	struct sip_route_side *side)
{
	const uint8_t *p = t->bytes + *at;
	struct sip_flow *flow = &side->flow;
	size_t addr_len;
	size_t len;

	if (t->len - *at < SIDE_BYTES || p[4] >> 4 > SIP_WSS)
		return SIP_ESYNTAX;
	memset(side, 0, sizeof(*side));
	flow->listener = read_number(p);
	flow->kind = (enum sip_transport_kind)(p[4] >> 4);
	addr_len = (p[4] & 0xf & ~(NAMED | SECURE)) == 6 ? 16 : 4;
	len = SIDE_BYTES + addr_len + (flow->kind != SIP_UDP ? 4 : 0);
	if (t->len - *at < len)
		return SIP_ESYNTAX;
	memcpy(&side->who, p + 7, sizeof(side->who));
	if (addr_len == 16) {
		flow->peer.v6.sin6_family = AF_INET6;
		memcpy(&flow->peer.v6.sin6_addr, p + SIDE_BYTES, 16);
	} else {
		flow->peer.v4.sin_family = AF_INET;
		memcpy(&flow->peer.v4.sin_addr, p + SIDE_BYTES, 4);
	}
	sip_addr_set_port(&flow->peer, (uint16_t)(p[5] << 8 | p[6]));
	if (flow->kind != SIP_UDP)
		flow->connection = read_number(p + SIDE_BYTES + addr_len);
	*at += len;
	if ((p[4] & NAMED) != 0) {
		len = read_name(server, t, *at, flow);
		*at += len;
	}
	if ((p[4] & SECURE) != 0)
		sip_transport_secure(flow);
	return len != 0 ? 0 : SIP_ESYNTAX;
}

static bool signed_with(const struct sip_server *server, const struct token *t,
	struct sip_str call_id, struct sip_str caller_tag)
{
	for (size_t i = 0; i < SIP_ROUTE_KEYS; i++) {
		uint8_t mac[SIP_MAC_LEN];

		if (server->route_key[i].until_s <= wall_s(server))
			continue;
		sign(&server->route_key[i].key, t, call_id, caller_tag, mac);
		if (sip_mac_equal(mac, t->bytes + t->len, MAC_LEN))
			return true;
	}
	return false;
}

static bool still_holds(const struct sip_rx_data *request, const struct token *t)
{
	uint32_t made = read_number(t->bytes);
	/* Below 0 where the clock was set back: the call is young, not ancient. */
	int32_t age_s = (int32_t)((uint32_t)wall_s(request->server) - made);

	return age_s < 0 ||
		(uint32_t)age_s <=
		request->serving->snapshot->settings->global.max_call_s;
}

static enum sip_side signer(const struct sip_rx_data *request, const struct token *t)
{
	const struct sip_msg *msg = &request->msg;

	if (signed_with(request->server, t, msg->call_id, msg->from_tag))
		return SIP_SIDE_CALLER;
	if (signed_with(request->server, t, msg->call_id, msg->to_tag))
		return SIP_SIDE_CALLEE;
	return SIP_SIDE_NONE;
}

/* Why the token does not hold, or NULL, and then both sides are filled in. */
static const char *judge(const struct sip_rx_data *request, struct sip_str token,
	enum sip_side *side, struct sip_route_side *caller, struct sip_route_side *callee)
{
	struct token t;
	size_t at = 4;

	if (request->msg.to_tag.ptr == NULL)
		return "the request has no To tag, so it belongs to no call";
	if (read_hex(token, &t) != 0)
		return "it is not of the form that this server writes";
	*side = signer(request, &t);
	if (*side == SIP_SIDE_NONE)
		return "its signature was made for another Call-ID or tag, or with "
		       "another key";
	if (!still_holds(request, &t))
		return "it is older than max_call= allows";
	if (read_side(request->server, &t, &at, caller) != 0 ||
		read_side(request->server, &t, &at, callee) != 0 || at != t.len)
		return "it is not of the form that this server writes";
	/* Where they are by now. */
	sip_moves_follow(request->server->moves, caller->who, &caller->flow);
	sip_moves_follow(request->server->moves, callee->who, &callee->flow);
	/* The port may be another: a NAT that rebinds keeps the address. */
	if (!sip_addr_same_host(&(*side == SIP_SIDE_CALLER ? caller : callee)->flow.peer,
		    &request->flow.peer))
		return "the request does not come from the address of that side of the "
		       "call";
	return NULL;
}

bool sip_path_verify(
	const struct sip_server *server, struct sip_str token, struct sip_flow *flow)
{
	struct sip_route_side side;
	struct token t;
	size_t at = 0;

	if (read_hex(token, &t) != 0 ||
		!signed_with(server, &t, PATH_CALL, SIP_STR("")) ||
		read_side(server, &t, &at, &side) != 0 || at != t.len)
		return false;
	*flow = side.flow;
	return true;
}

enum sip_side sip_route_verify(const struct sip_rx_data *request, struct sip_str token,
	struct sip_route_side *other)
{
	struct sip_route_side caller;
	struct sip_route_side callee;
	enum sip_side side;

	if (judge(request, token, &side, &caller, &callee) != NULL)
		return SIP_SIDE_NONE;
	*other = side == SIP_SIDE_CALLER ? callee : caller;
	return side;
}

const char *sip_route_fault(const struct sip_rx_data *request, struct sip_str token)
{
	struct sip_route_side caller;
	struct sip_route_side callee;
	enum sip_side side;

	return judge(request, token, &side, &caller, &callee);
}
