/* SPDX-License-Identifier: BSD-2-Clause */
/** Text in pieces, from its beginning on. */
#pragma once

#include "res_sip/str.h"

/** What stands before the next `by`, or everything; it and that one are cut off *rest. */
struct sip_str sip_str_cut(struct sip_str *rest, char by);

/** The next line, without its end (CRLF or LF), which is cut off with it; of nothing, an
 * empty one. */
struct sip_str sip_str_cut_line(struct sip_str *rest);
