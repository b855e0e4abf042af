/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a context of TLS: see tls.h.
 *
 * Elsewhere: certificates and keys (tls_files.c), whom a connection believes
 * (tls_verify.c).
 */
#include "transport/tls_context.h"

#include "base/compiler.h"
#include "res_sip/error.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names that a cipher= has room for, together. */
#define CIPHERS_LEN 4096

/* Below it a cipher can be broken by trying. */
#define BITS_MIN 128

/* ---- ciphers ---- */

/* The lists of names that OpenSSL wants, of TLS 1.3 and of those before. */
struct ciphers {
	char later[CIPHERS_LEN];
	char before[CIPHERS_LEN];
};

static void append(char *list, const char *name, size_t len)
{
	size_t at = strlen(list);

	snprintf(
		list + at, CIPHERS_LEN - at, "%s%.*s", at > 0 ? ":" : "", (int)len, name);
}

/* OpenSSL passes over names that it does not know, where it knows another. */
static int split_ciphers(struct sip_tls_making *making, struct ciphers *ciphers)
{
	const char *at = making->config->cipher;

	if (strlen(at) >= CIPHERS_LEN / 2)
		return sip_tls_complain(making, "cipher", "it is too long");
	while (*(at += strspn(at, ",: ")) != '\0') {
		size_t len = strcspn(at, ",: ");
		bool later = strncmp(at, "TLS_", 4) == 0;
		char name[CIPHERS_LEN] = "";
		SSL_CTX *ssl = making->context->ssl;

		append(name, at, len);
		if (strchr("!-+@", *at) == NULL &&
			!(later ? SSL_CTX_set_ciphersuites(ssl, name)
				: SSL_CTX_set_cipher_list(ssl, name)))
			return sip_tls_complain(making, "cipher",
				"`%s` is none that OpenSSL knows (`openssl ciphers` lists "
				"them)",
				name);
		append(later ? ciphers->later : ciphers->before, at, len);
		at += len;
	}
	return SIP_OK;
}

/* Who asks for less than TLS promises is told so. */
static int check_ciphers(struct sip_tls_making *making)
{
	STACK_OF(SSL_CIPHER) *chosen = SSL_CTX_get_ciphers(making->context->ssl);

	for (int i = 0; i < sk_SSL_CIPHER_num(chosen); i++) {
		const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(chosen, i);
		const char *name = SSL_CIPHER_get_name(cipher);

		if (SSL_CIPHER_get_auth_nid(cipher) == NID_auth_null)
			return sip_tls_complain(making, "cipher",
				"%s is anonymous: whoever is on the way can put himself "
				"between (`!aNULL` takes such out of a list)",
				name);
		if (SSL_CIPHER_get_bits(cipher, NULL) < BITS_MIN)
			return sip_tls_complain(making, "cipher",
				"%s has less than %d bits and does not keep what is said "
				"(`HIGH:!aNULL` has none such)",
				name, BITS_MIN);
	}
	return SIP_OK;
}

static int choose_ciphers(struct sip_tls_making *making)
{
	struct ciphers ciphers = { "", "" };
	SSL_CTX *ssl = making->context->ssl;
	int result;

	if (making->config->cipher == NULL)
		return SIP_OK;
	result = split_ciphers(making, &ciphers);
	if (result != SIP_OK)
		return result;
	if (ciphers.later[0] != '\0' && !SSL_CTX_set_ciphersuites(ssl, ciphers.later))
		return sip_tls_complain_of(making, "cipher", ciphers.later);
	if (ciphers.before[0] != '\0' && !SSL_CTX_set_cipher_list(ssl, ciphers.before))
		return sip_tls_complain_of(making, "cipher", ciphers.before);
	/* Who names those of TLS 1.3 only wants no others. */
	if (ciphers.before[0] == '\0' && ciphers.later[0] != '\0') {
		if (making->config->method == SIP_TLS_1_2)
			return sip_tls_complain(making, "cipher",
				"all are of TLS 1.3, and method= is tlsv1_2");
		SIP_IGNORE(!SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION));
	}
	return check_ciphers(making);
}

/* ---- all of it ---- */

static void choose_versions(SSL_CTX *ssl, enum sip_tls_method method)
{
	/* Known versions: they do not fail. */
	SIP_IGNORE(!SSL_CTX_set_min_proto_version(
		ssl, method == SIP_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION));
	SIP_IGNORE(!SSL_CTX_set_max_proto_version(
		ssl, method == SIP_TLS_1_2 ? TLS1_2_VERSION : 0));
}

