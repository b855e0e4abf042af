/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Writing messages: a cursor over a buffer that remembers its first error.
 *
 * Every put after an error is ignored, so one test at the end is enough.
 * Threads: pure functions on the caller's storage.
 */
#pragma once

#include "base/compiler.h"
#include "message/message.h"

struct sip_builder {
	char *buf;
	size_t size; /* bytes in buf */
	size_t len;  /* bytes written */
	int error; /* 0, or SIP_ESPACE, SIP_EINVALID (CR, LF or NUL where none may be) */
};

void sip_builder_init(struct sip_builder *b, char *buf, size_t size);

/** Note an error; the first stays. */
void sip_builder_fail(struct sip_builder *b, int error);

/** Bytes as they are.  Here, so that what is known when it is compiled, as most of what
 * stands between two texts is, becomes a few stores. */
static SIP_ALWAYS_INLINE void sip_put(struct sip_builder *b, struct sip_str text)
{
	if (b->error != 0 || text.len == 0)
		return;
	if (SIP_UNLIKELY(text.len > b->size - b->len)) {
		sip_builder_fail(b, SIP_ESPACE);
		return;
	}
	memcpy(b->buf + b->len, text.ptr, text.len);
	b->len += text.len;
}

static inline void sip_put_char(struct sip_builder *b, char c)
{
	sip_put(b, (struct sip_str){ &c, 1 });
}

void sip_put_number(struct sip_builder *b, uint64_t number);
void sip_put_hex(
	struct sip_builder *b, const uint8_t *bytes, size_t len); /* lower case */

/** Bytes from outside: CR, LF and NUL are an error. */
void sip_put_clean(struct sip_builder *b, struct sip_str text);

/** `Name: value` and the line end; both clean, the name a token. */
void sip_put_header(struct sip_builder *b, struct sip_str name, struct sip_str value);

/** The same with a name that is known to be one. */
void sip_put_known_header(
	struct sip_builder *b, struct sip_str name, struct sip_str value);

/** A quoted string: `"`, `\` escaped. */
void sip_put_quoted(struct sip_builder *b, struct sip_str text);

/** `From: ` and its value as it came, with the line end; nothing where the value is
 * empty, as of a field that a request which can't be parsed does not have. */
void sip_put_same(struct sip_builder *b, struct sip_str name, struct sip_str value);

/** Every field of that kind, as received, one per line, long names. */
void sip_put_copied(
	struct sip_builder *b, const struct sip_msg *from, enum sip_hdr_id id);

/** The canonical long name of a kind. */
struct sip_str sip_hdr_name(enum sip_hdr_id id);
