/* SPDX-License-Identifier: BSD-2-Clause */
/* From a header field's name to its number: a perfect hash, one comparison. */
#pragma once

#include "message/message.h"

/** `name` has no control characters in it (a CR would pass for a hyphen), and 24 readable
 * bytes. */
enum sip_hdr_id sip_hdr_id_fast(const char *name, size_t len);
