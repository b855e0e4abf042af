/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS on connections that are opened to us. */
#include "tls_peer.h"

#include "transport/tls_connection.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
	struct certificates *all;
	struct wire *wire;
	const struct sip_listener *listener;
	char own[CERTIFICATE_PATH_LEN];
};

static const struct certificate_plan server_plan = { .file = "server.pem",
	.common_name = "sip.example.test",
	.alternatives = "DNS:sip.example.test" };

/* With options beside the certificate; NULL: none. */
static void begin(struct fixture *f, const struct sip_tls_config *options,
	const struct wire_plan *plan)
{
	struct sip_tls_config config = options != NULL ? *options
						       : (struct sip_tls_config){ 0 };

	f->all = certificates_begin();
	config.cert_file = certificate_make(f->all, &server_plan, f->own);
	if (config.verify_client || config.require_client_cert)
		config.ca_list_file = f->all->authority;
	tls_watch_log();
	f->wire = wire_create(plan != NULL ? plan : &(struct wire_plan){ 0 });
	f->listener = tls_listen(f->wire, tls_context(&config));
	f->wire->echo = true;
	wire_start(f->wire);
}

static void end(struct fixture *f)
{
	wire_end(f->wire);
	certificates_end(f->all);
}

static void speaks(struct fixture *f, struct tls_peer *peer)
{
	const char *text = tcp_message("hello");

	tls_say(peer, text);
	tls_expect(peer, text);
	(void)f;
}

TEST(a_message_comes_over_tls_and_is_answered_there)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (unsigned i = 0; i < 2; i++) {
		const char *text = tcp_message("hello");
		const struct wire_note *note;
		struct tls_peer peer;
		struct fixture f;

		begin(&f, NULL, NULL);
		tls_dial(&peer, &f.listener->bound,
			&(struct tls_peer_plan){
				.version = versions[i], .trusted = f.all->authority });
		tls_say(&peer, text);
		note = wire_wait(f.wire, &f.wire->received, 1);

		CHECK(note_is(note, text));
		CHECK_INT(note->flow.kind, ==, SIP_TLS);
		CHECK_INT(note->flow.connection, ==, 1);
		tls_expect(&peer, text);
		tls_peer_close(&peer);
		end(&f);
	}
}

TEST(pieces_make_messages_and_records_may_be_of_one_byte)
{
	char all[64 * 80] = "";
	struct tls_peer peer;
	struct fixture f;

	begin(&f, NULL, &(struct wire_plan){ .reactors = 2 });
	for (unsigned i = 0; i < 40; i++) {
		char name[8];

		snprintf(name, sizeof(name), "m%u", i);
		strcat(all, tcp_message(name));
	}
	tls_dial(&peer, &f.listener->bound, NULL);
	for (const char *at = all; *at != '\0'; at++)
		CHECK_INT(SSL_write(peer.ssl, at, 1), ==, 1);

	tls_expect(&peer, all);
	tls_peer_close(&peer);
	end(&f);
}

/* ---- new keys ---- */

/* Bytes of TLS 1.3 with AES-GCM: a record beside what is in it, and a whole one that has
 * a KeyUpdate (RFC 8446 5.2, 4.6.3). */
#define RECORD_MORE    22u
#define KEY_UPDATE_LEN 27u

/* The most that one recv() was asked for. */
static _Atomic size_t asked_len;

ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __real_recv(int fd, void *bytes, size_t len, int flags);

ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags)
{
	if (len > asked_len)
		asked_len = len;
	return __real_recv(fd, bytes, len, flags);
}

/* A message of `len` bytes. */
static const char *message_of(size_t len)
{
	static const char head[] =
		"OPTIONS sip:long SIP/2.0\r\nContent-Length: %05zu\r\n\r\n";
	static char text[65536];
	size_t head_len = (size_t)snprintf(text, sizeof(text), head, len);

	CHECK_INT(len, <, sizeof(text));
	snprintf(text, sizeof(text), head, len - head_len);
	memset(text + head_len, 'x', len - head_len);
	text[len] = '\0';
	return text;
}

/* As many bytes of TLS as one recv() takes, in as many records as one reading does: the
 * next begins with a KeyUpdate, behind which the library has nothing any more. */
