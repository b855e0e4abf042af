/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What parsing a message costs: CPU time and allocations, for each parser that this
 * machine runs.
 *
 *     bench_parser DIRECTORY
 *     bench_parser DIRECTORY PASSES VARIANT
 *
 * The messages are the *.sip files of the directory.  "index" is the sweep alone; "parse"
 * is sip_msg_parse() with the fields that every message needs.  Each figure is the median
 * of ROUNDS rounds; a round goes over all messages many times.  With PASSES each is done
 * so often by that parser, for who counts instructions (gate.py), and nothing is
 * measured.
 */
#include "base/compiler.h"
#include "message/index.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MESSAGES_MAX 64
#define MESSAGE_MAX  8192
#define ROUNDS       15
#define PASSES       3000
#define HDRS         128

struct message {
	_Alignas(64) char text[MESSAGE_MAX + SIP_MSG_PADDING];
	uint32_t len;
};

struct corpus {
	struct message *messages;
	size_t count;
	size_t bytes;
};

typedef void pass_fn(const struct corpus *corpus, const struct sip_parser *parser);

/* The linker sends the library's calls here (--wrap). */
static unsigned long allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

static bool load(struct message *message, const char *directory, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return false;
	message->len = (uint32_t)fread(message->text, 1, MESSAGE_MAX, file);
	fclose(file);
	return true;
}

static void load_all(struct corpus *corpus, const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	if (dir == NULL) {
		perror(directory);
		exit(1);
	}
	while ((entry = readdir(dir)) != NULL && corpus->count < MESSAGES_MAX) {
		struct message *message = &corpus->messages[corpus->count];
		if (strstr(entry->d_name, ".sip") == NULL ||
			!load(message, directory, entry->d_name))
			continue;
		corpus->count++;
		corpus->bytes += message->len;
	}
	closedir(dir);
}

SIP_NOINLINE static void pass_index(
	const struct corpus *corpus, const struct sip_parser *parser)
{
	struct sip_hdr hdrs[HDRS];
	struct sip_msg msg;

	for (size_t i = 0; i < corpus->count; i++) {
		struct message *m = &corpus->messages[i];
		struct sip_index result = { 0 };
		msg.text = m->text;
		msg.hdrs = hdrs;
		msg.hdr_room = HDRS;
		msg.hdr_count = 0;
		memset(msg.first, 0xff, sizeof(msg.first));
		parser->index(&msg, m->len, HDRS, &result);
		if (result.error != 0)
			abort();
	}
}

SIP_NOINLINE static void pass_parse(
	const struct corpus *corpus, const struct sip_parser *parser)
{
	const struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;
	struct sip_hdr hdrs[HDRS];
	struct sip_msg msg;

	for (size_t i = 0; i < corpus->count; i++) {
		msg.text = corpus->messages[i].text;
		msg.len = corpus->messages[i].len;
		msg.hdrs = hdrs;
		msg.hdr_room = HDRS;
		if (sip_msg_parse_with(&msg, &limits, parser) != 0)
			abort();
	}
}

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return difference < 0 ? -1 : difference > 0;
}

/* Nanoseconds per message. */
static double measure(
	const struct corpus *corpus, pass_fn *pass, const struct sip_parser *parser)
{
	double rounds[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double start = cpu_ns();
		for (int i = 0; i < PASSES; i++)
			pass(corpus, parser);
		rounds[round] = (cpu_ns() - start) / PASSES / (double)corpus->count;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), by_value);
	return rounds[ROUNDS / 2];
}

static void report(const struct corpus *corpus, const struct sip_parser *parser)
{
	double mean_len = (double)corpus->bytes / (double)corpus->count;
	double index_ns = measure(corpus, pass_index, parser);
	unsigned long before = allocations;
	double parse_ns = measure(corpus, pass_parse, parser);
	unsigned long made = allocations - before;

	printf("%-6s index %6.1f ns   parse %6.1f ns   %5.2f GB/s   allocations %lu\n",
		parser->name, index_ns, parse_ns, mean_len / parse_ns, made);
}

static void measure_all(
	const struct corpus *corpus, const struct sip_parser *parsers, size_t count)
{
	printf("%zu messages, %zu bytes on average; CPU time per message, median of %d rounds\n",
		corpus->count, corpus->bytes / corpus->count, ROUNDS);
	for (size_t i = 0; i < count; i++)
		report(corpus, &parsers[i]);
}

/* False: this machine has no such parser. */
static bool repeat(const struct corpus *corpus, const struct sip_parser *parsers,
	size_t count, const char *name, int passes)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(parsers[i].name, name) != 0)
			continue;
		for (int pass = 0; pass < passes; pass++) {
			pass_index(corpus, &parsers[i]);
			pass_parse(corpus, &parsers[i]);
		}
		printf("bytes=%zu\n", corpus->bytes);
		return true;
	}
	fprintf(stderr, "no parser %s\n", name);
	return false;
}

int main(int argc, char **argv)
{
	const struct sip_parser *parsers;
	size_t count = sip_parsers(&parsers);
	struct corpus corpus = { 0 };
	bool done = true;

	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: %s DIRECTORY [PASSES VARIANT]\n", argv[0]);
		return 2;
	}
	corpus.messages = aligned_alloc(64, MESSAGES_MAX * sizeof(*corpus.messages));
	if (corpus.messages == NULL)
		return 1;
	memset(corpus.messages, 0, MESSAGES_MAX * sizeof(*corpus.messages));
	load_all(&corpus, argv[1]);
	if (corpus.count == 0) {
		fprintf(stderr, "%s: no .sip files\n", argv[1]);
		return 1;
	}
	if (argc == 4)
		done = repeat(&corpus, parsers, count, argv[3], atoi(argv[2]));
	else
		measure_all(&corpus, parsers, count);
	free(corpus.messages);
	return done ? 0 : 1;
}
