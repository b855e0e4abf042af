/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The core as modules see it, in the hands of a test: what it knows is set by
 * the test, what a module does with it is kept for the test to look at.
 *
 * Messages are parsed by the real parser.  One at a time.
 */
#pragma once

#include "message/message.h"

#include <res_sip.h>

#define FAKE_MAX      12
#define FAKE_BINDINGS 80 /* of one registration */

struct ast_sip_endpoint {
	struct sip_endpoint_config options;
	const struct sip_auth_config *auth[FAKE_MAX]; /* NULL behind the last */
	const char *ha1[FAKE_MAX];                    /* of each */
	bool artificial;
	int refs;
};

/* What a module answered. */
struct fake_response {
	int status;
	char reason[64];
	char headers[4096]; /* `Name: value` lines, each with a line feed */
};

/* What a registrar asked the location for, copied. */
struct fake_registration {
	int calls;
	struct ast_sip_registration change; /* its texts are those below */
	struct ast_sip_binding binding[FAKE_BINDINGS];
	char text[4096];
	char path[256];
};

struct fake_core {
	/* Set by the test. */
	struct sip_global_config global;
	struct ast_sip_endpoint *endpoint[FAKE_MAX];
	struct sip_aor_config aor[FAKE_MAX];
	struct ast_sip_endpoint *by_address;
	struct ast_sip_endpoint *by_certificate;
	struct ast_sip_endpoint *request_endpoint;
	enum ast_sip_check_auth_result authenticated;
	enum ast_sip_nonce_verdict nonce;
	enum ast_sip_register_result register_result;
	struct ast_sip_contact contact[FAKE_MAX];
	size_t contacts;
	uint64_t now_us;
	bool headers_fail;
	struct sip_flow flow;

	/* Looked at by the test. */
	struct sip_service *service;
	struct ast_sip_authenticator *authenticator;
	struct ast_sip_endpoint_identifier *identifier[FAKE_MAX];
	struct fake_response response;
	int responses;
	struct fake_registration registration;
	int nonce_uses;
	int token_looks;      /* sip_rx_data_has_token() */
	uint32_t expected_s;  /* ast_sip_expect_keep_alive() */
	bool source_unproven; /* the nonce was not given to where the request came from */
	char log[4096];
	int log_lines;
};

extern struct fake_core fake;

/* A core that serves example.com at 192.0.2.1:5060, with the module loaded. */
void fake_begin(const struct ast_sip_module_file *module);

/* Unload it; every endpoint's references are back. */
void fake_end(const struct ast_sip_module_file *module);

/* A request; what is NULL or 0 has a default. */
struct fake_message {
	const char *method;  /* REGISTER */
	const char *uri;     /* sip:example.com */
	const char *from;    /* <sip:6001@example.com>;tag=f */
	const char *to;      /* <sip:6001@example.com> */
	const char *headers; /* none; lines end with a line feed */
	unsigned cseq;       /* 1 */
	char nul;            /* what stands for NUL in it; 0: nothing */
};

/* Borrowed until the next one; it fails the test if it does not parse. */
struct sip_rx_data *fake_request(const struct fake_message *message);

/* Is that line among the headers of the response? */
bool fake_has_header(const char *line);
