/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server has used of its processor. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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
