/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening the files of a configuration: patterns, loops, limits. */
#include "grammar.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
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

static bool read_open_file(struct grammar *grammar, const char *path, int fd,
	const struct stat *status, struct position at)
{
	struct file_chain chain = { grammar->chain, status->st_dev, status->st_ino, 0 };
	size_t size = (size_t)status->st_size;
	char *bytes = malloc(size + 1);
	size_t len;
	bool ok;

	if (bytes == NULL)
		fail_out_of_memory();
	chain.depth = grammar->chain == NULL ? 0 : grammar->chain->depth + 1;
	ok = read_all(fd, bytes, size, &len);
	if (!ok)
		problem_add(problems_of(grammar), PROBLEM_ERROR, at, "can't read %s: %s",
			path, strerror(errno));
	if (ok) {
		grammar->files++;
		grammar_read(grammar, store_text(grammar->tree->store, sip_str_of(path)),
			(struct sip_str){ bytes, len }, &chain);
	}
	free(bytes);
	return ok;
}

bool grammar_read_path(
	struct grammar *grammar, const char *path, struct position at, bool must_exist)
{
	/* O_NONBLOCK: a fifo must not hold us up before we see that it is one. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	const char *reason;
	bool ok = false;

	if (fd < 0) {
		if (errno == ENOENT && !must_exist)
			return true;
		problem_add(problems_of(grammar), PROBLEM_ERROR, at, "can't open %s: %s",
			path, strerror(errno));
		return false;
	}
	if (fstat(fd, &status) != 0)
		reason = strerror(errno);
	else
		reason = reason_against(grammar, &status);
	if (reason != NULL)
		problem_add(problems_of(grammar), PROBLEM_ERROR, at, "can't read %s: %s",
			path, reason);
	else
		ok = read_open_file(grammar, path, fd, &status, at);
	close(fd);
	return ok;
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
	char *path = resolve(grammar->tree->store, grammar->reader.file, pattern);
	glob_t found;

	if (strpbrk(path, "*?[") == NULL) {
		grammar_read_path(grammar, path, at, must_exist);
		return;
	}
	/* A pattern that fits nothing is an empty folder, not a mistake. */
	switch (glob(path, GLOB_ERR, NULL, &found)) {
	case 0:
		for (size_t i = 0; i < found.gl_pathc; i++)
			grammar_read_path(grammar, found.gl_pathv[i], at, must_exist);
		globfree(&found);
		break;
	case GLOB_NOMATCH: break;
	case GLOB_NOSPACE: fail_out_of_memory();
	default:
		problem_add(problems_of(grammar), PROBLEM_ERROR, at,
			"can't look for %s: %s", path, strerror(errno));
		break;
	}
}
