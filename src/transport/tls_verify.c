/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom a connection believes: RFC 5922 section 7.3 of servers, 7.4 of clients.
 *
 * Runs inside of the handshake, so that a peer whose certificate does not do is told so
 * by an alert, and hears nothing else.
 */
#include "transport/tls_connection.h"
#include "transport/tls_names.h"

#include <openssl/x509v3.h>
#include <string.h>

/* RFC 5924: id-kp-sipDomain. */
#define SIP_DOMAIN "1.3.6.1.5.5.7.3.20"

static bool has_sip_domain(const X509 *certificate)
{
	EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(
		certificate, NID_ext_key_usage, NULL, NULL);
	bool found = false;

	for (int i = 0; uses != NULL && !found && i < sk_ASN1_OBJECT_num(uses); i++) {
		char text[64];

		found = OBJ_obj2txt(text, sizeof(text), sk_ASN1_OBJECT_value(uses, i),
				1) > 0 &&
			strcmp(text, SIP_DOMAIN) == 0;
	}
	EXTENDED_KEY_USAGE_free(uses);
	return found;
}

/* RFC 5924 section 4.1: for SIP, or for anything; and certificates of web servers, which
 * is what is to be had.  A SIP server is a client of others with the same one. */
static bool is_for_us(X509 *certificate)
{
	uint32_t uses = X509_get_extended_key_usage(certificate);

	return (uses & (XKU_SSL_SERVER | XKU_SSL_CLIENT | XKU_ANYEKU)) != 0 ||
		has_sip_domain(certificate);
}

/* Lists of revoked certificates are asked for of who signs ours; what is above may have
 * none. */
static bool may_lack(const X509_STORE_CTX *chain)
{
	return X509_STORE_CTX_get_error(chain) == X509_V_ERR_UNABLE_TO_GET_CRL &&
		X509_STORE_CTX_get_error_depth(chain) > 0;
}

int sip_tls_verify(int good, X509_STORE_CTX *chain)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(
		chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct sip_tls *tls = SSL_get_app_data(ssl);
	const struct sip_connection *connection = tls->connection;
	X509 *certificate = X509_STORE_CTX_get_current_cert(chain);
	int error = X509_V_OK;

	if (!good && may_lack(chain)) {
		X509_STORE_CTX_set_error(chain, X509_V_OK);
		good = 1;
	}
	if (!good)
		return 0;
	if (X509_STORE_CTX_get_error_depth(chain) > 0)
		return 1;
	if (!is_for_us(certificate))
		error = X509_V_ERR_INVALID_PURPOSE;
	else if (!connection->accepted &&
		!sip_tls_names_prove(certificate, tls->host, &connection->flow.peer))
		error = X509_V_ERR_HOSTNAME_MISMATCH;
	X509_STORE_CTX_set_error(chain, error);
	return error == X509_V_OK;
}
