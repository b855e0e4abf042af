/* SPDX-License-Identifier: BSD-2-Clause */
/* The copy is a file of memfd_create(), reached by its descriptor: module_copy.h. */
#include "module_copy.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* Said where the kernel knows it (6.3), since one may be told to allow no other way. */
#define EXECUTABLE 0x0010U

static int create(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | EXECUTABLE);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC);
	return fd;
}

static bool copy_all(int to, int from)
{
	struct stat status;
	off_t at = 0;

	if (fstat(from, &status) != 0)
		return false;
	if (!S_ISREG(status.st_mode)) {
		errno = EINVAL;
		return false;
	}
	while (at < status.st_size) {
		ssize_t moved = sendfile(to, from, &at, (size_t)(status.st_size - at));

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved <= 0) {
			/* It has become shorter meanwhile: somebody is writing it. */
			errno = moved == 0 ? EAGAIN : errno;
			return false;
		}
	}
	return true;
}

/* By our number, not /proc/self: it means the same to who looks from outside. */
static void name_it(struct module_copy *copy)
{
	snprintf(copy->path, sizeof(copy->path), "/proc/%ld/fd/%d", (long)getpid(),
		copy->fd);
}

static bool is_mapped(const char *path)
{
	void *handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);

	if (handle != NULL)
		dlclose(handle);
	return handle != NULL;
}

/* One that can't be unmapped has its path for ever, though its descriptor is closed, and
 * whoever opened that path would get it: take the next descriptor, until none has it. */
static bool find_path(struct module_copy *copy)
{
	name_it(copy);
	while (is_mapped(copy->path)) {
		int next = fcntl(copy->fd, F_DUPFD_CLOEXEC, copy->fd + 1);

		if (next < 0)
			return false;
		close(copy->fd);
		copy->fd = next;
		name_it(copy);
	}
	return true;
}

bool module_copy_make(struct module_copy *copy, const char *path, const char *name)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int saved;

	copy->fd = -1;
	if (from < 0)
		return false;
	copy->fd = create(name);
	if (copy->fd >= 0 && copy_all(copy->fd, from) && find_path(copy)) {
		close(from);
		return true;
	}
	saved = errno;
	if (copy->fd >= 0)
		close(copy->fd);
	copy->fd = -1;
	close(from);
	errno = saved;
	return false;
}
