/* SPDX-License-Identifier: BSD-2-Clause */
/* Module files, copied to memory and loaded from there: see module_copies.h. */
#include "module_copies.h"

#include "scarcity.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPIES_MAX   256
#define SEGMENTS_MAX 4

enum copy_state {
	COPY_FREE,
	COPY_TAKEN,
	COPY_RELEASED,
};

struct segment {
	char *at;
	size_t len;
};

struct module_copy {
	const char *name;
	const struct ast_sip_module_file *file;
	_Atomic int state; /* enum copy_state; who releases it is the server's thread */
	struct segment code[SEGMENTS_MAX];
	unsigned codes;
	struct segment variables[SEGMENTS_MAX];
	char *initial[SEGMENTS_MAX]; /* what those had in them */
	unsigned variable_count;
};

static struct module_copy copies[COPIES_MAX];

static unsigned copy_count;

static _Noreturn void fail(const char *name, const char *what)
{
	fprintf(stderr, "simulate: module %s: %s\n", name, what);
	exit(2);
}

/* So that its allocations come to scarcity.c, with what they depend on, and what it
 * registers to blocking_modules.c: the loader finds them there, as the names are the
 * program's. */
static void rename_calls(char *bytes, size_t len)
{
	static const char *const names[] = { "malloc", "calloc", "realloc",
		"pthread_self", "ast_sip_register_authenticator",
		"ast_sip_register_endpoint_identifier", "ast_sip_register_service" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t name_len = strlen(names[i]) + 1;
		char *at = bytes;

		while ((at = memmem(at, len - (size_t)(at - bytes), names[i],
				name_len)) != NULL) {
			/* A string of its own, and not the end of another. */
			if (at > bytes && at[-1] == '\0')
				at[0] = (char)(at[0] - 'a' + 'A');
			at += name_len;
		}
	}
}

/* A file of its own with the same bytes but for that. */
static int copy_file(const char *name)
{
	char path[512];
	struct stat status;
	char *bytes;
	int from;
	int to;

	snprintf(path, sizeof(path), "%s/%s/%s.so", SIP_TEST_MODULE_DIR, name, name);
	/* The library that it names is found beside the original only. */
	if (dlopen(path, RTLD_NOW | RTLD_LOCAL) == NULL)
		fail(name, dlerror());
	from = open(path, O_RDONLY | O_CLOEXEC);
	to = memfd_create(name, MFD_CLOEXEC);
	if (from < 0 || to < 0 || fstat(from, &status) != 0 ||
		ftruncate(to, status.st_size) != 0)
		fail(name, "can't be read");
	bytes = mmap(
		NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, to, 0);
	if (bytes == MAP_FAILED ||
		read(from, bytes, (size_t)status.st_size) != status.st_size)
		fail(name, "can't be copied");
	rename_calls(bytes, (size_t)status.st_size);
	munmap(bytes, (size_t)status.st_size);
	close(from);
	return to;
}

/* Variables and what a sanitizer has put between them, which memcpy() may not touch. */
__attribute__((no_sanitize_address)) static void copy_all(
	volatile char *to, const volatile char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i];
}

static void add_variables(struct module_copy *copy, char *at, char *end)
{
	struct segment *segment = &copy->variables[copy->variable_count];
	char *initial;

	if (at >= end)
		return;
	if (copy->variable_count == SEGMENTS_MAX)
		fail(copy->name, "too many segments");
	*segment = (struct segment){ at, (size_t)(end - at) };
	initial = malloc(segment->len);
	if (initial == NULL)
		abort();
	copy_all(initial, at, segment->len);
	copy->initial[copy->variable_count++] = initial;
}

static void add_code(struct module_copy *copy, char *at, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t before = (uintptr_t)at % page;

	if (copy->codes == SEGMENTS_MAX)
		fail(copy->name, "too many segments");
	copy->code[copy->codes++] = (struct segment){ at - before,
		(before + len + page - 1) / page * page };
}

