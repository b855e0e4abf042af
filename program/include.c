/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening the files of a configuration: patterns, loops, limits. */
#include "grammar.h"

#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_DEPTH 32
#define MOST_FILES 10000
#define MOST_BYTES ((off_t)256 * 1024 * 1024)

static struct problems *problems_of(const struct grammar *grammar)
{
	return grammar->tree->problems;
}

static bool in_chain(const struct file_chain *chain, const struct stat *status)
{
	for (; chain != NULL; chain = chain->includer) {
		if (chain->device == status->st_dev && chain->inode == status->st_ino)
			return true;
	}
	return false;
}

/* Why that file can't be read; NULL: it can. */
static const char *reason_against(
	const struct grammar *grammar, const struct stat *status)
{
	if (S_ISDIR(status->st_mode))
		return "it is a directory";
	if (!S_ISREG(status->st_mode))
		return "it is not a regular file";
	if (status->st_size > MOST_BYTES)
		return "it is larger than 256 MiB";
	if (in_chain(grammar->chain, status))
		return "it is being read already: the files include each other in a circle";
	if (grammar->chain != NULL && grammar->chain->depth >= MOST_DEPTH)
		return "files are included 32 deep";
	if (grammar->files >= MOST_FILES)
		return "10000 files were included already";
	return NULL;
}

static bool read_all(int fd, char *bytes, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		ssize_t got = read(fd, bytes + *len, size - *len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		*len += (size_t)got;
	}
	return true;
}

/* All of an open file, in the store; NULL: it can't be read. */
static char *read_bytes(
	struct store *store, int fd, const struct stat *status, size_t *len)
{
	size_t size = (size_t)status->st_size;
	char *bytes;

	if (!store_reserve(store, size + 1)) {
		errno = ENOMEM;
		return NULL;
	}
	bytes = store_alloc(store, size + 1);
	return read_all(fd, bytes, size, len) ? bytes : NULL;
}

/* The file's bytes, and what file it is; false: that was said. */
static bool open_file(struct grammar *grammar, const char *path, struct position at,
	struct stat *status, struct sip_str *text)
{
	/* O_NONBLOCK: a fifo must not hold us up before we see that it is one. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *reason = NULL;
	const char *bytes = NULL;
	size_t len = 0;

	if (fd < 0) {
		problem_add(problems_of(grammar), PROBLEM_ERROR, at, "can't open %s: %s",
			path, strerror(errno));
		return false;
	}
	if (fstat(fd, status) != 0)
		reason = strerror(errno);
	else
		reason = reason_against(grammar, status);
	if (reason == NULL)
		bytes = read_bytes(grammar->tree->store, fd, status, &len);
	if (reason == NULL && bytes == NULL)
		reason = strerror(errno);
	/* From here on memory may run out: the descriptor must be gone. */
	close(fd);
	*text = (struct sip_str){ bytes, len };
	if (reason != NULL)
		problem_add(problems_of(grammar), PROBLEM_ERROR, at, "can't read %s: %s",
			path, reason);
	return reason == NULL;
}

bool grammar_read_path(
	struct grammar *grammar, const char *path, struct position at, bool must_exist)
{
	struct file_chain chain = { .includer = grammar->chain };
	struct stat status;
	struct sip_str text;

	if (!must_exist && access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	if (!open_file(grammar, path, at, &status, &text))
		return false;
	chain.device = status.st_dev;
	chain.inode = status.st_ino;
	chain.depth = grammar->chain == NULL ? 0 : grammar->chain->depth + 1;
	grammar->files++;
	grammar_read(grammar, store_text(grammar->tree->store, sip_str_of(path)), text,
		&chain);
	return true;
}

/* `pattern` as seen from the folder of `file`. */
static char *resolve(struct store *store, const char *file, struct sip_str pattern)
{
	const char *slash = strrchr(file, '/');

	if (pattern.ptr[0] == '/' || slash == NULL)
		return store_text(store, pattern);
	return store_format(
		store, "%.*s/%.*s", (int)(slash - file), file, SIP_STR_ARG(pattern));
}

void grammar_include(struct grammar *grammar, struct sip_str pattern, struct position at,
	bool must_exist)
{
	struct store *store = grammar->tree->store;
	char *path = resolve(store, grammar->reader.file, pattern);
	struct paths found;

	if (strpbrk(path, "*?[") == NULL) {
		grammar_read_path(grammar, path, at, must_exist);
		return;
	}
	/* A pattern that fits nothing is an empty folder, not a mistake. */
	if (!paths_find(&found, store, path))
		problem_add(problems_of(grammar), PROBLEM_ERROR, at,
			"can't look for %s: %s", path, strerror(errno));
	for (size_t i = 0; i < found.count; i++)
		grammar_read_path(grammar, found.items[i], at, must_exist);
}
