/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever the network sends: what was found lies in the message; what was parsed is
 * parsed again to the same; what is printed from it likewise; every field is held against
 * the grammar, every element decoded in every way.
 */
#include "message/builder.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 65536
#define HDRS     64

struct parsed {
	struct sip_msg msg;
	struct sip_hdr hdrs[HDRS];
	char text[TEXT_MAX + SIP_MSG_PADDING];
	int error;
};

/* The padding ends where the array does. */
static void parse(struct parsed *p, struct sip_str text)
{
	p->msg = (struct sip_msg){ .text = p->text + TEXT_MAX - text.len,
		.len = (uint32_t)text.len,
		.hdrs = p->hdrs,
		.hdr_room = HDRS };
	if (text.len != 0)
		memcpy(p->msg.text, text.ptr, text.len);
	p->error = sip_msg_parse(&p->msg, &SIP_MSG_LIMITS_DEFAULT);
}

/* What is decoded at once, in one order. */
static size_t slices_of(const struct sip_msg *msg, struct sip_str *slice)
{
	const struct sip_str all[] = { msg->method_text, msg->reason,
		msg->request_uri.text, msg->request_uri.user, msg->request_uri.password,
		msg->request_uri.host, msg->request_uri.params, msg->request_uri.headers,
		msg->via_value, msg->via.transport, msg->via.host, msg->via.branch,
		msg->via.received, msg->via.params, msg->from.display, msg->from.uri,
		msg->from.params, msg->to.display, msg->to.uri, msg->to.params,
		msg->from_tag, msg->to_tag, msg->call_id, msg->cseq_method_text };

	memcpy(slice, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

#define SLICES_MAX 32

static void require_inside(const struct sip_msg *msg)
{
	struct sip_str text = { msg->text, msg->len };
	struct sip_str slice[SLICES_MAX];
	size_t count = slices_of(msg, slice);

	for (size_t i = 0; i < count; i++)
		REQUIRE(is_inside(slice[i], text));
	REQUIRE(msg->body_off <= msg->len && msg->body_len == msg->len - msg->body_off);
	for (int id = 0; id < SIP_HDR_COUNT; id++) {
		const struct sip_hdr *hdr = sip_msg_hdr(msg, (enum sip_hdr_id)id);

		for (size_t i = 0; i < msg->hdr_count && &msg->hdrs[i] != hdr; i++)
			REQUIRE(hdr == NULL
					? msg->hdrs[i].id != id
					: &msg->hdrs[i] > hdr || msg->hdrs[i].id != id);
		REQUIRE(hdr == NULL || hdr->id == id);
	}
}

/* Of one parsed, whose text has changed places. */
static void require_same(const struct sip_msg *a, const struct sip_msg *b)
{
	struct sip_str slice_a[SLICES_MAX];
	struct sip_str slice_b[SLICES_MAX];
	size_t count = slices_of(a, slice_a);

	SIP_IGNORE(slices_of(b, slice_b) != count);
	for (size_t i = 0; i < count; i++)
		REQUIRE(same_text(slice_a[i], slice_b[i]));
	REQUIRE(a->is_request == b->is_request && a->method == b->method &&
		a->status == b->status && a->cseq == b->cseq &&
		a->max_forwards == b->max_forwards && a->via.port == b->via.port &&
		a->via.rport == b->via.rport && a->body_len == b->body_len &&
		a->hdr_count == b->hdr_count);
	for (size_t i = 0; i < a->hdr_count; i++)
		REQUIRE(a->hdrs[i].id == b->hdrs[i].id &&
			same_text(sip_msg_hdr_value(a, &a->hdrs[i]),
				sip_msg_hdr_value(b, &b->hdrs[i])));
}

/* Folds are spaces now, and the body is as long as it is said to be. */
static void parse_again(const struct parsed *first)
{
	static struct parsed second;

	parse(&second, (struct sip_str){ first->msg.text, first->msg.len });
	REQUIRE(second.error == first->error);
	require_same(&first->msg, &second.msg);
	REQUIRE(memcmp(first->hdrs, second.hdrs,
			first->msg.hdr_count * sizeof(first->hdrs[0])) == 0);
}

/* Long names for compact ones, a space behind each colon. */
static void print_and_parse(const struct parsed *first)
{
	static struct parsed second;
	static char out[TEXT_MAX];
	const char *line_end = memchr(first->msg.text, '\r', first->msg.len);
	struct sip_builder b;

	sip_builder_init(&b, out, sizeof(out));
	sip_put(&b,
		(struct sip_str){
			first->msg.text, (size_t)(line_end - first->msg.text) });
	sip_put(&b, SIP_STR("\r\n"));
	sip_put_copied(&b, &first->msg, SIP_HDR_COUNT);
	sip_put(&b, SIP_STR("\r\n"));
	sip_put(&b,
		(struct sip_str){
			first->msg.text + first->msg.body_off, first->msg.body_len });
	if (b.error != 0)
		return; /* longer than a message may be */
	parse(&second, (struct sip_str){ out, b.len });
	if (second.error == SIP_ELIMIT)
		return; /* its header block is */
	REQUIRE(second.error == 0);
	require_same(&first->msg, &second.msg);
}

/* What comes out does not matter: that nothing is read beyond the element does. */
static void decode(struct sip_str text)
{
	struct sip_name_addr addr;
	struct sip_digest digest;
	struct sip_via via;
	struct sip_uri uri;
	uint32_t thousandths;
	char plain[64];

	if (sip_name_addr_parse(text, &addr) == 0 && sip_uri_parse(addr.uri, &uri) == 0)
		SIP_IGNORE(sip_uri_unescape(uri.user, plain, sizeof(plain), &text));
	SIP_IGNORE(sip_via_parse(text, &via) + sip_digest_parse(text, &digest));
	SIP_IGNORE(sip_qvalue_parse(text, &thousandths) +
		sip_param_find(text, SIP_STR("q"), NULL));
}

static void read_fields(const struct sip_msg *msg)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_str text = { msg->text, msg->len };
	uint32_t number;

	while (sip_msg_next_header(msg, SIP_HDR_COUNT, &iter)) {
		enum sip_hdr_id id = (enum sip_hdr_id)msg->hdrs[iter.index - 1].id;

		REQUIRE(is_inside(iter.name, text) && is_inside(iter.value, text));
		/* A CR in a name, which makes the message a bad one, hides it. */
		REQUIRE(sip_msg_header_named(msg, iter.name).ptr != NULL ||
			sip_str_find(iter.name, '\r') != SIZE_MAX);
		SIP_IGNORE(sip_field_check(id, iter.value) +
			sip_msg_number(msg, id, &number));
	}
	iter = (struct sip_hdr_iter){ 0 };
	while (sip_msg_next_element(msg, SIP_HDR_COUNT, &iter)) {
		REQUIRE(is_inside(iter.value, text));
		decode(iter.value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct parsed first;
	size_t len = size > TEXT_MAX ? TEXT_MAX : size;

	parse(&first, (struct sip_str){ (const char *)data, len });
	if (first.error == SIP_ESPACE)
		return 0;
	read_fields(&first.msg);
	if (first.error != 0)
		return 0;
	require_inside(&first.msg);
	parse_again(&first);
	print_and_parse(&first);
	return 0;
}
