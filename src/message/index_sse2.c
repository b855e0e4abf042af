/* SPDX-License-Identifier: BSD-2-Clause */
/* The sweep with SSE2, which every x86-64 has. */
#include "message/index_sweep.h"
#include "message/index_x86.h"

#include <emmintrin.h>

static inline __m128i load(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline uint32_t mask16(__m128i matches)
{
	return (uint32_t)_mm_movemask_epi8(matches);
}

static inline uint32_t line_feeds_of(__m128i v)
{
	return mask16(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
}

static inline uint32_t controls_of(__m128i v)
{
	return mask16(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v));
}

static inline struct masks masks_of(const char *block)
{
	struct masks m = { 0, 0 };

	for (int i = 0; i < 64; i += 16) {
		__m128i v = load(block + i);
		m.line_feeds |= (uint64_t)line_feeds_of(v) << i;
		m.controls |= (uint64_t)controls_of(v) << i;
	}
	return m;
}

static inline uint32_t colons_of(const char *at)
{
	return mask16(_mm_cmpeq_epi8(load(at), _mm_set1_epi8(':')));
}

static inline uint32_t colon_of(const char *at)
{
	uint32_t colons = colons_of(at);

	/* Nearly all names are shorter. */
	if (SIP_LIKELY(colons != 0))
		return (uint32_t)__builtin_ctz(colons);
	return 16 + (uint32_t)__builtin_ctz(colons_of(at + 16) | 1u << 16);
}

static inline uint32_t same_bytes(const char *name, const char *lower)
{
	__m128i folded = _mm_or_si128(load(name), _mm_set1_epi8(0x20));

	return mask16(_mm_cmpeq_epi8(folded, load(lower)));
}

static inline bool differs(const char *name, const struct sip_hdr_row *row)
{
	uint32_t same = same_bytes(name, row->name) |
		same_bytes(name + 16, row->name + 16) << 16;

	return (~same & row->bytes) != 0;
}

void sip_index_sse2(
	struct sip_msg *msg, uint32_t limit, uint32_t headers, struct sip_index *index)
{
	static const struct sweep_eyes eyes = { masks_of, colon_of, differs };

	sweep(msg, limit, headers, index, &eyes);
}
