/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Printing an explanation, for people:
 *
 *     identify: 6001
 *         username: endpoint 6001  [res_sip.conf:31]
 *
 * or as JSON.
 */
#pragma once

#include "text.h"

#include <res_sip/explain.h>

struct explain_printer {
	struct text *out;
	struct sip_str remarks; /* lines: what was mended before */
	bool json;
	bool messages; /* the bytes too; JSON always has them */
};

/* True; false where there was no memory, which out->failed says as well. */
bool explain_print(
	struct explain_printer *printer, const struct sip_explanation *explanation);
