/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel does with a thread: see thread_state.h.  Only asked about suspects. */
#include "work/thread_state.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool sip_thread_runnable(int thread_id)
{
	char text[512];
	ssize_t len = -1;

	snprintf(text, sizeof(text), "/proc/self/task/%d/stat", thread_id);
	int fd = open(text, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[len > 0 ? len : 0] = '\0';
	/* `1234 (name) R ...`; a name may have parentheses in it. */
	const char *name_end = strrchr(text, ')');
	return name_end != NULL && strncmp(name_end, ") R", 3) == 0;
}

uint64_t sip_thread_cpu_us(pthread_t thread)
{
	clockid_t clock;
	struct timespec used;

	if (pthread_getcpuclockid(thread, &clock) != 0 ||
		clock_gettime(clock, &used) != 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}
