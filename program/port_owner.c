/* SPDX-License-Identifier: BSD-2-Clause */
/* From the address to the socket's inode, from the inode to a process. */
#include "port_owner.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Addresses stand there as words in the byte order of the machine, eight digits each. */
static bool parse_address(const char *digits, size_t len, struct sip_addr *addr)
{
	uint32_t words[4];

	for (size_t i = 0; i < len / 8; i++) {
		char word[9];
		char *end;

		memcpy(word, digits + i * 8, 8);
		word[8] = '\0';
		words[i] = (uint32_t)strtoul(word, &end, 16);
		if (*end != '\0')
			return false;
	}
	*addr = (struct sip_addr){ 0 };
	if (len == 8) {
		addr->v4.sin_family = AF_INET;
		memcpy(&addr->v4.sin_addr, words, 4);
	} else {
		addr->v6.sin6_family = AF_INET6;
		memcpy(&addr->v6.sin6_addr, words, 16);
	}
	return true;
}

bool port_line_parse(const char *line, struct port_line *parsed)
{
	char local[33];
	unsigned port;
	unsigned uid;
	int used = 0;
	size_t len;

	/* sl local:port remote:port state queues timer retransmits uid timeout inode */
	if (sscanf(line,
		    " %*d: %32[0-9A-Fa-f]:%4x %*[0-9A-Fa-f]:%*x %*x %*x:%*x %*x:%*x %*x %u "
		    "%*d %lu%n",
		    local, &port, &uid, &parsed->inode, &used) != 4 ||
		used == 0)
		return false;
	len = strlen(local);
	if ((len != 8 && len != 32) || !parse_address(local, len, &parsed->addr))
		return false;
	sip_addr_set_port(&parsed->addr, (uint16_t)port);
	parsed->uid = (uid_t)uid;
	return true;
}

static bool is_wildcard(const struct sip_addr *addr)
{
	if (addr->sa.sa_family == AF_INET)
		return addr->v4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&addr->v6.sin6_addr);
}

bool port_conflicts(const struct sip_addr *a, const struct sip_addr *b)
{
	if (sip_addr_port(a) != sip_addr_port(b))
		return false;
	/* An IPv6 wildcard may take the IPv4 port as well. */
	if (a->sa.sa_family != b->sa.sa_family)
		return is_wildcard(a->sa.sa_family == AF_INET6 ? a : b);
	return is_wildcard(a) || is_wildcard(b) || sip_addr_same_host(a, b);
}

/* The socket that has the address, in one of the two files. */
static bool find_line(
	const char *path, const struct sip_addr *addr, struct port_line *line)
{
	FILE *file = fopen(path, "re");
	char text[512];
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && fgets(text, sizeof(text), file) != NULL)
		found = port_line_parse(text, line) && port_conflicts(addr, &line->addr);
	fclose(file);
	return found;
}

static bool has_socket(const char *pid, const char *wanted)
{
	char path[300];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	folder = opendir(path);
	if (folder == NULL)
		return false;
	while (!found && (entry = readdir(folder)) != NULL) {
		char target[64];
		ssize_t len = readlinkat(
			dirfd(folder), entry->d_name, target, sizeof(target) - 1);

		if (len <= 0)
			continue;
		target[len] = '\0';
		found = strcmp(target, wanted) == 0;
	}
	closedir(folder);
	return found;
}

static void read_name(const char *pid, char *name, size_t size)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	if (fgets(name, (int)size, file) != NULL)
		name[strcspn(name, "\n")] = '\0';
	fclose(file);
}

static void find_process(unsigned long inode, struct port_owner *owner)
{
	char wanted[64];
	struct dirent *entry;
	DIR *folder = opendir("/proc");

	if (folder == NULL)
		return;
	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	while (owner->pid == 0 && (entry = readdir(folder)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
			!has_socket(entry->d_name, wanted))
			continue;
		owner->pid = (pid_t)strtol(entry->d_name, NULL, 10);
		read_name(entry->d_name, owner->name, sizeof(owner->name));
	}
	closedir(folder);
}

bool port_owner_find(const struct sip_addr *addr, struct port_owner *owner)
{
	struct port_line line;

	*owner = (struct port_owner){ 0 };
	if (!find_line("/proc/net/udp", addr, &line) &&
		!find_line("/proc/net/udp6", addr, &line))
		return false;
	owner->uid = line.uid;
	find_process(line.inode, owner);
	return true;
}
