/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls that meet the simulated network: see stream_calls.h. */
#include "stream_calls.h"

#include "host_config.h"
#include "sim.h"
#include "streams.h"
#include "watch_streams.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Above what the system gives. */
#define FIRST_FD 1000000

/* What is behind a descriptor: nothing yet, who listens, or a connection. */
struct stream_descriptor {
	struct stream_net *net;
	struct place bound; /* .ip 0: not yet */
	struct stream_listener *listener;
	struct stream *stream;
	bool closed;

	/* In a poll set; -1: in none. */
	int poll_set;
	uint32_t events; /* what is wanted to be known */
	void *told;
	bool changed; /* since it was told of last */
	struct stream_descriptor *watched_next;
};

int __real_socket(int family, int type, int protocol);
int __real_bind(int fd, const struct sockaddr *addr, socklen_t len);
int __real_listen(int fd, int backlog);
int __real_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __real_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int __real_getsockname(int fd, struct sockaddr *addr, socklen_t *len);
int __real_getpeername(int fd, struct sockaddr *addr, socklen_t *len);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
ssize_t __real_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
int __real_shutdown(int fd, int how);
int __real_close(int fd);
int __real_epoll_ctl(int set, int what, int fd, struct epoll_event *event);
int __real_epoll_wait(int set, struct epoll_event *events, int room, int wait_ms);

int __wrap_socket(int family, int type, int protocol);
int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_listen(int fd, int backlog);
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int __wrap_getsockname(int fd, struct sockaddr *addr, socklen_t *len);
int __wrap_getpeername(int fd, struct sockaddr *addr, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
int __wrap_shutdown(int fd, int how);
int __wrap_close(int fd);
int __wrap_epoll_ctl(int set, int what, int fd, struct epoll_event *event);
int __wrap_epoll_wait(int set, struct epoll_event *events, int room, int wait_ms);

static struct streams *running(void)
{
	struct sim *sim = sim_running();

	return sim != NULL ? sim->streams : NULL;
}

/* NULL: it is the system's. */
static struct stream_descriptor *find(int fd)
{
	struct streams *streams = running();
	struct stream_descriptor *found;

	if (fd < FIRST_FD || streams == NULL)
		return NULL;
	found = streams->net.descriptor[fd - FIRST_FD];
	if (found->closed)
		sim_broken(sim_running(), "server-lives", (struct slice){ "", 0 },
			"a descriptor is used that was closed");
	return found;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

/* ---- descriptors ---- */

static int add(struct stream_net *net, struct stream_descriptor **made)
{
	struct scarcity *before = scarcity_use(NULL);

	*made = memory_take(net->memory, sizeof(**made));
	(*made)->net = net;
	(*made)->poll_set = -1;
	if (net->descriptors == net->descriptor_room) {
		net->descriptor_room = net->descriptor_room == 0
			? 64
			: 2 * net->descriptor_room;
		net->descriptor = realloc(net->descriptor,
			net->descriptor_room * sizeof(struct stream_descriptor *));
		if (net->descriptor == NULL)
			abort();
	}
	net->descriptor[net->descriptors] = *made;
	scarcity_use(before);
	return FIRST_FD + (int)net->descriptors++;
}

int __wrap_socket(int family, int type, int protocol)
{
	struct streams *streams = running();
	struct stream_descriptor *made;

	if (streams == NULL || (type & SOCK_STREAM) == 0)
		return __real_socket(family, type, protocol);
	return add(&streams->net, &made);
}

static struct place place_of(const struct sockaddr *addr)
{
	struct sip_addr copy;

	memcpy(&copy, addr, sizeof(copy.v4));
	return host_place(&copy);
}

static void give_place(struct place place, struct sockaddr *addr, socklen_t *len)
{
	struct sip_addr copy = host_addr(place);

	memcpy(addr, &copy, *len < sizeof(copy.v4) ? *len : sizeof(copy.v4));
	*len = sizeof(copy.v4);
}

int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct stream_descriptor *found = find(fd);

	if (found == NULL)
		return __real_bind(fd, addr, len);
	found->bound = place_of(addr);
	return 0;
}

int __wrap_listen(int fd, int backlog)
{
	struct stream_descriptor *found = find(fd);
	struct scarcity *before = scarcity_use(NULL);
	int result = 0;

	if (found == NULL) {
		result = __real_listen(fd, backlog);
	} else {
		found->listener = stream_listen(found->net, found->bound, NULL, NULL);
		found->listener->fd = fd;
	}
	scarcity_use(before);
	return result;
}

int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct stream_descriptor *found = find(fd);
	struct scarcity *before;

	if (found == NULL)
		return __real_connect(fd, addr, len);
	before = scarcity_use(NULL);
	found->bound.port = stream_port(found->net);
	found->stream = stream_create(found->net, found->bound);
	found->stream->fd = fd;
	stream_call(found->stream, place_of(addr));
	scarcity_use(before);
	return fail(EINPROGRESS);
}

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	struct stream_descriptor *found = find(fd);
	struct stream_listener *listener;
	struct stream_descriptor *made;
	struct stream *stream;
	int accepted;

	if (found == NULL)
		return __real_accept4(fd, addr, len, flags);
	listener = found->listener;
	if (listener->count == 0)
		return fail(EAGAIN);
	stream = listener->waiting[0];
	listener->count--;
	memmove(&listener->waiting[0], &listener->waiting[1],
		listener->count * sizeof(struct stream *));
	accepted = add(found->net, &made);
	made->bound = stream->place;
	made->stream = stream;
	stream->fd = accepted;
	give_place(stream->peer, addr, len);
	watch_stream_begins(stream);
	return accepted;
}

