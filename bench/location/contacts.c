/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a registered contact costs: memory, and CPU time to register, refresh, find, and
 * to have its turn when it is to be asked whether it is there; and whether refreshing
 * them for minutes leaves anything behind.
 *
 *     bench_contacts [CONTACTS [MINUTES]]
 *
 * Each of CONTACTS (100,000) addresses of record gets one contact, as a phone
 * would write it.  Memory is what malloc has handed out, with its own overhead,
 * before the location is made and after everything is registered: the empty
 * shards are part of the figure.  For MINUTES (10) of virtual time each is refreshed once
 * a minute, and what malloc has handed out, and what is resident, at the end of the first
 * and of the last are compared.  One line for people, one for programs.
 */
#include "base/rcu.h"
#include "location/location.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ASK_EVERY_S 60
#define STEP_US     100000 /* as often as the location looks */

struct bench {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct sip_location *location;
	uint32_t contacts;
	uint64_t asked;
	uint64_t text_len; /* of what was registered, all contacts together */
};

static const char *const makes[] = {
	"Yealink SIP-T46U 108.86.0.20",
	"snomD785/10.1.175.16",
	"Linphone-Desktop/5.2.4 (desk) Debian GNU/Linux 12 LinphoneSDK/5.3.26",
	"Grandstream GXP2170 1.0.11.79",
};

static void set_up(struct bench *bench)
{
	struct sip_pool_config pool;

	sip_clock_init_virtual(&bench->clock);
	sip_random_init(&bench->random);
	bench->counters = sip_counters_create();
	sip_pool_config_init(&pool);
	pool.servants = 1;
	pool.stepped = true;
	pool.clock = &bench->clock;
	pool.random = &bench->random;
	pool.counters = bench->counters;
	if (bench->counters == NULL || sip_pool_create(&pool, &bench->pool) != 0 ||
		sip_pool_start(bench->pool) != 0)
		exit(1);
}

static uint32_t on_ask(
	void *arg, struct sip_str aor, const struct ast_sip_contact *contact)
{
	struct bench *bench = arg;

	(void)aor;
	(void)contact;
	bench->asked++;
	return ASK_EVERY_S * 1000;
}

static void create_location(struct bench *bench)
{
	struct sip_location_config config = {
		.pool = bench->pool,
		.clock = &bench->clock,
		.random = &bench->random,
		.t1_ms = 500,
		.ask = on_ask,
		.ask_arg = bench,
	};

	if (sip_location_create(&config, &bench->location) != 0)
		exit(1);
}

static void write_contact(struct bench *bench, uint32_t number, uint32_t cseq)
{
	char aor[64];
	char uri[96];
	char call_id[64];
	char branch[64];
	struct ast_sip_contacts now;

	snprintf(aor, sizeof(aor), "user%06u@example.com", number);
	snprintf(uri, sizeof(uri), "sip:user%06u@10.%u.%u.%u:5060;transport=udp", number,
		number >> 16, number >> 8 & 255, number & 255);
	snprintf(call_id, sizeof(call_id), "%08x4c5e11ee@10.%u.%u.%u",
		number * 2654435761u, number >> 16, number >> 8 & 255, number & 255);
	snprintf(branch, sizeof(branch), "z9hG4bK%08x%08x", number, cseq);
	struct ast_sip_binding binding = {
		.uri = sip_str_of(uri), .expires_s = 3600, .q = 1000
	};
	struct ast_sip_registration registration = {
		.aor = aor,
		.bindings = &binding,
		.count = 1,
		.call_id = sip_str_of(call_id),
		.cseq = cseq,
		.branch = sip_str_of(branch),
		.user_agent = sip_str_of(makes[number % 4]),
		.flow = { .listener = 1 },
		.ask_every_s = ASK_EVERY_S,
		.max_contacts = 1,
	};
	if (sip_location_register(bench->location, &registration, &now) !=
		AST_SIP_REGISTER_DONE)
		exit(1);
	ast_sip_contacts_release(&now);
	bench->text_len += registration.user_agent.len + binding.uri.len +
		registration.call_id.len + strlen(aor);
}

static void find_contact(struct bench *bench, uint32_t number)
{
	char aor[64];
	struct ast_sip_contacts found;

	snprintf(aor, sizeof(aor), "user%06u@example.com", number);
	if (sip_location_find(bench->location, sip_str_of(aor), &found) != 0 ||
		found.count != 1)
		exit(1);
	ast_sip_contacts_release(&found);
}

