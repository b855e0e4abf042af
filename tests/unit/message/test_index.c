/* SPDX-License-Identifier: BSD-2-Clause */
/* The parsers: every variant finds the same, and none looks where it may not. */
#include "message_fixture.h"
#include "support/check.h"
#include "support/same_fields.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Where one can't be decoded, as far as it was. */
static void check_twin_fields(const struct sip_msg *x, const struct sip_msg *y)
{
	const char *other = same_fields_but(x, y);

	if (other != NULL)
		check_failed(__FILE__, __LINE__, "%s is not the same", other);
}

static void check_twins(const struct message_fixture *a, const struct message_fixture *b)
{
	const struct sip_msg *x = &a->msg;
	const struct sip_msg *y = &b->msg;

	CHECK_INT(a->error, ==, b->error);
	CHECK_INT(x->error_status, ==, y->error_status);
	CHECK_INT(x->answerable, ==, y->answerable);
	CHECK_INT(x->hdr_count, ==, y->hdr_count);
	CHECK(memcmp(a->hdrs, b->hdrs, x->hdr_count * sizeof(a->hdrs[0])) == 0);
	CHECK(memcmp(x->first, y->first, sizeof(x->first)) == 0);
	CHECK_INT(x->body_off, ==, y->body_off);
	CHECK_INT(x->len, ==, y->len);
	CHECK(memcmp(x->text, y->text, x->len) == 0);
	check_twin_fields(x, y);
}

/* Each field as credentials, which few are. */
static void check_twin_digests(const struct message_fixture *a,
	const struct sip_parser *a_parser, const struct message_fixture *b,
	const struct sip_parser *b_parser)
{
	for (size_t i = 0; i < a->msg.hdr_count; i++) {
		struct sip_str x_text = sip_msg_hdr_value(&a->msg, &a->hdrs[i]);
		struct sip_str y_text = sip_msg_hdr_value(&b->msg, &b->hdrs[i]);
		struct sip_digest x;
		struct sip_digest y;

		CHECK_INT(a_parser->digest(x_text, &x), ==, b_parser->digest(y_text, &y));
		CHECK(same_digest(x_text, &x, y_text, &y));
	}
}

/* The first is plain C. */
static void compare_parsers(struct sip_str text)
{
	const struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;
	const struct sip_parser *parsers;
	size_t count = sip_parsers(&parsers);
	struct message_fixture plain;

	message_fixture_init_with(&plain, text, &limits, FIXTURE_HDRS, &parsers[0]);
	for (size_t i = 1; i < count; i++) {
		struct message_fixture f;

		message_fixture_init_with(&f, text, &limits, FIXTURE_HDRS, &parsers[i]);
		check_twins(&plain, &f);
		check_twin_digests(&plain, &parsers[0], &f, &parsers[i]);
		message_fixture_fini(&f);
	}
	message_fixture_fini(&plain);
}

static void each_message(
	const char *directory, const char *suffix, void visit(struct sip_str text))
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	size_t count = 0;

	CHECK(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		struct sip_str text;

		if (strstr(entry->d_name, suffix) == NULL)
			continue;
		text = message_fixture_read(directory, entry->d_name);
		visit(text);
		free((void *)(uintptr_t)text.ptr);
		count++;
	}
	closedir(dir);
	CHECK_INT(count, >=, 12);
}

static void compare_truncations(struct sip_str text)
{
	const struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;
	const struct sip_parser *parsers;
	size_t count = sip_parsers(&parsers);

	for (size_t len = 0; len < text.len; len++) {
		for (size_t i = 0; i < count; i++) {
			struct message_fixture f;

			message_fixture_init_with(&f, (struct sip_str){ text.ptr, len },
				&limits, FIXTURE_HDRS, &parsers[i]);
			check_twin_digests(&f, &parsers[i], &f, &parsers[0]);
			message_fixture_fini(&f);
		}
	}
}

/* Run with the address sanitizer: blocks have their exact length. */
TEST(every_truncation_of_every_message_stays_in_its_block)
{
	each_message(TORTURE_DIR, ".dat", compare_truncations);
	each_message(CORPUS_DIR, ".sip", compare_truncations);
}

TEST(all_parsers_read_all_messages_alike)
{
	each_message(TORTURE_DIR, ".dat", compare_parsers);
	each_message(CORPUS_DIR, ".sip", compare_parsers);
}

/* A few bytes changed into what the sweep looks for. */
static void compare_mutations(struct sip_str text)
{
	static const char bytes[] = "\r\n: \t\0\x01\x7f\xff\"\\;,<>";
	uint64_t state = text.len;
	char *copy = malloc(text.len);

	CHECK(copy != NULL);
	for (int round = 0; round < 50; round++) {
		memcpy(copy, text.ptr, text.len);
		for (int change = 0; change < 4; change++)
			copy[next_random(&state) % text.len] =
				bytes[next_random(&state) % (sizeof(bytes) - 1)];
		compare_parsers((struct sip_str){ copy, text.len });
	}
	free(copy);
}

