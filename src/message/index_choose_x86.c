/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which parser an x86-64 runs.
 *
 * The answer of the processor is kept by the compiler's runtime: asking is one load and a
 * test.
 */
#include "message/index.h"
#include "message/index_x86.h"

static const struct sip_parser parsers[] = {
	{ "plain", sip_index_plain, sip_decode_plain, sip_digest_parse },
	{ "sse2", sip_index_sse2, sip_decode_plain, sip_digest_parse },
	{ "avx2", sip_index_avx2, sip_decode_avx2, sip_digest_avx2 },
};

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
		__builtin_cpu_supports("bmi2");
}

const struct sip_parser *sip_parser_best(void)
{
	return has_avx2() ? &parsers[2] : &parsers[1];
}

size_t sip_parsers(const struct sip_parser **all)
{
	*all = parsers;
	return has_avx2() ? 3 : 2;
}
