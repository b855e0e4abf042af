/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As run_plain.h, 32 bytes at a time, of texts with 32 readable bytes behind their end:
 * those of a received message.
 *
 * A row of sip_char_rows has, for the lower half of a byte, a bit for each upper half
 * that makes a character of the class of it.  Bytes from 0x80 on are of no row.
 */
#pragma once

#include "base/compiler.h"
#include "message/chars.h"

#include <immintrin.h>

static SIP_ALWAYS_INLINE __m256i sip_run_load(const char *at)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static SIP_ALWAYS_INLINE __m256i sip_run_twice(const uint8_t *row)
{
	return _mm256_broadcastsi128_si256(
		_mm_load_si128((const __m128i *)(const void *)row));
}

/* A bit for each of the 32 bytes that is not of the class. */
static SIP_ALWAYS_INLINE uint32_t sip_run_others(
	const char *at, enum sip_char_class class)
{
	static const _Alignas(16) uint8_t bits[16] = { 1, 2, 4, 8, 16, 32, 64, 128 };
	__m256i bytes = sip_run_load(at);
	__m256i upper = _mm256_and_si256(
		_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
	__m256i row = sip_run_twice(sip_char_rows[__builtin_ctz(class)]);
	__m256i members = _mm256_and_si256(_mm256_shuffle_epi8(row, bytes),
		_mm256_shuffle_epi8(sip_run_twice(bits), upper));
	uint32_t others = (uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(members, _mm256_setzero_si256()));

	if ((class & SIP_CHARS_WITH_UTF8) != 0)
		others &= ~(uint32_t)_mm256_movemask_epi8(bytes);
	return others;
}

static SIP_ALWAYS_INLINE const char *sip_run_end(
	const char *at, const char *end, enum sip_char_class class)
{
	uint32_t others = sip_run_others(at, class);

	while (SIP_UNLIKELY(others == 0 && end - at > 32)) {
		at += 32;
		others = sip_run_others(at, class);
	}
	at += _tzcnt_u32(others); /* 32 of none */
	return at < end ? at : end;
}

/* A bit for each of the 32 bytes that is one of them. */
static SIP_ALWAYS_INLINE uint32_t sip_run_places(const char *at, char a, char b)
{
	__m256i bytes = sip_run_load(at);
	__m256i places = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(a));

	if (a != b)
		places = _mm256_or_si256(
			places, _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b)));
	return (uint32_t)_mm256_movemask_epi8(places);
}

static SIP_ALWAYS_INLINE const char *sip_run_to_either(
	const char *at, const char *end, char a, char b)
{
	uint32_t places = sip_run_places(at, a, b);

	while (SIP_UNLIKELY(places == 0 && end - at > 32)) {
		at += 32;
		places = sip_run_places(at, a, b);
	}
	at += _tzcnt_u32(places);
	return at < end ? at : end;
}

static SIP_ALWAYS_INLINE const char *sip_run_to(const char *at, const char *end, char c)
{
	return sip_run_to_either(at, end, c, c);
}
