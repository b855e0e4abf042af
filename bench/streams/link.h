/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection's bytes, as a phone sees them: TCP, TLS on it, WebSocket on either.
 *
 * It shares nothing with the library that it measures.
 */
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#define INPUT_MAX  8192
#define OUTPUT_MAX 4096

enum link_state {
	LINK_CONNECTING,
	LINK_SECURING,
	LINK_UPGRADING,
	LINK_OPEN,
	LINK_FAILED
};

struct link {
	int fd; /* -1: none */
	enum link_state state;
	bool websocket;
	SSL *ssl; /* NULL: plain */
	size_t got;
	size_t to_send;
	char input[INPUT_MAX];
	char output[OUTPUT_MAX];
};

struct link_config {
	struct sockaddr_in server;
	SSL_CTX *tls;         /* NULL: plain */
	SSL_SESSION *session; /* to be resumed; NULL: a full handshake */
	bool websocket;
};

/* False: the system has said no. */
bool link_open(struct link *link, const struct link_config *config);
void link_close(struct link *link);

/* Go on after something has changed; the state says how far it is. */
void link_go_on(struct link *link);

/* Send a message, in a frame where there are frames. */
void link_send(struct link *link, const char *text, size_t len);

/* A whole message is there: its place in `input`, until link_taken(). */
bool link_message(struct link *link, const char **text, size_t *len);
void link_taken(struct link *link, const char *text, size_t len);
