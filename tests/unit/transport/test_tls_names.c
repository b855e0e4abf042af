/* SPDX-License-Identifier: BSD-2-Clause */
/* What a peer of TLS has proved by its certificate, as each of its messages has it. */
#include "tls_peer.h"

#include "transport/rx_data.h"
#include "transport/tls_names.h"

#include <stdio.h>

/* The names with spaces between; `-`: there are none that were proved. */
static const char *text_of(const struct sip_peer_names *names)
{
	static char text[512];
	size_t at = 0;

	if (names == NULL)
		return "-";
	text[0] = '\0';
	for (size_t i = 0; i < names->count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.*s",
			i > 0 ? " " : "", SIP_STR_ARG(names->name[i]));
	return text;
}

static struct wire *listen_with(struct certificates *all,
	const struct sip_tls_config *options, const struct sip_listener **listener)
{
	struct sip_tls_config config = *options;
	char own[CERTIFICATE_PATH_LEN];
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });

	config.cert_file = certificate_make(all,
		&(struct certificate_plan){ .file = "own.pem", .common_name = "own" },
		own);
	config.ca_list_file = all->authority;
	tls_watch_log();
	*listener = tls_listen(wire, tls_context(&config));
	wire->keep = wire->echo = true;
	wire_start(wire);
	return wire;
}

/* RFC 5922 7.1, of who comes; and nothing at all where nobody has looked. */
TEST(messages_have_the_names_of_a_verified_certificate)
{
	static const struct {
		struct sip_tls_config options;
		struct certificate_plan plan; /* file NULL: the peer has none */
		const char *names;
		const char *shown; /* of them */
	} rows[] = {
		{ { .verify_client = true },
			{ .file = "c.pem", .common_name = "Trunk.Example.test" },
			"trunk.example.test", "trunk.example.test" },
		{ { .require_client_cert = true },
			{ .file = "c.pem",
				.common_name = "other",
				.alternatives = "DNS:A.test,DNS:b.test,DNS:*.c.test" },
			"a.test b.test", "a.test" },
		{ { .verify_client = true },
			{ .file = "c.pem", .alternatives = "URI:sip:d.test,DNS:e.test" },
			"d.test", "d.test" },
		{ { .verify_client = true },
			{ .file = "c.pem", .common_name = "not a name" }, "", "" },
		{ { .verify_client = true }, { .file = NULL }, "-", "" },
		{ { 0 }, { .file = "c.pem", .common_name = "unasked" }, "-", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct certificates *all = certificates_begin();
		struct tls_peer_plan plan = { .own = NULL };
		const char *text = tcp_message("hello");
		const struct sip_listener *listener;
		struct sip_connection_look look;
		char path[CERTIFICATE_PATH_LEN];
		struct tls_peer peer;
		struct wire *wire = listen_with(all, &rows[i].options, &listener);

		if (rows[i].plan.file != NULL)
			plan.own = certificate_make(all, &rows[i].plan, path);
		tls_dial(&peer, &listener->bound, &plan);
		tls_say(&peer, text);
		SIP_IGNORE(wire_wait(wire, &wire->received, 1)->len == 0);

		CHECK_STR(sip_str_of(text_of(wire->kept[0]->peer_names)), rows[i].names);
		CHECK_INT(sip_transport_look(wire->transport, &look, 1), ==, 1);
		CHECK_STR(sip_str_of(look.proved), rows[i].shown);
		wire_release_kept(wire);
		tls_peer_close(&peer);
		wire_end(wire);
		certificates_end(all);
	}
}

/* The ticket has the certificate. */
TEST(a_resumed_session_has_the_names_of_the_first)
{
	struct certificates *all = certificates_begin();
	struct tls_peer_plan plan = { .version = TLS1_2_VERSION };
	const char *text = tcp_message("hello");
	const struct sip_listener *listener;
	char path[CERTIFICATE_PATH_LEN];
	struct tls_peer peer;
	struct wire *wire = listen_with(
		all, &(struct sip_tls_config){ .verify_client = true }, &listener);

	plan.own = certificate_make(all,
		&(struct certificate_plan){ .file = "c.pem", .common_name = "a.test" },
		path);
	tls_dial(&peer, &listener->bound, &plan);
	tls_say(&peer, text);
	tls_expect(&peer, text);
	plan.session = SSL_get1_session(peer.ssl);
	/* OpenSSL takes one that was not closed in order for spoilt. */
	SIP_IGNORE(SSL_shutdown(peer.ssl));
	tls_peer_close(&peer);
	tls_dial(&peer, &listener->bound, &plan);
	tls_say(&peer, text);
	tls_expect(&peer, text);

	CHECK(SSL_session_reused(peer.ssl));
	CHECK_INT(wire->kept_count, ==, 2);
	CHECK_STR(sip_str_of(text_of(wire->kept[1]->peer_names)), "a.test");
	SSL_SESSION_free(plan.session);
	wire_release_kept(wire);
	tls_peer_close(&peer);
	wire_end(wire);
	certificates_end(all);
}

/* A session may be resumed after that. */
TEST(a_certificate_that_has_ended_proves_nothing)
{
	struct certificates *all = certificates_begin();
	struct certificate_plan plan = { .common_name = "a.test", .from_s = -120 };
	struct sip_addr peer = addr_of("127.0.0.1", 0);

	for (int i = 0; i < 2; i++) {
		X509 *certificate;
		struct sip_peer_names *names;

		plan.until_s = i == 0 ? 60 : -60;
		certificate = certificate_build(all, &plan);
		names = sip_tls_names_collect(certificate, &peer);
		CHECK_STR(sip_str_of(text_of(names)), i == 0 ? "a.test" : "");
		CHECK(sip_peer_names_have(names, SIP_STR("A.test")) == (i == 0));
		sip_peer_names_unref(&names);
		X509_free(certificate);
	}
	certificates_end(all);
}

TEST(an_address_is_proved_by_who_has_it_in_the_certificate)
{
	struct certificates *all = certificates_begin();
	X509 *certificate = certificate_build(all,
		&(struct certificate_plan){
			.common_name = "a", .alternatives = "IP:192.0.2.7,DNS:a.test" });
	struct sip_addr addrs[] = { addr_of("192.0.2.7", 40112),
		addr_of("192.0.2.8", 40112) };

	for (int i = 0; i < 2; i++) {
		struct sip_peer_names *names = sip_tls_names_collect(
			certificate, &addrs[i]);

		CHECK(names != NULL);
		CHECK(names->address == (i == 0));
		sip_peer_names_unref(&names);
	}
	X509_free(certificate);
	certificates_end(all);
}
