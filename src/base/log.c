/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Log lines: their form, their level, their rate, and where they go.
 *
 * The log is the process's, not a server's: it has to work before there is a server
 * and after it.  Level and sink are therefore static.
 * Elsewhere: writing to standard error (log_stderr.c).
 */
#include "base/log_line.h"

#include "base/clock.h"
#include "base/log_capture.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define SECOND_US        UINT64_C(1000000)
#define LINES_PER_SECOND 10

/* What stands in the opaque bytes of a struct sip_log_limit. */
struct limit {
	_Atomic uint64_t began_us; /* the current second; 0: none yet */
	_Atomic uint32_t passed;   /* in it */
	_Atomic uint32_t unused;
	_Atomic uint64_t left_out; /* since the last line that passed */
};

_Static_assert(sizeof(struct limit) <= sizeof(struct sip_log_limit), "limit fits");
_Static_assert(
	_Alignof(struct limit) <= _Alignof(struct sip_log_limit), "limit is aligned");

static const char *const level_names[] = {
	[SIP_LOG_ERROR] = "error",
	[SIP_LOG_WARNING] = "warning",
	[SIP_LOG_NOTICE] = "notice",
	[SIP_LOG_INFO] = "info",
	[SIP_LOG_DEBUG] = "debug",
};

static _Atomic int max_level = SIP_LOG_NOTICE;

static struct {
	/* Guards what follows.  It is read-held while the sink runs, against the rule
	 * for callbacks: whoever replaces a sink must know when the old one has ended. */
	pthread_rwlock_t lock;
	sip_log_sink_fn *write;
	void *arg;
} sink = { .lock = PTHREAD_RWLOCK_INITIALIZER };

/* NULL but in a dry run. */
static _Thread_local struct sip_log_capture *captures;

static void write_line(enum sip_log_level level, struct sip_str line)
{
	SIP_ASSERT(pthread_rwlock_rdlock(&sink.lock) == 0);
	if (sink.write != NULL)
		sink.write(sink.arg, level, line);
	else
		sip_log_stderr_write(line);
	SIP_ASSERT(pthread_rwlock_unlock(&sink.lock) == 0);
}

/* C0, DEL, and C1, as UTF-8 writes it (C2 80 to C2 9F) and as a byte that continues
 * nothing: some terminals obey those too. */
static void replace_controls(char *text, size_t len)
{
	unsigned continues = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];
		unsigned char after = i + 1 < len ? (unsigned char)text[i + 1] : 0;

		if (byte < 0x20 || byte == 0x7f ||
			(continues == 0 && byte >= 0x80 && byte <= 0x9f))
			text[i] = '?';
		else if (byte == 0xc2 && after >= 0x80 && after <= 0x9f)
			text[i] = text[i + 1] = '?';
		if (byte >= 0xc2 && byte <= 0xf4)
			continues = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
		else if (continues > 0)
			continues = byte >= 0x80 && byte <= 0xbf ? continues - 1 : 0;
	}
}

static size_t format_head(const struct sip_log_line *line, char *text, size_t room)
{
	time_t seconds = (time_t)(line->wall_us / SECOND_US);
	struct tm utc;
	size_t len;

	gmtime_r(&seconds, &utc);
	len = strftime(text, room, "%Y-%m-%dT%H:%M:%S", &utc);
	len += (size_t)snprintf(text + len, room - len,
		".%06" PRIu64 "Z %s %.64s: ", line->wall_us % SECOND_US,
		level_names[line->level], line->subject);
	return len;
}

struct sip_str sip_log_format(
	const struct sip_log_line *line, char *text, const char *format, va_list args)
{
	char tail[48] = "";
	size_t tail_len = 0;
	size_t len = format_head(line, text, SIP_LOG_LINE_MAX);
	size_t room;
	int wanted;

	if (line->left_out > 0) {
		tail_len = (size_t)snprintf(
			tail, sizeof(tail), " (left_out=%" PRIu64 ")", line->left_out);
	}
	/* Behind the text stand the tail and the line feed. */
	room = SIP_LOG_LINE_MAX - len - tail_len - 1;
	wanted = vsnprintf(text + len, room, format, args);
	if (wanted >= 0 && (size_t)wanted < room) {
		len += (size_t)wanted;
	} else if (wanted >= 0) {
		len += room - 1;
		memcpy(text + len - 3, "...", 3);
	}
	memcpy(text + len, tail, tail_len);
	len += tail_len;
	replace_controls(text, len);
	text[len++] = '\n';
	return (struct sip_str){ text, len };
}

