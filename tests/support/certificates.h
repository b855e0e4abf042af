/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates for tests, made when they are asked for: an authority, and what it signs.
 *
 * They are files in a folder of the test's own, which certificates_end() takes away.
 */
#pragma once

#include <stdint.h>

#define CERTIFICATE_PATH_LEN 128

struct certificates {
	char folder[64];
	char authority[CERTIFICATE_PATH_LEN]; /* its certificate, PEM */
	void *key;                            /* of the authority; EVP_PKEY */
	void *certificate;                    /* X509 */
	long serial;
};

/* How one is to be; zero is: no alternative names, good for 30 days, signed. */
struct certificate_plan {
	const char *file;         /* in the folder: certificate, and key in the same */
	const char *common_name;  /* NULL: none */
	const char *alternatives; /* as OpenSSL's configuration: "DNS:a.test,URI:sip:a" */
	const char *uses;         /* extendedKeyUsage; NULL: none */
	int64_t from_s;           /* from now on; 0: an hour ago */
	int64_t until_s;          /* 0: 30 days */
	int self_signed;
};

/* Fails the test. */
struct certificates *certificates_begin(void);
void certificates_end(struct certificates *all);

/* Into path[CERTIFICATE_PATH_LEN]; returns it. */
char *certificate_make(
	struct certificates *all, const struct certificate_plan *plan, char *path);

/* The X509 alone, owned by the caller. */
void *certificate_build(struct certificates *all, const struct certificate_plan *plan);

/* A list that revokes the certificate in that file. */
char *certificate_revoke(
	struct certificates *all, const char *certificate, const char *file, char *path);

/* A path in the folder, of a file that the test writes itself. */
char *certificate_path(const struct certificates *all, const char *file, char *path);
