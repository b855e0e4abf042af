/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resolver with its real source, for the scenarios: print_targets SERVERS
 *
 * Reads lines of URIs, which are asked for at the same time, and prints for each
 * `URI MS udp 192.0.2.1:5060, ...` or `URI MS` and the error's words, in their order;
 * then `done`.  `count NAME` prints a counter, `late` by how many milliseconds at most a
 * timer of another work came late since the last time: while that is small nobody else
 * waits.
 * `end`, or the end of what it reads, ends it.
 */
#include "base/counter.h"
#include "res_sip/error.h"
#include "resolve/cares.h"
#include "resolve/resolve.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKS_MAX 200
#define LINE_LEN 16384
#define BEAT_US  5000

struct program {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct sip_cares *cares;
	struct sip_resolver *resolver;
	struct ast_sip_work *asker;
	struct ast_sip_work *beater;
	struct sip_timer beat;
	uint64_t beat_us; /* when it is due */
	_Atomic uint64_t late_us;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	unsigned left;
};

struct question {
	struct program *program;
	char *uri;
	uint64_t asked_us;
	uint64_t told_us;
	int result;
	struct sip_targets targets;
};

static struct program program;

static void end(const char *why)
{
	fprintf(stderr, "print_targets: %s\n", why);
	exit(2);
}

/* ---- a heart that beats beside it ---- */

static void start_beat(struct program *p)
{
	p->beat_us = sip_pool_read_clock(p->pool) + BEAT_US;
	sip_timer_start(&p->beat, BEAT_US);
}

static void on_beat(struct sip_timer *timer)
{
	struct program *p = SIP_CONTAINER(timer, struct program, beat);
	uint64_t late_us = sip_pool_read_clock(p->pool) - p->beat_us;

	if (late_us > atomic_load(&p->late_us))
		atomic_store(&p->late_us, late_us);
	start_beat(p);
}

static int begin_beating(void *arg)
{
	sip_core_enter();
	start_beat(arg);
	sip_core_leave();
	return 0;
}

/* ---- asking ---- */

static void finish(struct question *question, int result)
{
	struct program *p = question->program;

	question->result = result;
	question->told_us = sip_clock_now_us(&p->clock);
	pthread_mutex_lock(&p->lock);
	p->left--;
	pthread_cond_signal(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void on_resolved(void *arg, int result, const struct sip_targets *targets)
{
	struct question *question = arg;

	question->targets = *targets;
	finish(question, result);
}

static int ask(void *arg)
{
	struct question *question = arg;
	const struct sip_asker asker = { question->program->asker, on_resolved,
		question };
	struct sip_resolve_request request = { .scheme = SIP_URI_SIP };
	struct sip_ask *waits = NULL;
	struct sip_uri uri;
	int result = sip_uri_parse(sip_str_of(question->uri), &uri);

	question->asked_us = sip_clock_now_us(&question->program->clock);
	if (result == 0) {
		request.scheme = uri.scheme;
		request.host = uri.host;
		request.port = uri.port;
		SIP_IGNORE(sip_uri_param(/* none: it stays NULL */
			&uri, SIP_STR("transport"), &request.transport));
		memset(request.families, SIP_FAMILY_IPV4 | SIP_FAMILY_IPV6,
			sizeof(request.families));
		sip_core_enter();
		result = sip_resolve(
			program.resolver, &request, &asker, &question->targets, &waits);
		sip_core_leave();
	}
	if (waits == NULL)
		finish(question, result);
	return 0;
}

static void print(const struct question *question)
{
	char text[SIP_ADDR_TEXT_LEN];

	printf("%s %llu", question->uri,
		(unsigned long long)(question->told_us - question->asked_us) / 1000);
	if (question->result != 0)
		printf(" %s", sip_error_text(question->result));
	for (unsigned i = 0; question->result == 0 && i < question->targets.count; i++)
		printf("%s %s %s", i > 0 ? "," : "",
			sip_transport_name(question->targets.target[i].kind),
			sip_addr_text(&question->targets.target[i].addr, text));
	printf("\n");
}

static void ask_all(struct program *p, char *line)
{
	static struct question questions[ASKS_MAX];
	unsigned count = 0;
	char *rest = NULL;

	for (char *uri = strtok_r(line, " ", &rest); uri != NULL && count < ASKS_MAX;
		uri = strtok_r(NULL, " ", &rest))
		questions[count++] = (struct question){ .program = p, .uri = uri };
	p->left = count;
	for (unsigned i = 0; i < count; i++)
		if (ast_sip_push_task(p->asker, ask, &questions[i]) != 0)
			end("a task was not pushed");
	pthread_mutex_lock(&p->lock);
	while (p->left > 0)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < count; i++)
		print(&questions[i]);
	printf("done\n");
}

static void count(const struct program *p, const char *name)
{
	for (int i = 0; i < SIP_COUNTER_COUNT; i++)
		if (strcmp(sip_counter_name((enum sip_counter)i), name) == 0)
			printf("%s %llu\n", name,
				(unsigned long long)sip_counter_value(
					p->counters, (enum sip_counter)i));
}

static void obey(struct program *p, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "count ", 6) == 0)
		count(p, line + 6);
	else if (strcmp(line, "late") == 0)
		printf("late %llu\n",
			(unsigned long long)atomic_exchange(&p->late_us, 0) / 1000);
	else
		ask_all(p, line);
	fflush(stdout);
}

/* ---- its life ---- */

static void begin(struct program *p, const char *servers)
{
	struct sip_pool_config pool;
	struct sip_cares_config cares;
	struct sip_resolver_config config;

	sip_clock_init_real(&p->clock);
	sip_random_init(&p->random);
	p->counters = sip_counters_create();
	sip_pool_config_init(&pool);
	pool.servants = 2;
	pool.clock = &p->clock;
	pool.random = &p->random;
	pool.counters = p->counters;
	sip_cares_config_init(&cares);
	cares.servers = servers;
	sip_resolver_config_init(&config);
	config.random = &p->random;
	config.counters = p->counters;
	if (p->counters == NULL || sip_pool_create(&pool, &p->pool) != 0)
		end("no pool");
	cares.pool = config.pool = p->pool;
	if (sip_cares_create(&cares, &p->cares) != 0)
		end("no c-ares");
	config.source = sip_cares_source(p->cares);
	if (sip_resolver_create(&config, &p->resolver) != 0 ||
		sip_pool_start(p->pool) != 0)
		end("no resolver");
	p->asker = ast_sip_create_work();
	p->beater = ast_sip_create_work();
	sip_timer_init(&p->beat, on_beat);
	if (p->asker == NULL || p->beater == NULL ||
		ast_sip_push_task(p->beater, begin_beating, p) != 0)
		end("no works");
}

static void finish_all(struct program *p)
{
	sip_resolver_stop(p->resolver);
	sip_pool_stop(p->pool);
	ast_sip_destroy_work(p->asker);
	ast_sip_destroy_work(p->beater);
	sip_resolver_destroy(&p->resolver);
	sip_cares_destroy(&p->cares);
	sip_pool_destroy(&p->pool);
	sip_counters_destroy(&p->counters);
}

int main(int argc, char **argv)
{
	static char line[LINE_LEN];

	if (argc != 2)
		end("usage: print_targets SERVERS");
	pthread_mutex_init(&program.lock, NULL);
	pthread_cond_init(&program.changed, NULL);
	begin(&program, argv[1]);
	while (fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "end\n") != 0)
		obey(&program, line);
	finish_all(&program);
	return 0;
}
