/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of requests. */
#include "requests.h"

#include "candidates.h"
#include "explain.h"
#include "module_requests.h"
#include "reload.h"
#include "show.h"
#include "syntaxes.h"

static const struct request requests[] = {
	{ &syntax_explain, REQUEST_LOOKS, answer_explain },
	{ &syntax_names, REQUEST_LOOKS, answer_names },
	{ &syntax_show, REQUEST_LOOKS, answer_show },
	{ &syntax_module_load, REQUEST_CHANGES, answer_module_load },
	{ &syntax_module_reload, REQUEST_CHANGES, answer_module_reload },
	{ &syntax_module_unload, REQUEST_CHANGES, answer_module_unload },
	{ &syntax_reload, REQUEST_CHANGES, answer_reload },
	{ &syntax_trace, REQUEST_WATCHES, NULL },
};

#define REQUEST_COUNT (sizeof(requests) / sizeof(requests[0]))

const struct request *request_read(
	const char *const *words, int count, struct arguments *arguments, char *error)
{
	const struct syntax *syntaxes[REQUEST_COUNT];
	size_t at = 0;

	for (size_t i = 0; i < REQUEST_COUNT; i++)
		syntaxes[i] = requests[i].syntax;
	if (!syntax_read(syntaxes, REQUEST_COUNT, words, count, arguments, error))
		return NULL;
	while (requests[at].syntax != arguments->syntax)
		at++;
	return &requests[at];
}
