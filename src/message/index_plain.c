/* SPDX-License-Identifier: BSD-2-Clause */
/* The sweep in plain C: for processors without a file of their own, and what tests
 * compare with. */
#include "message/index_sweep.h"

static inline struct masks masks_of(const char *block)
{
	struct masks m = { 0, 0 };

	for (int i = 0; i < 64; i++) {
		uint64_t bit = UINT64_C(1) << i;
		uint8_t c = (uint8_t)block[i];
		m.line_feeds |= c == '\n' ? bit : 0;
		m.controls |= c < ' ' ? bit : 0;
	}
	return m;
}

static inline uint32_t colon_of(const char *at)
{
	uint32_t i = 0;

	while (i < 32 && at[i] != ':')
		i++;
	return i;
}

void sip_index_plain(
	struct sip_msg *msg, uint32_t limit, uint32_t headers, struct sip_index *index)
{
	static const struct sweep_eyes eyes = { masks_of, colon_of, sip_hdr_differs };

	sweep(msg, limit, headers, index, &eyes);
}