int __wrap_getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
	struct stream_descriptor *found = find(fd);

	if (found == NULL)
		return __real_getsockname(fd, addr, len);
	give_place(found->bound, addr, len);
	return 0;
}

int __wrap_getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
	struct stream_descriptor *found = find(fd);

	if (found == NULL)
		return __real_getpeername(fd, addr, len);
	if (found->stream == NULL || found->stream->state == STREAM_CONNECTING)
		return fail(ENOTCONN);
	give_place(found->stream->peer, addr, len);
	return 0;
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct stream_descriptor *found = find(fd);
	int error = 0;

	if (found == NULL)
		return __real_getsockopt(fd, level, name, value, len);
	if (level == SOL_SOCKET && name == SO_ERROR && found->stream != NULL)
		error = found->stream->error;
	memcpy(value, &error, sizeof(error));
	return 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return find(fd) != NULL ? 0 : __real_setsockopt(fd, level, name, value, len);
}

/* ---- bytes ---- */

static ssize_t receive(struct stream *stream, void *bytes, size_t len, bool peek)
{
	size_t got = stream_read(stream, bytes, len, peek);

	if (got > 0 && !peek)
		watch_stream_read(stream, (struct slice){ bytes, got });
	if (got > 0)
		return (ssize_t)got;
	if (stream->error == 0 && !stream->finished)
		return fail(EAGAIN);
	watch_stream_ends(stream);
	return stream->error != 0 ? fail(stream->error) : 0;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags)
{
	struct stream_descriptor *found = find(fd);
	struct scarcity *before;
	ssize_t got;
	int error;

	if (found == NULL)
		return __real_recv(fd, bytes, len, flags);
	before = scarcity_use(NULL);
	got = receive(found->stream, bytes, len, (flags & MSG_PEEK) != 0);
	error = errno;
	scarcity_use(before);
	errno = error;
	return got;
}

static void uncork(void *arg)
{
	struct stream *stream = arg;

	stream->corked = false;
	if (stream->blocked && stream_room(stream) > 0) {
		stream->blocked = false;
		stream_wake(stream);
	}
}

/* Some of it, and then there is no room for a moment. */
static size_t draw_part(struct stream *stream, size_t len)
{
	struct stream_net *net = stream->net;

	if (len < 2 || !draw_chance(&net->draw, net->take_permille))
		return len;
	len = (size_t)draw_between(&net->draw, 1, len - 1);
	stream->corked = true;
	agenda_set(net->net->agenda, &stream->cork,
		*net->net->now_us + draw_between(&net->draw, 1, 50000), uncork, stream);
	return len;
}

static ssize_t take(struct stream *stream, const struct msghdr *message)
{
	char bytes[16384];
	size_t len = 0;
	size_t asked = 0;
	size_t room = stream_room(stream);

	if (stream->error != 0 || stream->state == STREAM_ENDED) {
		watch_stream_ends(stream);
		return fail(stream->error != 0 ? stream->error : EPIPE);
	}
	for (size_t i = 0; i < message->msg_iovlen; i++) {
		size_t more = message->msg_iov[i].iov_len;

		asked += more;
		if (more > sizeof(bytes) - len)
			more = sizeof(bytes) - len;
		memcpy(bytes + len, message->msg_iov[i].iov_base, more);
		len += more;
	}
	if (room == 0) {
		stream->blocked = true;
		watch_stream_stalls(stream);
		return fail(EAGAIN);
	}
	/* What has no power says nothing. */
	if (streams_is_mute(sim_running(), stream->place))
		return (ssize_t)len;
	len = draw_part(stream, len < room ? len : room);
	stream->blocked = len < asked;
	stream_write(stream, bytes, len);
	watch_stream_written(stream, (struct slice){ bytes, len });
	return (ssize_t)len;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct stream_descriptor *found = find(fd);
	struct scarcity *before;
	ssize_t sent;
	int error;

	if (found == NULL)
		return __real_sendmsg(fd, message, flags);
	before = scarcity_use(NULL);
	sent = take(found->stream, message);
	error = errno;
	scarcity_use(before);
	errno = error;
	return sent;
}

