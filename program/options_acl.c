/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=acl, and those of the sections of acl.conf. */
#include "values.h"

#include <stddef.h>

static const struct option acl_rows[] = {
	ACL_OPTION("permit", read_permit, sip_acl_section, source_acl,
		.help = "Addresses and networks that requests may come from; the last line "
			"of `permit` and `deny` that has the address decides. Several with "
			"commas, or a line each; with `!` before one, it is a `deny`."),
	ACL_OPTION("deny", read_deny, sip_acl_section, source_acl,
		.help = "Addresses and networks that they may not come from. An address "
			"that is in no line may come."),
	ACL_OPTION("acl", read_acl_names, sip_acl_section, source_acl,
		.help = "Lists by name, each of which has to let a request come as well: "
			"sections of `acl.conf` beside this file, or of type=acl."),
	ACL_OPTION("contact_permit", read_permit, sip_acl_section, contact_acl,
		.help = "Addresses and networks that phones may register."),
	ACL_OPTION("contact_deny", read_deny, sip_acl_section, contact_acl,
		.help = "Addresses and networks that they may not register."),
	ACL_OPTION("contact_acl", read_acl_names, sip_acl_section, contact_acl,
		.help = "Lists by name, each of which has to let a contact be registered "
			"as well."),
	{ .name = "named_only",
		.help = "The list holds only where `acl` or `contact_acl` of another "
			"section names it, as one of acl.conf does; else it holds for all "
			"requests.",
		.ours = true,
		.read = read_bool,
		.field = offsetof(struct sip_acl_section, named_only) },
};

const struct option_table acl_options = OPTION_TABLE(acl_rows);

static const struct option named_acl_rows[] = {
	ACL_OPTION("permit", read_permit, sip_acl_section, source_acl,
		.help = "As in type=acl."),
	ACL_OPTION("deny", read_deny, sip_acl_section, source_acl,
		.help = "As in type=acl."),
};

const struct option_table named_acl_options = OPTION_TABLE(named_acl_rows);
