/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoders for processors without a file of their own. */
#include "message/decode.h"

void sip_decode_plain(struct sip_parse *p)
{
	decode(p);
}
