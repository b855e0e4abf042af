/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking a row up, and what rows of all tables share. */
#include "options.h"

const char why_media[] = "no media passes through this server";
const char why_pbx[] = "this server has no dialplan, mailboxes or channels";
const char why_inside[] = "it is about the inside of another server";

const struct option *option_find(const struct option_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++) {
		if (same_name(table->options[i].name, name))
			return &table->options[i];
	}
	return NULL;
}
