/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building messages: the head is written into the buffer from the front, the
 * body waits apart until the message is sealed.
 */
#include "server/message/build.h"

#include "server/message/force_rport.h"

#include <stdlib.h>

static void put_told(struct sip_builder *b, const struct sip_server *server,
	const struct sip_flow *flow)
{
	char text[SIP_ADDR_TEXT_LEN];

	sip_put(b, sip_transport_told_text(server->transport, flow, text));
}

void sip_put_our_via(struct sip_builder *b, const struct sip_server *server,
	const struct sip_flow *flow, struct sip_str branch)
{
	static const struct sip_str start[] = {
		[SIP_UDP] = { "Via: SIP/2.0/UDP ", 17 },
		[SIP_TCP] = { "Via: SIP/2.0/TCP ", 17 },
		[SIP_TLS] = { "Via: SIP/2.0/TLS ", 17 },
		[SIP_WS] = { "Via: SIP/2.0/WS ", 16 },
		[SIP_WSS] = { "Via: SIP/2.0/WSS ", 17 },
	};

	sip_put(b, start[flow->kind]);
	put_told(b, server, flow);
	/* RFC 5923: by a connection that we open, with our certificate, requests may come
	 * back. */
	if (flow->kind == SIP_TLS && flow->connection == 0)
		sip_put(b, SIP_STR(";alias"));
	sip_put(b, SIP_STR(";rport;branch="));
	sip_put(b, branch);
	sip_put(b, SIP_STR("\r\n"));
}

void sip_put_our_uri(struct sip_builder *b, const struct sip_server *server,
	const struct sip_flow *flow, bool secure, struct sip_str user)
{
	secure = secure && sip_is_tls(flow->kind);
	sip_put(b, secure ? SIP_STR("sips:") : SIP_STR("sip:"));
	if (user.len > 0) {
		sip_put(b, user);
		sip_put_char(b, '@');
	}
	put_told(b, server, flow);
	/* RFC 5630 section 5.3: never transport=tls beside sips:. */
	if (flow->kind == SIP_UDP || (secure && flow->kind == SIP_TLS))
		return;
	sip_put(b, SIP_STR(";transport="));
	/* RFC 7118 section 5: sips: makes ws what wss is in a Via. */
	sip_put(b, secure ? SIP_STR("ws") : sip_str_of(sip_transport_name(flow->kind)));
}

void sip_put_our_contact(struct sip_builder *b, const struct sip_server *server,
	const struct sip_flow *flow, bool secure, struct sip_str user)
{
	sip_put(b, SIP_STR("Contact: <"));
	sip_put_our_uri(b, server, flow, secure, user);
	sip_put(b, SIP_STR(">\r\n"));
}

struct sip_tx_data *sip_build_begin(struct sip_server *server, size_t size)
{
	struct sip_tx_data *tdata = sip_tx_data_create(server->tx_slab, size);

	if (tdata != NULL)
		sip_builder_init(&tdata->head, tdata->text, tdata->size);
	return tdata;
}

void ast_sip_destroy_tx_data(struct sip_tx_data *tdata)
{
	if (tdata != NULL)
		sip_tx_data_unref(&tdata);
}

/* What the core writes itself. */
static bool reserved(enum sip_hdr_id id)
{
	switch (id) {
	case SIP_HDR_VIA:
	case SIP_HDR_CONTENT_LENGTH:
	case SIP_HDR_CSEQ:
	case SIP_HDR_CALL_ID:
	case SIP_HDR_FROM:
	case SIP_HDR_TO:
	case SIP_HDR_MAX_FORWARDS: return true;
	default: return false;
	}
}

/* The names that are known are tokens. */
static void put_field(struct sip_builder *b, enum sip_hdr_id id, struct sip_str name,
	struct sip_str value)
{
	if (id != SIP_HDR_OTHER)
		sip_put_known_header(b, name, value);
	else
		sip_put_header(b, name, value);
}

/* Write once; where the buffer is too small, once more into one that is twice as large,
 * for a peer may bring about thousands of lines. */
static int put_line(struct sip_tx_data *tdata, enum sip_hdr_id id, struct sip_str name,
	struct sip_str value)
{
	size_t before = tdata->head.len;
	int error;

