/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that a server does not get: see scarcity.h. */
#include "scarcity.h"

#include "base/slab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__real_sip_slab_alloc(struct sip_slab *slab);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
void *__wrap_sip_slab_alloc(struct sip_slab *slab);

/* The names in the copies of modules. */
EXPORTED void *Malloc(size_t size);
EXPORTED void *Calloc(size_t count, size_t size);
EXPORTED void *Realloc(void *old, size_t size);

/* The thread of grace periods always gets its memory: when it runs is not drawn. */
static _Thread_local struct scarcity *used;

struct scarcity *scarcity_use(struct scarcity *scarcity)
{
	struct scarcity *before = used;

	used = scarcity;
	return before;
}

static void note_instant(struct scarcity *scarcity)
{
	uint64_t now_us = *scarcity->now_us;

	if (scarcity->failures > 0 && scarcity->failed_us == now_us)
		return;
	scarcity->instant_us[scarcity->instants++ % SCARCITY_INSTANTS] = now_us;
}

bool scarcity_failed(const struct scarcity *scarcity, uint64_t from_us, uint64_t until_us)
{
	for (unsigned i = 0; i < scarcity->instants && i < SCARCITY_INSTANTS; i++) {
		if (scarcity->instant_us[i] >= from_us &&
			scarcity->instant_us[i] <= until_us)
			return true;
	}
	return false;
}

static bool fails(void)
{
	bool failed;

	if (used == NULL || (used->one_in == 0 && used->countdown == 0))
		return false;
	failed = used->countdown == 1;
	if (used->countdown > 0)
		used->countdown--;
	if (used->one_in > 0)
		failed |= draw_below(&used->draw, used->one_in) == 0;
	if (failed) {
		note_instant(used);
		used->failed_us = *used->now_us;
		used->failures++;
		errno = ENOMEM;
	}
	return failed;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
	return fails() ? NULL : __real_strndup(text, len);
}

void *__wrap_sip_slab_alloc(struct sip_slab *slab)
{
	struct scarcity *before;
	void *object;

	if (fails())
		return NULL;
	before = scarcity_use(NULL);
	object = __real_sip_slab_alloc(slab);
	scarcity_use(before);
	return object;
}

void *Malloc(size_t size)
{
	return __wrap_malloc(size);
}

void *Calloc(size_t count, size_t size)
{
	return __wrap_calloc(count, size);
}

void *Realloc(void *old, size_t size)
{
	return __wrap_realloc(old, size);
}
