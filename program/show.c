/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows that the server shows, as a table. */
#include "show.h"

#include "table.h"

#include <res_sip/server.h>

bool answer_show(const struct request_context *context, const struct arguments *arguments,
	struct text *answer)
{
	struct table table = { 0 };
	const struct sip_show_sink sink = { &table, table_columns, table_row };
	const char *what = arguments_word(arguments, 0);
	bool known = sip_server_show(context->server, what, &sink) == SIP_OK;

	if (known)
		table_print(&table, answer);
	else
		text_add(answer,
			SIP_STR("there is nothing of that name to show: endpoints, contacts, "
				"transports, modules, counters, pool"));
	table_fini(&table);
	return known;
}
