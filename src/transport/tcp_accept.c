/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accepting connections.
 *
 * Where the process has no descriptor left, a connection can neither be taken nor sent
 * away, and its socket would stay readable for ever: so each reactor has one in reserve,
 * gives it up for a moment, and closes what comes.
 */
#include "transport/tcp.h"

#include "transport/connections.h"

#include "res_sip/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* In one look: what is accepted has to be served, too. */
#define BATCH 16u

/* Descriptors that are left for what is no connection from outside: asking the system for
 * a route, and DNS for a name, the console, files of a reload.  Where there are few, an
 * eighth of them. */
#define RESERVED 32u

static struct sip_log_limit limit;

static void refuse(
	const struct sip_side *side, const struct sip_addr *peer, const char *reason)
{
	char text[SIP_ADDR_TEXT_LEN];

	sip_count(side->transport->config.counters, SIP_COUNT_CONNECTIONS_REFUSED);
	sip_log_limited(&limit, SIP_LOG_WARNING, "transport",
		"connection refused peer=%s reason=\"%s\"", sip_addr_text(peer, text),
		reason);
}

static bool is_full(int error)
{
	return error == EMFILE || error == ENFILE;
}

/* The system gives the lowest number that is free. */
static bool is_reserved(int fd)
{
	struct rlimit fds;
	rlim_t reserved;

	if (getrlimit(RLIMIT_NOFILE, &fds) != 0)
		return false;
	reserved = fds.rlim_cur / 8 < RESERVED ? fds.rlim_cur / 8 : RESERVED;
	return (rlim_t)fd >= fds.rlim_cur - reserved;
}

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* True: one was sent away. */
static bool send_away(struct sip_side *side, int listening_fd)
{
	struct sip_addr peer = { .sa = { .sa_family = AF_UNSPEC } };
	socklen_t len = sizeof(peer);
	int fd;

	if (side->spare_fd < 0)
		return false;
	close(side->spare_fd);
	fd = accept4(listening_fd, &peer.sa, &len, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	side->spare_fd = open_spare();
	if (fd >= 0)
		refuse(side, &peer, "the process has no file descriptor left");
	return fd >= 0;
}

void sip_tcp_side_fini(struct sip_side *side)
{
	if (side->spare_fd >= 0)
		close(side->spare_fd);
	side->spare_fd = -1;
}

/* The address it was opened to. */
static int local_of(const struct sip_listener *listener, int fd, struct sip_addr *local)
{
	socklen_t len = sizeof(*local);

	*local = listener->bound;
	return listener->wildcard ? getsockname(fd, &local->sa, &len) : 0;
}

static void take(struct sip_socket *socket, int fd, const struct sip_addr *peer)
{
	const struct sip_listener *listener = &socket->listening->shown;
	struct sip_flow flow = {
		.listener = listener->number,
		.kind = listener->kind,
		.peer = *peer,
	};
	int result;

	if (is_reserved(fd)) {
		close(fd);
		refuse(socket->side, peer, "the process has few file descriptors left");
		return;
	}
	if (local_of(listener, fd, &flow.local) != 0) {
		/* It has gone already. */
		close(fd);
		return;
	}
	result = sip_connections_accept(socket->side, socket->listening, fd, &flow);
	if (result == SIP_ELIMIT)
		refuse(socket->side, peer, "it has as many as one source may have");
	else if (result == SIP_EMEMORY)
		refuse(socket->side, peer,
			"there are as many as there may be, or no memory");
	else if (result == SIP_ESYSTEM)
		refuse(socket->side, peer, strerror(errno));
}

bool sip_tcp_accept(struct sip_watch *watch, struct sip_reactor *reactor)
{
	struct sip_socket *socket = SIP_CONTAINER(watch, struct sip_socket, watch);
	struct sip_side *side = socket->side;

	SIP_ASSERT(side->reactor == reactor);
	if (side->spare_fd < 0)
		side->spare_fd = open_spare();
	for (unsigned i = 0; i < BATCH; i++) {
		struct sip_addr peer;
		socklen_t len = sizeof(peer);
		int fd;

		memset(&peer, 0, sizeof(peer));
		fd = accept4(watch->fd, &peer.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			take(socket, fd, &peer);
		else if (is_full(errno) ? !send_away(side, watch->fd)
					: errno != ECONNABORTED && errno != EINTR)
			return false;
	}
	return true;
}
