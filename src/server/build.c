/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building messages: the head is written into the buffer from the front, the
 * body waits apart until the message is sealed.
 */
#include "server/build.h"

#include <stdlib.h>

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

/* Write once; where the buffer is too small, once more into a larger one. */
static int put_line(struct sip_tx_data *tdata, struct sip_str name, struct sip_str value)
{
	size_t before = tdata->head.len;
	int error;

	sip_put_header(&tdata->head, name, value);
	if (tdata->head.error == SIP_ESPACE) {
		tdata->head.len = before;
		tdata->head.error = 0;
		if (sip_tx_data_grow(tdata, before + name.len + value.len + 512) != 0)
			return SIP_EMEMORY;
		sip_put_header(&tdata->head, name, value);
	}
	error = tdata->head.error;
	if (error != 0) {
		/* A refused line leaves the message as it was. */
		tdata->head.len = before;
		tdata->head.error = 0;
	}
	return error;
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
	if (put_line(tdata, sip_str_of(name), sip_str_of(value)) != 0)
		return -1;
	if (id == SIP_HDR_CONTENT_TYPE)
		tdata->has_content_type = true;
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
	return sip_build_set_body(tdata, body, strlen(body));
}

int ast_sip_add_body_bytes(
	struct sip_tx_data *tdata, const char *type, const void *bytes, size_t len)
{
	SIP_ASSERT(tdata != NULL && type != NULL && !tdata->sealed);
	/* A second type would contradict the first: the body's type is the latest one's.
	 */
	if (tdata->has_content_type)
		return -1;
	if (ast_sip_add_header(tdata, "Content-Type", type) != 0)
		return -1;
	return sip_build_set_body(tdata, bytes, len);
}

static void put_end(struct sip_server *server, struct sip_tx_data *tdata)
{
	struct sip_builder *b = &tdata->head;
	struct sip_str agent = sip_str_of(
		sip_rcu_read(&server->snapshot)->settings->global.user_agent);

	if (agent.len > 0 && !tdata->forwarded)
		sip_put_header(b,
			tdata->status ? SIP_STR("Server") : SIP_STR("User-Agent"), agent);
	if (tdata->body_len > 0 && !tdata->has_content_type)
		sip_put(b, SIP_STR("Content-Type: text/plain\r\n"));
	sip_put(b, SIP_STR("Content-Length: "));
	sip_put_number(b, tdata->body_len);
	sip_put(b, SIP_STR("\r\n\r\n"));
	sip_put(b, (struct sip_str){ tdata->body, tdata->body_len });
}

int sip_build_seal(struct sip_server *server, struct sip_tx_data *tdata)
{
	size_t head_len = tdata->head.len;

	if (tdata->head.error != 0)
		return tdata->head.error;
	put_end(server, tdata);
	if (tdata->head.error == SIP_ESPACE) {
		tdata->head.len = head_len;
		tdata->head.error = 0;
		if (sip_tx_data_grow(tdata, head_len + tdata->body_len + 512) != 0)
			return SIP_EMEMORY;
		put_end(server, tdata);
	}
	if (tdata->head.error != 0)
		return tdata->head.error;
	tdata->len = (uint32_t)tdata->head.len;
	tdata->sealed = true;
	return 0;
}

/* Where a parameter stands in `a=1;b;c=2`, name and value; {NULL, 0}: nowhere. */
static struct sip_str find_param(struct sip_str params, struct sip_str name)
{
	while (params.len > 0) {
		size_t end = sip_str_find(params, ';');
		struct sip_str one = { params.ptr, end < params.len ? end : params.len };
		struct sip_str word = sip_str_trim(one);
		size_t equals = sip_str_find(word, '=');

		if (equals < word.len &&
			sip_str_equal_nocase(
				sip_str_trim((struct sip_str){ word.ptr, equals }), name))
			return word;
		if (sip_str_equal_nocase(word, name))
			return word;
		params.ptr += one.len + (one.len < params.len);
		params.len -= one.len + (one.len < params.len);
	}
	return (struct sip_str){ NULL, 0 };
}

/* RFC 3261 18.2.1: received where the sent-by is not the source; RFC 3581 4: both where
 * rport is asked for. */
void sip_put_top_via(struct sip_builder *b, const struct sip_rx_data *request)
{
	const struct sip_via *via = &request->msg.via;
	struct sip_str rest = request->msg.via_value;
	struct sip_str rport = { NULL, 0 };
	char host[SIP_ADDR_TEXT_LEN];
	struct sip_addr sent_by;
	bool differs;

	differs = sip_addr_parse(via->host, via->port ? via->port : 5060, &sent_by) !=
			0 ||
		!sip_addr_same_host(&sent_by, &request->flow.peer);
	sip_addr_host_text(&request->flow.peer, host);
	if (host[0] == '[') { /* received takes an address without brackets */
		memmove(host, host + 1, strlen(host));
		host[strlen(host) - 1] = '\0';
	}
	if (via->rport)
		rport = find_param(via->params, SIP_STR("rport"));
	if (rport.ptr != NULL) {
		/* Its value, if it came with one, is replaced: all up to the name, then
		 * ours. */
		const char *end = rport.ptr + rport.len;

		sip_put(b, (struct sip_str){ rest.ptr, (size_t)(rport.ptr - rest.ptr) });
		sip_put(b, SIP_STR("rport="));
		sip_put_number(b, sip_addr_port(&request->flow.peer));
		rest = (struct sip_str){ end, (size_t)(rest.ptr + rest.len - end) };
	}
	sip_put(b, rest);
	if ((differs || via->rport) && via->received.ptr == NULL) {
		sip_put(b, SIP_STR(";received="));
		sip_put(b, sip_str_of(host));
	}
}

void sip_put_vias(struct sip_builder *b, const struct sip_rx_data *request)
{
	const struct sip_msg *msg = &request->msg;
	struct sip_hdr_iter iter = { 0 };
	bool first = true;

	while (sip_msg_next_header(msg, SIP_HDR_VIA, &iter)) {
		sip_put(b, SIP_STR("Via: "));
		if (first) {
			size_t top = (size_t)(msg->via_value.ptr - iter.value.ptr) +
				msg->via_value.len;

			sip_put_top_via(b, request);
			iter.value.ptr += top;
			iter.value.len -= top;
			first = false;
		}
		sip_put(b, iter.value);
		sip_put(b, SIP_STR("\r\n"));
	}
}
