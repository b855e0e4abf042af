/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which sweep an x86-64 runs.
 *
 * The answer of the processor is kept by the compiler's runtime: asking is one load and a
 * test.
 */
#include "message/index.h"
#include "message/index_x86.h"

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
		__builtin_cpu_supports("bmi2");
}

sip_index_fn *sip_index_best(void)
{
	return has_avx2() ? sip_index_avx2 : sip_index_sse2;
}

size_t sip_index_variants(struct sip_index_variant *variants, size_t room)
{
	const struct sip_index_variant all[] = {
		{ "plain", sip_index_plain },
		{ "sse2", sip_index_sse2 },
		{ "avx2", sip_index_avx2 },
	};
	size_t count = has_avx2() ? 3 : 2;

	for (size_t i = 0; i < count && i < room; i++)
		variants[i] = all[i];
	return count < room ? count : room;
}
