/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates, keys and lists of revoked ones, from files.
 *
 * Each file is read once, whole, and what is read is both used and made part of the
 * context's print: a file that is replaced in between can't be half of either.  Nothing
 * is looked up in a folder later, in the middle of a handshake.
 */
#include "transport/tls_context.h"

#include "res_sip/error.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A bundle of all the world's authorities has a quarter of it. */
#define FILE_MAX (4u << 20)

/* Where Debian has all of the system's authorities in one file, below OpenSSL's own
 * place. */
#define SYSTEM_BUNDLE "ca-certificates.crt"

int sip_tls_complain(
	struct sip_tls_making *making, const char *option, const char *format, ...)
{
	struct sip_tls_problem *problem = making->problem;
	va_list args;

	problem->option = option;
	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	return SIP_EINVALID;
}

int sip_tls_complain_of(
	struct sip_tls_making *making, const char *option, const char *file)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(error);

	ERR_clear_error();
	if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE)
		return SIP_EMEMORY;
	return sip_tls_complain(making, option, "`%s`: %s", file,
		reason != NULL ? reason : "it can't be used");
}

/* ---- bytes ---- */

/* What read_file() has read. */
struct bytes {
	char *text; /* malloc()ed */
	size_t len;
};

/* The file's bytes; SIP_ESYSTEM (errno; EFBIG: it is too large), SIP_EMEMORY. */
static int read_all(int fd, struct bytes *bytes)
{
	struct stat about;
	size_t at = 0;
	ssize_t got;

	if (fstat(fd, &about) != 0)
		return SIP_ESYSTEM;
	if (about.st_size > FILE_MAX) {
		errno = EFBIG;
		return SIP_ESYSTEM;
	}
	bytes->text = malloc((size_t)about.st_size + 1);
	if (bytes->text == NULL)
		return SIP_EMEMORY;
	bytes->len = (size_t)about.st_size;
	while (at < bytes->len &&
		(got = read(fd, bytes->text + at, bytes->len - at)) != 0) {
		if (got < 0 && errno != EINTR)
			return SIP_ESYSTEM;
		at += got > 0 ? (size_t)got : 0;
	}
	bytes->len = at;
	return SIP_OK;
}

static int read_file(struct sip_tls_making *making, const char *option, const char *file,
	struct bytes *bytes)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int result = fd >= 0 ? read_all(fd, bytes) : SIP_ESYSTEM;
	int reason = errno;

	if (fd >= 0)
		close(fd);
	if (result == SIP_ESYSTEM)
		result = sip_tls_complain(
			making, option, "`%s`: %s", file, strerror(reason));
	if (result == SIP_OK &&
		(!EVP_DigestUpdate(making->print, &bytes->len, sizeof(bytes->len)) ||
			!EVP_DigestUpdate(making->print, bytes->text, bytes->len)))
		result = SIP_EMEMORY;
	return result;
}

/* To be read by PEM_read_bio_*(); NULL: out of memory. */
static BIO *open_bytes(const struct bytes *bytes)
{
	return BIO_new_mem_buf(bytes->text, (int)bytes->len);
}

/* The reading has come to the end, not to something that is broken. */
static bool at_end(void)
{
	unsigned long error = ERR_peek_last_error();
	bool end = ERR_GET_LIB(error) == ERR_LIB_PEM &&
		ERR_GET_REASON(error) == PEM_R_NO_START_LINE;

	if (end)
		ERR_clear_error();
	return end;
}

/* ---- its own ---- */

static void note_end(struct sip_tls_context *context, const X509 *certificate)
{
	struct tm end;
	int64_t end_s;

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end))
		return;
	end_s = timegm(&end);
	if (end_s < context->expires_s)
		context->expires_s = end_s;
}

static int use_first(struct sip_tls_making *making, BIO *in, const char *file)
{
	X509 *certificate = PEM_read_bio_X509_AUX(in, NULL, NULL, NULL);
	int result = SIP_OK;

	if (certificate == NULL && at_end())
		return sip_tls_complain(making, "cert_file",
			"`%s`: there is no certificate in it (PEM is read)", file);
	if (certificate == NULL ||
		!SSL_CTX_use_certificate(making->context->ssl, certificate))
		result = sip_tls_complain_of(making, "cert_file", file);
	else
		note_end(making->context, certificate);
	X509_free(certificate);
	return result;
}

