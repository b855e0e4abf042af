/* SPDX-License-Identifier: BSD-2-Clause */
/* See link.h. */
#include "link.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- bytes ---- */

static void fail(struct link *link)
{
	link->state = LINK_FAILED;
}

/* What was sent or came; 0: nothing now; -1: no more. */
static long secured(struct link *link, int result)
{
	if (result > 0)
		return result;
	switch (SSL_get_error(link->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE: return 0;
	default: return -1;
	}
}

static long plain(ssize_t result)
{
	if (result > 0)
		return result;
	return result < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static void write_output(struct link *link)
{
	while (link->to_send > 0) {
		long sent = link->ssl != NULL
			? secured(link,
				  SSL_write(link->ssl, link->output, (int)link->to_send))
			: plain(send(
				  link->fd, link->output, link->to_send, MSG_NOSIGNAL));

		if (sent < 0)
			fail(link);
		if (sent <= 0)
			return;
		link->to_send -= (size_t)sent;
		memmove(link->output, link->output + sent, link->to_send);
	}
}

static void read_input(struct link *link)
{
	for (;;) {
		size_t room = INPUT_MAX - link->got;
		char *at = link->input + link->got;
		long got;

		if (room == 0)
			return;
		got = link->ssl != NULL
			? secured(link, SSL_read(link->ssl, at, (int)room))
			: plain(recv(link->fd, at, room, 0));
		if (got < 0)
			fail(link);
		if (got <= 0)
			return;
		link->got += (size_t)got;
	}
}

static void append(struct link *link, const void *bytes, size_t len)
{
	if (link->to_send + len > OUTPUT_MAX) {
		fail(link);
		return;
	}
	memcpy(link->output + link->to_send, bytes, len);
	link->to_send += len;
}

/* ---- opening ---- */

bool link_open(struct link *link, const struct link_config *config)
{
	static const int yes = 1;

	memset(link, 0, offsetof(struct link, input));
	link->websocket = config->websocket;
	link->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return false;
	setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(link->fd, (const struct sockaddr *)&config->server,
		    sizeof(config->server)) != 0 &&
		errno != EINPROGRESS)
		return false;
	if (config->tls == NULL)
		return true;
	link->ssl = SSL_new(config->tls);
	if (link->ssl == NULL || SSL_set_fd(link->ssl, link->fd) != 1)
		return false;
	SSL_set_connect_state(link->ssl);
	if (config->session != NULL && SSL_set_session(link->ssl, config->session) != 1)
		return false;
	return true;
}

void link_close(struct link *link)
{
	if (link->ssl != NULL) {
		SSL_set_shutdown(link->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		SSL_free(link->ssl);
	}
	link->ssl = NULL;
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
}

static bool is_connected(struct link *link)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);

	return getpeername(link->fd, (struct sockaddr *)&peer, &len) == 0;
}

static void upgrade(struct link *link)
{
	static const char text[] =
		"GET / HTTP/1.1\r\nHost: bench.example\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: sip\r\nOrigin: http://bench.example\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

	append(link, text, sizeof(text) - 1);
	link->state = LINK_UPGRADING;
}

static void upgraded(struct link *link)
{
	char *end = memmem(link->input, link->got, "\r\n\r\n", 4);

	if (end == NULL)
		return;
	if (memcmp(link->input, "HTTP/1.1 101", 12) != 0) {
		fail(link);
		return;
	}
	link_taken(link, link->input, (size_t)(end + 4 - link->input));
	link->state = LINK_OPEN;
}

void link_go_on(struct link *link)
{
	if (link->state == LINK_CONNECTING && is_connected(link))
		link->state = LINK_SECURING;
	if (link->state == LINK_SECURING) {
		long done = link->ssl != NULL ? secured(link, SSL_do_handshake(link->ssl))
					      : 1;

		if (done < 0)
			fail(link);
		else if (done > 0 && link->websocket)
			upgrade(link);
		else if (done > 0)
			link->state = LINK_OPEN;
	}
	if (link->state != LINK_UPGRADING && link->state != LINK_OPEN)
		return;
	write_output(link);
	read_input(link);
	if (link->state == LINK_UPGRADING)
		upgraded(link);
}

/* ---- messages ---- */

void link_send(struct link *link, const char *text, size_t len)
{
	if (link->websocket) {
		/* Whole, text, masked with a key of zeros, which leaves it as it is. */
		const unsigned char head[] = { 0x81, 0x80 | 126,
			(unsigned char)(len >> 8), (unsigned char)len, 0, 0, 0, 0 };

		append(link, head, sizeof(head));
	}
	append(link, text, len);
	write_output(link);
}

static bool framed(struct link *link, const char **text, size_t *len)
{
	const unsigned char *at = (const unsigned char *)link->input;
	size_t head = 2;

	if (link->got < head)
		return false;
	*len = at[1] & 0x7f;
	if (*len == 126) {
		head = 4;
		*len = link->got >= head ? (size_t)at[2] << 8 | at[3] : 0;
	}
	*text = link->input + head;
	return link->got >= head + *len && *len > 0;
}

static bool streamed(struct link *link, const char **text, size_t *len)
{
	char *end;
	char *length;

	/* Keep-alives. */
	while (link->got >= 2 && memcmp(link->input, "\r\n", 2) == 0)
		link_taken(link, link->input, 2);
	end = memmem(link->input, link->got, "\r\n\r\n", 4);
	if (end == NULL)
		return false;
	length = memmem(link->input, (size_t)(end - link->input), "Content-Length:", 15);
	*text = link->input;
	*len = (size_t)(end + 4 - link->input) +
		(length != NULL ? (size_t)atoi(length + 15) : 0);
	return link->got >= *len;
}

bool link_message(struct link *link, const char **text, size_t *len)
{
	if (link->state != LINK_OPEN)
		return false;
	return link->websocket ? framed(link, text, len) : streamed(link, text, len);
}

void link_taken(struct link *link, const char *text, size_t len)
{
	size_t used = (size_t)(text + len - link->input);

	link->got -= used;
	memmove(link->input, link->input + used, link->got);
}