static void log_line(enum sip_log_level level, const char *subject, uint64_t left_out,
	const char *format, va_list args) __attribute__((format(printf, 4, 0)));

static void capture_line(enum sip_log_level level, const char *subject,
	const char *format, va_list args) __attribute__((format(printf, 3, 0)));

static void capture_line(
	enum sip_log_level level, const char *subject, const char *format, va_list args)
{
	char text[SIP_LOG_LINE_MAX];
	int len = snprintf(text, sizeof(text), "%s %.64s: ", level_names[level], subject);
	int wanted = vsnprintf(text + len, sizeof(text) - (size_t)len, format, args);

	len += wanted > 0 ? wanted : 0;
	if ((size_t)len >= sizeof(text))
		len = (int)sizeof(text) - 1;
	replace_controls(text, (size_t)len);
	captures->take(captures, level, (struct sip_str){ text, (size_t)len });
}

static void log_line(enum sip_log_level level, const char *subject, uint64_t left_out,
	const char *format, va_list args)
{
	/* Who logs a failure still wants to return its errno. */
	int saved_errno = errno;
	char text[SIP_LOG_LINE_MAX];
	struct sip_clock clock;
	struct sip_log_line line = { 0, level, subject, left_out };

	sip_clock_init_real(&clock);
	line.wall_us = sip_clock_wall_us(&clock);
	write_line(level, sip_log_format(&line, text, format, args));
	errno = saved_errno;
}

bool sip_log_limit_pass(struct sip_log_limit *limit, uint64_t now_us, uint64_t *left_out)
{
	struct limit *l = (struct limit *)(void *)limit->opaque;
	uint64_t began = atomic_load(&l->began_us);

	/* `began` may be the later one: another thread read the clock after us. */
	if (began == 0 || (now_us > began && now_us - began >= SECOND_US)) {
		/* Whoever moves the second on resets its count; between the two another
		 * thread may leave out a line that could have passed. */
		if (atomic_compare_exchange_strong(&l->began_us, &began, now_us))
			atomic_store(&l->passed, 0);
	}
	if (atomic_load(&l->passed) >= LINES_PER_SECOND ||
		atomic_fetch_add(&l->passed, 1) >= LINES_PER_SECOND) {
		atomic_fetch_add(&l->left_out, 1);
		return false;
	}
	*left_out = atomic_exchange(&l->left_out, 0);
	return true;
}

void sip_log(enum sip_log_level level, const char *subject, const char *format, ...)
{
	va_list args;

	if (!sip_log_enabled(level))
		return;
	va_start(args, format);
	if (captures != NULL)
		capture_line(level, subject, format, args);
	else
		log_line(level, subject, 0, format, args);
	va_end(args);
}

void sip_log_limited(struct sip_log_limit *limit, enum sip_log_level level,
	const char *subject, const char *format, ...)
{
	struct sip_clock clock;
	uint64_t left_out;
	va_list args;

	if (!sip_log_enabled(level))
		return;
	if (captures != NULL) {
		va_start(args, format);
		capture_line(level, subject, format, args);
		va_end(args);
		return;
	}
	sip_clock_init_real(&clock);
	if (!sip_log_limit_pass(limit, sip_clock_now_us(&clock), &left_out))
		return;
	va_start(args, format);
	log_line(level, subject, left_out, format, args);
	va_end(args);
}

void sip_log_set_capture(struct sip_log_capture *capture)
{
	captures = capture;
}

void sip_log_set_level(enum sip_log_level level)
{
	SIP_ASSERT((size_t)level < sizeof(level_names) / sizeof(level_names[0]));
	/* Relaxed, as the load below: a line more or less at the moment of a change. */
	atomic_store_explicit(&max_level, (int)level, memory_order_relaxed);
}

bool sip_log_enabled(enum sip_log_level level)
{
	SIP_ASSERT((size_t)level < sizeof(level_names) / sizeof(level_names[0]));
	return (int)level <= atomic_load_explicit(&max_level, memory_order_relaxed);
}

int sip_log_level_of(struct sip_str word)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (sip_str_equal(word, sip_str_of(level_names[i])))
			return (int)i;
	}
	return -1;
}

void sip_log_set_sink(sip_log_sink_fn *write, void *arg)
{
	SIP_ASSERT(pthread_rwlock_wrlock(&sink.lock) == 0);
	sink.write = write;
	sink.arg = arg;
	SIP_ASSERT(pthread_rwlock_unlock(&sink.lock) == 0);
}