static int add_others(struct sip_tls_making *making, BIO *in, const char *file)
{
	X509 *certificate;

	while ((certificate = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
		note_end(making->context, certificate);
		if (!SSL_CTX_add0_chain_cert(making->context->ssl, certificate)) {
			X509_free(certificate);
			return sip_tls_complain_of(making, "cert_file", file);
		}
	}
	return at_end() ? SIP_OK : sip_tls_complain_of(making, "cert_file", file);
}

static int use_certificates(struct sip_tls_making *making, const struct bytes *bytes)
{
	const char *file = making->config->cert_file;
	BIO *in = open_bytes(bytes);
	int result = in != NULL ? use_first(making, in, file) : SIP_EMEMORY;

	if (result == SIP_OK)
		result = add_others(making, in, file);
	BIO_free(in);
	return result;
}

/* For PEM_read_bio_PrivateKey(): nobody is asked at a terminal. */
static int tell_password(char *text, int size, int writing, void *arg)
{
	const char *password = arg;
	size_t len = password != NULL ? strlen(password) : 0;

	(void)writing;
	if (len == 0 || len > (size_t)size)
		return -1;
	memcpy(text, password, len);
	return (int)len;
}

/* OpenSSL's word for there being none is "unsupported". */
static bool has_key(const struct bytes *bytes)
{
	static const char line[] = "PRIVATE KEY-----";

	return memmem(bytes->text, bytes->len, line, sizeof(line) - 1) != NULL;
}

static int use_key(
	struct sip_tls_making *making, const char *file, const struct bytes *bytes)
{
	const char *option = making->config->priv_key_file != NULL ? "priv_key_file"
								   : "cert_file";
	BIO *in = open_bytes(bytes);
	EVP_PKEY *key = in == NULL ? NULL
				   : PEM_read_bio_PrivateKey(in, NULL, tell_password,
					     (void *)(uintptr_t)making->config->password);
	int result = SIP_OK;

	if (in == NULL)
		result = SIP_EMEMORY;
	else if (key == NULL && !has_key(bytes))
		result = sip_tls_complain(making, option,
			"`%s`: there is no private key in it%s", file,
			making->config->priv_key_file != NULL
				? ""
				: " (or priv_key_file= has to say where it is)");
	else if (key == NULL || !SSL_CTX_use_PrivateKey(making->context->ssl, key))
		result = sip_tls_complain_of(making, option, file);
	else if (!SSL_CTX_check_private_key(making->context->ssl))
		result = sip_tls_complain(making, option,
			"`%s`: the key is not that of the certificate", file);
	EVP_PKEY_free(key);
	BIO_free(in);
	return result;
}

int sip_tls_load_own(struct sip_tls_making *making)
{
	const struct sip_tls_config *config = making->config;
	struct bytes certificates = { NULL, 0 };
	struct bytes key = { NULL, 0 };
	int result;

	if (config->cert_file == NULL)
		return sip_tls_complain(making, "cert_file",
			"a transport of tls or wss has to have a certificate");
	result = read_file(making, "cert_file", config->cert_file, &certificates);
	if (result == SIP_OK)
		result = use_certificates(making, &certificates);
	if (result == SIP_OK && config->priv_key_file != NULL)
		result = read_file(making, "priv_key_file", config->priv_key_file, &key);
	if (result == SIP_OK && config->priv_key_file != NULL)
		result = use_key(making, config->priv_key_file, &key);
	else if (result == SIP_OK)
		result = use_key(making, config->cert_file, &certificates);
	free(certificates.text);
	if (key.text != NULL)
		OPENSSL_cleanse(key.text, key.len);
	free(key.text);
	return result;
}

/* ---- whom it trusts ---- */

static X509_STORE *store_of(const struct sip_tls_making *making)
{
	return SSL_CTX_get_cert_store(making->context->ssl);
}

/* How many certificates the file has; SIP_EINVALID, SIP_EMEMORY. */
static int trust_bytes(struct sip_tls_making *making, const char *option,
	const char *file, const struct bytes *bytes)
{
	BIO *in = open_bytes(bytes);
	int count = 0;
	X509 *certificate;

	if (in == NULL)
		return SIP_EMEMORY;
	while ((certificate = PEM_read_bio_X509_AUX(in, NULL, NULL, NULL)) != NULL) {
		bool added = X509_STORE_add_cert(store_of(making), certificate) == 1;

		if (added && making->context->verify_client &&
			strcmp(option, "ca_list_file") == 0)
			added = SSL_CTX_add_client_CA(
					making->context->ssl, certificate) == 1;
		X509_free(certificate);
		if (!added)
			break;
		count++;
	}
	BIO_free(in);
	return at_end() ? count : sip_tls_complain_of(making, option, file);
}

/* Likewise. */
static int trust_file(struct sip_tls_making *making, const char *option, const char *file)
{
	struct bytes bytes = { NULL, 0 };
	int result = read_file(making, option, file, &bytes);

	if (result == SIP_OK)
		result = trust_bytes(making, option, file, &bytes);
	free(bytes.text);
	return result;
}

/* What is in the folder by the order of names, so that two looks at it are alike. */
static int trust_folder(
	struct sip_tls_making *making, const char *option, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);
	int found = 0;

	if (count < 0)
		return errno == ENOMEM ? SIP_EMEMORY
				       : sip_tls_complain(making, option, "`%s`: %s",
						 folder, strerror(errno));
	for (int i = 0; i < count; i++) {
		char path[4096];
		struct stat about;
		int result = 0;

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (found >= 0 && stat(path, &about) == 0 && S_ISREG(about.st_mode))
			result = trust_file(making, option, path);
		/* A readme among them is none. */
		found = result < 0 ? result : found < 0 ? found : found + result;
		free(entries[i]);
	}
	free(entries);
	return found;
}

