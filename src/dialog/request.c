/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests within a dialog: RFC 3261 section 12.2. */
#include "dialog/dialog.h"

#include "base/cut.h"

/* The first route; *rest: those behind it.  False: there is none. */
static bool first_route(
	const struct sip_dialog *dlg, struct sip_uri *uri, struct sip_str *rest)
{
	struct sip_str element;

	*rest = dlg->routes;
	return sip_list_next(rest, &element) && sip_name_addr_uri(element, uri) == 0;
}

/* 12.2.1.1: the first one knows no loose routing (RFC 2543): "the UAC MUST place the
 * first URI from the route set into the Request-URI, stripping any parameters that are
 * not allowed". */
static bool is_strict(
	const struct sip_dialog *dlg, struct sip_uri *uri, struct sip_str *rest)
{
	return first_route(dlg, uri, rest) && !sip_uri_param(uri, SIP_STR("lr"), NULL);
}

int sip_dialog_next_hop(const struct sip_dialog *dlg, struct sip_uri *uri)
{
	struct sip_str rest;

	if (first_route(dlg, uri, &rest))
		return 0;
	return sip_uri_parse(dlg->target, uri);
}

/* 19.1.1: no headers and no method in a Request-URI. */
static void put_request_uri(struct sip_builder *b, const struct sip_uri *uri)
{
	struct sip_str text = uri->text;
	struct sip_str rest = uri->params;

	if (uri->headers.ptr != NULL && uri->headers.len > 0)
		text.len = (size_t)(uri->headers.ptr - 1 - text.ptr);
	if (!sip_uri_param(uri, SIP_STR("method"), NULL)) {
		sip_put(b, text);
		return;
	}
	text.len = (size_t)(rest.ptr - 1 - text.ptr);
	sip_put(b, text);
	while (rest.len > 0) {
		struct sip_str param = sip_str_cut(&rest, ';');

		if (param.len >= 7 &&
			sip_str_equal_nocase(
				(struct sip_str){ param.ptr, 7 }, SIP_STR("method=")))
			continue;
		sip_put_char(b, ';');
		sip_put(b, param);
	}
}

void sip_dialog_put_line(
	struct sip_builder *b, const struct sip_dialog *dlg, struct sip_str method)
{
	struct sip_str rest;
	struct sip_uri uri;

	sip_put_clean(b, method);
	sip_put_char(b, ' ');
	if (is_strict(dlg, &uri, &rest) || sip_uri_parse(dlg->target, &uri) == 0)
		put_request_uri(b, &uri);
	else
		sip_put_clean(b, dlg->target);
	sip_put(b, SIP_STR(" SIP/2.0\r\n"));
}

/* Not sip_put_clean(), nor for the parties: in a quoted-pair a NUL may have come with
 * them (25.1). */
static void put_route(struct sip_builder *b, const struct sip_dialog *dlg)
{
	struct sip_str rest;
	struct sip_uri uri;

	if (dlg->routes.len == 0)
		return;
	sip_put(b, SIP_STR("Route: "));
	if (!is_strict(dlg, &uri, &rest)) {
		sip_put(b, dlg->routes);
		sip_put(b, SIP_STR("\r\n"));
		return;
	}
	/* "The UAC MUST then place the remote target URI into the Route header field as
	 * the last value." */
	rest = sip_str_trim(rest);
	if (rest.len > 0 && rest.ptr[0] == ',')
		rest = sip_str_trim((struct sip_str){ rest.ptr + 1, rest.len - 1 });
	sip_put(b, rest);
	if (rest.len > 0)
		sip_put(b, SIP_STR(", "));
	sip_put_char(b, '<');
	sip_put_clean(b, dlg->target);
	sip_put(b, SIP_STR(">\r\n"));
}

static void put_party(struct sip_builder *b, struct sip_str name, struct sip_str party,
	struct sip_str tag)
{
	sip_put(b, name);
	sip_put(b, party);
	if (tag.ptr != NULL) {
		sip_put(b, SIP_STR(";tag="));
		sip_put_clean(b, tag);
	}
	sip_put(b, SIP_STR("\r\n"));
}

void sip_dialog_put_fields(struct sip_builder *b, const struct sip_dialog *dlg,
	struct sip_str method, uint32_t cseq)
{
	put_route(b, dlg);
	put_party(b, SIP_STR("From: "), dlg->local, dlg->local_tag);
	put_party(b, SIP_STR("To: "), dlg->remote, dlg->remote_tag);
	sip_put(b, SIP_STR("Call-ID: "));
	sip_put_clean(b, dlg->call_id);
	sip_put(b, SIP_STR("\r\nCSeq: "));
	sip_put_number(b, cseq);
	sip_put_char(b, ' ');
	sip_put_clean(b, method);
	sip_put(b, SIP_STR("\r\n"));
}

/* Names, line ends, the CSeq and what stands between. */
#define ROOM_FOR_OURS 160

size_t sip_dialog_request_len(const struct sip_dialog *dlg)
{
	return 2 * dlg->target.len + 2 * dlg->routes.len + dlg->local.len +
		dlg->local_tag.len + dlg->remote.len + dlg->remote_tag.len +
		dlg->call_id.len + ROOM_FOR_OURS;
}

bool sip_dialog_in_order(struct sip_dialog *dlg, uint32_t cseq)
{
	/* "if the remote sequence number was not empty, but the sequence number of the
	 * request is lower than the remote sequence number, the request is out of order
	 * and MUST be rejected with a 500" */
	if (dlg->numbered && cseq < dlg->remote_cseq)
		return false;
	dlg->numbered = true;
	dlg->remote_cseq = cseq;
	return true;
}
