/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `res_sip trace` with any options, which the first line has; what is behind it are
 * messages, or links of calls to endpoints, each behind a line `=X` whose letter says
 * what it is and from where.
 */
#include "program_server.h"
#include "require.h"
#include "requests.h"
#include "syntaxes.h"
#include "watch.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const peers[] = { "192.0.2.10:5060", "192.0.2.20:5070",
	"203.0.113.9:5060", "[2001:db8::1]:5060" };

static struct watch *create(char *line, size_t len)
{
	static const struct syntax *const syntaxes[] = { &syntax_trace };
	const char *words[MOST_WORDS];
	char error[SYNTAX_ERROR_LEN] = "";
	struct arguments arguments;
	int count = words_split(line, len, words, MOST_WORDS);
	struct watch *watch;

	if (count <= 0 || !syntax_read(syntaxes, 1, words, count, &arguments, error))
		return NULL;
	watch = watch_create(&arguments, error);
	REQUIRE(watch != NULL || error[0] != '\0');
	return watch;
}

static void take(struct watch *watch, char letter, struct sip_str text, struct text *out)
{
	unsigned kind = (unsigned char)letter % 16;
	struct trace_record record = { .what = (enum trace_what)(kind / 4 % 3),
		.sent = kind / 4 == 3,
		.text_len = text.len,
		.wall_us = kind * 1000000u };

	REQUIRE(sip_addr_parse(sip_str_of(peers[kind % 4]), 0, &record.peer) == 0);
	record.local = record.peer;
	watch_take(watch, &record, text, out);
}

/* Each piece ends at the next line that begins with `=`, or at the end. */
static void take_all(struct watch *watch, struct sip_str rest, struct text *out)
{
	while (rest.len > 2) {
		char letter = rest.ptr[1];
		size_t end = 2;

		while (end < rest.len &&
			(rest.ptr[end] != '=' || rest.ptr[end - 1] != '\n'))
			end++;
		take(watch, letter, (struct sip_str){ rest.ptr + 2, end - 2 }, out);
		rest.ptr += end;
		rest.len -= end;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	struct text out = { 0 };
	struct watch *watch;
	size_t end = 0;

	SIP_IGNORE(program_server() == NULL); /* it is the thread's now */
	REQUIRE(copy != NULL);
	for (size_t i = 0; i < size; i++)
		copy[i] = (char)data[i];
	while (end < size && copy[end] != '\n')
		end++;
	watch = create(copy, end);
	if (watch != NULL) {
		watch_begin(watch, &out);
		if (end < size)
			take_all(watch,
				(struct sip_str){ copy + end + 1, size - end - 1 }, &out);
		watch_destroy(&watch);
	}
	REQUIRE(!out.failed);
	text_fini(&out);
	free(copy);
	return 0;
}