/* Those of the system, wherever OpenSSL was built to look for them. */
static int trust_system(struct sip_tls_making *making)
{
	const char *folder = X509_get_default_cert_dir();
	char bundle[4096];

	if (access(X509_get_default_cert_file(), R_OK) == 0)
		return trust_file(making, "verify_server", X509_get_default_cert_file());
	snprintf(bundle, sizeof(bundle), "%s/%s", folder, SYSTEM_BUNDLE);
	if (access(bundle, R_OK) == 0)
		return trust_file(making, "verify_server", bundle);
	return trust_folder(making, "verify_server", folder);
}

static int trust_listed(struct sip_tls_making *making)
{
	const struct sip_tls_config *config = making->config;
	int found = 0;

	if (config->ca_list_file != NULL) {
		found = trust_file(making, "ca_list_file", config->ca_list_file);
		if (found == 0)
			return sip_tls_complain(making, "ca_list_file",
				"`%s`: there is no certificate in it (PEM is read)",
				config->ca_list_file);
	}
	if (found >= 0 && config->ca_list_path != NULL) {
		found = trust_folder(making, "ca_list_path", config->ca_list_path);
		if (found == 0)
			return sip_tls_complain(making, "ca_list_path",
				"`%s`: no file in it has a certificate (PEM is read)",
				config->ca_list_path);
	}
	return found < 0 ? found : SIP_OK;
}

static int add_revoked(struct sip_tls_making *making)
{
	const char *file = making->config->crl_file;
	struct bytes bytes = { NULL, 0 };
	int result = read_file(making, "crl_file", file, &bytes);
	BIO *in = NULL;
	int count = 0;
	X509_CRL *list;

	if (result == SIP_OK && (in = open_bytes(&bytes)) == NULL)
		result = SIP_EMEMORY;
	while (result == SIP_OK &&
		(list = PEM_read_bio_X509_CRL(in, NULL, NULL, NULL)) != NULL) {
		if (!X509_STORE_add_crl(store_of(making), list))
			result = sip_tls_complain_of(making, "crl_file", file);
		X509_CRL_free(list);
		count++;
	}
	if (result == SIP_OK && !at_end())
		result = sip_tls_complain_of(making, "crl_file", file);
	if (result == SIP_OK && count == 0)
		result = sip_tls_complain(making, "crl_file",
			"`%s`: there is no list of revoked certificates in it (PEM is "
			"read)",
			file);
	BIO_free(in);
	free(bytes.text);
	return result;
}

int sip_tls_load_trusted(struct sip_tls_making *making)
{
	const struct sip_tls_config *config = making->config;
	bool listed = config->ca_list_file != NULL || config->ca_list_path != NULL;
	int result;

	if (!listed && making->context->verify_client)
		return sip_tls_complain(making,
			config->verify_client ? "verify_client" : "require_client_cert",
			"ca_list_file= or ca_list_path= has to say whose certificates "
			"clients may have");
	making->context->trusts = listed || config->verify_server;
	result = trust_listed(making);
	if (result == SIP_OK && !listed && config->verify_server)
		result = trust_system(making);
	if (result >= 0 && config->crl_file != NULL)
		result = add_revoked(making);
	if (result >= 0 && config->crl_file != NULL)
		X509_STORE_set_flags(store_of(making),
			X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return result < 0 ? result : SIP_OK;
}
