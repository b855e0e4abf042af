/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a row of a table. */
#include "options.h"

#include <strings.h>

const struct option *option_find(const struct option_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcasecmp(table->options[i].name, name) == 0)
			return &table->options[i];
	}
	return NULL;
}
