/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that a dialog owns, for the folder. */
#pragma once

#include "dialog/dialog.h"

/** Replace *text by a copy of `from`; {NULL, 0} is kept as that.  SIP_EMEMORY: it is as
 * it was. */
SIP_MUST_USE int sip_dialog_set_text(struct sip_str *text, struct sip_str from);

/** Free it. */
void sip_dialog_drop_text(struct sip_str *text);
