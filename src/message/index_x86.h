/* SPDX-License-Identifier: BSD-2-Clause */
/* The sweeps and decoders that x86-64 adds. */
#pragma once

#include "message/index.h"

sip_index_fn sip_index_sse2;
sip_index_fn sip_index_avx2;
sip_decode_fn sip_decode_avx2;
sip_digest_fn sip_digest_avx2;