static void say_before(struct tls_peer *peer, BIO *held)
{
	size_t len = asked_len - KEY_UPDATE_LEN - SIP_TLS_RECORDS * RECORD_MORE;
	const char *text = message_of(len);

	for (size_t i = 0; i < SIP_TLS_RECORDS - 1; i++)
		CHECK_INT(SSL_write(peer->ssl, text++, 1), ==, 1);
	tls_say(peer, text);
	CHECK_INT(SSL_key_update(peer->ssl, SSL_KEY_UPDATE_NOT_REQUESTED), ==, 1);
	CHECK_INT(SSL_do_handshake(peer->ssl), ==, 1);
	CHECK_INT(BIO_ctrl_pending(held), ==, asked_len);
}

/* The library wants more then, and has not asked the socket for it: nobody tells a second
 * time of what came with the rest. */
TEST(a_message_behind_new_keys_is_read)
{
	const char *text = tcp_message("behind");
	struct tls_peer peer;
	struct fixture f;
	char *bytes;
	BIO *held;
	long len;

	begin(&f, NULL, NULL);
	tls_dial(&peer, &f.listener->bound,
		&(struct tls_peer_plan){ .version = TLS1_3_VERSION });
	speaks(&f, &peer);
	held = BIO_new(BIO_s_mem());
	SSL_set0_wbio(peer.ssl, held);
	say_before(&peer, held);
	tls_say(&peer, text);
	len = BIO_get_mem_data(held, &bytes);
	CHECK_INT(send(peer.fd, bytes, (size_t)len, 0), ==, len);

	CHECK(note_is(wire_wait(f.wire, &f.wire->received, 3), text));
	tls_peer_close(&peer);
	end(&f);
}

/* More than a record, and than the socket has room for. */
TEST(what_the_peer_is_slow_to_read_waits_and_arrives_whole)
{
	enum { COUNT = 400 };
	struct wire_plan plan = { 0 };
	struct sip_stream_config streams;
	char text[4000];
	struct tls_peer peer;
	struct fixture f;
	struct sip_flow flow;

	wire_streams(&streams);
	streams.queue_bytes = 0;
	plan.streams = &streams;
	begin(&f, NULL, &plan);
	tls_dial(&peer, &f.listener->bound, NULL);
	tls_say(&peer, tcp_message("x"));
	flow = wire_wait(f.wire, &f.wire->received, 1)->flow;
	tls_expect(&peer, tcp_message("x"));
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < COUNT; i++) {
		text[0] = (char)('a' + i % 26);
		tcp_send(f.wire, &flow, text);
	}

	for (int i = 0; i < COUNT; i++) {
		text[0] = (char)('a' + i % 26);
		tls_expect(&peer, text);
	}
	tls_peer_close(&peer);
	end(&f);
}

TEST(a_ping_is_answered_over_tls)
{
	struct tls_peer peer;
	struct fixture f;

	begin(&f, NULL, NULL);
	tls_dial(&peer, &f.listener->bound, NULL);
	tls_say(&peer, "\r\n\r\n");
	tls_expect(&peer, "\r\n");
	tls_peer_close(&peer);
	end(&f);
}

/* RFC 8446 2.2; RFC 5077. */
TEST(a_client_that_comes_again_resumes)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (unsigned i = 0; i < 2; i++) {
		struct tls_peer_plan plan = { .version = versions[i] };
		struct tls_peer first;
		struct tls_peer second;
		struct fixture f;

		begin(&f, NULL, NULL);
		tls_dial(&first, &f.listener->bound, &plan);
		speaks(&f, &first); /* the ticket has come before that */
		plan.session = SSL_get1_session(first.ssl);
		CHECK(plan.session != NULL);
		tls_dial(&second, &f.listener->bound, &plan);
		speaks(&f, &second);

		CHECK(SSL_session_reused(second.ssl));
		SSL_SESSION_free(plan.session);
		tls_peer_close(&first);
		tls_peer_close(&second);
		end(&f);
	}
}

/* ---- what does not do ---- */

