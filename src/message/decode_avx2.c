/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoders with AVX2 and BMI; compiled for them, called only where they are. */
#include "message/decode.h"
#include "message/digest_scan.h"
#include "message/index_x86.h"

void sip_decode_avx2(struct sip_parse *p)
{
	decode(p);
}

int sip_digest_avx2(struct sip_str value, struct sip_digest *digest)
{
	return scan_digest(value, digest);
}
