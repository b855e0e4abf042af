/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=identify. */
#include "values.h"

#include <stddef.h>

static const struct option identify_rows[] = {
	/* What this server does. */
	{ .name = "endpoint",
		.help = "The endpoint that requests from these addresses are from.",
		.unset = "none",
		.read = read_text,
		.field = offsetof(struct sip_identify_config, endpoint) },
	{ .name = "match",
		.help = "Addresses (`192.0.2.1`), addresses with a port "
			"(`192.0.2.1:5062`) and networks (`192.0.2.0/24`, "
			"`192.0.2.0/255.255.255.0`, `2001:db8::/32`), separated by "
			"commas, or a line each. The longest network decides.",
		.repeats = true,
		.unset = "none",
		.read = read_match },
	{ .name = "match_certificate",
		.help = "Names in the certificate of the peer whose requests these are "
			"(`trunk.example.com`), separated by commas, or a line each. They "
			"count where the certificate was verified: `verify_client=yes` of "
			"the transport.",
		.repeats = true,
		.unset = "none",
		.read = read_domains,
		.ours = true,
		.field = offsetof(struct sip_identify_config, match_certificate) },
	/* Promises of protection. */
	REFUSED("transport", NULL,
		"the transport a request came on does not narrow who it is from yet"),
	/* Later. */
	NOT_YET("match_header", NULL),
	NOT_YET("match_request_uri", NULL),
	NOT_YET("srv_lookups", "no"),
};

const struct option_table identify_options = OPTION_TABLE(identify_rows);