static void choose_manners(SSL_CTX *ssl)
{
	static const unsigned char name[] = "res_sip";

	/* A peer that just goes can't cut a message: it has a length. */
	SSL_CTX_set_options(ssl,
		SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
			SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* A turn is bounded by its own count of records; an idle one has no buffers. */
	SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_mode(ssl,
		SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ssl, 1);
	SSL_CTX_set_dh_auto(ssl, 1);
	/* Tickets: what a client would resume costs us nothing until it comes. */
	SSL_CTX_set_session_cache_mode(
		ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ssl, sip_tls_keep_session);
	SSL_CTX_set_num_tickets(ssl, 1);
	SIP_IGNORE(!SSL_CTX_set_session_id_context(ssl, name, sizeof(name) - 1));
	/* RFC 5924: what a certificate is for is looked at in sip_tls_verify(): a SIP
	 * server is a client as well. */
	SIP_IGNORE(!SSL_CTX_set_purpose(ssl, X509_PURPOSE_ANY));
}

/* A text that is not there differs from an empty one. */
static bool print_text(EVP_MD_CTX *print, const char *text)
{
	return EVP_DigestUpdate(print, text != NULL ? text : "",
		       text != NULL ? strlen(text) + 1 : 0) &&
		EVP_DigestUpdate(print, text != NULL ? "+" : "-", 1);
}

static int print_options(const struct sip_tls_making *making)
{
	const struct sip_tls_config *config = making->config;
	const char *const texts[] = { config->cert_file, config->priv_key_file,
		config->password, config->ca_list_file, config->ca_list_path,
		config->crl_file, config->cipher };
	const uint8_t others[] = { (uint8_t)config->method, config->verify_client,
		config->require_client_cert, config->verify_server };

	if (!EVP_DigestInit_ex(making->print, EVP_sha256(), NULL) ||
		!EVP_DigestUpdate(making->print, others, sizeof(others)))
		return SIP_EMEMORY;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!print_text(making->print, texts[i]))
			return SIP_EMEMORY;
	}
	return SIP_OK;
}

static int make(struct sip_tls_making *making)
{
	struct sip_tls_context *context = making->context;
	int result = print_options(making);

	choose_versions(context->ssl, making->config->method);
	choose_manners(context->ssl);
	if (result == SIP_OK)
		result = choose_ciphers(making);
	if (result == SIP_OK)
		result = sip_tls_load_own(making);
	if (result == SIP_OK)
		result = sip_tls_load_trusted(making);
	if (result == SIP_OK && !EVP_DigestFinal_ex(making->print, context->print, NULL))
		result = SIP_EMEMORY;
	return result;
}

int sip_tls_context_create(const struct sip_tls_config *config,
	struct sip_tls_context **out, struct sip_tls_problem *problem)
{
	struct sip_tls_context *context = calloc(1, sizeof(*context));
	struct sip_tls_making making = { config, context, problem, EVP_MD_CTX_new() };
	int result = SIP_EMEMORY;

	*problem = (struct sip_tls_problem){ .option = "cert_file" };
	if (context != NULL) {
		atomic_init(&context->refs, 1);
		sip_tls_sessions_init(&context->sessions);
		context->ssl = SSL_CTX_new(TLS_method());
		context->socket = sip_tls_socket_method();
		context->expires_s = INT64_MAX;
		/* Who has to have a certificate has to have a good one. */
		context->verify_client = config->verify_client ||
			config->require_client_cert;
		context->require_client_cert = config->require_client_cert;
		context->verify_server = config->verify_server;
		if (context->ssl != NULL && context->socket != NULL &&
			making.print != NULL)
			result = make(&making);
	}
	EVP_MD_CTX_free(making.print);
	ERR_clear_error();
	if (result != SIP_OK)
		sip_tls_context_unref(&context);
	*out = context;
	return result;
}

struct sip_tls_context *sip_tls_context_ref(struct sip_tls_context *context)
{
	/* Relaxed: the caller holds one already. */
	atomic_fetch_add_explicit(&context->refs, 1, memory_order_relaxed);
	return context;
}

void sip_tls_context_unref(struct sip_tls_context **place)
{
	struct sip_tls_context *context = *place;

	*place = NULL;
	if (context == NULL || atomic_fetch_sub(&context->refs, 1) != 1)
		return;
	sip_tls_sessions_fini(&context->sessions);
	SSL_CTX_free(context->ssl);
	BIO_meth_free(context->socket);
	free(context);
}

bool sip_tls_context_equal(
	const struct sip_tls_context *a, const struct sip_tls_context *b)
{
	return memcmp(a->print, b->print, SIP_TLS_PRINT_LEN) == 0;
}

int64_t sip_tls_context_expires_s(const struct sip_tls_context *context)
{
	return context->expires_s;
}

int sip_tls_config_check(const struct sip_tls_config *config, int64_t *expires_s,
	struct sip_tls_problem *problem)
{
	struct sip_tls_context *context;
	int result = sip_tls_context_create(config, &context, problem);

	if (result == SIP_OK)
		*expires_s = context->expires_s;
	sip_tls_context_unref(&context);
	return result;
}
