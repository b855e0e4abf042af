/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS on connections that we open: whom we believe, and whom we come back to. */
#include "tls_peer.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

struct fixture {
	struct certificates *all;
	struct wire *wire;
	const struct sip_listener *listener; /* ours */
	int listening;                       /* the peer's */
};

static void begin_with(
	struct fixture *f, const struct sip_tls_config *options, struct wire_plan *plan)
{
	struct sip_tls_config config = *options;
	char own[CERTIFICATE_PATH_LEN];

	f->all = certificates_begin();
	certificate_make(f->all,
		&(struct certificate_plan){ .file = "own.pem", .common_name = "own" },
		own);
	config.cert_file = own;
	if (config.verify_server || config.ca_list_file != NULL)
		config.ca_list_file = f->all->authority;
	tls_watch_log();
	f->wire = wire_create(plan);
	f->listener = tls_listen(f->wire, tls_context(&config));
	f->listening = tcp_listen("127.0.0.1", 4);
	wire_start(f->wire);
}

static void begin(struct fixture *f, bool verify)
{
	begin_with(f, &(struct sip_tls_config){ .verify_server = verify },
		&(struct wire_plan){ 0 });
}

static void end(struct fixture *f)
{
	close(f->listening);
	wire_end(f->wire);
	certificates_end(f->all);
}

/* To the peer, of that name; NULL: by its address. */
static struct sip_flow flow_to(struct fixture *f, const char *name)
{
	struct sip_addr peer = peer_addr(f->listening);
	struct sip_flow flow;

	CHECK_INT(sip_transport_route(
			  f->wire->transport, f->listener->number, SIP_TLS, &peer, &flow),
		==, 0);
	if (name != NULL)
		CHECK_INT(sip_transport_host(
				  f->wire->transport, sip_str_of(name), &flow.host),
			==, 0);
	return flow;
}

/* The peer with a certificate of that plan. */
static void take(
	struct fixture *f, struct tls_peer *peer, const struct certificate_plan *plan)
{
	char path[CERTIFICATE_PATH_LEN];

	certificate_make(f->all, plan, path);
	tls_peer_take(
		peer, f->wire, f->listening, &(struct tls_peer_plan){ .own = path });
}

static const struct certificate_plan peer_plan = { .file = "peer.pem",
	.alternatives = "DNS:peer.test" };

TEST(what_is_sent_waits_for_the_handshake_and_an_answer_comes_back)
{
	const char *text = tcp_message("hello");
	const char *answer = tcp_message("answer");
	struct tls_peer peer;
	struct sip_flow flow;
	struct fixture f;

	begin(&f, true);
	flow = flow_to(&f, "peer.test");
	tcp_send(f.wire, &flow, text);
	take(&f, &peer, &peer_plan);
	CHECK(tls_peer_shake(&peer));
	tls_expect(&peer, text);
	CHECK_STR(sip_str_of(SSL_get_servername(peer.ssl, TLSEXT_NAMETYPE_host_name)),
		"peer.test");
	tls_say(&peer, answer);

	CHECK(note_is(wire_wait(f.wire, &f.wire->received, 1), answer));
	CHECK_INT(wire_count(f.wire, &f.wire->failed), ==, 0);
	tls_peer_close(&peer);
	end(&f);
}

/* "the identity in the URI, not what DNS made of it": RFC 5922 section 4, and 7.1 to
 * 7.3. */
