/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines: form, level, rate. */
#include "support/check.h"

#include "base/log_capture.h"
#include "base/log_line.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#define LINES_PER_SECOND 10
#define SECOND_US        1000000

/* What a sink was given: the last line, and how many. */
struct caught {
	pthread_mutex_t lock;
	enum sip_log_level level;
	unsigned count;
	unsigned not_whole; /* lines that do not end in their only line feed */
	size_t len;
	char line[SIP_LOG_LINE_MAX];
};

static void catch_line(void *arg, enum sip_log_level level, struct sip_str line)
{
	struct caught *caught = arg;

	pthread_mutex_lock(&caught->lock);
	caught->level = level;
	caught->count++;
	caught->not_whole += line.len == 0 || sip_str_find(line, '\n') != line.len - 1;
	caught->len = line.len;
	memcpy(caught->line, line.ptr, line.len);
	pthread_mutex_unlock(&caught->lock);
}

static void catch_lines(struct caught *caught)
{
	*caught = (struct caught){ .lock = PTHREAD_MUTEX_INITIALIZER };
	sip_log_set_level(SIP_LOG_NOTICE);
	sip_log_set_sink(catch_line, caught);
}

static void catch_no_more(void)
{
	sip_log_set_sink(NULL, NULL);
	sip_log_set_level(SIP_LOG_NOTICE);
}

/* What stands behind TIME and before the line feed. */
static struct sip_str without_time(const struct caught *caught)
{
	struct sip_str line = { caught->line, caught->len - 1 };
	size_t space = sip_str_find(line, ' ');

	CHECK(space != SIZE_MAX);
	return (struct sip_str){ line.ptr + space + 1, line.len - space - 1 };
}

TEST(a_line_has_time_level_subject_and_text)
{
	struct caught caught;

	catch_lines(&caught);
	sip_log(SIP_LOG_WARNING, "registrar", "contact refused aor=%s", "alice");
	catch_no_more();

	CHECK_INT(caught.count, ==, 1);
	CHECK_INT(caught.level, ==, SIP_LOG_WARNING);
	CHECK_INT(caught.not_whole, ==, 0);
	CHECK_STR(without_time(&caught), "warning registrar: contact refused aor=alice");
}

static struct sip_str format(const struct sip_log_line *line, char *text,
	const char *words, ...) __attribute__((format(printf, 3, 4)));

static struct sip_str format(
	const struct sip_log_line *line, char *text, const char *words, ...)
{
	va_list args;
	struct sip_str result;

	va_start(args, words);
	result = sip_log_format(line, text, words, args);
	va_end(args);
	return result;
}

TEST(the_time_is_utc_with_microseconds)
{
	const struct sip_log_line line = { UINT64_C(1582979696000007), SIP_LOG_ERROR, "x",
		0 };
	char text[SIP_LOG_LINE_MAX];

	CHECK_STR(format(&line, text, "leap"),
		"2020-02-29T12:34:56.000007Z error x: leap\n");
}

TEST(a_line_says_how_many_like_it_were_left_out)
{
	const struct sip_log_line line = { 0, SIP_LOG_INFO, "udp", 42 };
	char text[SIP_LOG_LINE_MAX];

	CHECK_STR(format(&line, text, "bad"),
		"1970-01-01T00:00:00.000000Z info udp: bad (left_out=42)\n");
}

/* A peer's text must not begin a line of its own, nor move the operator's cursor. */
TEST(control_characters_become_question_marks)
{
	static const struct {
		const char *text;
		const char *written;
	} table[] = {
		{ "a\nERROR core: forged", "a?ERROR core: forged" },
		{ "a\r\nb", "a??b" },
		{ "a\tb\x1b[2Jc\x7f", "a?b?[2Jc?" },
		{ "\x01\x1f ", "?? " },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "csi \xc2\x9b"
		  "2J",
			"csi ??2J" },
		/* As a byte of its own, and not where it belongs to a character. */
		{ "csi \x9b"
		  "2J \xe2\x82\x9b"
		  "2J",
			"csi ?2J \xe2\x82\x9b"
			"2J" },
		{ "nbsp \xc2\xa0.", "nbsp \xc2\xa0." },
		{ "cut \xc2", "cut \xc2" },
	};
	const struct sip_log_line line = { 0, SIP_LOG_INFO, "s", 0 };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char text[SIP_LOG_LINE_MAX];
		struct sip_str written = format(&line, text, "%s", table[i].text);
		const size_t head = strlen("1970-01-01T00:00:00.000000Z info s: ");

		CHECK_INT(written.ptr[written.len - 1], ==, '\n');
		written = (struct sip_str){ written.ptr + head, written.len - head - 1 };
		CHECK_STR(written, table[i].written);
	}
}

