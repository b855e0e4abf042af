/* SPDX-License-Identifier: BSD-2-Clause */
/* What the requests of the control socket are made of. */
#include "syntaxes.h"

const struct syntax syntax_module_load = {
	.name = "module load",
	.takes = "NAME",
	.min_words = 1,
	.max_words = 1,
};

const struct syntax syntax_module_reload = {
	.name = "module reload",
	.takes = "NAME",
	.min_words = 1,
	.max_words = 1,
};

const struct syntax syntax_module_unload = {
	.name = "module unload",
	.takes = "NAME",
	.min_words = 1,
	.max_words = 1,
};

const struct syntax syntax_names = {
	.name = "names",
	.takes = "KIND PREFIX",
	.min_words = 2,
	.max_words = 2,
};

const struct syntax syntax_show = {
	.name = "show",
	.takes = "WHAT [NAME]",
	.min_words = 1,
	.max_words = 2,
	.options = { { "--json", NULL }, { "--limit", "ROWS" } },
};

const struct syntax syntax_reload = { .name = "reload" };

const struct syntax syntax_explain = {
	.name = "explain",
	.takes = "FILE",
	.min_words = 1,
	.max_words = 1,
	.most_bytes = EXPLAIN_MOST_BYTES,
	.options = { { "--from", "ADDRESS" }, { "--transport", "NAME" },
		{ "--certificate", "NAME" }, { "--messages", NULL }, { "--json", NULL } },
};

const struct syntax syntax_trace = {
	.name = "trace",
	.options = { { "--endpoint", "NAME" }, { "--ip", "ADDRESS" },
		{ "--call-id", "ID" }, { "--pcap", "FILE" } },
};
