/* SPDX-License-Identifier: BSD-2-Clause */
/* See tls_peer.h. */
#include "tls_peer.h"

#include "res_sip/log.h"

#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- the log ---- */

static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t log_changed = PTHREAD_COND_INITIALIZER;
static char log_text[65536]; /* guarded by log_mutex, as its length */
static size_t log_len;

static void keep_line(void *arg, enum sip_log_level level, struct sip_str line)
{
	(void)arg;
	(void)level;
	pthread_mutex_lock(&log_mutex);
	if (log_len + line.len < sizeof(log_text)) {
		memcpy(log_text + log_len, line.ptr, line.len);
		log_len += line.len;
		log_text[log_len] = '\0';
	}
	pthread_cond_broadcast(&log_changed);
	pthread_mutex_unlock(&log_mutex);
}

/* A test asks for more lines in a second than a log should have: linked instead of
 * sip_log_limited(). */
void __wrap_sip_log_limited(struct sip_log_limit *limit, enum sip_log_level level,
	const char *subject, const char *format, ...);

void __wrap_sip_log_limited(struct sip_log_limit *limit, enum sip_log_level level,
	const char *subject, const char *format, ...)
{
	char text[1024];
	va_list args;

	(void)limit;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sip_log(level, subject, "%s", text);
}

void tls_watch_log(void)
{
	pthread_mutex_lock(&log_mutex);
	log_len = 0;
	log_text[0] = '\0';
	pthread_mutex_unlock(&log_mutex);
	sip_log_set_level(SIP_LOG_DEBUG);
	sip_log_set_sink(keep_line, NULL);
}

void tls_expect_log(const char *text)
{
	struct timespec until;
	bool found = false;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += getenv("SIP_ALLOC_FAIL") != NULL ? 1 : 20;
	pthread_mutex_lock(&log_mutex);
	while (!(found = strstr(log_text, text) != NULL) && error == 0)
		error = pthread_cond_timedwait(&log_changed, &log_mutex, &until);
	if (!found)
		print_error("no `%s` in the log:\n%s", text, log_text);
	pthread_mutex_unlock(&log_mutex);
	CHECK(found);
}

/* ---- listening ---- */

struct sip_tls_context *tls_context(const struct sip_tls_config *config)
{
	struct sip_tls_problem problem;
	struct sip_tls_context *context;

	if (sip_tls_context_create(config, &context, &problem) != 0)
		check_failed(__FILE__, __LINE__, "%s: %s", problem.option, problem.text);
	return context;
}

const struct sip_listener *tls_listen(struct wire *wire, struct sip_tls_context *context)
{
	const struct sip_listener *listener;
	struct sip_listener_config config = { .name = "tls",
		.kind = SIP_TLS,
		.bind = addr_of("127.0.0.1", 0),
		.tls = context };
	int result = sip_transport_listen(wire->transport, &config, &listener);

	sip_tls_context_unref(&context);
	CHECK_INT(result, ==, 0);
	return listener;
}

/* ---- peers ---- */

static void prepare(struct tls_peer *peer, int fd, const struct tls_peer_plan *plan)
{
	static const struct tls_peer_plan any;

	if (plan == NULL)
		plan = &any;
	*peer = (struct tls_peer){ .fd = fd, .context = SSL_CTX_new(TLS_method()) };
	CHECK(peer->context != NULL);
	SSL_CTX_set_options(peer->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (plan->version != 0) {
		CHECK(SSL_CTX_set_min_proto_version(peer->context, plan->version));
		CHECK(SSL_CTX_set_max_proto_version(peer->context, plan->version));
	}
	if (plan->ciphers != NULL)
		CHECK(SSL_CTX_set_cipher_list(peer->context, plan->ciphers));
	if (plan->own != NULL) {
		CHECK(SSL_CTX_use_certificate_chain_file(peer->context, plan->own));
		CHECK(SSL_CTX_use_PrivateKey_file(
			peer->context, plan->own, SSL_FILETYPE_PEM));
	}
	if (plan->trusted != NULL) {
		CHECK(SSL_CTX_load_verify_file(peer->context, plan->trusted));
		SSL_CTX_set_verify(peer->context, SSL_VERIFY_PEER, NULL);
	}
	peer->ssl = SSL_new(peer->context);
	CHECK(peer->ssl != NULL && SSL_set_fd(peer->ssl, fd));
	if (plan->name != NULL)
		CHECK(SSL_set_tlsext_host_name(peer->ssl, plan->name));
	if (plan->session != NULL)
		CHECK(SSL_set_session(peer->ssl, plan->session));
}

void tls_peer_open(struct tls_peer *peer, const struct sip_addr *to,
	const struct tls_peer_plan *plan)
{
	prepare(peer, tcp_dial(to), plan);
	SSL_set_connect_state(peer->ssl);
}

void tls_peer_take(struct tls_peer *peer, struct wire *wire, int listening,
	const struct tls_peer_plan *plan)
{
	prepare(peer, tcp_take(wire, listening), plan);
	SSL_set_accept_state(peer->ssl);
}

void tls_peer_take_again(struct tls_peer *peer, struct wire *wire, int listening,
	const struct tls_peer *before)
{
	*peer = (struct tls_peer){ .fd = tcp_take(wire, listening),
		.context = before->context };
	CHECK(SSL_CTX_up_ref(peer->context));
	peer->ssl = SSL_new(peer->context);
	CHECK(peer->ssl != NULL && SSL_set_fd(peer->ssl, peer->fd));
	SSL_set_accept_state(peer->ssl);
}

/* OpenSSL's way to a socket raises SIGPIPE where nobody is there any more; in this
 * thread, so that the server's would show. */
bool tls_peer_shake(struct tls_peer *peer)
{
	const struct timespec now = { 0, 0 };
	sigset_t before;
	sigset_t pipe;
	bool done;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	ERR_clear_error();
	done = SSL_do_handshake(peer->ssl) == 1;
	while (sigtimedwait(&pipe, NULL, &now) > 0)
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return done;
}

void tls_peer_close(struct tls_peer *peer)
{
	SSL_free(peer->ssl);
	SSL_CTX_free(peer->context);
	if (peer->fd >= 0)
		close(peer->fd);
}

void tls_dial(struct tls_peer *peer, const struct sip_addr *to,
	const struct tls_peer_plan *plan)
{
	tls_peer_open(peer, to, plan);
	CHECK(tls_peer_shake(peer));
}

void tls_say(struct tls_peer *peer, const char *text)
{
	CHECK_INT(SSL_write(peer->ssl, text, (int)strlen(text)), ==, strlen(text));
}

void tls_expect(struct tls_peer *peer, const char *text)
{
	size_t len = strlen(text);
	char buf[4096];
	size_t at = 0;

	CHECK_INT(len, <=, sizeof(buf));
	while (at < len) {
		int got = SSL_read(peer->ssl, buf + at, (int)(len - at));

		CHECK_INT(got, >, 0);
		at += (size_t)got;
	}
	CHECK(memcmp(buf, text, len) == 0);
}

void tls_expect_end(struct tls_peer *peer)
{
	char buf[4096];
	int got;

	do {
		ERR_clear_error();
		got = SSL_read(peer->ssl, buf, sizeof(buf));
	} while (got > 0);
	/* A wait in vain ends, too. */
	CHECK_INT(SSL_get_error(peer->ssl, got), !=, SSL_ERROR_WANT_READ);
}
