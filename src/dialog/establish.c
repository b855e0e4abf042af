/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a dialog comes to be: RFC 3261 section 12.1, on both sides.
 *
 *                       callee (12.1.1)          caller (12.1.2)
 *      route set        Record-Route, in order   Record-Route, reversed
 *      remote target    Contact of the INVITE    Contact of the answer
 *      local tag        To of the answer         From of the INVITE
 *      remote tag       From of the INVITE       To of the answer
 *
 * Each element of Record-Route counts: who stands in the path with two addresses
 * (RFC 5658) has two.  The parameters of the elements stay.
 */
#include "dialog/texts.h"

#include <stdlib.h>
#include <string.h>

/* Elements of Record-Route.  A message has no more fields than that; one that has more
 * elements is somebody's joke. */
#define ROUTES_MAX 128u

/* The value of From or To without its parameters: `"Bob" <sip:bob@b>`. */
static int set_party(
	struct sip_str *text, struct sip_str value, const struct sip_name_addr *addr)
{
	size_t end = (size_t)(addr->uri.ptr - value.ptr) + addr->uri.len;
	char *bare;

	if (end < value.len && value.ptr[end] == '>')
		return sip_dialog_set_text(text, (struct sip_str){ value.ptr, end + 1 });
	bare = malloc(addr->uri.len + 2);
	if (bare == NULL)
		return SIP_EMEMORY;
	bare[0] = '<';
	memcpy(bare + 1, addr->uri.ptr, addr->uri.len);
	bare[addr->uri.len + 1] = '>';
	sip_dialog_drop_text(text);
	*text = (struct sip_str){ bare, addr->uri.len + 2 };
	return 0;
}

/* A route or a Contact to which SIP can be sent.  SIP_ESYNTAX: it is none. */
static int read_sip_uri(struct sip_str element, struct sip_uri *uri)
{
	if (sip_name_addr_uri(element, uri) != 0)
		return SIP_ESYNTAX;
	return uri->scheme == SIP_URI_SIP || uri->scheme == SIP_URI_SIPS ? 0
									 : SIP_ESYNTAX;
}

/* The elements of Record-Route; how many, or SIP_ESYNTAX. */
static int read_routes(const struct sip_msg *msg, struct sip_str *element, size_t *len)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_uri uri;
	int count = 0;

	*len = 0;
	while (sip_msg_next_element(msg, SIP_HDR_RECORD_ROUTE, &iter)) {
		if (count == (int)ROUTES_MAX || read_sip_uri(iter.value, &uri) != 0)
			return SIP_ESYNTAX;
		element[count++] = iter.value;
		*len += iter.value.len + 2;
	}
	return count;
}

/* *text gets them with commas between, owned. */
static int join_routes(const struct sip_msg *msg, bool reversed, struct sip_str *text)
{
	struct sip_str element[ROUTES_MAX];
	struct sip_builder b;
	size_t len;
	int count = read_routes(msg, element, &len);
	char *joined;

	*text = (struct sip_str){ NULL, 0 };
	if (count <= 0)
		return count;
	joined = malloc(len);
	if (joined == NULL)
		return SIP_EMEMORY;
	sip_builder_init(&b, joined, len);
	for (int i = 0; i < count; i++) {
		if (i > 0)
			sip_put(&b, SIP_STR(", "));
		sip_put(&b, element[reversed ? count - 1 - i : i]);
	}
	SIP_ASSERT(b.error == 0);
	*text = (struct sip_str){ joined, b.len };
	return 0;
}

/* *uri borrows the message.  SIP_EMISSING, SIP_ESYNTAX. */
static int read_contact(const struct sip_msg *msg, struct sip_str *uri)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_uri parsed;

	if (!sip_msg_next_element(msg, SIP_HDR_CONTACT, &iter))
		return SIP_EMISSING;
	if (read_sip_uri(iter.value, &parsed) != 0)
		return SIP_ESYNTAX;
	*uri = parsed.text;
	return 0;
}

/* Of elements as in a Route. */
static bool first_is_sips(struct sip_str routes)
{
	struct sip_str element;
	struct sip_uri uri;

	return sip_list_next(&routes, &element) && read_sip_uri(element, &uri) == 0 &&
		uri.scheme == SIP_URI_SIPS;
}

int sip_dialog_init_uac(struct sip_dialog *dlg, const struct sip_dialog_plan *plan)
{
	*dlg = (struct sip_dialog){ .magic = sip_dialog_MAGIC, .uac = true };
	if (sip_dialog_set_text(&dlg->call_id, plan->call_id) != 0 ||
		sip_dialog_set_text(&dlg->local_tag, plan->local_tag) != 0 ||
		sip_dialog_set_text(&dlg->local, plan->local) != 0 ||
		sip_dialog_set_text(&dlg->remote, plan->remote) != 0 ||
		sip_dialog_set_text(&dlg->target, plan->target) != 0 ||
		sip_dialog_set_text(&dlg->routes, plan->routes) != 0)
		return SIP_EMEMORY;
	dlg->secure = sip_uri_is_sips(plan->target);
	/* 8.1.1.8: "If the Request-URI or top Route header field value contains a SIPS
	 * URI, the Contact header field MUST contain a SIPS URI as well." */
	dlg->sips = dlg->secure || first_is_sips(plan->routes);
	return 0;
}

