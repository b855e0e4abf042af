/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens when an assertion does not hold: one line, then the end.
 */
#include "base/compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sip_assert_failed(const char *condition, const char *file, int line)
{
	/* Not through the log: its locks and its thread may be what is broken. */
	dprintf(STDERR_FILENO, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

void *sip_cast_check(
	void *pointer, uint32_t magic, const char *name, const char *file, int line)
{
	uint32_t found = 0;

	if (pointer != NULL)
		memcpy(&found, pointer, sizeof(found));
	if (SIP_UNLIKELY(found != magic))
		sip_assert_failed(name, file, line);
	return pointer;
}