TEST(a_subject_cannot_break_the_line_either)
{
	const struct sip_log_line line = { 0, SIP_LOG_INFO, "a\nb", 0 };
	char text[SIP_LOG_LINE_MAX];
	struct sip_str written = format(&line, text, "t");

	CHECK_INT(sip_str_find(written, '\n'), ==, written.len - 1);
}

TEST(a_long_line_is_cut_and_keeps_its_end)
{
	const struct sip_log_line line = { 0, SIP_LOG_INFO, "s", 7 };
	const char *const end = "xxx... (left_out=7)\n";
	char text[SIP_LOG_LINE_MAX];
	char words[3 * SIP_LOG_LINE_MAX];

	memset(words, 'x', sizeof(words));
	for (int len = SIP_LOG_LINE_MAX - 100; len < SIP_LOG_LINE_MAX + 10; len++) {
		struct sip_str written = format(&line, text, "%.*s", len, words);

		CHECK(written.len <= SIP_LOG_LINE_MAX);
		CHECK(sip_str_starts(
			      (struct sip_str){ written.ptr + written.len - 16, 16 },
			      SIP_STR(" (left_out=7)\n")) ||
			written.ptr[written.len - 1] == '\n');
	}
	struct sip_str cut = format(&line, text, "%.*s", (int)sizeof(words), words);
	CHECK_INT(cut.len, >=, SIP_LOG_LINE_MAX - 2);
	CHECK_STR(
		((struct sip_str){ cut.ptr + cut.len - strlen(end), strlen(end) }), end);
}

TEST(lines_above_the_level_are_not_written)
{
	static const char *const words[] = { "error", "warning", "notice", "info",
		"debug" };
	struct caught caught;

	catch_lines(&caught);
	CHECK(sip_log_enabled(SIP_LOG_NOTICE) && !sip_log_enabled(SIP_LOG_INFO));
	for (int level = SIP_LOG_ERROR; level <= SIP_LOG_DEBUG; level++) {
		sip_log_set_level((enum sip_log_level)level);
		caught.count = 0;
		for (int at = SIP_LOG_ERROR; at <= SIP_LOG_DEBUG; at++)
			sip_log((enum sip_log_level)at, "s", "line");
		CHECK_INT(caught.count, ==, level + 1);
		CHECK_INT(sip_log_level_of(sip_str_of(words[level])), ==, level);
	}
	catch_no_more();
	CHECK_INT(sip_log_level_of(SIP_STR("verbose")), ==, -1);
	CHECK_INT(sip_log_level_of(SIP_STR("")), ==, -1);
}

static void fail_to_write(void *arg, enum sip_log_level level, struct sip_str line)
{
	errno = line.len > 0 && level == SIP_LOG_ERROR && arg != NULL ? EIO : 0;
}

TEST(logging_keeps_errno_for_the_caller)
{
	int something = 0;

	sip_log_set_sink(fail_to_write, &something);
	errno = ENOENT;
	sip_log(SIP_LOG_ERROR, "file", "not found");
	int after = errno;
	catch_no_more();

	CHECK_INT(after, ==, ENOENT);
}

static unsigned passed_of(struct sip_log_limit *limit, unsigned tries, uint64_t now_us)
{
	unsigned passed = 0;
	uint64_t left_out;

	for (unsigned i = 0; i < tries; i++)
		passed += sip_log_limit_pass(limit, now_us, &left_out);
	return passed;
}