TEST(the_certificate_has_to_be_that_of_the_name)
{
	static const struct {
		const char *asked; /* NULL: the address */
		const char *common_name;
		const char *alternatives;
		bool good;
	} rows[] = {
		{ "a.test", NULL, "DNS:a.test", true },
		{ "A.Test", NULL, "DNS:a.tEST", true },
		{ "a.test", NULL, "URI:sip:a.test", true },
		{ "a.test", NULL, "DNS:b.test,DNS:a.test", true },
		{ "a.test", "a.test", NULL, true },
		{ "a.test", NULL, "DNS:b.test", false },
		/* A sip: URI is there: DNS names do not count. */
		{ "a.test", NULL, "DNS:a.test,URI:sip:b.test", false },
		{ "a.test", NULL, "DNS:a.test,URI:https://b.test", true },
		{ "a.test", NULL, "URI:sips:a.test", false },
		{ "a.test", NULL, "URI:sip:user@a.test", false },
		/* There is a subjectAltName: the Common Name does not count. */
		{ "a.test", "a.test", "DNS:b.test", false },
		{ "a.test", "a.test", "email:x@a.test", false },
		{ "a.test", NULL, "DNS:*.test", false },
		{ "a.test", "*.test", NULL, false },
		{ "a.b.test", NULL, "DNS:b.test", false },
		{ "b.test", NULL, "DNS:a.b.test", false },
		{ NULL, NULL, "IP:127.0.0.1", true },
		{ NULL, NULL, "URI:sip:127.0.0.1", true },
		{ NULL, NULL, "IP:127.0.0.2", false },
		{ NULL, NULL, "DNS:a.test", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tls_peer peer;
		struct sip_flow flow;
		struct fixture f;

		begin(&f, true);
		flow = flow_to(&f, rows[i].asked);
		tcp_send(f.wire, &flow, tcp_message("x"));
		take(&f, &peer,
			&(struct certificate_plan){ .file = "peer.pem",
				.common_name = rows[i].common_name,
				.alternatives = rows[i].alternatives });
		SIP_IGNORE(tls_peer_shake(&peer));
		if (rows[i].good) {
			tls_expect(&peer, tcp_message("x"));
		} else {
			tls_expect_end(&peer);
			CHECK_INT(
				wire_wait(f.wire, &f.wire->failed, 1)->error, ==, EPROTO);
			tls_expect_log("reason=\"its certificate is for another name\"");
		}
		tls_peer_close(&peer);
		end(&f);
	}
}

/* RFC 3261 26.3.1; verify_server= is off. */
TEST(who_is_asked_for_by_sips_is_verified_in_any_case)
{
	static const struct {
		struct certificate_plan plan;
		const char *trusts; /* not NULL: an authority */
		const char *reason; /* NULL: it is good */
	} rows[] = {
		{ { .file = "p.pem", .alternatives = "DNS:a.test" }, "yes", NULL },
		{ { .file = "p.pem", .alternatives = "DNS:b.test" }, "yes",
			"reason=\"its certificate is for another name\"" },
		{ { .file = "p.pem", .alternatives = "DNS:a.test", .self_signed = 1 },
			"yes", "reason=\"self-signed certificate\"" },
		{ { .file = "p.pem", .alternatives = "DNS:a.test" }, NULL,
			"reason=\"sips: wants its certificate verified, and neither "
			"ca_list_file= nor verify_server= says by whom\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tls_peer before;
		struct tls_peer peer;
		struct sip_flow flow;
		struct fixture f;

		begin_with(&f, &(struct sip_tls_config){ .ca_list_file = rows[i].trusts },
			&(struct wire_plan){ 0 });
		/* By sip: anybody will do, and his connection is not shared. */
		flow = flow_to(&f, "a.test");
		tcp_send(f.wire, &flow, tcp_message("sip"));
		take(&f, &before, &rows[i].plan);
		CHECK(tls_peer_shake(&before));
		tls_expect(&before, tcp_message("sip"));
		sip_transport_secure(&flow);
		tcp_send(f.wire, &flow, tcp_message("sips"));
		take(&f, &peer, &rows[i].plan);
		SIP_IGNORE(tls_peer_shake(&peer));
		if (rows[i].reason == NULL) {
			tls_expect(&peer, tcp_message("sips"));
		} else {
			tls_expect_end(&peer);
			CHECK_INT(
				wire_wait(f.wire, &f.wire->failed, 1)->error, ==, EPROTO);
			tls_expect_log(rows[i].reason);
		}
		tls_peer_close(&peer);
		tls_peer_close(&before);
		end(&f);
	}
}

TEST(certificates_of_servers_have_to_be_good)
{
	static const struct {
		struct certificate_plan plan;
		const char *reason;
	} rows[] = {
		{ { .file = "p", .alternatives = "DNS:a.test", .until_s = -60 },
			"reason=\"certificate has expired\"" },
		{ { .file = "p", .alternatives = "DNS:a.test", .from_s = 3600 },
			"reason=\"certificate is not yet valid\"" },
		{ { .file = "p", .alternatives = "DNS:a.test", .self_signed = 1 },
			"reason=\"self-signed certificate\"" },
		{ { .file = "p", .alternatives = "DNS:a.test", .uses = "codeSigning" },
			"reason=\"its certificate is for another purpose\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tls_peer peer;
		struct sip_flow flow;
		struct fixture f;

		begin(&f, true);
		flow = flow_to(&f, "a.test");
		tcp_send(f.wire, &flow, tcp_message("x"));
		take(&f, &peer, &rows[i].plan);
		CHECK(!tls_peer_shake(&peer) || SSL_version(peer.ssl) == TLS1_3_VERSION);
		tls_expect_end(&peer);
		CHECK_INT(wire_wait(f.wire, &f.wire->failed, 1)->error, ==, EPROTO);
		tls_expect_log(rows[i].reason);
		tls_peer_close(&peer);
		end(&f);
	}
}

TEST(a_certificate_that_was_revoked_is_refused)
{
	char path[CERTIFICATE_PATH_LEN];
	char list[CERTIFICATE_PATH_LEN];
	char other[CERTIFICATE_PATH_LEN];
	struct sip_tls_context *context;
	struct tls_peer peer;
	struct sip_flow flow;
	struct fixture f;

	begin(&f, true);
	certificate_make(f.all, &peer_plan, path);
	certificate_revoke(f.all, path, "revoked.pem", list);
	certificate_path(f.all, "own.pem", other);
	context = tls_context(&(struct sip_tls_config){ .cert_file = other,
		.ca_list_file = f.all->authority,
		.crl_file = list,
		.verify_server = true });
	sip_transport_set_tls(f.wire->transport, f.listener->number, context);
	sip_tls_context_unref(&context);
	flow = flow_to(&f, "peer.test");
	tcp_send(f.wire, &flow, tcp_message("x"));
	tls_peer_take(&peer, f.wire, f.listening, &(struct tls_peer_plan){ .own = path });
	SIP_IGNORE(tls_peer_shake(&peer));
	tls_expect_end(&peer);
	tls_expect_log("reason=\"certificate revoked\"");
	/* From then on nobody finds it any more. */
	CHECK_INT(wire_wait(f.wire, &f.wire->failed, 1)->error, ==, EPROTO);
	tls_peer_close(&peer);

	/* The list has another's number only. */
	tcp_send(f.wire, &flow, tcp_message("x"));
	take(&f, &peer, &peer_plan);
	CHECK(tls_peer_shake(&peer));
	tls_expect(&peer, tcp_message("x"));
	tls_peer_close(&peer);
	end(&f);
}

TEST(nobody_is_verified_where_it_is_not_asked_for)
{
	struct tls_peer peer;
	struct sip_flow flow;
	struct fixture f;

	begin(&f, false);
	flow = flow_to(&f, "a.test");
	tcp_send(f.wire, &flow, tcp_message("x"));
	take(&f, &peer,
		&(struct certificate_plan){
			.file = "p", .alternatives = "DNS:b.test", .self_signed = 1 });
	CHECK(tls_peer_shake(&peer));
	tls_expect(&peer, tcp_message("x"));
	tls_peer_close(&peer);
	end(&f);
}

/* One that has proved to be a.test has not proved to be b.test. */
TEST(two_names_at_one_address_have_a_connection_each)
{
	struct tls_peer first;
	struct tls_peer second;
	struct sip_flow flow;
	struct fixture f;

	begin(&f, true);
	flow = flow_to(&f, "a.test");
	tcp_send(f.wire, &flow, tcp_message("1"));
	take(&f, &first,
		&(struct certificate_plan){ .file = "a", .alternatives = "DNS:a.test" });
	CHECK(tls_peer_shake(&first));
	tls_expect(&first, tcp_message("1"));
	tcp_send(f.wire, &flow, tcp_message("2"));
	tls_expect(&first, tcp_message("2"));
	flow = flow_to(&f, "b.test");
	tcp_send(f.wire, &flow, tcp_message("3"));
	take(&f, &second,
		&(struct certificate_plan){ .file = "b", .alternatives = "DNS:b.test" });
	CHECK(tls_peer_shake(&second));
	tls_expect(&second, tcp_message("3"));

	tls_peer_close(&first);
	tls_peer_close(&second);
	end(&f);
}

TEST(a_peer_that_we_come_back_to_is_resumed)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (unsigned i = 0; i < 2; i++) {
		struct tls_peer_plan plan = { .version = versions[i] };
		char path[CERTIFICATE_PATH_LEN];
		struct tls_peer peer;
		struct tls_peer again;
		struct sip_flow flow;
		struct fixture f;

		begin(&f, true);
		certificate_make(f.all, &peer_plan, path);
		plan.own = path;
		flow = flow_to(&f, "peer.test");
		tcp_send(f.wire, &flow, tcp_message("1"));
		tls_peer_take(&peer, f.wire, f.listening, &plan);
		CHECK(tls_peer_shake(&peer));
		tls_expect(&peer, tcp_message("1"));
		tls_say(&peer, tcp_message("answer"));
		wire_wait(f.wire, &f.wire->received, 1);
		CHECK_INT(SSL_shutdown(peer.ssl), >=, 0);
		/* From then on nobody finds it any more. */
		tls_expect_end(&peer);
		/* A server knows its tickets by its context. */
		tcp_send(f.wire, &flow, tcp_message("2"));
		tls_peer_take_again(&again, f.wire, f.listening, &peer);
		CHECK(tls_peer_shake(&again));
		tls_expect(&again, tcp_message("2"));

		CHECK(SSL_session_reused(again.ssl));
		tls_peer_close(&again);
		tls_peer_close(&peer);
		end(&f);
	}
}

TEST(a_peer_that_never_ends_the_handshake_fails_what_waits)
{
	struct sip_stream_config streams;
	struct sip_flow flow;
	struct fixture f;
	int peer;

	wire_streams(&streams);
	streams.connect_ms = 50;
	begin_with(&f, &(struct sip_tls_config){ .verify_server = false },
		&(struct wire_plan){ .streams = &streams });
	flow = flow_to(&f, "peer.test");
	tcp_send(f.wire, &flow, tcp_message("x"));
	peer = tcp_take(f.wire, f.listening);

	CHECK_INT(wire_wait(f.wire, &f.wire->failed, 1)->error, ==, ETIMEDOUT);
	close(peer);
	end(&f);
}

TEST(a_flow_whose_name_is_not_known_any_more_opens_nothing)
{
	struct sip_flow flow;
	struct fixture f;

	begin(&f, true);
	flow = flow_to(&f, NULL);
	flow.host = 4711;
	tcp_send(f.wire, &flow, tcp_message("x"));
	CHECK_INT(wire_wait(f.wire, &f.wire->failed, 1)->error, ==, ENOTCONN);
	end(&f);
}
