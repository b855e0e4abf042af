/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=global.  The section has one struct with what the program itself needs.
 */
#include "values.h"

#include <stddef.h>

/* Whoever nobody identifies is asked for a password like everybody. */
#define LOGINS(option_name, without)                                                     \
	{                                                                                \
		.name = option_name, .verdict = OPTION_DIFFERENT, .harmless = without,   \
		.note = "failed_logins= and its kin bound what a source can try"         \
	}

static const struct option global_rows[] = {
	/* What this server does. */
	{ .name = "domain",
		.help = "A domain that is ours. Each line adds, and a line may have "
			"several with commas.",
		.repeats = true,
		.unset = "none: only our addresses are ours",
		.ours = true,
		.read = read_domains,
		.field = offsetof(struct settings, config.global.domain) },
	{ .name = "default_realm",
		.help = "The realm of challenges. Hashed passwords are made for it.",
		.unset = "the first `domain=`, else `res_sip`",
		.theirs = "asterisk",
		.read = read_text,
		.field = offsetof(struct settings, config.global.default_realm) },
	{ .name = "endpoint_identifier_order",
		.help = "In which order the identifiers are asked who a request is "
			"from: `certificate`, `ip`, `username`, `auth_username`, `anonymous`.",
		.unset = "the order in which their modules are loaded",
		.theirs = "ip,username,anonymous",
		.read = read_list,
		.field = offsetof(
			struct settings, config.global.endpoint_identifier_order) },
	{ .name = "service_order",
		.help = "In which order services of one stage are asked, by their "
			"names.",
		.unset = "the order in which their modules are loaded",
		.ours = true,
		.read = read_list,
		.field = offsetof(struct settings, config.global.service_order) },
	{ .name = "default_auth_algorithms_uas",
		.help = "The algorithms of challenges, best first: MD5, SHA-256, "
			"SHA-512-256. Each one more is a challenge more in every "
			"401.",
		.unset = "MD5",
		.read = read_algorithms,
		.field = offsetof(
			struct settings, config.global.default_auth_algorithms_uas) },
	{ .name = "default_outbound_endpoint",
		.help = "The endpoint whose options hold for requests of the "
			"server's own to URIs that no endpoint has.",
		.unset = "none",
		.theirs = "default_outbound_endpoint",
		.read = read_text,
		.field = offsetof(
			struct settings, config.global.default_outbound_endpoint) },
	{ .name = "emergency_endpoint",
		.help = "The endpoint whose AORs get calls to `urn:service:sos` "
			"(RFC 5031).",
		.unset = "none: 404",
		.ours = true,
		.read = read_text,
		.field = offsetof(struct settings, config.global.emergency_endpoint) },
	{ .name = "user_agent",
		.help = "The Server and User-Agent fields of what the server itself "
			"sends; empty: there are none.",
		.theirs = "Asterisk and its version",
		.read = read_text,
		.field = offsetof(struct settings, config.global.user_agent) },
	{ .name = "max_forwards",
		.help = "Max-Forwards of requests that the server itself sends.",
		.read = read_number,
		.field = offsetof(struct settings, config.global.max_forwards),
		.min = 1,
		.max = 255 },
	{ .name = "max_call",
		.help = "For how many seconds a Record-Route of ours lets the two "
			"sides of a call send requests to each other.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.global.max_call_s),
		.min = 60,
		.max = 31536000 },
	{ .name = "keep_alive_interval",
		.help = "A connection on which nothing comes for so many seconds is asked whether it lives (RFC 5626 section 4.4.1), so that "
			"NATs keep it open. Who has answered once and then does not for ten seconds is closed; 0: none is asked.",
		.read = read_number,
		.field = offsetof(struct settings, config.global.keep_alive_interval_s),
		.max = 86400 },
	{ .name = "nonce_lifetime",
		.help = "For how many seconds a challenge can be answered. In "
			"res_pjsip it is an option of type=auth.",
		.theirs = "32, in type=auth",
		.read = read_number,
		.field = offsetof(struct settings, config.global.nonce_lifetime_s),
		.min = 1,
		.max = 86400 },
	{ .name = "emergency_numbers",
		.help = "Numbers that lead to emergency_endpoint, as "
			"urn:service:sos does, parted by commas; calls to them pass where "
			"others are refused.",
		.ours = true,
		.read = read_list,
		.field = offsetof(struct settings, config.global.emergency_numbers) },
	{ .name = "failed_logins",
		.help = "A source (an IPv4 address, the first 64 bits of an IPv6 "
			"address) waits that fails to log in so often in "
			"failed_login_period; 0: none waits.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.global.failed_logins),
		.max = 16 },
	{ .name = "failed_login_period",
		.help = "See failed_logins; seconds.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.global.failed_login_period_s),
		.min = 1,
		.max = 3600 },
	{ .name = "failed_login_wait",
		.help = "How many seconds a source waits first; each further wait "
			"is twice as long.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.global.failed_login_wait_s),
		.min = 1,
		.max = 86400 },
	{ .name = "failed_login_max_wait",
		.help = "The longest of these waits in seconds. A source that did not fail "
			"for so long begins anew.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.global.failed_login_max_wait_s),
		.min = 1,
		.max = 86400 },
	{ .name = "authentication",
		.help = "`none`: nobody is asked for a password, and no "
			"authenticator need be loaded.",
		.ours = true,
		.read = read_authentication,
		.field = offsetof(struct settings, config.global.authentication) },
	{ .name = "nameservers",
		.help = "The name servers that are asked for the targets of URIs, separated by commas, each with its port where that is not 53.",
		.unset = "those of /etc/resolv.conf",
		.ours = true,
		.read = read_nameservers,
		.field = offsetof(struct settings, config.global.nameservers) },
	{ .name = "key_file",
		.help = "Where the key of Record-Route is kept, so that calls "
			"outlive a restart; a path from the configuration's folder. "
			"Empty: nowhere.",
		.unset = "`res_sip.key`",
		.ours = true,
		.read = read_path,
		.field = offsetof(struct settings, config.global.key_file) },
	{ .name = "max_header_bytes",
		.help = "Longest header block in bytes.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.global.max_header_bytes),
		.min = 1024,
		.max = 65535 },
	{ .name = "max_headers",
		.help = "Most header fields.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.global.max_headers),
		.min = 16,
		.max = 4096 },
	{ .name = "max_body_bytes",
		.help = "Longest body in bytes.",
		.ours = true,
		.read = read_number,
		.field = offsetof(struct settings, config.global.max_body_bytes),
		.max = 1048576 },
	{ .name = "log_level",
		.help = "`error`, `warning`, `notice`, `info` or `debug`.",
		.ours = true,
		.read = read_log_level,
		.field = offsetof(struct settings, log_level) },
	{ .name = "control_socket",
		.help = "Where `res_sip show` finds the server; a path from the "
			"configuration's folder.",
		.unset = "`res_sip.sock`",
		.ours = true,
		.read = read_path,
		.field = offsetof(struct settings, control_socket) },
	{ .name = "debug",
		.verdict = OPTION_DIFFERENT,
		.harmless = "no",
		.note = "`res_sip trace` shows the messages" },
	{ .name = "contact_expiration_check_interval",
		.verdict = OPTION_DIFFERENT,
		.harmless = "30",
		.note = "contacts expire on time" },
	{ .name = "max_initial_qualify_time",
		.verdict = OPTION_DIFFERENT,
		.harmless = "0",
		.note = "each contact is asked for the first time within its "
			"qualify_frequency" },
	{ .name = "taskprocessor_overload_trigger",
		.verdict = OPTION_DIFFERENT,
		.harmless = "global",
		.note = "overload is judged by how long a message has waited" },
	LOGINS("unidentified_request_count", "5"),
	LOGINS("unidentified_request_period", "5"),
	LOGINS("unidentified_request_prune_interval", "30"),
	/* Later. */
	NOT_YET("default_auth_algorithms_uac", NULL),
	NOT_YET("default_from_user", "asterisk"),
	NOT_YET("disable_multi_domain", "no"),
	NOT_YET("ignore_uri_user_options", "no"),
	/* A PBX, and the inside of another server. */
	PBX("regcontext", NULL),
	PBX("default_voicemail_extension", NULL),
	PBX("mwi_tps_queue_high", "500"),
	PBX("mwi_tps_queue_low", "-1"),
	PBX("mwi_disable_initial_unsolicited", "no"),
	PBX("use_callerid_contact", "no"),
	PBX("norefersub", "yes"),
	PBX("allow_sending_180_after_183", "no"),
	INSIDE("send_contact_status_on_update_registration", "no"),
	MEDIA("all_codecs_on_empty_reinvite", "no"),
};

const struct option_table global_options = OPTION_TABLE(global_rows);
