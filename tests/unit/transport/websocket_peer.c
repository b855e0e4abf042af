/* SPDX-License-Identifier: BSD-2-Clause */
/* See websocket_peer.h. */
#include "websocket_peer.h"

size_t ws_frame(uint8_t *out, unsigned first, const void *payload, size_t len)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	unsigned more = len > 65535 ? 8 : len > 125 ? 2 : 0;
	size_t at = 2;

	out[0] = (uint8_t)first;
	out[1] = (uint8_t)(0x80 | (more == 8 ? 127 : more == 2 ? 126 : len));
	for (unsigned i = 0; i < more; i++)
		out[at++] = (uint8_t)(len >> (8 * (more - 1 - i)));
	memcpy(out + at, mask, sizeof(mask));
	at += sizeof(mask);
	for (size_t i = 0; i < len; i++)
		out[at + i] = ((const uint8_t *)payload)[i] ^ mask[i % 4];
	return at + len;
}
