/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server shows, put into an answer. */
#include "show.h"

#include "run.h"
#include "show_endpoint.h"
#include "show_sinks.h"

#include <res_sip/endpoint.h>
#include <res_sip/server.h>

/* `endpoints, endpoint NAME, contacts, ...` */
static void list_all(struct text *answer)
{
	const char *what;
	bool wants_name;

	for (size_t i = 0; (what = sip_show_what(i, &wants_name)) != NULL; i++)
		text_format(answer, "%s%s%s", i == 0 ? "" : ", ", what,
			wants_name ? " NAME" : "");
}

/* There is such an AOR, and its phone is what is missing. */
static bool is_empty_aor(const struct sip_show_query *query)
{
	return strcmp(query->what, "contact") == 0 &&
		ast_sip_aor_find(query->name) != NULL;
}

static void refuse(int result, const struct sip_show_query *query, struct text *answer)
{
	text_fini(answer);
	if (result == SIP_ENOTFOUND && is_empty_aor(query)) {
		text_format(answer,
			"aor %s has no contact: nothing is registered, and contact= gives none",
			query->name);
	} else if (result == SIP_ENOTFOUND) {
		text_format(answer, "there is no %s ", query->what);
		text_add_visible(answer, sip_str_of(query->name));
	} else if (result == SIP_EINVALID && query->name == NULL) {
		text_format(answer, "`show %s` wants a name", query->what);
	} else if (result == SIP_EINVALID) {
		text_format(answer, "`show %s` takes no name", query->what);
	} else if (result == SIP_EUNSUPPORTED) {
		text_add(answer, SIP_STR("there is nothing of that name to show: "));
		list_all(answer);
	} else {
		answer->failed = true;
	}
}

/* Answers of several tables. */
static bool has_headings(const char *what)
{
	return strcmp(what, "works") == 0 || strcmp(what, "transactions") == 0 ||
		strcmp(what, "dialogs") == 0;
}

/* --limit; false: it is no number of rows. */
static bool read_limit(const struct arguments *arguments, uint32_t *limit)
{
	const char *text = arguments_option(arguments, "--limit");
	uint64_t number;

	if (text == NULL)
		return true;
	if (sip_str_number(sip_str_of(text), UINT32_MAX, &number) != SIP_OK ||
		number == 0)
		return false;
	*limit = (uint32_t)number;
	return true;
}

/* Before what the server says of it: what the files say. */
static void add_options(const struct request_context *context,
	const struct sip_show_query *query, const struct sip_show_sink *sink)
{
	struct ast_sip_endpoint *endpoint;

	if (context->run == NULL || query->name == NULL ||
		strcmp(query->what, "endpoint") != 0)
		return;
	endpoint = ast_sip_endpoint_find(query->name);
	if (endpoint != NULL)
		show_endpoint_options(context->run->folder, endpoint, sink);
	ast_sip_endpoint_unref(endpoint);
}

bool answer_show(const struct request_context *context, const struct arguments *arguments,
	struct text *answer)
{
	struct sip_show_query query = {
		.what = arguments_word(arguments, 0),
		.name = arguments_word(arguments, 1),
	};
	struct show_writer writer = {
		.out = answer,
		.json = arguments_option(arguments, "--json") != NULL,
		.headings = query.name != NULL || has_headings(query.what),
	};
	const struct sip_show_sink sink = show_writer_sink(&writer);
	int result;

	if (!read_limit(arguments, &query.limit)) {
		text_add(answer, SIP_STR("--limit wants a number of rows"));
		return false;
	}
	add_options(context, &query, &sink);
	result = sip_server_show(context->server, &query, &sink);
	show_writer_end(&writer);
	if (result != SIP_OK)
		refuse(result, &query, answer);
	return result == SIP_OK;
}
