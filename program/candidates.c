/* SPDX-License-Identifier: BSD-2-Clause */
/* The first column of what is shown, as far as it begins as it should. */
#include "candidates.h"

#include <res_sip/server.h>
#include <res_sip/show.h>

struct candidates {
	struct text *out;
	struct sip_str prefix;
	unsigned count;
	char last[256]; /* a name that comes again is told once: an AOR's contacts */
};

static void on_table(void *arg, const char *name, enum sip_show_shape shape,
	const struct sip_show_column *columns, size_t count)
{
	(void)arg;
	(void)name;
	(void)shape;
	(void)columns;
	(void)count;
}

/* On a line of its own, and nothing that a terminal obeys. */
static bool is_plain(struct sip_str name)
{
	while (name.len != 0) {
		size_t len = text_character_len(name);

		if (len == 0 || text_is_control(name))
			return false;
		name.ptr += len;
		name.len -= len;
	}
	return true;
}

static void on_row(void *arg, const char *const *values)
{
	struct candidates *candidates = arg;
	struct sip_str name = sip_str_of(values[0] != NULL ? values[0] : "");

	if (name.len == 0 || name.len >= sizeof(candidates->last) ||
		candidates->count == CANDIDATES_MOST ||
		!sip_str_starts(name, candidates->prefix) || !is_plain(name) ||
		strcmp(candidates->last, values[0]) == 0)
		return;
	memcpy(candidates->last, values[0], name.len + 1);
	candidates->count++;
	text_add(candidates->out, name);
	text_add(candidates->out, SIP_STR("\n"));
}

bool answer_names(const struct request_context *context,
	const struct arguments *arguments, struct text *answer)
{
	const struct sip_show_query query = { .what = arguments_word(arguments, 0) };
	struct candidates candidates = {
		.out = answer,
		.prefix = sip_str_of(arguments_word(arguments, 1)),
	};
	const struct sip_show_sink sink = { &candidates, on_table, on_row };

	if (sip_server_show(context->server, &query, &sink) == SIP_OK)
		return true;
	text_fini(answer);
	text_add(answer, SIP_STR("there are no names of that kind"));
	return false;
}
