/* SPDX-License-Identifier: BSD-2-Clause */
/* The sweep with AVX2 and BMI; compiled for them, called only where they are. */
#include "message/index_sweep.h"
#include "message/index_x86.h"

#include <immintrin.h>

static inline uint64_t mask32(__m256i matches)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(matches);
}

static inline struct masks masks_of(const char *block)
{
	const __m256i line_feed = _mm256_set1_epi8('\n');
	const __m256i colon = _mm256_set1_epi8(':');
	const __m256i tab = _mm256_set1_epi8('\t');
	const __m256i last_control = _mm256_set1_epi8(0x1f);
	struct masks m = { 0, 0, 0 };

	for (int i = 0; i < 2; i++) {
		__m256i v = _mm256_loadu_si256(
			(const __m256i *)(const void *)(block + 32 * i));
		__m256i below_space = _mm256_cmpeq_epi8(
			_mm256_min_epu8(v, last_control), v);
		__m256i controls = _mm256_andnot_si256(
			_mm256_cmpeq_epi8(v, tab), below_space);
		m.line_feeds |= mask32(_mm256_cmpeq_epi8(v, line_feed)) << 32 * i;
		m.colons |= mask32(_mm256_cmpeq_epi8(v, colon)) << 32 * i;
		m.controls |= mask32(controls) << 32 * i;
	}
	return m;
}

void sip_index_avx2(
	struct sip_msg *msg, uint32_t limit, uint32_t headers, struct sip_index *index)
{
	sweep(msg, limit, headers, index, masks_of);
}