TEST(ten_lines_a_second_pass_and_the_next_one_says_how_many_did_not)
{
	struct sip_log_limit limit = { { 0 } };
	uint64_t left_out = 99;

	CHECK(sip_log_limit_pass(&limit, 5 * SECOND_US, &left_out));
	CHECK_INT(left_out, ==, 0);
	CHECK_INT(passed_of(&limit, 1000, 5 * SECOND_US), ==, LINES_PER_SECOND - 1);
	CHECK_INT(passed_of(&limit, 9, 6 * SECOND_US - 1), ==, 0);

	CHECK(sip_log_limit_pass(&limit, 6 * SECOND_US + 1, &left_out));
	CHECK_INT(left_out, ==, 1000 - (LINES_PER_SECOND - 1) + 9);
	CHECK(sip_log_limit_pass(&limit, 6 * SECOND_US + 2, &left_out));
	CHECK_INT(left_out, ==, 0);
}

TEST(each_limit_counts_for_itself_and_from_any_time_on)
{
	struct sip_log_limit one = { { 0 } };
	struct sip_log_limit two = { { 0 } };

	CHECK_INT(passed_of(&one, 20, 1), ==, LINES_PER_SECOND);
	CHECK_INT(passed_of(&two, 20, UINT64_MAX / 2), ==, LINES_PER_SECOND);
	CHECK_INT(passed_of(&two, 20, UINT64_MAX / 2), ==, 0);
}

TEST(a_limited_line_is_written_at_most_ten_times_a_second)
{
	struct sip_log_limit limit = { { 0 } };
	struct caught caught;

	catch_lines(&caught);
	for (int i = 0; i < 1000; i++)
		sip_log_limited(&limit, SIP_LOG_WARNING, "udp", "bad message");
	for (int i = 0; i < 1000; i++)
		sip_log_limited(&limit, SIP_LOG_DEBUG, "udp", "not enabled, not counted");
	catch_no_more();

	CHECK_INT(caught.count, >=, LINES_PER_SECOND);
	/* The thousand may fall into two seconds, or three on a very busy machine. */
	CHECK_INT(caught.count, <=, 3 * LINES_PER_SECOND);
	CHECK(sip_str_starts(without_time(&caught), SIP_STR("warning udp: bad message")));
}

static void *log_often(void *arg)
{
	for (int i = 0; i < 500; i++)
		sip_log(SIP_LOG_ERROR, arg, "line %d", i);
	return NULL;
}

TEST(lines_of_many_threads_stay_whole)
{
	struct caught caught;
	char subject[] = "subject";
	pthread_t threads[4];

	catch_lines(&caught);
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, log_often, subject), ==, 0);
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(pthread_join(threads[i], NULL), ==, 0);
	catch_no_more();

	CHECK_INT(caught.count, ==, 2000);
	CHECK_INT(caught.not_whole, ==, 0);
}

struct taken {
	struct sip_log_capture capture;
	unsigned count;
	char line[SIP_LOG_LINE_MAX];
};

static void take(
	struct sip_log_capture *capture, enum sip_log_level level, struct sip_str line)
{
	struct taken *taken = (struct taken *)(void *)capture;

	(void)level;
	taken->count++;
	snprintf(taken->line, sizeof(taken->line), "%.*s", SIP_STR_ARG(line));
}

TEST(captured_lines_of_a_thread_are_not_written_and_use_up_no_limit)
{
	struct sip_log_limit limit = { { 0 } };
	struct taken taken = { .capture = { .take = take } };
	struct caught caught;

	catch_lines(&caught);
	sip_log_set_capture(&taken.capture);
	for (int i = 0; i < 1000; i++)
		sip_log_limited(&limit, SIP_LOG_NOTICE, "udp", "line %d\n", i);
	sip_log(SIP_LOG_ERROR, "core", "last");
	sip_log(SIP_LOG_DEBUG, "core", "not enabled");

	CHECK_INT(taken.count, ==, 1001);
	CHECK_STR(sip_str_of(taken.line), "error core: last");
	CHECK_INT(caught.count, ==, 0);

	sip_log_set_capture(NULL);
	for (int i = 0; i < LINES_PER_SECOND; i++)
		sip_log_limited(&limit, SIP_LOG_NOTICE, "udp", "line %d", i);
	catch_no_more();
	CHECK_INT(taken.count, ==, 1001);
	CHECK_INT(caught.count, ==, LINES_PER_SECOND);
}
