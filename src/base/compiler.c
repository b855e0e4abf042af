/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens when an assertion does not hold: one line, then the end.
 */
#include "base/compiler.h"

#include "base/log_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_MS 500

void sip_assert_failed(const char *condition, const char *file, int line)
{
	/* Not through the log: its locks and its thread may be what is broken. */
	dprintf(STDERR_FILENO, "%s:%d: assertion failed: %s\n", file, line, condition);
	/* What was logged before is what explains it. */
	sip_log_stderr_flush(FLUSH_MS);
	abort();
}

void *sip_cast_check(
	void *pointer, uint32_t magic, const char *name, const char *file, int line)
{
	uint32_t found = 0;
	char text[96];

	if (pointer != NULL)
		memcpy(&found, pointer, sizeof(found));
	if (SIP_UNLIKELY(found != magic)) {
		snprintf(text, sizeof(text), "this is a struct %s", name);
		sip_assert_failed(text, file, line);
	}
	return pointer;
}
