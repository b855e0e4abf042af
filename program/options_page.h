/* SPDX-License-Identifier: BSD-2-Clause */
/* All options as a page in Markdown. */
#pragma once

#include "settings.h"
#include "text.h"

/* Append a chapter for each type of section.  The defaults are those of fresh `settings`.
 */
void options_page(struct settings *settings, struct text *text);
