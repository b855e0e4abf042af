/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=auth. */
#include "values.h"

#include <stddef.h>

static const struct option auth_rows[] = {
	/* What this server does. */
	{ .name = "auth_type",
		.read = read_auth_type,
		.field = offsetof(struct sip_auth_config, auth_type) },
	{ .name = "username",
		.read = read_text,
		.field = offsetof(struct sip_auth_config, username) },
	{ .name = "password",
		.read = read_text,
		.field = offsetof(struct sip_auth_config, password) },
	{ .name = "md5_cred",
		.read = read_md5_cred,
		.field = offsetof(struct sip_auth_config, md5_cred) },
	{ .name = "password_digest", .read = read_password_digest },
	{ .name = "realm",
		.read = read_text,
		.field = offsetof(struct sip_auth_config, realm) },
	/* What the whole server does in one way: unknown users must not be told from
	   known ones. */
	{ .name = "nonce_lifetime",
		.verdict = OPTION_DIFFERENT,
		.note = "[global] nonce_lifetime= holds for every challenge" },
	{ .name = "supported_algorithms_uas",
		.verdict = OPTION_DIFFERENT,
		.note = "[global] default_auth_algorithms_uas= holds for every challenge" },
	/* Later. */
	NOT_YET("supported_algorithms_uac", NULL),
	NOT_YET("refresh_token", NULL),
	NOT_YET("oauth_clientid", NULL),
	NOT_YET("oauth_secret", NULL),
};

const struct option_table auth_options = OPTION_TABLE(auth_rows);
