/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of transports of TLS: what they mean, and what `check` has to say. */
#include "reading.h"

#include "support/certificates.h"

#include <stdio.h>

static const struct certificate_plan good = { .file = "good.pem",
	.common_name = "a.test" };

static void read_tls(struct reading *r, const char *certificate, const char *more)
{
	read_text_of(r,
		store_format(&r->store,
			"[global]\ndomain=example.test\n[tls]\ntype=transport\n"
			"protocol=tls\nbind=127.0.0.1\ncert_file=%s\n%s",
			certificate, more));
}

TEST(a_transport_of_tls_has_port_5061)
{
	struct certificates *all = certificates_begin();
	char path[CERTIFICATE_PATH_LEN];
	char text[SIP_ADDR_TEXT_LEN];
	READING(r);

	read_tls(&r, certificate_make(all, &good, path), "");

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.config.transport_count, ==, 1);
	CHECK_INT(r.settings.config.transport[0].protocol, ==, SIP_TLS);
	CHECK_STR(sip_str_of(sip_addr_text(&r.settings.config.transport[0].bind, text)),
		"127.0.0.1:5061");
	reading_fini(&r);
	certificates_end(all);
}

TEST(the_options_of_tls_are_read)
{
	struct certificates *all = certificates_begin();
	char path[CERTIFICATE_PATH_LEN];
	const struct sip_tls_config *tls;
	READING(r);

	certificate_make(all, &good, path);
	read_tls(&r, path,
		store_format(&r.store,
			"priv_key_file=%s\nca_list_file=%s\nmethod=TLSv1_3\n"
			"cipher=TLS_AES_128_GCM_SHA256\nverify_client=yes\n"
			"require_client_cert=yes\nverify_server=yes\n",
			path, all->authority));
	tls = &r.settings.config.transport[0].tls;

	CHECK_CLEAN(&r);
	CHECK_STR(sip_str_of(tls->cert_file), path);
	CHECK_STR(sip_str_of(tls->ca_list_file), all->authority);
	CHECK_INT(tls->method, ==, SIP_TLS_1_3);
	CHECK(tls->verify_client && tls->require_client_cert && tls->verify_server);
	reading_fini(&r);
	certificates_end(all);
}

TEST(what_is_not_safe_is_an_error_with_a_sentence)
{
	static const struct {
		const char *option;
		uint32_t column;
		const char *part;
	} rows[] = {
		{ "method=tlsv1", 8, "versions of TLS that are broken" },
		{ "method=tlsv1_1", 8, "versions of TLS that are broken" },
		{ "method=sslv3", 8, "versions of TLS that are broken" },
		{ "method=sslv23", 8, "versions of TLS that are broken" },
		{ "method=tlsv1_4", 8, "did you mean `tlsv1_" },
		{ "cipher=ADH-AES128-SHA256", 8, "is anonymous" },
		{ "cipher=ECDHE-RSA-AES256-GCM-SHA384,aNULL", 8, "is anonymous" },
		{ "cipher=eNULL", 8, "less than 128 bits" },
		{ "cipher=ECDHE-RSA-AES256-GCM-SHA384,NO-SUCH", 8, "`NO-SUCH` is none" },
		{ "cipher=TLS_AES_9_GCM", 8, "`TLS_AES_9_GCM` is none" },
		{ "verify_client=yes", 15, "ca_list_file= or ca_list_path=" },
		{ "require_client_cert=yes", 21, "ca_list_file= or ca_list_path=" },
		{ "ca_list_file=/no/such", 14, "No such file" },
		{ "ca_list_path=/no/such", 14, "No such file" },
		{ "crl_file=/no/such", 10, "No such file" },
		{ "priv_key_file=/no/such", 15, "No such file" },
		{ "allow_wildcard_certs=yes", 1, "refused" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct certificates *all = certificates_begin();
		char path[CERTIFICATE_PATH_LEN];
		READING(r);

		read_tls(&r, certificate_make(all, &good, path), rows[i].option);
		CHECK_PROBLEM(&r, PROBLEM_ERROR, 8, rows[i].column, rows[i].part);
		reading_fini(&r);
		certificates_end(all);
	}
}

TEST(certificates_that_can_not_be_used_are_told)
{
	struct certificates *all = certificates_begin();
	char path[CERTIFICATE_PATH_LEN];
	char other[CERTIFICATE_PATH_LEN];
	READING(r);
	READING(none);
	READING(key);

	read_text_of(&none, "[tls]\ntype=transport\nprotocol=tls\nbind=127.0.0.1\n");
	CHECK_PROBLEM(&none, PROBLEM_ERROR, 1, 1, "has to have a certificate");
	/* It has a certificate, and no key. */
	read_tls(&r, all->authority, "");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 7, 11, "no private key");
	certificate_make(all, &good, path);
	certificate_make(all, &(struct certificate_plan){ .file = "other.pem" }, other);
	read_tls(&key, path, store_format(&key.store, "priv_key_file=%s\n", other));
	CHECK_PROBLEM(&key, PROBLEM_ERROR, 8, 15, "");
	reading_fini(&key);
	reading_fini(&none);
	reading_fini(&r);
	certificates_end(all);
}

TEST(a_certificate_that_ends_soon_is_a_warning)
{
	static const struct {
		int64_t until_s;
		const char *part; /* NULL: nothing is told */
	} rows[] = {
		{ 15 * 86400, NULL },
		{ 13 * 86400 + 60, "ends in 13 days" },
		{ -2 * 86400 - 60, "ended 2 days ago" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct certificates *all = certificates_begin();
		struct certificate_plan plan = {
			.file = "s.pem", .from_s = -3 * 86400, .until_s = rows[i].until_s
		};
		char path[CERTIFICATE_PATH_LEN];
		READING(r);

		read_tls(&r, certificate_make(all, &plan, path), "");
		if (rows[i].part != NULL)
			CHECK_PROBLEM(&r, PROBLEM_WARNING, 7, 11, rows[i].part);
		else
			CHECK_CLEAN(&r);
		reading_fini(&r);
		certificates_end(all);
	}
}

TEST(without_tls_nobody_can_be_verified)
{
	READING(r);

	read_text_of(&r,
		"[udp]\ntype=transport\nbind=127.0.0.1\nverify_client=yes\n"
		"verify_server=yes\n");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 4, 15, "over udp nobody has a certificate");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 5, 15, "over udp nobody has a certificate");
	reading_fini(&r);
}
