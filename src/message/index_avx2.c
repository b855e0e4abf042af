/* SPDX-License-Identifier: BSD-2-Clause */
/* The sweep with AVX2 and BMI; compiled for them, called only where they are. */
#include "message/index_sweep.h"
#include "message/index_x86.h"

#include <immintrin.h>

static inline __m256i load(const char *at)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline uint32_t mask32(__m256i matches)
{
	return (uint32_t)_mm256_movemask_epi8(matches);
}

static inline uint64_t line_feeds_of(__m256i v)
{
	return mask32(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n')));
}

static inline uint64_t controls_of(__m256i v)
{
	return mask32(_mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v));
}

static inline struct masks masks_of(const char *block)
{
	__m256i low = load(block);
	__m256i high = load(block + 32);

	return (struct masks){
		.line_feeds = line_feeds_of(low) | line_feeds_of(high) << 32,
		.controls = controls_of(low) | controls_of(high) << 32,
	};
}

static inline uint32_t colon_of(const char *at)
{
	/* Of none it is 32. */
	return _tzcnt_u32(mask32(_mm256_cmpeq_epi8(load(at), _mm256_set1_epi8(':'))));
}

static inline bool differs(const char *name, const struct sip_hdr_row *row)
{
	__m256i lower = _mm256_or_si256(load(name), _mm256_set1_epi8(0x20));
	uint32_t same = mask32(_mm256_cmpeq_epi8(lower, load(row->name)));

	return (~same & row->bytes) != 0;
}

void sip_index_avx2(
	struct sip_msg *msg, uint32_t limit, uint32_t headers, struct sip_index *index)
{
	static const struct sweep_eyes eyes = { masks_of, colon_of, differs };

	sweep(msg, limit, headers, index, &eyes);
}
