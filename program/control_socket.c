/* SPDX-License-Identifier: BSD-2-Clause */
/* UNIX sockets: binding one, in the place of a dead one, and connecting. */
#include "control_socket.h"

#include "user.h"

#include <res_sip/server.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool fill_address(struct sockaddr_un *address, const char *path, char *error)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path)) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"the control socket's path is longer than %zu bytes: control_socket= in "
			"[global] can name a shorter one",
			sizeof(address->sun_path) - 1);
		return false;
	}
	memcpy(address->sun_path, path, strlen(path) + 1);
	return true;
}

static int try_connect(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int saved;

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Remove a socket whose server is gone; false: somebody listens, or it is none of ours.
 */
static bool clear_place(const struct sockaddr_un *address, char *error)
{
	struct stat status;
	int fd;

	if (lstat(address->sun_path, &status) != 0)
		return true;
	if (!S_ISSOCK(status.st_mode)) {
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"%s is in the way of the control socket, and no socket",
			address->sun_path);
		return false;
	}
	fd = try_connect(address);
	if (fd >= 0) {
		close(fd);
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"a server is running with this configuration: it answers at %s",
			address->sun_path);
		return false;
	}
	if (errno == ECONNREFUSED)
		unlink(address->sun_path);
	return true;
}

static bool bind_private(int fd, const struct sockaddr_un *address)
{
	/* Before any thread runs: the socket never has another mode. */
	mode_t before = umask(0177);
	int result = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	int saved = errno;

	umask(before);
	errno = saved;
	return result == 0;
}

int control_socket_bind(const char *path, uid_t owner, char *error)
{
	struct sockaddr_un address;
	int fd;

	if (!fill_address(&address, path, error) || !clear_place(&address, error))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && bind_private(fd, &address) && listen(fd, SOMAXCONN) == 0 &&
		(owner == (uid_t)-1 ||
			user_give(&(struct user){ .uid = owner, .gid = (gid_t)-1 }, path,
				S_IFSOCK)))
		return fd;
	snprintf(error, SIP_SERVER_ERROR_LEN, "can't make the control socket %s: %s",
		path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int control_socket_connect(const char *path, char *error)
{
	struct sockaddr_un address;
	int fd;

	if (!fill_address(&address, path, error))
		return -1;
	fd = try_connect(&address);
	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"no server is running: nobody answers at %s", path);
		break;
	case EACCES:
		snprintf(error, SIP_SERVER_ERROR_LEN,
			"no permission for %s: it is for the server's user and root",
			path);
		break;
	default:
		snprintf(error, SIP_SERVER_ERROR_LEN, "can't connect to %s: %s", path,
			strerror(errno));
		break;
	}
	return -1;
}
