/* SPDX-License-Identifier: BSD-2-Clause */
/* Module files, copied to memory and loaded from there. */
#include "module_copies.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define COPIES_MAX 64

static struct {
	unsigned host;
	const char *name;
	const struct ast_sip_module_file *file;
} loaded[COPIES_MAX];

static unsigned loaded_count;

static void fail(const char *name, const char *what)
{
	fprintf(stderr, "simulate: module %s: %s\n", name, what);
	exit(2);
}

/* A file of its own with the same bytes. */
static int copy_file(const char *name)
{
	char path[512];
	int from;
	int to;

	snprintf(path, sizeof(path), "%s/%s/%s.so", SIP_TEST_MODULE_DIR, name, name);
	/* The library that it names is found beside the original only. */
	if (dlopen(path, RTLD_NOW | RTLD_LOCAL) == NULL)
		fail(name, dlerror());
	from = open(path, O_RDONLY | O_CLOEXEC);
	to = memfd_create(name, MFD_CLOEXEC);
	if (from < 0 || to < 0)
		fail(name, "can't be read");
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		continue;
	close(from);
	return to;
}

static const struct ast_sip_module_file *load(const char *name)
{
	const struct ast_sip_module_file *file;
	char path[64];
	int copy = copy_file(name);
	void *handle;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", copy);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		fail(name, dlerror());
	/* The descriptor stays open: its number is the name under which the loader would
	 * know the next copy again. */
	file = dlsym(handle, "ast_sip_module_file");
	if (file == NULL)
		fail(name, "no ast_sip_module_file");
	return file;
}

const struct ast_sip_module_file *module_copy(unsigned host, const char *name)
{
	for (unsigned i = 0; i < loaded_count; i++) {
		if (loaded[i].host == host && strcmp(loaded[i].name, name) == 0)
			return loaded[i].file;
	}
	if (loaded_count == COPIES_MAX)
		fail(name, "too many");
	loaded[loaded_count].host = host;
	loaded[loaded_count].name = name;
	loaded[loaded_count].file = load(name);
	return loaded[loaded_count++].file;
}
