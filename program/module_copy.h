/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A copy of a module's file, in memory only.
 *
 * The dynamic loader gives the mapping that is there for a path it has opened before, and
 * a file that is written over changes what is mapped of it: so what comes at run time is
 * copied first.
 */
#pragma once

#include <res_sip.h>

#include <stdio.h>

#define MODULE_COPY_PATH_LEN 64

struct module_copy {
	int fd; /* kept open: by its path debuggers find the symbols */
	char path[MODULE_COPY_PATH_LEN]; /* for dlopen(); no other has it while it is open
					  */
};

/* Copy the file at `path`; `name` is what /proc/PID/maps calls it.  False: errno says why
 * not. */
SIP_MUST_USE bool module_copy_make(
	struct module_copy *copy, const char *path, const char *name);