	put_field(&tdata->head, id, name, value);
	if (tdata->head.error == SIP_ESPACE) {
		tdata->head.len = before;
		tdata->head.error = 0;
		if (sip_tx_data_grow(tdata, 2 * before + name.len + value.len + 512) != 0)
			return SIP_EMEMORY;
		put_field(&tdata->head, id, name, value);
	}
	error = tdata->head.error;
	if (error != 0) {
		/* A refused line leaves the message as it was. */
		tdata->head.len = before;
		tdata->head.error = 0;
	}
	return error;
}

static bool is_content_type(struct sip_str line)
{
	size_t colon = sip_str_find(line, ':');

	return colon < line.len &&
		sip_hdr_id_of(sip_str_trim((struct sip_str){ line.ptr, colon })) ==
		SIP_HDR_CONTENT_TYPE;
}

/* Take the Content-Type line out that add_header wrote: a later one stands in its place.
 */
static void drop_content_type(struct sip_tx_data *tdata)
{
	struct sip_builder *b = &tdata->head;
	size_t at = 0;

	tdata->has_content_type = false;
	while (at < b->len) {
		struct sip_str rest = { b->buf + at, b->len - at };
		size_t line_len = sip_str_find(rest, '\n') + 1;

		if (line_len > rest.len || line_len == 0)
			return;
		if (at > 0 && is_content_type((struct sip_str){ rest.ptr, line_len })) {
			memmove(b->buf + at, b->buf + at + line_len, rest.len - line_len);
			b->len -= line_len;
			return;
		}
		at += line_len;
	}
}

int ast_sip_add_header(struct sip_tx_data *tdata, const char *name, const char *value)
{
	enum sip_hdr_id id;

	SIP_ASSERT(tdata != NULL && !tdata->sealed);
	if (name == NULL || value == NULL || tdata->head.error != 0)
		return -1;
	id = sip_hdr_id_of(sip_str_of(name));
	if (reserved(id))
		return -1;
	if (put_line(tdata, id, sip_str_of(name), sip_str_of(value)) != 0)
		return -1;
	if (id == SIP_HDR_CONTENT_TYPE) {
		/* There is one body, and one type of it: the first line is the earlier.
		 */
		if (tdata->has_content_type)
			drop_content_type(tdata);
		tdata->has_content_type = true;
		tdata->type_of_body = false;
	}
	return 0;
}

int sip_build_set_body(struct sip_tx_data *tdata, const void *bytes, size_t len)
{
	char *body = malloc(len > 0 ? len : 1);

	if (body == NULL || len > UINT32_MAX) {
		free(body);
		return -1;
	}
	if (len > 0)
		memcpy(body, bytes, len);
	free(tdata->body);
	tdata->body = body;
	tdata->body_len = (uint32_t)len;
	return 0;
}

int ast_sip_add_body(struct sip_tx_data *tdata, const char *body)
{
	SIP_ASSERT(tdata != NULL && body != NULL && !tdata->sealed);
	if (sip_build_set_body(tdata, body, strlen(body)) != 0)
		return -1;
	if (tdata->type_of_body)
		drop_content_type(tdata);
	tdata->type_of_body = false;
	return 0;
}

int ast_sip_add_body_bytes(
	struct sip_tx_data *tdata, const char *type, const void *bytes, size_t len)
{
	SIP_ASSERT(tdata != NULL && type != NULL && !tdata->sealed);
	if (ast_sip_add_header(tdata, "Content-Type", type) != 0)
		return -1;
	tdata->type_of_body = true;
	return sip_build_set_body(tdata, bytes, len);
}

/* Server or User-Agent. */
static void put_agent(struct sip_tx_data *tdata, const struct sip_snapshot *snapshot)
{
	struct sip_str agent = sip_str_of(snapshot->settings->global.user_agent);

	if (agent.len > 0)
		sip_put_known_header(&tdata->head,
			tdata->status ? SIP_STR("Server") : SIP_STR("User-Agent"), agent);
}

