/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the text of a message that we sent ourselves, line by line.
 *
 * Such a text was built or edited here: it is complete, and has no folds (the
 * parser writes spaces over them).
 */
#pragma once

#include "transport/tx_data.h"

struct sip_own_line {
	struct sip_str rest; /* what follows */
	enum sip_hdr_id id;
	struct sip_str value; /* trimmed */
};

/** The first line, without its end; `line` then stands before the first header field. */
struct sip_str sip_own_text_begin(
	const struct sip_tx_data *tdata, struct sip_own_line *line);
/** Likewise of whole lines from the beginning of such a text. */
struct sip_str sip_own_lines_begin(struct sip_str text, struct sip_own_line *line);

/** The next header field; false at the empty line. */
bool sip_own_line_next(struct sip_own_line *line);

/** The first field of that kind; {NULL, 0}: none. */
struct sip_str sip_own_text_header(const struct sip_tx_data *tdata, enum sip_hdr_id id);
