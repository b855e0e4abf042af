/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=domain_alias.  The section's name is the alias. */
#include "values.h"

#include <stddef.h>

static const struct option domain_alias_rows[] = {
	{ .name = "domain",
		.help = "The domain that the section's name is another name of: what is sent "
			"to the alias is for the same AORs.",
		.read = read_domain,
		.field = offsetof(struct sip_domain_alias_config, domain),
		.unset = "none" },
};

const struct option_table domain_alias_options = OPTION_TABLE(domain_alias_rows);
