/* SPDX-License-Identifier: BSD-2-Clause */
/* Files by a pattern with * and ?. */
#pragma once

#include "store.h"

struct paths {
	const char **items; /* in the order of their names */
	size_t count;
};

/* The files that `pattern` fits, none perhaps; false: a folder can't be read, errno says
 * why. */
bool paths_find(struct paths *paths, struct store *store, const char *pattern);