TEST(who_speaks_without_tls_is_told_nothing_and_closed)
{
	static const struct {
		const char *said;
		const char *reason;
	} rows[] = {
		{ "OPTIONS sip:x SIP/2.0\r\n", "reason=\"it speaks without TLS\"" },
		{ "GET / HTTP/1.1\r\n\r\n", "reason=\"it speaks without TLS\"" },
		{ "\r\n\r\n", "reason=\"what comes is not TLS\"" },
		{ "\x80\x2e\x01", "reason=\"what comes is not TLS\"" },
		{ "\x16\x03\x01garbage that is none of a handshake", "reason=\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f;
		int peer;

		begin(&f, NULL, NULL);
		peer = tcp_dial(&f.listener->bound);
		tcp_say(peer, rows[i].said);
		tcp_expect_end(f.wire, peer);
		tls_expect_log(rows[i].reason);
		close(peer);
		end(&f);
	}
}

TEST(older_versions_are_refused)
{
	struct tls_peer peer;
	struct fixture f;

	begin(&f, NULL, NULL);
	tls_peer_open(&peer, &f.listener->bound,
		&(struct tls_peer_plan){
			.version = TLS1_1_VERSION, .ciphers = "ALL:@SECLEVEL=0" });
	CHECK(!tls_peer_shake(&peer));
	tls_expect_log("reason=\"unsupported protocol\"");
	tls_peer_close(&peer);
	end(&f);
}

TEST(a_peer_that_goes_in_the_handshake_leaves_nothing)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	struct fixture f;
	int peer;

	begin(&f, NULL, NULL);
	peer = tcp_dial(&f.listener->bound);
	CHECK_INT(send(peer, "\x16\x03\x01\x02\x00\x01", 6, 0), ==, 6);
	CHECK_INT(setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), ==, 0);
	close(peer);
	tls_expect_log("reason=\"Connection reset by peer\"");
	peer = tcp_dial(&f.listener->bound);
	CHECK_INT(send(peer, "\x16\x03\x01\x02\x00\x01", 6, 0), ==, 6);
	close(peer);
	tls_expect_log("reason=\"it was closed in the handshake\"");
	end(&f);
}

TEST(a_handshake_has_to_end_in_time)
{
	struct sip_stream_config streams;
	struct fixture f;
	int peer;

	wire_streams(&streams);
	streams.first_ms = 50;
	begin(&f, NULL, &(struct wire_plan){ .streams = &streams });
	peer = tcp_dial(&f.listener->bound);
	CHECK_INT(send(peer, "\x16\x03\x01\x02\x00\x01", 6, 0), ==, 6);
	tcp_expect_end(f.wire, peer);
	tls_expect_log("reason=\"a handshake that does not end\"");
	close(peer);
	end(&f);
}

/* What is posted behind the turn in which a connection ends runs after it. */
static void nothing(void *arg)
{
	(void)arg;
}

TEST(a_source_may_have_so_many_handshakes_at_a_time)
{
	struct tls_peer again;
	struct sip_stream_config streams;
	struct tls_peer done;
	struct fixture f;
	int half;
	int refused;

	wire_streams(&streams);
	streams.max_handshakes_per_source = 1;
	begin(&f, NULL, &(struct wire_plan){ .streams = &streams });
	tls_dial(&done, &f.listener->bound, NULL);
	speaks(&f, &done);
	half = tcp_dial(&f.listener->bound);
	wire_wait_counter(f.wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 2);
	refused = tcp_dial(&f.listener->bound);
	tcp_expect_end(f.wire, refused);
	close(half);
	tls_expect_log("it was closed before it said anything");
	wire_on_reactor(f.wire, 0, nothing, NULL);

	/* The source is still there, by its first connection. */
	tls_dial(&again, &f.listener->bound, NULL);
	speaks(&f, &again);
	tls_peer_close(&again);
	tls_peer_close(&done);
	close(refused);
	end(&f);
}

