/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The design's contract: every function of it is declared once more here, by the design's
 * own text (its slips mended as the contract says), after the public headers.  A
 * signature that differs does not compile.  Its structures are filled by their fields'
 * names.
 */
#include "res_sip.h"
#include "res_sip/pjsip.h"

#include "support/check.h"

int ast_sip_register_service(pjsip_module *module);
void ast_sip_unregister_service(pjsip_module *module);
int ast_sip_register_authenticator(struct ast_sip_authenticator *auth);
void ast_sip_unregister_authenticator(struct ast_sip_authenticator *auth);
int ast_sip_register_endpoint_identifier(struct ast_sip_endpoint_identifier *identifier);
void ast_sip_unregister_endpoint_identifier(
	struct ast_sip_endpoint_identifier *identifier);
struct ast_sip_work *ast_sip_create_work(void);
void ast_sip_destroy_work(struct ast_sip_work *work);
int ast_sip_push_task(
	struct ast_sip_work *work, int (*sip_task)(void *), void *task_data);
int ast_sip_send_request(const char *method, const char *body, struct pjsip_dialog *dlg);
int ast_sip_requires_authentication(
	struct ast_sip_endpoint *endpoint, struct pjsip_rx_data *rdata);
int ast_sip_authenticate_request(
	struct ast_sip_endpoint *endpoint, struct pjsip_rx_data *rdata);
int ast_sip_get_authentication_credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge);
enum ast_sip_check_auth_result ast_sip_check_authentication(
	struct ast_sip_endpoint *endpoint, struct pjsip_rx_data *rdata);
int ast_sip_challenge_request(struct ast_sip_digest_challenge_data *challenge);
struct ast_sip_endpoint *ast_sip_identify_endpoint(struct pjsip_rx_data *rdata);
int ast_sip_add_header(struct pjsip_tx_data *tdata, const char *name, const char *value);
int ast_sip_add_body(struct pjsip_tx_data *tdata, const char *body);

static int requires(struct ast_sip_endpoint *endpoint, struct pjsip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	return 1;
}

static int credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	(void)endpoint;
	challenge->realm = "design";
	challenge->is_md5 = 0;
	challenge->auth.plain.username = "u";
	challenge->auth.plain.password = "p";
	return 0;
}

static struct ast_sip_endpoint *identify(struct pjsip_rx_data *data)
{
	(void)data;
	return NULL;
}

TEST(structures_of_the_design_are_filled_by_their_field_names)
{
	struct ast_sip_digest_challenge_data challenge = {
		.realm = "r",
		.is_md5 = 1,
		.auth.md5 = "00",
		.domain = "d",
		.opaque = "o",
		.nonce = "n",
	};
	struct ast_sip_authenticator authenticator = {
		.requires_authentication = requires,
		.authenticate_request = requires,
		.get_authentication_credentials = credentials,
	};
	struct ast_sip_endpoint_identifier identifier = { .identify_endpoint = identify };

	CHECK(challenge.auth.md5 != NULL);
	CHECK_INT(authenticator.get_authentication_credentials(NULL, &challenge), ==, 0);
	CHECK_STR(sip_str_of(challenge.realm), "design");
	CHECK(identifier.identify_endpoint(NULL) == NULL);
}

TEST(results_of_check_authentication_have_the_designs_order)
{
	CHECK_INT(AST_SIP_AUTHENTICATION_CHALLENGE_SENT, ==, 0);
	CHECK_INT(AST_SIP_AUTHENTICATION_SUCCESS, ==, 1);
	CHECK_INT(AST_SIP_AUTHENTICATION_FAILED, ==, 2);
	CHECK_INT(AST_SIP_AUTHENTICATION_NOT_REQUIRED, ==, 3);
}
