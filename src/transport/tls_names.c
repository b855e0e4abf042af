/* SPDX-License-Identifier: BSD-2-Clause */
/* The SIP identities of a certificate: see tls_names.h. */
#include "transport/tls_names.h"

#include "transport/tls_host.h"

#include "res_sip/error.h"
#include "res_sip/uri.h"

#include <openssl/x509v3.h>

#include <string.h>

static struct sip_str text_of(const ASN1_STRING *string)
{
	int len = ASN1_STRING_length(string);

	return (struct sip_str){ (const char *)ASN1_STRING_get0_data(string),
		len > 0 ? (size_t)len : 0 };
}

/* "If the scheme of the URI is not sip [...] MUST NOT accept [...]  if there is an @, it
 * is not an identity of a domain."  7.1 */
static bool is_domain(struct sip_str text, struct sip_str *name)
{
	struct sip_addr addr;
	struct sip_uri uri;

	if (sip_uri_parse(text, &uri) != SIP_OK || uri.scheme != SIP_URI_SIP ||
		memchr(text.ptr, '@', text.len) != NULL)
		return false;
	*name = uri.host;
	return sip_addr_parse(uri.host, 0, &addr) == SIP_OK || sip_tls_is_host(name);
}

/* Whom the names are for. */
struct visit {
	sip_tls_name_fn *visit;
	void *arg;
	bool found; /* a name of that kind */
};

/* Those of one kind; true: it is enough. */
static bool visit_alternatives(const GENERAL_NAMES *names, int kind, struct visit *visit)
{
	int count = sk_GENERAL_NAME_num(names);

	for (int i = 0; i < count && i < (int)SIP_TLS_NAMES_MAX; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		struct sip_str text;

		if (name->type != kind)
			continue;
		text = text_of(name->d.ia5);
		if (kind == GEN_URI ? !is_domain(text, &text) : !sip_tls_is_host(&text))
			continue;
		visit->found = true;
		if (visit->visit(visit->arg, text))
			return true;
	}
	return false;
}

/* The most specific one, which stands last. */
static bool visit_common_name(const X509 *certificate, struct visit *visit)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int at = -1;
	int last = -1;
	struct sip_str text;

	while ((at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0)
		last = at;
	if (last < 0)
		return false;
	text = text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
	return sip_tls_is_host(&text) && visit->visit(visit->arg, text);
}

bool sip_tls_names_visit(const X509 *certificate, sip_tls_name_fn *visit, void *arg)
{
	struct visit names = { visit, arg, false };
	int critical;
	GENERAL_NAMES *alternatives = X509_get_ext_d2i(
		certificate, NID_subject_alt_name, &critical, NULL);
	bool enough = false;

	/* -1: there is none.  One that is twice there, or can't be read, names nobody. */
	if (alternatives == NULL)
		return critical == -1 && visit_common_name(certificate, &names);
	enough = visit_alternatives(alternatives, GEN_URI, &names);
	if (!names.found)
		enough = visit_alternatives(alternatives, GEN_DNS, &names);
	GENERAL_NAMES_free(alternatives);
	return enough;
}

/* ---- proving ---- */

static bool is_host(void *arg, struct sip_str name)
{
	const char *host = arg;

	return sip_str_equal_nocase(name, sip_str_of(host));
}

static bool is_address(void *arg, struct sip_str name)
{
	const struct sip_addr *peer = arg;
	struct sip_addr addr;

	return sip_addr_parse(name, 0, &addr) == SIP_OK &&
		sip_addr_same_host(&addr, peer);
}

static bool has_address(const X509 *certificate, const struct sip_addr *peer)
{
	bool v4 = peer->sa.sa_family == AF_INET;
	const unsigned char *bytes = v4 ? (const unsigned char *)&peer->v4.sin_addr
					: (const unsigned char *)&peer->v6.sin6_addr;

	/* It may be called with what is only read. */
	return X509_check_ip((X509 *)(uintptr_t)certificate, bytes, v4 ? 4 : 16, 0) == 1;
}

bool sip_tls_names_prove(
	const X509 *certificate, const char *host, const struct sip_addr *peer)
{
	if (host != NULL)
		return sip_tls_names_visit(certificate, is_host, (void *)(uintptr_t)host);
	return has_address(certificate, peer) ||
		sip_tls_names_visit(certificate, is_address, (void *)(uintptr_t)peer);
}

/* ---- collecting ---- */

struct measure {
	size_t count;
	size_t len;
};

static bool measure(void *arg, struct sip_str name)
{
	struct measure *sum = arg;

	sum->count++;
	sum->len += name.len;
	return false;
}

static bool collect(void *arg, struct sip_str name)
{
	sip_peer_names_add(arg, name);
	return false;
}

struct sip_peer_names *sip_tls_names_collect(
	const X509 *certificate, const struct sip_addr *peer)
{
	/* -1 or 0: it is over, or can't be read. */
	bool good = X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
	struct measure sum = { 0, 0 };
	struct sip_peer_names *names;

	if (good)
		SIP_IGNORE(sip_tls_names_visit(certificate, measure, &sum));
	names = sip_peer_names_create(sum.count, sum.len);
	if (names == NULL || !good)
		return names;
	SIP_IGNORE(sip_tls_names_visit(certificate, collect, names));
	names->address = sip_tls_names_prove(certificate, NULL, peer);
	return names;
}
