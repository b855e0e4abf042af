/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server has used of its processor, and of memory. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* User and system time of all threads of a process, to the nanosecond. */
static double cpu_seconds(int pid)
{
	clockid_t clock;
	struct timespec used;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
		fprintf(stderr, "load: no process %d\n", pid);
		exit(1);
	}
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

double server_cpu_seconds(const struct options *options)
{
	double seconds = 0;

	for (unsigned i = 0; i < SERVER_PIDS_MAX && options->server_pid[i] != 0; i++)
		seconds += cpu_seconds(options->server_pid[i]);
	return seconds;
}

static int64_t resident_bytes(int pid)
{
	char name[64];
	long long pages = 0;

	snprintf(name, sizeof(name), "/proc/%d/statm", pid);
	FILE *file = fopen(name, "r");
	if (file == NULL || fscanf(file, "%*d %lld", &pages) != 1) {
		fprintf(stderr, "load: no process %d\n", pid);
		exit(1);
	}
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

int64_t server_resident_bytes(const struct options *options)
{
	int64_t bytes = 0;

	for (unsigned i = 0; i < SERVER_PIDS_MAX && options->server_pid[i] != 0; i++)
		bytes += resident_bytes(options->server_pid[i]);
	return bytes;
}