static size_t memory_bytes(void)
{
	struct mallinfo2 info;

	/* What waits for a grace period is not the contacts' cost. */
	sip_rcu_barrier();
	info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

static uint64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long long pages;

	if (file == NULL || fscanf(file, "%*u %llu", &pages) != 1)
		exit(1);
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Of the whole process: memory is freed on RCU's own thread. */
static uint64_t cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

static double ns_each(const struct bench *bench, uint64_t since_ns)
{
	return (double)(cpu_ns() - since_ns) / bench->contacts;
}

/* The longest step, in microseconds of CPU. */
static uint64_t ask_all(struct bench *bench)
{
	uint64_t longest_ns = 0;

	for (uint64_t at = 0; at <= ASK_EVERY_S * UINT64_C(1000000); at += STEP_US) {
		uint64_t start_ns = cpu_ns();

		sip_clock_forward_us(&bench->clock, STEP_US);
		while (sip_pool_step(bench->pool))
			;
		uint64_t took_ns = cpu_ns() - start_ns;
		longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
	}
	return longest_ns / 1000;
}

/* Each contact once, spread over a minute of virtual time. */
static void refresh_for_a_minute(struct bench *bench, uint32_t cseq)
{
	const uint32_t steps = 60000000 / STEP_US;
	uint64_t next = 0;

	for (uint32_t step = 1; step <= steps; step++) {
		uint64_t until = (uint64_t)bench->contacts * step / steps;

		for (; next < until; next++)
			write_contact(bench, (uint32_t)next, cseq);
		sip_clock_forward_us(&bench->clock, STEP_US);
		while (sip_pool_step(bench->pool))
			;
	}
}

/* What the minutes after the first have left behind, in bytes of the allocator's and in
 * resident ones. */
static void refresh_for(struct bench *bench, uint32_t minutes, int64_t *allocated_bytes,
	int64_t *grown_bytes)
{
	*allocated_bytes = *grown_bytes = 0;
	for (uint32_t minute = 0; minute < minutes; minute++) {
		refresh_for_a_minute(bench, 3 + minute);
		if (minute != 0 && minute + 1 != minutes)
			continue;
		*allocated_bytes = (int64_t)memory_bytes() - *allocated_bytes;
		*grown_bytes = (int64_t)resident_bytes() - *grown_bytes;
	}
}

int main(int argc, char **argv)
{
	struct bench bench = { .contacts = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10)
						    : 100000 };

	uint32_t minutes = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 10;
	int64_t allocated_bytes;
	int64_t grown_bytes;

	if (bench.contacts == 0 || minutes < 2 || bench.contacts > 1000000)
		return 2;
	set_up(&bench);
	size_t before = memory_bytes();
	create_location(&bench);
	uint64_t start_ns = cpu_ns();
	for (uint32_t i = 0; i < bench.contacts; i++)
		write_contact(&bench, i, 1);
	double register_ns = ns_each(&bench, start_ns);
	size_t bytes = memory_bytes() - before;
	double text = (double)bench.text_len / bench.contacts;
	start_ns = cpu_ns();
	for (uint32_t i = 0; i < bench.contacts; i++)
		write_contact(&bench, i, 2);
	double refresh_ns = ns_each(&bench, start_ns);
	start_ns = cpu_ns();
	for (uint32_t i = 0; i < bench.contacts; i++)
		find_contact(&bench, i);
	double find_ns = ns_each(&bench, start_ns);
	start_ns = cpu_ns();
	uint64_t longest_us = ask_all(&bench);
	double ask_ns = (double)(cpu_ns() - start_ns) / (double)bench.asked;
	uint64_t asked = bench.asked;
	refresh_for(&bench, minutes, &allocated_bytes, &grown_bytes);

	printf("%u contacts, one per address of record, %.0f bytes of text each:\n"
	       "%.1f bytes per contact; register %.0f ns, refresh %.0f ns, find %.0f ns\n",
		bench.contacts, text, (double)bytes / bench.contacts, register_ns,
		refresh_ns, find_ns);
	printf("asked every %u s: %llu turns in the first interval, %.0f ns each, the most work "
	       "in a tenth of a second %llu us\n",
		ASK_EVERY_S, (unsigned long long)asked, ask_ns,
		(unsigned long long)longest_us);
	printf("refreshed each minute, from the first to minute %u: %lld bytes more allocated, %lld "
	       "more resident\n",
		minutes, (long long)allocated_bytes, (long long)grown_bytes);
	printf("bench=contacts contacts=%u bytes_per_contact=%.1f register_ns=%.0f refresh_ns=%.0f "
	       "find_ns=%.0f asked=%llu ask_ns=%.0f longest_us=%llu minutes=%u "
	       "allocated_bytes=%lld grown_bytes=%lld\n",
		bench.contacts, (double)bytes / bench.contacts, register_ns, refresh_ns,
		find_ns, (unsigned long long)asked, ask_ns,
		(unsigned long long)longest_us, minutes, (long long)allocated_bytes,
		(long long)grown_bytes);
	sip_pool_stop(bench.pool);
	sip_location_destroy(&bench.location);
	sip_pool_destroy(&bench.pool);
	sip_counters_destroy(&bench.counters);
	return 0;
}