/* RFC 5746 is about what a second negotiation lets others do. */
TEST(who_negotiates_again_is_closed)
{
	struct tls_peer peer;
	struct fixture f;

	begin(&f, NULL, NULL);
	tls_dial(&peer, &f.listener->bound,
		&(struct tls_peer_plan){ .version = TLS1_2_VERSION });
	speaks(&f, &peer);
	CHECK_INT(SSL_renegotiate(peer.ssl), ==, 1);
	CHECK(!tls_peer_shake(&peer));
	tls_expect_log("reason=\"it wants to negotiate again\"");
	tls_peer_close(&peer);
	end(&f);
}

/* ---- certificates of clients ---- */

TEST(a_client_without_a_certificate_comes_where_none_is_required)
{
	struct tls_peer peer;
	struct fixture f;

	begin(&f, &(struct sip_tls_config){ .verify_client = true }, NULL);
	tls_dial(&peer, &f.listener->bound, NULL);
	speaks(&f, &peer);
	tls_peer_close(&peer);
	end(&f);
}

TEST(a_client_without_a_certificate_is_refused_where_one_is_required)
{
	struct tls_peer peer;
	struct fixture f;

	begin(&f, &(struct sip_tls_config){ .require_client_cert = true }, NULL);
	tls_peer_open(&peer, &f.listener->bound, NULL);
	/* In TLS 1.3 the client hears of it with its first reading. */
	SIP_IGNORE(tls_peer_shake(&peer));
	tls_expect_end(&peer);
	tls_expect_log("reason=\"peer did not return a certificate\"");
	tls_peer_close(&peer);
	end(&f);
}

TEST(certificates_of_clients_have_to_be_good)
{
	static const struct {
		struct certificate_plan plan;
		const char *reason; /* NULL: it is */
	} rows[] = {
		{ { .file = "c.pem", .common_name = "good" }, NULL },
		{ { .file = "c.pem", .common_name = "past", .until_s = -60 },
			"reason=\"certificate has expired\"" },
		{ { .file = "c.pem", .common_name = "future", .from_s = 3600 },
			"reason=\"certificate is not yet valid\"" },
		{ { .file = "c.pem", .common_name = "self", .self_signed = 1 },
			"reason=\"self-signed certificate\"" },
		{ { .file = "c.pem", .common_name = "mail", .uses = "emailProtection" },
			"reason=\"its certificate is for another purpose\"" },
		{ { .file = "c.pem", .common_name = "web", .uses = "serverAuth" }, NULL },
		/* RFC 5924: id-kp-sipDomain */
		{ { .file = "c.pem", .common_name = "sip", .uses = "1.3.6.1.5.5.7.3.20" },
			NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[CERTIFICATE_PATH_LEN];
		struct tls_peer peer;
		struct fixture f;

		begin(&f, &(struct sip_tls_config){ .verify_client = true }, NULL);
		tls_peer_open(&peer, &f.listener->bound,
			&(struct tls_peer_plan){
				.own = certificate_make(f.all, &rows[i].plan, path) });
		SIP_IGNORE(tls_peer_shake(&peer));
		if (rows[i].reason == NULL) {
			speaks(&f, &peer);
		} else {
			tls_expect_end(&peer);
			tls_expect_log(rows[i].reason);
		}
		tls_peer_close(&peer);
		end(&f);
	}
}

/* ---- changes ---- */

TEST(connections_keep_the_certificate_they_began_with)
{
	char path[CERTIFICATE_PATH_LEN];
	struct sip_tls_context *context;
	struct tls_peer before;
	struct tls_peer after;
	struct fixture f;

	begin(&f, NULL, NULL);
	tls_dial(&before, &f.listener->bound, NULL);
	speaks(&f, &before);
	context = tls_context(&(struct sip_tls_config){
		.cert_file = certificate_make(f.all,
			&(struct certificate_plan){
				.file = "other.pem", .common_name = "other" },
			path) });
	sip_transport_set_tls(f.wire->transport, f.listener->number, context);
	sip_tls_context_unref(&context);
	tls_dial(&after, &f.listener->bound, NULL);

	speaks(&f, &before);
	speaks(&f, &after);
	CHECK(X509_cmp(SSL_get0_peer_certificate(before.ssl),
		      SSL_get0_peer_certificate(after.ssl)) != 0);
	tls_peer_close(&before);
	tls_peer_close(&after);
	end(&f);
}
