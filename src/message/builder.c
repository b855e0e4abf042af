/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing messages: see builder.h. */
#include "message/builder.h"

#include "base/compiler.h"
#include "base/hex.h"
#include "message/scan.h"

void sip_builder_init(struct sip_builder *b, char *buf, size_t size)
{
	SIP_ASSERT(buf != NULL || size == 0);
	*b = (struct sip_builder){ .buf = buf, .size = size };
}

void sip_builder_fail(struct sip_builder *b, int error)
{
	if (b->error == 0)
		b->error = error;
}

void sip_put_number(struct sip_builder *b, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	/* Most have one or two. */
	for (; number >= 10; number /= 10)
		digits[--at] = (char)('0' + number % 10);
	digits[--at] = (char)('0' + number);
	sip_put(b, (struct sip_str){ digits + at, sizeof(digits) - at });
}

void sip_put_hex(struct sip_builder *b, const uint8_t *bytes, size_t len)
{
	if (b->error != 0)
		return;
	if (2 * len > b->size - b->len) {
		sip_builder_fail(b, SIP_ESPACE);
		return;
	}
	sip_hex_write_bytes(b->buf + b->len, bytes, len);
	b->len += 2 * len;
}

/* One of the eight bytes is below 16, as what is not clean is: it borrows from above (a
 * well-known trick, which errs on the side of `true`). */
static bool may_be_unclean(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return ((bytes - ones * 16) & ~bytes & ones << 7) != 0;
}

static bool is_clean(struct sip_str text)
{
	size_t i = 0;

	while (text.len - i >= 8 && !may_be_unclean(text.ptr + i))
		i += 8;
	/* The last eight, some of them again. */
	if (i != 0 && text.len - i < 8 && !may_be_unclean(text.ptr + text.len - 8))
		return true;
	for (; i < text.len; i++) {
		if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0')
			return false;
	}
	return true;
}

void sip_put_clean(struct sip_builder *b, struct sip_str text)
{
	if (!is_clean(text))
		sip_builder_fail(b, SIP_EINVALID);
	sip_put(b, text);
}

void sip_put_known_header(
	struct sip_builder *b, struct sip_str name, struct sip_str value)
{
	sip_put(b, name);
	sip_put(b, SIP_STR(": "));
	sip_put_clean(b, value);
	sip_put(b, SIP_STR("\r\n"));
}

void sip_put_header(struct sip_builder *b, struct sip_str name, struct sip_str value)
{
	struct sip_scan scan = sip_scan_of(name);

	if (sip_scan_run(&scan, SIP_CHAR_TOKEN).len == 0 || !sip_scan_at_end(&scan))
		sip_builder_fail(b, SIP_EINVALID);
	sip_put_known_header(b, name, value);
}

void sip_put_same(struct sip_builder *b, struct sip_str name, struct sip_str value)
{
	char *at = b->buf + b->len;

	if (b->error != 0 || value.len == 0)
		return;
	if (name.len + value.len + 2 > b->size - b->len) {
		sip_builder_fail(b, SIP_ESPACE);
		return;
	}
	memcpy(at, name.ptr, name.len);
	memcpy(at + name.len, value.ptr, value.len);
	memcpy(at + name.len + value.len, "\r\n", 2);
	b->len += name.len + value.len + 2;
}

void sip_put_quoted(struct sip_builder *b, struct sip_str text)
{
	struct sip_scan scan = sip_scan_of(text);

	if (!is_clean(text))
		sip_builder_fail(b, SIP_EINVALID);
	sip_put_char(b, '"');
	while (!sip_scan_at_end(&scan)) {
		const char *start = scan.at;

		scan.at = sip_run_to_either(start, scan.end, '"', '\\');
		sip_put(b, sip_scan_since(&scan, start));
		if (sip_scan_at_end(&scan))
			break;
		sip_put_char(b, '\\');
		sip_put_char(b, *scan.at++);
	}
	sip_put_char(b, '"');
}

/* The value comes from a message that was parsed: it has no line end in it. */
void sip_put_copied(struct sip_builder *b, const struct sip_msg *from, enum sip_hdr_id id)
{
	struct sip_hdr_iter iter = { 0 };

	while (b->error == 0 && sip_msg_next_header(from, id, &iter)) {
		enum sip_hdr_id kind = (enum sip_hdr_id)from->hdrs[iter.index - 1].id;
		sip_put(b, kind == SIP_HDR_OTHER ? iter.name : sip_hdr_name(kind));
		sip_put(b, SIP_STR(": "));
		sip_put(b, iter.value);
		sip_put(b, SIP_STR("\r\n"));
	}
}
