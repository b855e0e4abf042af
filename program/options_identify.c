/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=identify. */
#include "values.h"

#include <stddef.h>

static const struct option identify_rows[] = {
	/* What this server does. */
	{ .name = "endpoint",
		.read = read_text,
		.field = offsetof(struct sip_identify_config, endpoint) },
	{ .name = "match", .read = read_match },
	/* Promises of protection. */
	REFUSED("transport", NULL,
		"the transport a request came on does not narrow who it is from yet"),
	/* Later. */
	NOT_YET("match_header", NULL),
	NOT_YET("match_request_uri", NULL),
	NOT_YET("srv_lookups", "no"),
};

const struct option_table identify_options = OPTION_TABLE(identify_rows);
