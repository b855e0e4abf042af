/* SPDX-License-Identifier: BSD-2-Clause */
/* Which line of a section decides: that of the option that an explanation names. */
#pragma once

#include <res_sip/config.h>

/*
 * `section` is where the section begins, `text` what decides, with its options as
 * `name=`. The line of the first of these options that stands in the section; where none
 * does (it comes from a template, or holds by default), or the file can't be read, the
 * section's.
 */
uint32_t explain_source_line(
	const struct sip_config_source *section, struct sip_str text);
