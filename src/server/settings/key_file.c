/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The key file: one line per key, the current one first: 32 hex digits.
 *
 * To change the key, put a new line before the old one: the second still holds
 * for a day after the file was changed.
 *
 * Threads: at start only.
 */
#include "server/settings/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OLD_KEY_HOLDS_S (24 * 3600)

static int fail(char *error, const char *path, const char *what)
{
	snprintf(error, SIP_SERVER_ERROR_LEN, "key file %s: %s", path, what);
	return SIP_ESYSTEM;
}

static int write_key(const char *path, const struct sip_hash_key *key, char *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char line[64];
	int len;

	if (fd < 0)
		return fail(error, path, strerror(errno));
	len = snprintf(line, sizeof(line), "%016llx%016llx\n",
		(unsigned long long)key->k[0], (unsigned long long)key->k[1]);
	if (write(fd, line, (size_t)len) != len || fsync(fd) != 0) {
		int cause = errno;

		close(fd);
		unlink(path);
		return fail(error, path, strerror(cause));
	}
	close(fd);
	return 0;
}

static int parse_line(const char *line, struct sip_hash_key *key)
{
	unsigned long long k0;
	unsigned long long k1;

	if (strspn(line, "0123456789abcdefABCDEF") != 32 ||
		line[32 + strspn(line + 32, "\r\n")] != '\0' ||
		sscanf(line, "%16llx%16llx", &k0, &k1) != 2)
		return SIP_ESYNTAX;
	key->k[0] = k0;
	key->k[1] = k1;
	return 0;
}

static int read_keys(struct sip_server *server, FILE *file, const char *path, char *error)
{
	struct stat status;
	char line[128];

	if (fstat(fileno(file), &status) != 0)
		return fail(error, path, strerror(errno));
	if ((status.st_mode & 077) != 0)
		return fail(error, path, "others may read it: chmod 600");
	for (size_t i = 0; i < SIP_ROUTE_KEYS && fgets(line, sizeof(line), file) != NULL;
		i++) {
		struct sip_route_key *key = &server->route_key[i];

		if (parse_line(line, &key->key) != 0)
			return fail(error, path, "a line is not 32 hex digits");
		key->until_s = i == 0 ? UINT64_MAX
				      : (uint64_t)status.st_mtime + OLD_KEY_HOLDS_S;
	}
	return server->route_key[0].until_s == UINT64_MAX
		? 0
		: fail(error, path, "it is empty");
}

int sip_key_file_load(struct sip_server *server, const char *path, char *error)
{
	struct sip_route_key *key = &server->route_key[0];
	FILE *file = path != NULL ? fopen(path, "re") : NULL;
	int result;

	if (file != NULL) {
		result = read_keys(server, file, path, error);
		fclose(file);
		return result;
	}
	if (path != NULL && errno != ENOENT)
		return fail(error, path, strerror(errno));
	sip_random_bytes(&server->random, &key->key, sizeof(key->key));
	key->until_s = UINT64_MAX;
	return path != NULL ? write_key(path, &key->key, error) : 0;
}
