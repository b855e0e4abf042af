/* SPDX-License-Identifier: BSD-2-Clause */
/* See certificates.h. */
#include "support/certificates.h"

#include "support/check.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_S   86400
#define USUAL_S (30 * DAY_S)

char *certificate_path(const struct certificates *all, const char *file, char *path)
{
	snprintf(path, CERTIFICATE_PATH_LEN, "%s/%s", all->folder, file);
	return path;
}

static FILE *open_in(const struct certificates *all, const char *file, char *path)
{
	FILE *out = fopen(certificate_path(all, file, path), "w");

	CHECK(out != NULL);
	return out;
}

static void extend(X509 *certificate, X509 *signer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, signer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	CHECK(extension != NULL);
	CHECK(X509_add_ext(certificate, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static void name(X509 *certificate, const char *common_name)
{
	X509_NAME *subject = X509_get_subject_name(certificate);

	CHECK(X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
		      (const unsigned char *)"res_sip tests", -1, -1, 0) == 1);
	if (common_name != NULL)
		CHECK(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
			      (const unsigned char *)common_name, -1, -1, 0) == 1);
}

static X509 *build(
	struct certificates *all, const struct certificate_plan *plan, EVP_PKEY *key)
{
	X509 *certificate = X509_new();
	X509 *signer = plan->self_signed ? certificate : all->certificate;

	CHECK(certificate != NULL);
	CHECK(X509_set_version(certificate, 2) == 1);
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++all->serial) == 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate),
		plan->from_s != 0 ? plan->from_s : -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate),
		plan->until_s != 0 ? plan->until_s : USUAL_S);
	name(certificate, plan->common_name);
	CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1);
	CHECK(X509_set_pubkey(certificate, key) == 1);
	if (plan->alternatives != NULL)
		extend(certificate, signer, NID_subject_alt_name, plan->alternatives);
	if (plan->uses != NULL)
		extend(certificate, signer, NID_ext_key_usage, plan->uses);
	return certificate;
}

static void sign(X509 *certificate, EVP_PKEY *key)
{
	CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
}

struct certificates *certificates_begin(void)
{
	static struct certificates one; /* a test has one at a time */
	struct certificates *all = &one;
	FILE *out;

	one = (struct certificates){ .serial = 0 };
	snprintf(all->folder, sizeof(all->folder), "/tmp/res_sip_test.XXXXXX");
	CHECK(mkdtemp(all->folder) != NULL);
	all->key = EVP_EC_gen("P-256");
	CHECK(all->key != NULL);
	all->certificate = build(all,
		&(struct certificate_plan){
			.common_name = "Test authority", .self_signed = 1 },
		all->key);
	extend(all->certificate, all->certificate, NID_basic_constraints,
		"critical,CA:TRUE");
	extend(all->certificate, all->certificate, NID_key_usage,
		"critical,keyCertSign,cRLSign");
	sign(all->certificate, all->key);
	out = open_in(all, "authority.pem", all->authority);
	CHECK(PEM_write_X509(out, all->certificate) == 1);
	fclose(out);
	return all;
}

void certificates_end(struct certificates *all)
{
	DIR *folder = opendir(all->folder);
	struct dirent *entry;
	char path[CERTIFICATE_PATH_LEN + sizeof(entry->d_name)];

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", all->folder, entry->d_name);
		unlink(path);
	}
	if (folder != NULL)
		closedir(folder);
	rmdir(all->folder);
	EVP_PKEY_free(all->key);
	X509_free(all->certificate);
}

void *certificate_build(struct certificates *all, const struct certificate_plan *plan)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = build(all, plan, key);

	sign(certificate, plan->self_signed ? key : all->key);
	EVP_PKEY_free(key);
	return certificate;
}

char *certificate_make(
	struct certificates *all, const struct certificate_plan *plan, char *path)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate;
	FILE *out;

	CHECK(key != NULL);
	certificate = build(all, plan, key);
	sign(certificate, plan->self_signed ? key : all->key);
	out = open_in(all, plan->file, path);
	CHECK(PEM_write_X509(out, certificate) == 1);
	CHECK(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1);
	fclose(out);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return path;
}

static void add_revoked(X509_CRL *list, const char *certificate)
{
	FILE *in = fopen(certificate, "r");
	X509 *revoked;
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, -60);

	CHECK(in != NULL);
	revoked = PEM_read_X509(in, NULL, NULL, NULL);
	CHECK(revoked != NULL && entry != NULL && now != NULL);
	fclose(in);
	CHECK(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked)) == 1);
	CHECK(X509_REVOKED_set_revocationDate(entry, now) == 1);
	CHECK(X509_CRL_add0_revoked(list, entry) == 1);
	ASN1_TIME_free(now);
	X509_free(revoked);
}

char *certificate_revoke(
	struct certificates *all, const char *certificate, const char *file, char *path)
{
	X509_CRL *list = X509_CRL_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, -3600);
	ASN1_TIME *until = X509_gmtime_adj(NULL, DAY_S);
	FILE *out;

	CHECK(list != NULL && from != NULL && until != NULL);
	CHECK(X509_CRL_set_version(list, 1) == 1);
	CHECK(X509_CRL_set_issuer_name(list, X509_get_subject_name(all->certificate)) ==
		1);
	CHECK(X509_CRL_set1_lastUpdate(list, from) == 1);
	CHECK(X509_CRL_set1_nextUpdate(list, until) == 1);
	add_revoked(list, certificate);
	CHECK(X509_CRL_sort(list) == 1);
	CHECK(X509_CRL_sign(list, all->key, EVP_sha256()) > 0);
	out = open_in(all, file, path);
	CHECK(PEM_write_X509_CRL(out, list) == 1);
	fclose(out);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	X509_CRL_free(list);
	return path;
}