int __wrap_shutdown(int fd, int how)
{
	struct stream_descriptor *found = find(fd);
	struct scarcity *before;

	if (found == NULL)
		return __real_shutdown(fd, how);
	before = scarcity_use(NULL);
	stream_finish(found->stream);
	scarcity_use(before);
	return 0;
}

/* In the order in which they came to be watched. */
static void watch(struct stream_descriptor *at)
{
	struct stream_descriptor **place = &at->net->watched;

	while (*place != NULL && *place != at)
		place = &(*place)->watched_next;
	*place = at;
}

static void unwatch(struct stream_descriptor *at)
{
	struct stream_descriptor **place = &at->net->watched;

	while (*place != at)
		place = &(*place)->watched_next;
	*place = at->watched_next;
	at->watched_next = NULL;
	at->poll_set = -1;
}

static void close_it(struct stream_descriptor *found)
{
	struct sim *sim = sim_running();

	if (found->poll_set >= 0)
		unwatch(found);
	found->closed = true;
	if (found->listener != NULL)
		stream_unlisten(found->net, found->listener);
	if (found->stream == NULL)
		return;
	watch_stream_ends(found->stream);
	if (streams_is_mute(sim, found->stream->place))
		stream_abandon(found->stream);
	else
		stream_close(found->stream);
}

int __wrap_close(int fd)
{
	struct stream_descriptor *found = find(fd);
	struct scarcity *before;

	if (found == NULL)
		return __real_close(fd);
	before = scarcity_use(NULL);
	close_it(found);
	scarcity_use(before);
	return 0;
}

/* ---- poll sets ---- */

static uint32_t stream_events(const struct stream *stream)
{
	uint32_t events = 0;

	if (stream->in_len > 0 || stream->finished || stream->error != 0)
		events |= EPOLLIN;
	if (stream->finished)
		events |= EPOLLRDHUP;
	if (stream->error != 0)
		events |= EPOLLRDHUP | EPOLLHUP | EPOLLERR;
	if (stream->error != 0 || stream_room(stream) > 0)
		events |= EPOLLOUT;
	return events;
}

static uint32_t events_of(const struct stream_descriptor *at)
{
	uint32_t events = 0;

	if (at->listener != NULL && at->listener->count > 0)
		events = EPOLLIN;
	else if (at->stream != NULL)
		events = stream_events(at->stream);
	return events & (at->events | EPOLLERR | EPOLLHUP);
}

static void change(int fd)
{
	struct streams *streams = running();

	streams->net.descriptor[fd - FIRST_FD]->changed = true;
}

void stream_wake(struct stream *end)
{
	/* One that nobody has accepted is told of when it is watched. */
	if (end->fd < 0)
		return;
	change(end->fd);
	if (end->finished || end->error != 0)
		watch_stream_over(end);
}

void stream_wake_listener(struct stream_listener *listener)
{
	change(listener->fd);
}

int __wrap_epoll_ctl(int set, int what, int fd, struct epoll_event *event)
{
	struct stream_descriptor *found = find(fd);

	if (found == NULL)
		return __real_epoll_ctl(set, what, fd, event);
	if (what == EPOLL_CTL_DEL) {
		unwatch(found);
		return 0;
	}
	watch(found);
	found->poll_set = set;
	found->events = event->events;
	found->told = event->data.ptr;
	found->changed = true;
	return 0;
}

/* In a simulation nothing else is in a poll set than what was made here, and what ends a
 * sleep. */
int __wrap_epoll_wait(int set, struct epoll_event *events, int room, int wait_ms)
{
	struct streams *streams = running();
	int count = 0;

	if (streams == NULL)
		return __real_epoll_wait(set, events, room, wait_ms);
	for (struct stream_descriptor *at = streams->net.watched;
		at != NULL && count < room; at = at->watched_next) {
		uint32_t found;

		if (at->poll_set != set || at->events == 0 ||
			((at->events & EPOLLET) != 0 && !at->changed))
			continue;
		at->changed = false;
		found = events_of(at);
		if (found != 0)
			events[count++] = (struct epoll_event){ .events = found,
				.data.ptr = at->told };
	}
	return count;
}

/* ---- the whole ---- */

unsigned stream_descriptors(const struct sim *sim, unsigned host, bool listening)
{
	const struct stream_net *net = &sim->streams->net;
	unsigned count = 0;

	for (unsigned i = 0; i < net->descriptors; i++) {
		const struct stream_descriptor *at = net->descriptor[i];

		if (!at->closed && at->bound.ip == sim->cast.host[host].place.ip &&
			(at->listener != NULL) == listening)
			count++;
	}
	return count;
}
