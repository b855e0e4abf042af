/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of type=transport. */
#include "values.h"

#include <stddef.h>

static const struct option transport_rows[] = {
	/* What this server does. */
	{ .name = "bind",
		.help = "The address that is listened on: `0.0.0.0`, "
			"`192.0.2.1:5060`, `[2001:db8::1]:5060`; port 5060 (5061 of "
			"`tls`) where none is said. It has to be said.",
		.unset = "none",
		.read = read_bind,
		.field = offsetof(struct sip_transport_section, bind) },
	{ .name = "protocol",
		.help = "`udp`, `tcp`, `tls`, `ws` or `wss`.",
		.read = read_protocol,
		.field = offsetof(struct sip_transport_section, protocol) },
	{ .name = "external_signaling_address",
		.help = "The address that peers outside of `local_net` are told in Via and "
			"Record-Route: that of a 1:1 NAT which this server is behind.",
		.unset = "none",
		.read = read_address,
		.field = offsetof(struct sip_transport_section, external_signaling) },
	{ .name = "external_signaling_port",
		.help = "The port that goes with it; 0: that of `bind`.",
		.read = read_number,
		.field = offsetof(struct sip_transport_section, external_signaling_port),
		.max = 65535 },
	/* The whole struct: it has the count, too. */
	{ .name = "local_net",
		.help = "Networks whose peers are told our own address; each line adds.",
		.unset = "none",
		.repeats = true,
		.read = read_local_net,
		.field = 0 },
	{ .name = "proxy_protocol_from",
		.help = "Load balancers: connections from these networks begin with a header of the PROXY protocol (version 1 or 2), "
			"which says whose they are; from elsewhere none is taken. Each line adds.",
		.unset = "none",
		.repeats = true,
		.read = read_proxy_protocol_from,
		.field = 0,
		.ours = true },
	{ .name = "websocket_origin",
		.help = "Origins of the pages that may come by a WebSocket: "
			"`https://phone.example.com`; `*`: all pages, `null`: those that "
			"have none. Each line adds; without one no page may come, but "
			"programs that say no origin may.",
		.unset = "none",
		.ours = true,
		.repeats = true,
		.read = read_origins,
		.field = offsetof(struct sip_transport_section, websocket_origin) },
	ACL_OPTION("permit", read_permit, sip_transport_section, source_acl,
		.help = "Addresses and networks that requests may come from to this transport; the last line of `permit` and `deny` that has the address "
			"decides. Several with commas, or a line each; with `!` before one, "
			"it is a `deny`.",
		.ours = true),
	ACL_OPTION("deny", read_deny, sip_transport_section, source_acl,
		.help = "Those that they may not come from. An address that is in no line may come.",
		.ours = true),
	ACL_OPTION("acl", read_acl_names, sip_transport_section, source_acl,
		.help = "Lists by name, each of which has to let it come as well: sections "
			"of `acl.conf` beside this file, or of type=acl.",
		.ours = true),
	{ .name = "symmetric_transport",
		.harmless = "yes",
		.verdict = OPTION_DIFFERENT,
		.note = "a registered phone is always reached on the transport it registered on" },
	{ .name = "tos",
		.help = "How what is sent is marked for routers (RFC 2474): `cs0` to `cs7`, `af11` to `af43`, `ef`, or the "
			"whole octet as a number. Of TCP and what is on top, the connections that come after a change.",
		.read = read_tos,
		.field = offsetof(struct sip_transport_section, tos) },
	{ .name = "cos",
		.help = "The system's priority of it, from 0 to 7, which a VLAN's interface may write into frames (802.1p); "
			"0: as the traffic class says.",
		.read = read_number,
		.field = offsetof(struct sip_transport_section, cos),
		.max = 7 },
	{ .name = "udp_gso",
		.help = "Whether datagrams that leave at the same moment for the same address are given to the kernel as one, which it or the "
			"network card cuts (UDP generic segmentation offload, Linux 4.18). Under load that takes half of the time of sending to a "
			"trunk or an edge proxy, and nothing where each phone has an address of its own. What is captured on this host may show them "
			"uncut, several messages in one packet; on the wire, and for who receives them, nothing is different.",
		.ours = true,
		.read = read_bool,
		.field = offsetof(struct sip_transport_section, udp_gso) },
	/* TLS. */
	{ .name = "cert_file",
		.help = "The server's certificate and those above it, PEM. A transport of "
			"`tls` has to have one. A reload takes what the file has then.",
		.unset = "none",
		.read = read_path,
		.field = offsetof(struct sip_transport_section, tls.cert_file) },
	{ .name = "priv_key_file",
		.help = "The key of the certificate, PEM.",
		.unset = "it stands in `cert_file`",
		.read = read_path,
		.field = offsetof(struct sip_transport_section, tls.priv_key_file) },
	{ .name = "password",
		.help = "What the key is encrypted with.",
		.unset = "none",
		.read = read_text,
		.field = offsetof(struct sip_transport_section, tls.password) },
	{ .name = "ca_list_file",
		.help = "Certificates of the authorities that are trusted, PEM.",
		.unset = "those of the system, for servers",
		.read = read_path,
		.field = offsetof(struct sip_transport_section, tls.ca_list_file) },
	{ .name = "ca_list_path",
		.help = "A folder of such files; all of them are read, whatever their names.",
		.unset = "none",
		.read = read_path,
		.field = offsetof(struct sip_transport_section, tls.ca_list_path) },
	{ .name = "crl_file",
		.help = "Lists of certificates that the authorities have revoked, PEM. With it, who "
			"is verified has to be signed by somebody whose list is there.",
		.unset = "none",
		.ours = true,
		.read = read_path,
		.field = offsetof(struct sip_transport_section, tls.crl_file) },
	{ .name = "cipher",
		.help = "Names of ciphers as OpenSSL knows them, with commas or colons; of TLS 1.3 and "
			"of 1.2. Anonymous and weak ones are an error.",
		.unset = "OpenSSL's own choice",
		.read = read_text,
		.field = offsetof(struct sip_transport_section, tls.cipher) },
	{ .name = "method",
		.help = "The version of TLS: `default` (1.2 and 1.3), `tlsv1_2` or `tlsv1_3` "
			"(that one alone). Older ones are an error.",
		.read = read_tls_method,
		.field = offsetof(struct sip_transport_section, tls.method) },
	{ .name = "verify_client",
		.help = "Clients are asked for a certificate, and one that they give has to be good.",
		.read = read_bool,
		.field = offsetof(struct sip_transport_section, tls.verify_client) },
	{ .name = "require_client_cert",
		.help = "Clients have to give a certificate, and a good one.",
		.read = read_bool,
		.field = offsetof(
			struct sip_transport_section, tls.require_client_cert) },
	{ .name = "verify_server",
		.help = "Who is called over TLS has to have a good certificate, of the name that was "
			"asked for (RFC 5922). It is so for `sips:` URIs whatever this says.",
		.read = read_bool,
		.field = offsetof(struct sip_transport_section, tls.verify_server) },
	REFUSED("allow_wildcard_certs", "no",
		"a certificate of `*.example.org` proves nobody's name (RFC 5922 section 7.2)"),
	/* Later. */
	NOT_YET("domain", NULL),
	NOT_YET("websocket_write_timeout", "100"),
	NOT_YET("tcp_keepalive_idle_time", "30"),
	NOT_YET("tcp_keepalive_interval_time", "10"),
	NOT_YET("tcp_keepalive_probe_count", "5"),
	NOT_YET("allow_reload", "no"),
	NOT_YET("tcp_keepalive_enable", "no"),
	/* Media, and the inside of another server. */
	MEDIA("external_media_address", NULL),
	INSIDE("async_operations", "1"),
};

const struct option_table transport_options = OPTION_TABLE(transport_rows);
