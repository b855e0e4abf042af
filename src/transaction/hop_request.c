/* SPDX-License-Identifier: BSD-2-Clause */
/* ACK of a non-2xx and CANCEL, made from the text of their request: see hop_request.h. */
#include "transaction/hop_request.h"

#include "transaction/own_text.h"

/* What is written that is not copied: a space in each Route, whose line had eight bytes
 * at least; once the long names of the other fields, Max-Forwards, Content-Length. */
#define ROOM_FOR_OURS(len) ((len) / 8 + 128)

/* RFC 3261 section 8.1.1.6: "This value SHOULD be 70". */
#define MAX_FORWARDS "70"

/* `INVITE sip:a@b SIP/2.0` -> `sip:a@b` */
static struct sip_str uri_of(struct sip_str first_line)
{
	size_t begin = sip_str_find(first_line, ' ') + 1;
	struct sip_str uri = { first_line.ptr + begin, first_line.len - begin };

	uri.len = sip_str_find(uri, ' ');
	SIP_ASSERT(uri.len != SIZE_MAX);
	return uri;
}

/* Not sip_put_header(): the value is somebody's who may have a NUL in a quoted-pair of it
 * (25.1), which was passed on as it came. */
static void put_field(struct sip_builder *b, enum sip_hdr_id id, struct sip_str value)
{
	sip_put(b, sip_hdr_name(id));
	sip_put(b, SIP_STR(": "));
	sip_put(b, value);
	sip_put(b, SIP_STR("\r\n"));
}

static void put_cseq(struct sip_builder *b, struct sip_str value, struct sip_str method)
{
	struct sip_str number = { value.ptr, 0 };

	while (number.len < value.len && value.ptr[number.len] >= '0' &&
		value.ptr[number.len] <= '9')
		number.len++;
	sip_put(b, SIP_STR("CSeq: "));
	sip_put(b, number);
	sip_put_char(b, ' ');
	sip_put(b, method);
	sip_put(b, SIP_STR("\r\n"));
}

static void put_top_via(struct sip_builder *b, const struct sip_tx_data *request)
{
	struct sip_str vias = sip_own_text_header(request, SIP_HDR_VIA);
	struct sip_str top;
	bool found = vias.ptr != NULL && sip_list_next(&vias, &top);

	SIP_ASSERT(found);
	put_field(b, SIP_HDR_VIA, top);
}

static void put_fields(struct sip_builder *b, const struct sip_tx_data *request,
	const struct sip_hop_request *what)
{
	struct sip_str max_forwards = SIP_STR(MAX_FORWARDS);
	struct sip_own_line line;
	uint64_t seen = 0;

	sip_own_text_begin(request, &line);
	while (sip_own_line_next(&line)) {
		uint64_t bit = UINT64_C(1) << line.id;

		/* Of those there is one; copies that said the same have passed. */
		if (line.id != SIP_HDR_ROUTE && (seen & bit) != 0)
			continue;
		seen |= bit;
		switch (line.id) {
		case SIP_HDR_MAX_FORWARDS: max_forwards = line.value; break;
		case SIP_HDR_CSEQ: put_cseq(b, line.value, what->method); break;
		case SIP_HDR_TO:
			put_field(b, SIP_HDR_TO,
				what->to.ptr != NULL ? what->to : line.value);
			break;
		case SIP_HDR_ROUTE:
		case SIP_HDR_FROM:
		case SIP_HDR_CALL_ID: put_field(b, line.id, line.value); break;
		default: break;
		}
	}
	put_field(b, SIP_HDR_MAX_FORWARDS, max_forwards);
}

int sip_hop_request_build(const struct sip_tx_data *request,
	const struct sip_hop_request *what, struct sip_tx_data **built)
{
	size_t most = request->len + what->to.len + what->extra.len +
		ROOM_FOR_OURS(request->len);
	struct sip_tx_data *made = sip_tx_data_create(request->slab, most);
	struct sip_own_line line;
	struct sip_builder b;

	if (made == NULL)
		return SIP_EMEMORY;
	sip_builder_init(&b, made->text, made->size);
	sip_put(&b, what->method);
	sip_put_char(&b, ' ');
	sip_put(&b, uri_of(sip_own_text_begin(request, &line)));
	sip_put(&b, SIP_STR(" SIP/2.0\r\n"));
	put_top_via(&b, request);
	put_fields(&b, request, what);
	sip_put(&b, what->extra);
	sip_put(&b, SIP_STR("Content-Length: 0\r\n\r\n"));
	/* The room was reckoned. */
	SIP_ASSERT(b.error == 0);
	made->len = (uint32_t)b.len;
	made->method = sip_method_of(what->method);
	made->sealed = true;
	*built = made;
	return 0;
}
