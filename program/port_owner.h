/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has a UDP port: from /proc, for the line that says why it can't be bound. */
#pragma once

#include <res_sip.h>

#include <sys/types.h>

/* One line of /proc/net/udp or udp6. */
struct port_line {
	struct sip_addr addr;
	uid_t uid;
	unsigned long inode;
};

struct port_owner {
	pid_t pid; /* 0: its processes are not ours to see */
	uid_t uid;
	char name[32]; /* of the program; empty where pid is 0 */
};

/* False: the headings, or no such line. */
bool port_line_parse(const char *line, struct port_line *parsed);

/* Do both want the same port of the same address?  A wildcard wants every address. */
bool port_conflicts(const struct sip_addr *a, const struct sip_addr *b);

/* False: nobody has it (any more). */
bool port_owner_find(const struct sip_addr *addr, struct port_owner *owner);