TEST(all_parsers_read_damaged_messages_alike)
{
	each_message(TORTURE_DIR, ".dat", compare_mutations);
	each_message(CORPUS_DIR, ".sip", compare_mutations);
}

/* Dense with what matters, so that every bit of a block is a line's start or end some
 * time. */
TEST(all_parsers_read_noise_alike)
{
	static const char bytes[] = "\r\n\r\n\r\n:::: \tabVvi\"\\\0";
	uint64_t state = 3261;

	for (int round = 0; round < 3000; round++) {
		char text[300];
		size_t len = next_random(&state) % sizeof(text);

		for (size_t i = 0; i < len; i++) {
			text[i] = bytes[next_random(&state) % (sizeof(bytes) - 1)];
			if (text[i] == '\r' && i + 1 < len &&
				next_random(&state) % 8 != 0)
				text[++i] = '\n';
		}
		compare_parsers((struct sip_str){ text, len });
	}
}

/* Where a part of a field ends says a class of characters: each byte, in each part. */
TEST(all_parsers_end_every_part_at_the_same_byte)
{
	static const char *const parts[] = { "INVI%cTE sip:a@b SIP/2.0\r\n",
		"INVITE sip:a%cb:c@d:1;e=f?g=h SIP/2.0\r\n",
		"INVITE sip:a@b;c%cd=e?f=g%ch SIP/2.0\r\n",
		"INVITE tel:+12%c3;p=1 SIP/2.0\r\n", "INVITE u%crn:x SIP/2.0\r\n",
		"SIP/2.0 2%c00 a%cb\r\n", "Via: SIP/2.0/UD%cP h;branch=z9hG4bKa\r\n",
		"Via: SIP/2.0/UDP h%ci:5;br%canch=a%cb\r\n",
		"From: a%cb <sip:a>;tag=b\r\n", "From: \"a%cb\" <sip:a%cb>;tag=b%cc\r\n",
		"To: sip:a%cb;t%cag=c\r\n", "Call-ID: a%cb@c%cd\r\n",
		"CSeq: 1%c2 INV%cITE\r\n", "Subject: a%cb\r\n", "Call%cID: a\r\n" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (int c = 0; c < 256; c++) {
			char text[512];
			const char *line = i < 6 ? "" : "INVITE sip:a@b SIP/2.0\r\n";
			int len = snprintf(text, sizeof(text), "%s", line);

			len += snprintf(text + len, sizeof(text) - (size_t)len, parts[i],
				c, c, c);
			len += snprintf(text + len, sizeof(text) - (size_t)len,
				"v: SIP/2.0/UDP h\r\nf: sip:a\r\nt: sip:b\r\n"
				"i: a\r\nCSeq: 1 INVITE\r\n\r\n");
			compare_parsers((struct sip_str){ text, (size_t)len });
		}
	}
}

/* Shorter and longer than what is looked at in one piece, twice that, and thrice. */
TEST(all_parsers_read_parts_of_any_length_alike)
{
	for (int n = 0; n < 100; n++) {
		char run[100];
		char text[1600];
		int len;

		memset(run, 'a', (size_t)n);
		len = snprintf(text, sizeof(text),
			"OPTIONS sip:a%.*s@b%.*s;c%.*s SIP/2.0\r\n"
			"Via: SIP/2.0/UDP h%.*s;x=%.*s;branch=z9hG4bK%.*s\r\n"
			"From: \"%.*s\\\"%.*s\" <sip:%.*s@b>;tag=1%.*s\r\n"
			"To: b%.*s <sip:c>;%.*s=1\r\nCall-ID: %.*s@%.*s\r\n"
			"CSeq: 1 OPTIONS\r\n\r\n",
			n, run, n, run, n, run, n, run, n, run, n, run, n, run, n, run, n,
			run, n, run, n, run, n, run, n, run, n, run);
		compare_parsers((struct sip_str){ text, (size_t)len });
	}
}

/* A line end and a fold on every offset from the start of a block. */
TEST(line_ends_are_found_at_every_place_of_a_block)
{
	for (size_t pad = 0; pad < 200; pad++) {
		struct message_fixture f;
		char extra[400] = "X: ";

		memset(extra + 3, 'x', pad);
		memcpy(extra + 3 + pad, "\r\n y\r\nSubject: z\r\n", 19);
		message_fixture_with(&f, extra);

		CHECK_INT(f.error, ==, 0);
		CHECK_INT(sip_msg_header_named(&f.msg, SIP_STR("x")).len, ==,
			pad == 0 ? 1 : pad + 4);
		CHECK_STR(sip_msg_header(&f.msg, SIP_HDR_SUBJECT), "z");
		message_fixture_fini(&f);
	}
}