/* Whoever registers something replaces the snapshot meanwhile. */
static void put_current_agent(struct sip_tx_data *tdata, struct sip_server *server)
{
	sip_rcu_read_begin();
	put_agent(tdata, sip_rcu_read(&server->snapshot));
	sip_rcu_read_end();
}

/* `snapshot`: NULL: the server's current one. */
static void put_end(struct sip_tx_data *tdata, struct sip_server *server,
	const struct sip_snapshot *snapshot)
{
	struct sip_builder *b = &tdata->head;

	if (!tdata->forwarded && snapshot != NULL)
		put_agent(tdata, snapshot);
	else if (!tdata->forwarded)
		put_current_agent(tdata, server);
	if (tdata->body_len > 0 && !tdata->has_content_type)
		sip_put(b, SIP_STR("Content-Type: text/plain\r\n"));
	sip_put(b, SIP_STR("Content-Length: "));
	sip_put_number(b, tdata->body_len);
	sip_put(b, SIP_STR("\r\n\r\n"));
	sip_put(b, (struct sip_str){ tdata->body, tdata->body_len });
}

static int seal(struct sip_tx_data *tdata, struct sip_server *server,
	const struct sip_snapshot *snapshot)
{
	size_t head_len = tdata->head.len;

	if (tdata->head.error != 0)
		return tdata->head.error;
	put_end(tdata, server, snapshot);
	while (tdata->head.error == SIP_ESPACE) {
		tdata->head.len = head_len;
		tdata->head.error = 0;
		if (sip_tx_data_grow(tdata, 2 * (size_t)tdata->size + tdata->body_len) !=
			0)
			return SIP_EMEMORY;
		put_end(tdata, server, snapshot);
	}
	if (tdata->head.error != 0)
		return tdata->head.error;
	tdata->len = (uint32_t)tdata->head.len;
	tdata->sealed = true;
	return 0;
}

int sip_build_seal(struct sip_server *server, struct sip_tx_data *tdata)
{
	return seal(tdata, server, NULL);
}

int sip_build_seal_answer(const struct sip_rx_data *rdata, struct sip_tx_data *tdata)
{
	return seal(tdata, rdata->server, rdata->serving->snapshot);
}

/* Up to the semicolon that ends the first parameter; one within quotes does not. */
static size_t quoted_param_len(struct sip_str params)
{
	bool quoted = false;
	size_t len = 0;

	for (; len < params.len && (quoted || params.ptr[len] != ';'); len++) {
		if (params.ptr[len] == '"')
			quoted = !quoted;
		else if (quoted && params.ptr[len] == '\\' && len + 1 < params.len)
			len++;
	}
	return len;
}

static size_t param_len(struct sip_str params, bool has_quotes)
{
	size_t len = has_quotes ? quoted_param_len(params) : sip_str_find(params, ';');

	return len < params.len ? len : params.len;
}

/* Where received and rport stand in a Via's parameters, name and value; {NULL, 0}:
 * nowhere. */
struct told {
	struct sip_str received;
	struct sip_str rport;
};

/* `word` is `name`, alone or with a value. */
static bool is_named(struct sip_str word, struct sip_str name)
{
	size_t equals = sip_str_find(word, '=');

	if (equals < word.len)
		word.len = equals;
	return sip_str_equal_nocase(sip_str_trim(word), name);
}

static struct told search_told(struct sip_str params)
{
	struct told told = { { NULL, 0 }, { NULL, 0 } };
	bool has_quotes = sip_str_find(params, '"') < params.len;

	while (params.len > 0) {
		size_t len = param_len(params, has_quotes);
		struct sip_str word = sip_str_trim((struct sip_str){ params.ptr, len });

		/* Both begin with an r, which nothing else does that phones write. */
		if (word.len > 0 && (word.ptr[0] | 0x20) == 'r') {
			if (told.rport.ptr == NULL && is_named(word, SIP_STR("rport")))
				told.rport = word;
			else if (told.received.ptr == NULL &&
				is_named(word, SIP_STR("received")))
				told.received = word;
		}
		len += len < params.len;
		params = (struct sip_str){ params.ptr + len, params.len - len };
	}
	return told;
}

