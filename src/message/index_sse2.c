/* SPDX-License-Identifier: BSD-2-Clause */
/* The sweep with SSE2, which every x86-64 has. */
#include "message/index_sweep.h"
#include "message/index_x86.h"

#include <emmintrin.h>

static inline uint64_t mask16(__m128i matches)
{
	return (uint64_t)(uint16_t)_mm_movemask_epi8(matches);
}

static inline struct masks masks_of(const char *block)
{
	const __m128i line_feed = _mm_set1_epi8('\n');
	const __m128i colon = _mm_set1_epi8(':');
	const __m128i tab = _mm_set1_epi8('\t');
	const __m128i last_control = _mm_set1_epi8(0x1f);
	struct masks m = { 0, 0, 0 };

	for (int i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128(
			(const __m128i *)(const void *)(block + 16 * i));
		__m128i below_space = _mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v);
		__m128i controls = _mm_andnot_si128(_mm_cmpeq_epi8(v, tab), below_space);
		m.line_feeds |= mask16(_mm_cmpeq_epi8(v, line_feed)) << 16 * i;
		m.colons |= mask16(_mm_cmpeq_epi8(v, colon)) << 16 * i;
		m.controls |= mask16(controls) << 16 * i;
	}
	return m;
}

void sip_index_sse2(
	struct sip_msg *msg, uint32_t limit, uint32_t headers, struct sip_index *index)
{
	sweep(msg, limit, headers, index, masks_of);
}
