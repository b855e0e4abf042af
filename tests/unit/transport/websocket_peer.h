/* SPDX-License-Identifier: BSD-2-Clause */
/* What a browser says: a handshake, and frames with a mask. */
#pragma once

#include "support/check.h"

/* First bytes of frames: the last piece of a message, whole, or the first of several. */
enum {
	WS_MORE = 0x00,
	WS_LAST = 0x80,
	WS_TEXT = 0x81,
	WS_TEXT_BEGINS = 0x01,
	WS_BINARY = 0x82,
	WS_CLOSE = 0x88,
	WS_PING = 0x89,
	WS_PONG = 0x8a,
};

/* From a page of http://localhost, and its answer. */
#define WS_HANDSHAKE                                                                     \
	"GET /sip HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"                 \
	"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"         \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n"                   \
	"Origin: http://localhost\r\n\r\n"
#define WS_ANSWER                                                                        \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"                     \
	"Connection: Upgrade\r\n"                                                        \
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"                         \
	"Sec-WebSocket-Protocol: sip\r\n\r\n"

#define WS_HEAD_MAX 14u

/* A masked frame into `out`, which has WS_HEAD_MAX bytes more than the payload; returns
 * its length. */
size_t ws_frame(uint8_t *out, unsigned first, const void *payload, size_t len);
