/* SPDX-License-Identifier: BSD-2-Clause */
/* The sweeps: every variant finds the same, and none looks where it may not. */
#include "message_fixture.h"
#include "support/check.h"

#include <dirent.h>
#include <stdlib.h>

#define TWINS_MAX 8

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static bool same_str(
	struct sip_str a, const char *base_a, struct sip_str b, const char *base_b)
{
	if (a.len != b.len || (a.ptr == NULL) != (b.ptr == NULL))
		return false;
	return a.ptr == NULL || a.len == 0 || a.ptr - base_a == b.ptr - base_b;
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
	CHECK(same_str(x->call_id, x->text, y->call_id, y->text));
	CHECK(same_str(x->via.branch, x->text, y->via.branch, y->text));
}

/* The first variant is plain C. */
static void compare_variants(struct sip_str text)
{
	const struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;
	struct sip_index_variant variants[TWINS_MAX];
	size_t count = sip_index_variants(variants, TWINS_MAX);
	struct message_fixture plain;

	message_fixture_init_with(&plain, text, &limits, FIXTURE_HDRS, variants[0].index);
	for (size_t i = 1; i < count; i++) {
		struct message_fixture f;

		message_fixture_init_with(
			&f, text, &limits, FIXTURE_HDRS, variants[i].index);
		check_twins(&plain, &f);
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
	struct sip_index_variant variants[TWINS_MAX];
	size_t count = sip_index_variants(variants, TWINS_MAX);

	for (size_t len = 0; len < text.len; len++) {
		for (size_t i = 0; i < count; i++) {
			struct message_fixture f;

			message_fixture_init_with(&f, (struct sip_str){ text.ptr, len },
				&limits, FIXTURE_HDRS, variants[i].index);
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

TEST(all_variants_read_all_messages_alike)
{
	each_message(TORTURE_DIR, ".dat", compare_variants);
	each_message(CORPUS_DIR, ".sip", compare_variants);
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
		compare_variants((struct sip_str){ copy, text.len });
	}
	free(copy);
}

TEST(all_variants_read_damaged_messages_alike)
{
	each_message(TORTURE_DIR, ".dat", compare_mutations);
	each_message(CORPUS_DIR, ".sip", compare_mutations);
}

/* Dense with what matters, so that every bit of a block is a line's start or end some
 * time. */
TEST(all_variants_read_noise_alike)
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
		compare_variants((struct sip_str){ text, len });
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
