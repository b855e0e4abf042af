/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=aor. */
#include "values.h"

#include <stddef.h>

static const struct option aor_rows[] = {
	/* What this server does. */
	{ .name = "contact",
		.help = "A contact that is always there, a `sip:` URI: a trunk, or "
			"a phone that does not register. Each line adds, and a line "
			"may have several with commas.",
		.repeats = true,
		.unset = "none",
		.read = read_contact,
		.field = offsetof(struct sip_aor_config, contact) },
	{ .name = "default_expiration",
		.help = "Seconds that a registration holds that asks for none.",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, default_expiration),
		.min = 1,
		.max = 31536000 },
	{ .name = "minimum_expiration",
		.help = "Shortest registration in seconds; who asks for less is "
			"answered 423.",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, minimum_expiration),
		.min = 1,
		.max = 31536000 },
	{ .name = "maximum_expiration",
		.help = "Longest registration in seconds; who asks for more is "
			"given this.",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, maximum_expiration),
		.min = 1,
		.max = 31536000 },
	{ .name = "max_contacts",
		.help = "How many contacts may be registered at a time. With 0 "
			"nobody may register, and `check` says so.",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, max_contacts),
		.max = 1000 },
	{ .name = "remove_existing",
		.help = "A registration beyond `max_contacts` removes the contacts "
			"that expire soonest, in place of being refused.",
		.read = read_bool,
		.field = offsetof(struct sip_aor_config, remove_existing) },
	{ .name = "support_path",
		.help = "Accept Path (RFC 3327) in REGISTER and reach the contact "
			"along it.",
		.read = read_bool,
		.field = offsetof(struct sip_aor_config, support_path) },
	{ .name = "qualify_frequency",
		.help = "Every so many seconds each contact is asked with OPTIONS whether "
			"it is there, on the way that it registered on, which also keeps "
			"the binding of a NAT open; 0: never. The times of all contacts "
			"are spread over the interval.",
		.read = read_number,
		.field = offsetof(struct sip_aor_config, qualify_frequency),
		.max = 86400 },
	{ .name = "qualify_timeout",
		.help = "Seconds, with a fraction if you like, after which a contact that "
			"has not answered is unreachable: it is tried last, and asked on.",
		.read = read_seconds,
		.field = offsetof(struct sip_aor_config, qualify_timeout_ms),
		.min = 100,
		.max = 30000 },
	{ .name = "qualify_2xx_only",
		.help = "Only a 2xx shows that a contact is there, in place of any final "
			"answer.",
		.read = read_bool,
		.field = offsetof(struct sip_aor_config, qualify_2xx_only) },
	{ .name = "authenticate_qualify",
		.verdict = OPTION_DIFFERENT,
		.harmless = "no",
		.note = "a challenge is an answer, and shows that the contact is there; "
			"nothing is answered to it" },
	/* Later. */
	NOT_YET("outbound_proxy", NULL),
	NOT_YET("remove_unavailable", "no"),
	/* A PBX. */
	PBX("mailboxes", NULL),
	PBX("voicemail_extension", NULL),
};

const struct option_table aor_options = OPTION_TABLE(aor_rows);
