/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was measured, for people and for programs; and what the kernel knows.
 */
#include "load.h"

#include <stdio.h>

/* "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors ..." and a line of
 * numbers. */
uint64_t kernel_drops(void)
{
	FILE *file = fopen("/proc/net/snmp", "r");
	char line[1024];
	unsigned long long drops = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "Udp: %*u %*u %*u %*u %llu", &drops) == 1)
			break;
	fclose(file);
	return drops;
}

static double us_at(const struct load *load, unsigned per_mille)
{
	return (double)histogram_at(&load->figures.latency, per_mille) / 1000;
}

static double inside_us_at(const struct load *load, unsigned per_mille)
{
	return (double)histogram_at(&load->figures.inside, per_mille) / 1000;
}

static void print_table(const struct load *load, const struct measured *measured)
{
	const struct figures *figures = &load->figures;
	double ops = (double)figures->done;

	if (load->options.rate > 0)
		printf("%s, open loop at %.0f/s", load->scenario->name,
			load->options.rate);
	else
		printf("%s, closed loop with %u in progress", load->scenario->name,
			load->op_count);
	printf(", %.2f s\n", measured->seconds);
	printf("  operations           %12.0f   (%.0f per second)\n", ops,
		ops / measured->seconds);
	printf("  messages             %12llu out, %llu in\n",
		(unsigned long long)measured->sent,
		(unsigned long long)measured->received);
	if (load->options.server_pid[0] != 0 && ops > 0)
		printf("  server CPU           %12.2f us per operation (%.0f %% of a core)\n",
			measured->server_cpu_seconds * 1e6 / ops,
			measured->server_cpu_seconds / measured->seconds * 100);
	printf("  generator CPU        %12.0f %% of a core%s\n",
		measured->own_cpu_seconds / measured->seconds * 100,
		measured->own_cpu_seconds > measured->seconds * 0.9
			? "   (it is the generator that is measured)"
			: "");
	printf("  latency              %12.0f us p50, %.0f p90, %.0f p99, %.0f p99.9, %.0f most\n",
		us_at(load, 500), us_at(load, 900), us_at(load, 990), us_at(load, 999),
		(double)figures->latency.max_ns / 1000);
	printf("  failed               %12llu\n", (unsigned long long)figures->failed);
	printf("  retransmissions      %12llu   (late messages %llu, unexpected challenges %llu)\n",
		(unsigned long long)figures->retransmissions,
		(unsigned long long)figures->strays, (unsigned long long)figures->stale);
	if (load->options.overload)
		printf("  not let in           %12llu   (without an answer %llu, not even sent %llu)\n",
			(unsigned long long)figures->refused,
			(unsigned long long)figures->unanswered,
			(unsigned long long)figures->skipped);
	printf("  kernel drops         %12llu\n",
		(unsigned long long)measured->kernel_drops);
}

static void print_line(const struct load *load, const struct measured *measured)
{
	const struct figures *figures = &load->figures;
	double ops = (double)figures->done;

	printf("bench=load scenario=%s mode=%s in_progress=%u rate=%.0f seconds=%.3f ops=%.0f "
	       "ops_per_s=%.0f ",
		load->scenario->name, load->options.rate > 0 ? "open" : "closed",
		load->op_count, load->options.rate, measured->seconds, ops,
		ops / measured->seconds);
	printf("server_us_per_op=%.3f server_cpu=%.3f generator_cpu=%.3f ",
		ops > 0 ? measured->server_cpu_seconds * 1e6 / ops : 0,
		measured->server_cpu_seconds / measured->seconds,
		measured->own_cpu_seconds / measured->seconds);
	printf("end_us_per_op=%.3f grown_bytes_per_op=%.1f resident_mib=%.1f ",
		ops > 0 ? measured->server_end_seconds * 1e6 / ops : 0,
		ops > 0 ? (double)measured->server_grown_bytes / ops : 0,
		(double)server_resident_bytes(&load->options) / (1 << 20));
	printf("p50_us=%.1f p90_us=%.1f p99_us=%.1f p999_us=%.1f max_us=%.1f ",
		us_at(load, 500), us_at(load, 900), us_at(load, 990), us_at(load, 999),
		(double)figures->latency.max_ns / 1000);
	printf("inside_p50_us=%.1f inside_p99_us=%.1f ", inside_us_at(load, 500),
		inside_us_at(load, 990));
	printf("failed=%llu retransmissions=%llu strays=%llu stale=%llu kernel_drops=%llu "
	       "sent=%llu received=%llu refused=%llu unanswered=%llu skipped=%llu\n",
		(unsigned long long)figures->failed,
		(unsigned long long)figures->retransmissions,
		(unsigned long long)figures->strays, (unsigned long long)figures->stale,
		(unsigned long long)measured->kernel_drops,
		(unsigned long long)measured->sent,
		(unsigned long long)measured->received,
		(unsigned long long)figures->refused,
		(unsigned long long)figures->unanswered,
		(unsigned long long)figures->skipped);
}

void report(const struct load *load, const struct measured *measured)
{
	if (!load->options.brief)
		print_table(load, measured);
	print_line(load, measured);
}