int sip_dialog_init_fork(struct sip_dialog *dlg, const struct sip_dialog *of)
{
	struct sip_uri called;

	*dlg = (struct sip_dialog){
		.magic = sip_dialog_MAGIC,
		.uac = true,
		.secure = of->secure,
		.sips = of->sips,
		.local_cseq = of->local_cseq,
	};
	if (sip_dialog_set_text(&dlg->call_id, of->call_id) != 0 ||
		sip_dialog_set_text(&dlg->local_tag, of->local_tag) != 0 ||
		sip_dialog_set_text(&dlg->local, of->local) != 0 ||
		sip_dialog_set_text(&dlg->remote, of->remote) != 0)
		return SIP_EMEMORY;
	/* 8.1.1.1: what was called, until he says where he is; that of the other one is
	 * where that one is by now. */
	if (sip_name_addr_uri(of->remote, &called) != 0)
		return 0;
	return sip_dialog_set_text(&dlg->target, called.text);
}

int sip_dialog_init_uas(
	struct sip_dialog *dlg, const struct sip_msg *invite, struct sip_str local_tag)
{
	struct sip_str contact;
	int error;

	*dlg = (struct sip_dialog){
		.magic = sip_dialog_MAGIC,
		.numbered = true,
		.remote_cseq = invite->cseq,
		/* 12.1.1: "if the request was sent over TLS, and the Request-URI
		 * contained a SIPS URI" */
		.secure = invite->request_uri.scheme == SIP_URI_SIPS,
	};
	error = read_contact(invite, &contact);
	if (error == 0)
		error = join_routes(invite, false, &dlg->routes);
	if (error != 0)
		return error;
	/* 12.1.1: "a SIPS URI in the Request-URI or in the top Record-Route header field
	 * value, if there was any, or the Contact header field if there was no
	 * Record-Route header field" */
	dlg->sips = dlg->secure ||
		(dlg->routes.len > 0 ? first_is_sips(dlg->routes)
				     : sip_uri_is_sips(contact));
	return sip_dialog_set_text(&dlg->call_id, invite->call_id) != 0 ||
			sip_dialog_set_text(&dlg->local_tag, local_tag) != 0 ||
			sip_dialog_set_text(&dlg->remote_tag, invite->from_tag) != 0 ||
			sip_dialog_set_text(&dlg->target, contact) != 0 ||
			set_party(&dlg->local, sip_msg_header(invite, SIP_HDR_TO),
				&invite->to) != 0 ||
			set_party(&dlg->remote, sip_msg_header(invite, SIP_HDR_FROM),
				&invite->from) != 0
		? SIP_EMEMORY
		: 0;
}

int sip_dialog_establish(struct sip_dialog *dlg, const struct sip_msg *response)
{
	struct sip_str contact = { NULL, 0 };
	struct sip_str routes = { NULL, 0 };
	struct sip_str tag = { NULL, 0 };
	struct sip_str target = { NULL, 0 };
	int error = read_contact(response, &contact);

	/* Who has accepted is hung up on by that, at least. */
	if (response->status >= 200 &&
		sip_dialog_set_text(&dlg->remote_tag, response->to_tag) != 0)
		return SIP_EMEMORY;
	/* Some leave it out of a provisional answer, whose target is then what was
	 * called. */
	if (error == SIP_EMISSING && response->status < 200)
		error = 0;
	if (error == 0)
		error = join_routes(response, true, &routes);
	if (error == 0)
		error = sip_dialog_set_text(&tag, response->to_tag);
	if (error == 0)
		error = sip_dialog_set_text(&target, contact);
	if (error != 0) {
		sip_dialog_drop_text(&routes);
		sip_dialog_drop_text(&tag);
		sip_dialog_drop_text(&target);
		return error;
	}
	sip_dialog_drop_text(&dlg->routes);
	dlg->routes = routes;
	sip_dialog_drop_text(&dlg->remote_tag);
	dlg->remote_tag = tag;
	if (target.ptr != NULL) {
		sip_dialog_drop_text(&dlg->target);
		dlg->target = target;
	}
	return 0;
}

int sip_dialog_refresh(struct sip_dialog *dlg, const struct sip_msg *msg)
{
	struct sip_str contact;
	int error = read_contact(msg, &contact);

	if (error == SIP_EMISSING)
		return 0;
	if (error == 0)
		error = sip_dialog_set_text(&dlg->target, contact);
	return error;
}

static void swap_texts(struct sip_str *a, struct sip_str *b)
{
	struct sip_str kept = *a;

	*a = *b;
	*b = kept;
}

void sip_dialog_swap_peers(struct sip_dialog *a, struct sip_dialog *b)
{
	struct sip_dialog kept = *a;

	swap_texts(&a->remote_tag, &b->remote_tag);
	swap_texts(&a->target, &b->target);
	swap_texts(&a->routes, &b->routes);
	a->numbered = b->numbered;
	a->remote_cseq = b->remote_cseq;
	a->local_cseq = b->local_cseq;
	b->numbered = kept.numbered;
	b->remote_cseq = kept.remote_cseq;
	b->local_cseq = kept.local_cseq;
}
