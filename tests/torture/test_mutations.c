/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutations of the torture messages: each byte in turn removed, each line in turn removed
 * and repeated.  None makes the parser look where it may not (the blocks have their exact
 * length, for the address sanitizer), every slice lies in its message, and each sweep
 * comes to the same.
 */
#include "message_fixture.h"
#include "support/check.h"

#include "torture_rows.h"

#include <stdio.h>
#include <stdlib.h>

#define SWEEPS_MAX  8
#define MUTANT_SIZE 16384

/* The message that is mutated now, for who reads of a failure. */
static const char *name_of_message;

static void check_slice(const struct message_fixture *f, size_t len, struct sip_str slice,
	const char *name)
{
	const char *text = f->msg.text;

	if (slice.ptr != NULL &&
		(slice.ptr < text || slice.len > len ||
			(size_t)(slice.ptr - text) > len - slice.len))
		check_failed(__FILE__, __LINE__, "%s of %s lies outside", name,
			name_of_message);
}

static void check_slices(const struct message_fixture *f, size_t len)
{
	const struct sip_msg *msg = &f->msg;
	const struct {
		const char *name;
		struct sip_str slice;
	} slices[] = {
		{ "method", msg->method_text },
		{ "reason", msg->reason },
		{ "URI", msg->request_uri.text },
		{ "user", msg->request_uri.user },
		{ "host", msg->request_uri.host },
		{ "Via", msg->via_value },
		{ "sent-by", msg->via.host },
		{ "branch", msg->via.branch },
		{ "Via's parameters", msg->via.params },
		{ "From", msg->from.uri },
		{ "From's name", msg->from.display },
		{ "From's tag", msg->from_tag },
		{ "To", msg->to.uri },
		{ "To's tag", msg->to_tag },
		{ "Call-ID", msg->call_id },
		{ "CSeq", msg->cseq_method_text },
	};

	for (size_t i = 0; i < sizeof(slices) / sizeof(slices[0]); i++)
		check_slice(f, len, slices[i].slice, slices[i].name);
	for (size_t i = 0; i < msg->hdr_count; i++) {
		check_slice(f, len, sip_msg_hdr_name(msg, &msg->hdrs[i]), "a name");
		check_slice(f, len, sip_msg_hdr_value(msg, &msg->hdrs[i]), "a value");
	}
	CHECK((size_t)msg->body_off + msg->body_len <= len);
	CHECK((f->error == 0) == (msg->error == NULL));
}

static void check_same(const struct message_fixture *a, const struct message_fixture *b)
{
	const struct sip_msg *x = &a->msg;
	const struct sip_msg *y = &b->msg;

	if (a->error != b->error || x->error_status != y->error_status ||
		x->answerable != y->answerable || x->hdr_count != y->hdr_count ||
		x->len != y->len || x->body_off != y->body_off ||
		memcmp(a->hdrs, b->hdrs, x->hdr_count * sizeof(a->hdrs[0])) != 0 ||
		memcmp(x->text, y->text, x->len) != 0)
		check_failed(__FILE__, __LINE__, "a mutant of %s has two readings: %d %d",
			name_of_message, a->error, b->error);
}

/* By every sweep there is; the first one is plain C. */
static void parse(struct sip_str text)
{
	const struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;
	const struct sip_parser *parsers;
	size_t count = sip_parsers(&parsers);
	struct message_fixture plain;

	message_fixture_init_with(&plain, text, &limits, FIXTURE_HDRS, &parsers[0]);
	check_slices(&plain, text.len);
	for (size_t i = 1; i < count; i++) {
		struct message_fixture other;

		message_fixture_init_with(
			&other, text, &limits, FIXTURE_HDRS, &parsers[i]);
		check_same(&plain, &other);
		message_fixture_fini(&other);
	}
	message_fixture_fini(&plain);
}

/* `text` with [at, end) standing there `times` times. */
static void parse_with(struct sip_str text, size_t at, size_t end, unsigned times)
{
	static char mutant[MUTANT_SIZE];
	size_t len = at;

	CHECK(text.len + (end - at) <= sizeof(mutant));
	memcpy(mutant, text.ptr, at);
	for (unsigned i = 0; i < times; i++) {
		memcpy(mutant + len, text.ptr + at, end - at);
		len += end - at;
	}
	memcpy(mutant + len, text.ptr + end, text.len - end);
	parse((struct sip_str){ mutant, len + text.len - end });
}

static void remove_bytes(struct sip_str text)
{
	for (size_t at = 0; at < text.len; at++)
		parse_with(text, at, at + 1, 0);
}

static void remove_lines(struct sip_str text)
{
	for (size_t at = 0, end; at < text.len; at = end) {
		struct sip_str rest = { text.ptr + at, text.len - at };
		size_t line_end = sip_str_find(rest, '\n');

		end = line_end == SIZE_MAX ? text.len : at + line_end + 1;
		parse_with(text, at, end, 0);
	}
}

static void repeat_lines(struct sip_str text)
{
	for (size_t at = 0, end; at < text.len; at = end) {
		struct sip_str rest = { text.ptr + at, text.len - at };
		size_t line_end = sip_str_find(rest, '\n');

		end = line_end == SIZE_MAX ? text.len : at + line_end + 1;
		parse_with(text, at, end, 2);
	}
}

static void each_message(void mutate(struct sip_str text))
{
	for (size_t i = 0; i < sizeof(torture_rows) / sizeof(torture_rows[0]); i++) {
		char file[64];
		struct sip_str text;

		name_of_message = torture_rows[i].name;
		snprintf(file, sizeof(file), "%s.dat", name_of_message);
		text = message_fixture_read(TORTURE_DIR, file);
		mutate(text);
		free((void *)(uintptr_t)text.ptr);
	}
}

TEST(each_byte_may_be_missing)
{
	each_message(remove_bytes);
}

TEST(each_line_may_be_missing)
{
	each_message(remove_lines);
}

TEST(each_line_may_stand_twice)
{
	each_message(repeat_lines);
}
