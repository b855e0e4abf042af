/* SPDX-License-Identifier: BSD-2-Clause */
/* glob(), with its result in the store. */
#include "paths.h"

#include <errno.h>
#include <glob.h>

static size_t bytes_of(const glob_t *found)
{
	size_t bytes = found->gl_pathc * sizeof(char *);

	/* Each copy is rounded up. */
	for (size_t i = 0; i < found->gl_pathc; i++)
		bytes += strlen(found->gl_pathv[i]) + 1 + _Alignof(max_align_t);
	return bytes + _Alignof(max_align_t);
}

static bool copy(struct paths *paths, struct store *store, const glob_t *found)
{
	/* Once for all: whoever runs out of memory does not come back to free glob's. */
	if (!store_reserve(store, bytes_of(found))) {
		errno = ENOMEM;
		return false;
	}
	paths->items = store_alloc(store, found->gl_pathc * sizeof(*paths->items));
	for (size_t i = 0; i < found->gl_pathc; i++)
		paths->items[i] = store_text(store, sip_str_of(found->gl_pathv[i]));
	paths->count = found->gl_pathc;
	return true;
}

/* A folder that is not there holds nothing; one that can't be read is told. */
static int is_told(const char *path, int number)
{
	(void)path;
	return number != ENOENT && number != ENOTDIR;
}

bool paths_find(struct paths *paths, struct store *store, const char *pattern)
{
	glob_t found;
	bool ok;

	*paths = (struct paths){ 0 };
	switch (glob(pattern, 0, is_told, &found)) {
	case 0: break;
	case GLOB_NOMATCH: return true;
	case GLOB_NOSPACE: errno = ENOMEM; return false;
	default: return false;
	}
	ok = copy(paths, store, &found);
	globfree(&found);
	return ok;
}
