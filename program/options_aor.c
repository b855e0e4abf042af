/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=aor. */
#include "values.h"

#include <stddef.h>

static const struct option aor_rows[] = {
	/* What this server does. */
	{ .name = "contact",
		.read = read_contact,
		.field = offsetof(struct sip_aor_config, contact) },
	{ .name = "default_expiration",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, default_expiration),
		.min = 1,
		.max = 31536000 },
	{ .name = "minimum_expiration",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, minimum_expiration),
		.min = 1,
		.max = 31536000 },
	{ .name = "maximum_expiration",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, maximum_expiration),
		.min = 1,
		.max = 31536000 },
	{ .name = "max_contacts",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, max_contacts),
		.max = 1000 },
	{ .name = "remove_existing",
		.read = read_bool,
		.field = offsetof(struct sip_aor_config, remove_existing) },
	{ .name = "support_path",
		.read = read_bool,
		.field = offsetof(struct sip_aor_config, support_path) },
	/* Later. */
	NOT_YET("qualify_frequency", "0"),
	NOT_YET("qualify_timeout", NULL),
	NOT_YET("outbound_proxy", NULL),
	NOT_YET("qualify_2xx_only", "no"),
	NOT_YET("authenticate_qualify", "no"),
	NOT_YET("remove_unavailable", "no"),
	/* A PBX. */
	NO_MEANING("mailboxes"),
	NO_MEANING("voicemail_extension"),
};

const struct option_table aor_options = OPTION_TABLE(aor_rows);
