/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=acl, and those of the sections of acl.conf. */
#include "values.h"

#include <stddef.h>

static const struct option acl_rows[] = {
	{ .name = "permit",
		.help = "Addresses and networks that requests may come from; the last line "
			"of `permit` and `deny` that has the address decides. Several with "
			"commas, or a line each; with `!` before one, it is a `deny`.",
		.repeats = true,
		.unset = "none",
		.read = read_permit,
		.field = offsetof(struct sip_acl_section, source_acl) },
	{ .name = "deny",
		.help = "Addresses and networks that they may not come from. An address "
			"that is in no line may come.",
		.repeats = true,
		.unset = "none",
		.read = read_deny,
		.field = offsetof(struct sip_acl_section, source_acl) },
	{ .name = "acl",
		.help = "Lists by name, each of which has to let a request come as well: "
			"sections of `acl.conf` beside this file, or of type=acl.",
		.repeats = true,
		.unset = "none",
		.read = read_acl_names,
		.field = offsetof(struct sip_acl_section, source_acl) },
	{ .name = "contact_permit",
		.help = "Addresses and networks that phones may register.",
		.repeats = true,
		.unset = "none",
		.read = read_permit,
		.field = offsetof(struct sip_acl_section, contact_acl) },
	{ .name = "contact_deny",
		.help = "Addresses and networks that they may not register.",
		.repeats = true,
		.unset = "none",
		.read = read_deny,
		.field = offsetof(struct sip_acl_section, contact_acl) },
	{ .name = "contact_acl",
		.help = "Lists by name, each of which has to let a contact be registered "
			"as well.",
		.repeats = true,
		.unset = "none",
		.read = read_acl_names,
		.field = offsetof(struct sip_acl_section, contact_acl) },
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
	{ .name = "permit",
		.help = "As in type=acl.",
		.repeats = true,
		.unset = "none",
		.read = read_permit,
		.field = offsetof(struct sip_acl_section, source_acl) },
	{ .name = "deny",
		.help = "As in type=acl.",
		.repeats = true,
		.unset = "none",
		.read = read_deny,
		.field = offsetof(struct sip_acl_section, source_acl) },
};

const struct option_table named_acl_options = OPTION_TABLE(named_acl_rows);
