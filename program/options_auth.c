/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=auth. */
#include "values.h"

#include <stddef.h>

static const struct option auth_rows[] = {
	/* What this server does. */
	{ .name = "auth_type",
		.help = "What the secret is: `userpass` (password=), `md5` "
			"(md5_cred=) or `digest` (password= or password_digest=).",
		.read = read_auth_type,
		.field = offsetof(struct sip_auth_config, auth_type) },
	{ .name = "username",
		.help = "The user name that must be in the credentials.",
		.unset = "none",
		.read = read_text,
		.field = offsetof(struct sip_auth_config, username) },
	{ .name = "password",
		.help = "The password.",
		.unset = "none",
		.read = read_text,
		.field = offsetof(struct sip_auth_config, password) },
	{ .name = "md5_cred",
		.help = "In place of the password: MD5 of `user:realm:password`, 32 "
			"hexadecimal digits.",
		.unset = "none",
		.read = read_md5_cred,
		.field = offsetof(struct sip_auth_config, md5_cred) },
	{ .name = "password_digest",
		.help = "In place of the password: `ALGORITHM:HASH` of "
			"`user:realm:password`, for MD5, SHA-256 or SHA-512-256; "
			"several with commas, or a line each.",
		.repeats = true,
		.unset = "none",
		.read = read_password_digest },
	{ .name = "realm",
		.help = "The realm for which its hashes were made. Challenges have "
			"`default_realm`, known and unknown users alike; `check` "
			"tells where the two differ.",
		.unset = "`default_realm`",
		.read = read_text,
		.field = offsetof(struct sip_auth_config, realm) },
	/* What the whole server does in one way: unknown users must not be told from
	   known ones. */
	{ .name = "nonce_lifetime",
		.harmless = "32",
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
