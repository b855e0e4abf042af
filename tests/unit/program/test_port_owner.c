/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has a port: the lines of /proc/net/udp, and a socket of our own. */
#include "port_owner.h"
#include "support/check.h"

#include <stdio.h>
#include <unistd.h>

#define HEADINGS                                                                         \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"    \
	"   uid  timeout inode ref pointer drops\n"

static struct sip_addr addr_of(const char *text)
{
	struct sip_addr addr;

	CHECK_INT(sip_addr_parse(sip_str_of(text), 5060, &addr), ==, SIP_OK);
	return addr;
}

/* The kernel prints addresses as words of the machine; this is a little-endian one's. */
TEST(lines_of_both_families_are_understood)
{
	static const struct {
		const char *line;
		const char *addr;
		unsigned uid;
		unsigned long inode;
	} rows[] = {
		{ "  123: 0100007F:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000"
		  "   112        0 34567 2 ffff8e0a0c2a8000 0\n",
			"127.0.0.1:5060", 112, 34567 },
		{ " 4321: 00000000:0035 00000000:0000 07 00000000:00000300 00:00000000 00000000"
		  "     0        0 99 2 0000000000000000 17         \n",
			"0.0.0.0:53", 0, 99 },
		{ "  9: 00000000000000000000000001000000:13C4 "
		  "00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 "
		  "00000000  1000        0 5 2 0 0\n",
			"[::1]:5060", 1000, 5 },
	};
	static const uint16_t one = 1;

	if (*(const unsigned char *)&one != 1)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct port_line line;
		char text[SIP_ADDR_TEXT_LEN];

		CHECK(port_line_parse(rows[i].line, &line));
		CHECK_STR(sip_str_of(sip_addr_text(&line.addr, text)), rows[i].addr);
		CHECK_INT(line.uid, ==, rows[i].uid);
		CHECK_INT(line.inode, ==, rows[i].inode);
	}
}

TEST(other_lines_are_left_out)
{
	static const char *const lines[] = { HEADINGS, "", "\n", "  1: zz:13C4",
		"  1: 0100007F:13C4 00000000:0000 07",
		"  1: 01007F:13C4 00000000:0000 07 0:0 0:0 0 0 0 1 2 0 0" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct port_line line;

		CHECK(!port_line_parse(lines[i], &line));
	}
}

TEST(a_wildcard_conflicts_with_every_address_of_the_port)
{
	static const struct {
		const char *a;
		const char *b;
		bool conflicts;
	} rows[] = {
		{ "192.0.2.1:5060", "192.0.2.1:5060", true },
		{ "192.0.2.1:5060", "192.0.2.1:5061", false },
		{ "192.0.2.1:5060", "192.0.2.2:5060", false },
		{ "192.0.2.1:5060", "0.0.0.0:5060", true },
		{ "0.0.0.0:5060", "192.0.2.1:5060", true },
		{ "192.0.2.1:5060", "[::]:5060", true },
		{ "[::]:5060", "192.0.2.1:5060", true },
		{ "192.0.2.1:5060", "[::1]:5060", false },
		{ "0.0.0.0:5060", "[::1]:5060", false },
		{ "[::1]:5060", "[::]:5060", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_addr a = addr_of(rows[i].a);
		struct sip_addr b = addr_of(rows[i].b);

		CHECK_INT(port_conflicts(&a, &b), ==, rows[i].conflicts);
	}
}

TEST(the_owner_of_a_bound_socket_is_this_process)
{
	struct sip_addr addr = addr_of("127.0.0.1:0");
	socklen_t len = sizeof(addr.v4);
	struct port_owner owner;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK_INT(bind(fd, &addr.sa, len), ==, 0);
	CHECK_INT(getsockname(fd, &addr.sa, &len), ==, 0);
	CHECK(port_owner_find(&addr, &owner));
	close(fd);

	CHECK_INT(owner.pid, ==, getpid());
	CHECK_INT(owner.uid, ==, geteuid());
	CHECK(strncmp(owner.name, "test_program", 12) == 0);
}
