/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in pieces: see cut.h. */
#include "base/cut.h"

struct sip_str sip_str_cut(struct sip_str *rest, char by)
{
	size_t at = sip_str_find(*rest, by);
	struct sip_str piece = { rest->ptr, at < rest->len ? at : rest->len };
	size_t gone = piece.len < rest->len ? piece.len + 1 : piece.len;

	/* Of NULL nothing is cut. */
	if (gone > 0)
		rest->ptr += gone;
	rest->len -= gone;
	return piece;
}

struct sip_str sip_str_cut_line(struct sip_str *rest)
{
	struct sip_str line = sip_str_cut(rest, '\n');

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}