/* `rport` with no value, and no received: what phones write. */
static bool is_bare(const struct sip_via *via)
{
	size_t behind = via->rport_at + sizeof("rport") - 1;

	return via->rport && via->received.ptr == NULL &&
		(behind == via->params.len || via->params.ptr[behind] == ';');
}

static struct told find_told(const struct sip_via *via)
{
	if (is_bare(via))
		return (struct told){ .rport = { via->params.ptr + via->rport_at,
					      sizeof("rport") - 1 } };
	if (via->rport || via->received.ptr != NULL)
		return search_told(via->params);
	return (struct told){ { NULL, 0 }, { NULL, 0 } };
}

static void put_received(struct sip_builder *b, const struct sip_rx_data *request)
{
	char host[SIP_ADDR_TEXT_LEN];
	struct sip_str text = sip_str_of(sip_addr_host_text(&request->flow.peer, host));

	/* It takes an address without brackets. */
	if (host[0] == '[')
		text = (struct sip_str){ host + 1, text.len - 2 };
	sip_put(b, SIP_STR("received="));
	sip_put(b, text);
}

static void put_rport(struct sip_builder *b, const struct sip_rx_data *request)
{
	sip_put(b, SIP_STR("rport="));
	sip_put_number(b, sip_addr_port(&request->flow.peer));
}

typedef void put_param_fn(struct sip_builder *b, const struct sip_rx_data *request);

/* Copy *rest up to `word`, and write something in its place; NULL: nothing. */
static void replace(struct sip_builder *b, const struct sip_rx_data *request,
	struct sip_str *rest, struct sip_str word, put_param_fn *put)
{
	const char *end = rest->ptr + rest->len;

	if (word.ptr == NULL)
		return;
	sip_put(b, (struct sip_str){ rest->ptr, (size_t)(word.ptr - rest->ptr) });
	put(b, request);
	rest->ptr = word.ptr + word.len;
	rest->len = (size_t)(end - rest->ptr);
}

static uint16_t sent_by_port(const struct sip_via *via)
{
	return via->port != 0 ? via->port : 5060;
}

/* RFC 3261 18.2.1: received where the sent-by is not the source; RFC 3581 4: both where
 * rport is asked for, or forced.  What the peer wrote there himself is replaced. */
void sip_put_top_via(struct sip_builder *b, const struct sip_rx_data *request)
{
	const struct sip_via *via = &request->msg.via;
	struct sip_str rest = request->msg.via_value;
	struct told told = find_told(via);
	struct sip_str received = told.received;
	struct sip_str rport = told.rport;
	bool rport_first = received.ptr == NULL || rport.ptr < received.ptr;

	if (rport_first)
		replace(b, request, &rest, rport, put_rport);
	replace(b, request, &rest, received, put_received);
	if (!rport_first)
		replace(b, request, &rest, rport, put_rport);
	sip_put(b, rest);
	if (via->rport && received.ptr != NULL)
		return;
	bool other_host = !via->rport && sip_sent_by_differs(request);
	/* Who wrote down where he really is learns nothing from it. */
	bool forced = !via->rport && request->force_rport &&
		(other_host || sent_by_port(via) != sip_addr_port(&request->flow.peer));
	if (received.ptr == NULL && (via->rport || other_host || forced)) {
		sip_put_char(b, ';');
		put_received(b, request);
	}
	if (forced) {
		sip_put_char(b, ';');
		put_rport(b, request);
	}
}

void sip_put_vias(struct sip_builder *b, const struct sip_rx_data *request)
{
	const struct sip_msg *msg = &request->msg;
	struct sip_hdr_iter iter = { 0 };
	bool first = true;

	while (sip_msg_next_header(msg, SIP_HDR_VIA, &iter)) {
		sip_put(b, SIP_STR("Via: "));
		/* Of one that can't be read nobody knows where it ends. */
		if (first && SIP_LIKELY(msg->via_value.ptr != NULL)) {
			size_t top = (size_t)(msg->via_value.ptr - iter.value.ptr) +
				msg->via_value.len;

			sip_put_top_via(b, request);
			iter.value.ptr += top;
			iter.value.len -= top;
		}
		first = false;
		sip_put(b, iter.value);
		sip_put(b, SIP_STR("\r\n"));
	}
}
