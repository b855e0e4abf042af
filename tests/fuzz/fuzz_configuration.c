/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever stands in a res_sip.conf: read, understood, its problems put in order. */
#include "settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store store = { 0 };
	struct problems problems = { 0 };
	struct settings settings;

	settings_init(&settings, &store, &problems);
	settings.tree.no_includes = true;
	tree_read_text(
		&settings.tree, "fuzz", (struct sip_str){ (const char *)data, size });
	settings_understand(&settings, "/");
	problems_sort(&problems);
	for (size_t i = 0; i < problems.count; i++)
		problem_line(&store, &problems.items[i]);
	store_fini(&store);
	return 0;
}
