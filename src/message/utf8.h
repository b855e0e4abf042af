/* SPDX-License-Identifier: BSD-2-Clause */
/** UTF-8 as RFC 3629 has it. */
#pragma once

#include "res_sip/str.h"

/** Bytes of the character that `text` (not empty) begins with; 0: none begins there. */
size_t sip_utf8_len(struct sip_str text);

/** Characters only, whichever. */
bool sip_is_utf8(struct sip_str text);
