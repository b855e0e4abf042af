/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=transport. */
#include "values.h"

#include <stddef.h>

static const struct option transport_rows[] = {
	/* What this server does. */
	{ .name = "bind",
		.read = read_bind,
		.field = offsetof(struct sip_transport_section, bind) },
	{ .name = "protocol",
		.read = read_protocol,
		.field = offsetof(struct sip_transport_section, protocol) },
	{ .name = "symmetric_transport",
		.verdict = OPTION_DIFFERENT,
		.note = "a registered phone is always reached on the transport it registered on" },
	/* Promises of protection. */
	REFUSED("verify_client", "no", "certificates of clients are not verified yet"),
	REFUSED("require_client_cert", "no",
		"certificates of clients are not verified yet"),
	REFUSED("verify_server", "no", "certificates of servers are not verified yet"),
	/* Later. */
	NOT_YET("ca_list_file", NULL),
	NOT_YET("ca_list_path", NULL),
	NOT_YET("cert_file", NULL),
	NOT_YET("priv_key_file", NULL),
	NOT_YET("cipher", NULL),
	NOT_YET("method", NULL),
	NOT_YET("password", NULL),
	NOT_YET("domain", NULL),
	NOT_YET("external_signaling_address", NULL),
	NOT_YET("local_net", NULL),
	NOT_YET("websocket_write_timeout", NULL),
	NOT_YET("tcp_keepalive_idle_time", NULL),
	NOT_YET("tcp_keepalive_interval_time", NULL),
	NOT_YET("tcp_keepalive_probe_count", NULL),
	NOT_YET("external_signaling_port", "0"),
	NOT_YET("tos", "0"),
	NOT_YET("cos", "0"),
	NOT_YET("allow_reload", "no"),
	NOT_YET("allow_wildcard_certs", "no"),
	NOT_YET("tcp_keepalive_enable", "no"),
	/* Media, and the inside of another server. */
	NO_MEANING("external_media_address"),
	NO_MEANING("async_operations"),
};

const struct option_table transport_options = OPTION_TABLE(transport_rows);