struct search {
	struct module_copy *copy;
	uintptr_t base;
};

/* What the loader has made read only stays out of the variables. */
static int take_segments(struct dl_phdr_info *info, size_t size, void *arg)
{
	const struct search *search = arg;
	char *fixed_end = NULL;

	(void)size;
	if (info->dlpi_addr != search->base)
		return 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *at = &info->dlpi_phdr[i];

		if (at->p_type == PT_GNU_RELRO)
			fixed_end = (char *)(search->base + at->p_vaddr + at->p_memsz);
	}
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *at = &info->dlpi_phdr[i];
		char *begin = (char *)(search->base + at->p_vaddr);
		char *end = begin + at->p_memsz;

		if (at->p_type != PT_LOAD)
			continue;
		if ((at->p_flags & PF_X) != 0)
			add_code(search->copy, begin, at->p_memsz);
		else if ((at->p_flags & PF_W) != 0)
			add_variables(search->copy,
				fixed_end > begin && fixed_end <= end ? fixed_end : begin,
				end);
	}
	return 1;
}

static void load(struct module_copy *copy)
{
	struct search search = { .copy = copy };
	struct link_map *map;
	char path[64];
	void *handle;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", copy_file(copy->name));
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		fail(copy->name, dlerror());
	/* The descriptor stays open: its number is the name under which the loader would
	 * know the next copy again. */
	copy->file = dlsym(handle, "ast_sip_module_file");
	if (copy->file == NULL || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0)
		fail(copy->name, "no ast_sip_module_file");
	search.base = map->l_addr;
	if (dl_iterate_phdr(take_segments, &search) == 0 || copy->codes == 0)
		fail(copy->name, "has no code");
}

struct module_copy *module_copy_take(const char *name)
{
	unsigned i = 0;

	while (i < copy_count &&
		!(strcmp(copies[i].name, name) == 0 &&
			atomic_load(&copies[i].state) == COPY_FREE))
		i++;
	if (i == COPIES_MAX)
		fail(name, "too many");
	if (i == copy_count) {
		/* The memory is the simulation's, also while a server loads it. */
		struct scarcity *before = scarcity_use(NULL);

		copies[copy_count++].name = name;
		load(&copies[i]);
		scarcity_use(before);
	}
	atomic_store(&copies[i].state, COPY_TAKEN);
	return &copies[i];
}

const struct ast_sip_module_file *module_copy_file(const struct module_copy *copy)
{
	return copy->file;
}

static bool has(const struct module_copy *copy, const void *variable)
{
	const char *at = variable;

	for (unsigned i = 0; i < copy->variable_count; i++) {
		const struct segment *segment = &copy->variables[i];

		if (at >= segment->at && at < segment->at + segment->len)
			return true;
	}
	return false;
}

bool module_copies_have(const void *variable)
{
	for (unsigned i = 0; i < copy_count; i++) {
		if (atomic_load(&copies[i].state) == COPY_TAKEN &&
			has(&copies[i], variable))
			return true;
	}
	return false;
}

static void protect(const struct module_copy *copy, int protection)
{
	for (unsigned i = 0; i < copy->codes; i++) {
		if (mprotect(copy->code[i].at, copy->code[i].len, protection) != 0)
			fail(copy->name, "can't be protected");
	}
}

void module_copy_released(void *arg)
{
	struct module_copy *copy = arg;

	protect(copy, PROT_NONE);
	atomic_store(&copy->state, COPY_RELEASED);
}

void module_copies_renew(void)
{
	for (unsigned i = 0; i < copy_count; i++) {
		struct module_copy *copy = &copies[i];

		if (atomic_load(&copy->state) != COPY_RELEASED)
			continue;
		protect(copy, PROT_READ | PROT_EXEC);
		for (unsigned j = 0; j < copy->variable_count; j++)
			copy_all(copy->variables[j].at, copy->initial[j],
				copy->variables[j].len);
		atomic_store(&copy->state, COPY_FREE);
	}
}
