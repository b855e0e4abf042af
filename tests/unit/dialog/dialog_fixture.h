/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that make dialogs, and the dialogs they make. */
#pragma once

#include "dialog/dialog.h"

/** Parse `text` (with plain line feeds) into a buffer of the fixture's, which is valid
 * until the next call but seven. */
const struct sip_msg *message_of(const char *text);

/** The INVITE that alice sends, with `extra`, whole lines, among its fields. */
const struct sip_msg *invite_with(const char *extra);

/** The answer to the INVITE of uac_dialog(), with the To tag (NULL: none) and `extra`. */
const struct sip_msg *answer_with(int status, const char *to_tag, const char *extra);

/** The dialog of the callee of invite_with(extra), with the tag `ours`. */
void uas_dialog(struct sip_dialog *dlg, const char *extra);

/** The dialog of who calls sip:bob@b.example; not established. */
void uac_dialog(struct sip_dialog *dlg);

/** What a request in the dialog is written as, without the body.  Static buffer. */
const char *request_text(const struct sip_dialog *dlg, const char *method, uint32_t cseq);
