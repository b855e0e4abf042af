/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a reload costs: time to build and publish another configuration, and how long a
 * request waits meanwhile.
 *
 *     bench_reload [ENDPOINTS]
 *
 * ENDPOINTS (100,000) phones, each with a password and an address of record.  One
 * servant answers a request every 100 us, from a memory listener; the longest wait of
 * a task between its push and its run is that of sip_pool_figures(), first without a
 * reload for a second, then under reloads that change nothing, and that change every
 * phone.  Reading files is not part of it.  One line for each.
 */
#include "res_sip.h"
#include "res_sip/server.h"
#include "server/server.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME_LEN 16
#define PAUSE_US 100
#define RELOADS  5
#define QUIET_US 1000000

struct phones {
	char (*name)[NAME_LEN];
	const char **names;
	struct sip_endpoint_config *endpoint;
	struct sip_auth_config *auth;
	struct sip_aor_config *aor;
	struct sip_config config;
};

struct bench {
	struct sip_server *server;
	const struct sip_listener *listener;
	struct phones phones;
	_Atomic bool ends;
	_Atomic uint64_t answered;
};

static uint64_t read_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (memory == NULL)
		exit(1);
	return memory;
}

static void fill_phones(struct phones *p, size_t count)
{
	p->name = zeroed(count, sizeof(*p->name));
	p->names = zeroed(count, sizeof(*p->names));
	p->endpoint = zeroed(count, sizeof(*p->endpoint));
	p->auth = zeroed(count, sizeof(*p->auth));
	p->aor = zeroed(count, sizeof(*p->aor));
	sip_config_init(&p->config);
	p->config.global.authentication = false;
	p->config.system.servants = 1;
	for (size_t i = 0; i < count; i++) {
		snprintf(p->name[i], NAME_LEN, "%zu", 100000 + i);
		p->names[i] = p->name[i];
		sip_endpoint_config_init(&p->endpoint[i]);
		sip_auth_config_init(&p->auth[i]);
		sip_aor_config_init(&p->aor[i]);
		p->endpoint[i].name = p->auth[i].name = p->aor[i].name = p->names[i];
		p->endpoint[i].aors = (struct sip_config_list){ &p->names[i], 1 };
		p->endpoint[i].auth = (struct sip_config_list){ &p->names[i], 1 };
		p->auth[i].username = p->auth[i].password = p->names[i];
		p->aor[i].max_contacts = 2;
	}
	p->config.endpoint = p->endpoint;
	p->config.auth = p->auth;
	p->config.aor = p->aor;
	p->config.endpoint_count = p->config.auth_count = p->config.aor_count = count;
}

static void count_answer(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	struct bench *bench = arg;

	(void)flow;
	(void)text;
	bench->answered++;
}

static bool answer(struct sip_rx_data *rdata)
{
	SIP_IGNORE(ast_sip_respond(rdata, 200, NULL)); /* counted where it comes */
	return true;
}

static void *send_requests(void *arg)
{
	struct bench *bench = arg;
	struct sip_addr peer;
	uint64_t number = 0;
	char text[512];

	if (sip_addr_parse(SIP_STR("192.0.2.1"), 5060, &peer) != 0)
		exit(1);
	while (!bench->ends) {
		snprintf(text, sizeof(text),
			"OPTIONS sip:127.0.0.1 SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%llu\r\n"
			"From: <sip:a@b>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: c%llu\r\n"
			"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\r\n",
			(unsigned long long)number, (unsigned long long)number);
		number++;
		if (sip_transport_inject(bench->server->transport, bench->listener, &peer,
			    sip_str_of(text), 0) != 0)
			exit(1);
		usleep(PAUSE_US);
	}
	return NULL;
}

static uint64_t longest_wait_us(struct bench *bench)
{
	struct sip_pool_figures figures;

	sip_pool_figures(bench->server->pool, &figures);
	return figures.longest_wait_us;
}

static void start(struct bench *bench, size_t count)
{
	static struct sip_service service = { .name = "answerer",
		.on_rx_request = answer };
	struct sip_listener_config where = { .name = "memory", .kind = SIP_UDP };
	char error[SIP_SERVER_ERROR_LEN];
	uint64_t began_us = read_us(CLOCK_MONOTONIC);

	fill_phones(&bench->phones, count);
	if (sip_addr_parse(SIP_STR("127.0.0.1"), 5060, &where.bind) != 0 ||
		sip_server_create(&bench->phones.config, &bench->server, error) != 0)
		exit(1);
	printf("bench=reload what=create endpoints=%zu ms=%llu\n", count,
		(unsigned long long)(read_us(CLOCK_MONOTONIC) - began_us) / 1000);
	ast_sip_set_server(bench->server);
	if (sip_transport_listen_memory(bench->server->transport, &where, count_answer,
		    bench, &bench->listener) != 0 ||
		ast_sip_register_service(&service) != 0 ||
		sip_server_start(bench->server, error) != 0)
		exit(1);
}

/* The median of RELOADS, and the longest wait in all of them. */
static int by_size(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static void measure(struct bench *bench, const char *what, bool change)
{
	struct phones *p = &bench->phones;
	uint64_t wall_us[RELOADS];
	uint64_t cpu_us[RELOADS];
	char error[SIP_SERVER_ERROR_LEN];

	longest_wait_us(bench);
	for (size_t i = 0; i < RELOADS; i++) {
		uint64_t began_us = read_us(CLOCK_MONOTONIC);
		uint64_t began_cpu_us = read_us(CLOCK_THREAD_CPUTIME_ID);

		for (size_t j = 0; change && j < p->config.endpoint_count; j++)
			p->endpoint[j].source.line++;
		if (sip_server_reload(bench->server, &p->config, NULL, error) != 0)
			exit(1);
		wall_us[i] = read_us(CLOCK_MONOTONIC) - began_us;
		cpu_us[i] = read_us(CLOCK_THREAD_CPUTIME_ID) - began_cpu_us;
		/* What it replaced is freed meanwhile: that is part of it. */
		sip_rcu_barrier();
	}
	qsort(wall_us, RELOADS, sizeof(wall_us[0]), by_size);
	qsort(cpu_us, RELOADS, sizeof(cpu_us[0]), by_size);
	printf("bench=reload what=%s endpoints=%zu wall_ms=%.1f cpu_ms=%.1f "
	       "longest_wait_us=%llu\n",
		what, p->config.endpoint_count, (double)wall_us[RELOADS / 2] / 1000,
		(double)cpu_us[RELOADS / 2] / 1000,
		(unsigned long long)longest_wait_us(bench));
}

int main(int argc, char **argv)
{
	struct bench bench = { .ends = false };
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	pthread_t sender;

	sip_log_set_level(SIP_LOG_WARNING);
	start(&bench, count);
	if (pthread_create(&sender, NULL, send_requests, &bench) != 0)
		exit(1);
	longest_wait_us(&bench);
	usleep(QUIET_US);
	printf("bench=reload what=none longest_wait_us=%llu\n",
		(unsigned long long)longest_wait_us(&bench));
	measure(&bench, "same", false);
	measure(&bench, "changed", true);
	bench.ends = true;
	pthread_join(sender, NULL);
	printf("bench=reload answered=%llu\n", (unsigned long long)bench.answered);
	sip_server_stop(bench.server);
	sip_server_destroy(&bench.server);
	return 0;
}
