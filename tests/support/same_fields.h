/* SPDX-License-Identifier: BSD-2-Clause */
/* What two parsers decoded of the same text, each in a copy of its own. */
#pragma once

#include "message/message.h"

#include <stddef.h>
#include <string.h>

#define SLICE(field)                                                                     \
	{                                                                                \
#field, offsetof(struct sip_msg, field)                                  \
	}

/* All that is decoded at once and is text. */
static const struct {
	const char *name;
	size_t at;
} same_fields_slices[] = {
	SLICE(method_text),
	SLICE(reason),
	SLICE(request_uri.text),
	SLICE(request_uri.user),
	SLICE(request_uri.password),
	SLICE(request_uri.host),
	SLICE(request_uri.params),
	SLICE(request_uri.headers),
	SLICE(via.transport),
	SLICE(via.host),
	SLICE(via.branch),
	SLICE(via.received),
	SLICE(via.params),
	SLICE(via_value),
	SLICE(from.display),
	SLICE(from.uri),
	SLICE(from.params),
	SLICE(to.display),
	SLICE(to.uri),
	SLICE(to.params),
	SLICE(from_tag),
	SLICE(to_tag),
	SLICE(call_id),
	SLICE(cseq_method_text),
};

#undef SLICE

static inline bool same_slice(const struct sip_msg *x, const struct sip_msg *y, size_t at)
{
	struct sip_str a;
	struct sip_str b;

	memcpy(&a, (const char *)x + at, sizeof(a));
	memcpy(&b, (const char *)y + at, sizeof(b));
	if (a.len != b.len || (a.ptr == NULL) != (b.ptr == NULL))
		return false;
	return a.ptr == NULL || a.ptr - x->text == b.ptr - y->text;
}

/** Two readings of one text, each in a copy of its own, are the same credentials. */
static inline bool same_digest(struct sip_str x_text, const struct sip_digest *x,
	struct sip_str y_text, const struct sip_digest *y)
{
	/* Nothing but texts is in it. */
	_Static_assert(sizeof(*x) % sizeof(x->scheme) == 0, "texts");
	const struct sip_str *a = &x->scheme;
	const struct sip_str *b = &y->scheme;

	for (size_t i = 0; i < sizeof(*x) / sizeof(*a); i++) {
		if (a[i].len != b[i].len || (a[i].ptr == NULL) != (b[i].ptr == NULL) ||
			(a[i].ptr != NULL &&
				a[i].ptr - x_text.ptr != b[i].ptr - y_text.ptr))
			return false;
	}
	return true;
}

/** The first field that differs; NULL: none does.  Where one can't be decoded, as far as
 * it was. */
static inline const char *same_fields_but(
	const struct sip_msg *x, const struct sip_msg *y)
{
	size_t count = sizeof(same_fields_slices) / sizeof(same_fields_slices[0]);

	for (size_t i = 0; i < count; i++) {
		if (!same_slice(x, y, same_fields_slices[i].at))
			return same_fields_slices[i].name;
	}
	if (x->request_uri.scheme != y->request_uri.scheme ||
		x->request_uri.port != y->request_uri.port)
		return "request_uri";
	if (x->via.port != y->via.port || x->via.rport != y->via.rport)
		return "via";
	if (x->method != y->method || x->status != y->status)
		return "first line";
	if (x->cseq != y->cseq || x->cseq_method != y->cseq_method)
		return "cseq";
	return x->max_forwards != y->max_forwards ? "max_forwards" : NULL;
}
