/* SPDX-License-Identifier: BSD-2-Clause */
/* `show modules`. */
#include "server/show.h"

static void show_one(void *arg, const struct ast_sip_module_file *file)
{
	sip_show_row(arg,
		(const char *const[]){ file->name,
			file->flags & AST_SIP_MODULE_MAY_BLOCK ? "yes" : "no",
			file->flags & AST_SIP_MODULE_DRY_SAFE ? "yes" : "no" });
}

int sip_show_modules(const struct sip_show *show)
{
	static const struct sip_show_column columns[] = { { "module", SIP_SHOW_TEXT },
		{ "may block", SIP_SHOW_FLAG }, { "dry safe", SIP_SHOW_FLAG } };

	sip_show_table(show, "modules", SIP_SHOW_ROWS, columns, 3);
	sip_modules_each(show->server, show_one, (void *)(uintptr_t)show);
	return 0;
}
