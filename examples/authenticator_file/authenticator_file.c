/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An authenticator with a user file of its own, in the place of
 * res_sip_authenticator_digest.  See README.md beside it.
 *
 * Who is to prove himself: everybody but an endpoint that is known by its address.
 * The username is the endpoint's name.  The response is judged before the nonce, so
 * that only who knows the secret learns that his nonce was stale; and whoever is
 * nobody goes through the same steps with a secret that does not exist.
 *
 * Elsewhere: the file (users.c), the arithmetic (digest.c).
 *
 * Threads: the turn of the request's work; reads memory only.
 */
#include "digest.h"
#include "users.h"

#include <res_sip.h>

static const char *our_realm(void)
{
	return ast_sip_global_options()->default_realm;
}

static int requires_authentication(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	struct ast_sip_endpoint *known = ast_sip_endpoint_by_address(
		&sip_rx_data_flow(rdata)->peer);
	/* Compared by name: after a reload the endpoint may be another object. */
	bool same = known != NULL && !ast_sip_endpoint_is_artificial(endpoint) &&
		strcmp(ast_sip_endpoint_name(known), ast_sip_endpoint_name(endpoint)) ==
			0;

	ast_sip_endpoint_unref(known);
	return !same;
}

/* RFC 3261 section 22.4: the uri of the credentials means what the request asks for. */
static bool uri_fits(const struct sip_rx_data *rdata, struct sip_str text)
{
	struct sip_uri uri;

	return sip_uri_parse(text, &uri) == 0 &&
		sip_uri_equal(&uri, sip_rx_data_request_uri(rdata));
}

/* What can be seen without a secret; NULL: nothing is wrong. */
static const char *fault_of(const struct ast_sip_endpoint *endpoint,
	const struct sip_rx_data *rdata, const struct sip_digest *credentials)
{
	bool nobody = ast_sip_endpoint_is_artificial(endpoint);

	if (credentials->algorithm.ptr != NULL &&
		!sip_str_equal_nocase(credentials->algorithm, SIP_STR("MD5")))
		return "algorithm not offered";
	if (!sip_str_equal_nocase(credentials->qop, SIP_STR("auth")) ||
		credentials->nc.len != 8 || credentials->cnonce.len == 0)
		return "no qop=auth";
	if (!uri_fits(rdata, credentials->uri))
		return "made for another Request-URI";
	if (!nobody &&
		!sip_str_equal(credentials->username,
			sip_str_of(ast_sip_endpoint_name(endpoint))))
		return "another user";
	return NULL;
}

static bool response_is_right(
	const struct sip_rx_data *rdata, const struct sip_digest *credentials)
{
	struct ha1 ha1;
	bool known = users_find(credentials->username, credentials->realm, &ha1);
	bool equal = digest_is_right(&ha1, sip_rx_data_method_text(rdata), credentials);

	return known && equal;
}

/* The same words as res_sip_authenticator_digest's: one rule finds both in the log.  The
 * name is the operator's, never what an attacker wrote. */
static void log_failure(const struct ast_sip_endpoint *endpoint,
	const struct sip_rx_data *rdata, const char *reason)
{
	static struct sip_log_limit limit;
	char source[SIP_ADDR_TEXT_LEN];

	sip_log_limited(&limit, SIP_LOG_NOTICE, "authentication",
		"failed login source=%s user=%s method=%.*s reason=%s",
		sip_addr_text(&sip_rx_data_flow(rdata)->peer, source),
		ast_sip_endpoint_is_artificial(endpoint)
			? "-"
			: ast_sip_endpoint_name(endpoint),
		SIP_STR_ARG(sip_rx_data_method_text(rdata)), reason);
}

static int authenticate(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	struct sip_digest credentials;
	const char *fault;

	/* No credentials yet: no failure, he is challenged. */
	if (ast_sip_request_credentials(rdata, our_realm(), &credentials) != 0)
		return -1;
	fault = fault_of(endpoint, rdata, &credentials);
	if (fault == NULL &&
		(!response_is_right(rdata, &credentials) ||
			ast_sip_endpoint_is_artificial(endpoint)))
		fault = "wrong password";
	if (fault != NULL) {
		log_failure(endpoint, rdata, fault);
		return -1;
	}
	/* Stale: challenged again, and the challenge says so. */
	return ast_sip_nonce_use(rdata, &credentials) == AST_SIP_NONCE_STALE ? -1 : 0;
}

/* Everybody is challenged alike: our realm, and MD5, which is all that the file has. */
static int get_credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	struct sip_rx_data *rdata = ast_sip_current_request();
	struct ha1 *ha1;

	if (rdata == NULL)
		return -1;
	/* The table may be another before the request has its answer: a copy. */
	ha1 = ast_sip_rx_data_alloc(rdata, sizeof(*ha1));
	if (ha1 == NULL)
		return -1;
	SIP_IGNORE(users_find(sip_str_of(ast_sip_endpoint_name(endpoint)),
		sip_str_of(our_realm()), ha1)); /* nobody's secret where there is none */
	challenge->realm = our_realm();
	challenge->is_md5 = 1;
	challenge->auth.md5 = ha1->hex;
	challenge->algorithms = "MD5";
	return 0;
}

static struct ast_sip_authenticator authenticator = {
	.requires_authentication = requires_authentication,
	.authenticate_request = authenticate,
	.get_authentication_credentials = get_credentials,
};

static int load(void)
{
	if (users_open() != 0)
		return -1;
	if (ast_sip_register_authenticator(&authenticator) == 0)
		return 0;
	users_stop();
	users_free();
	return -1;
}

/* Requests that are under way still ask for users. */
static void unload(void)
{
	ast_sip_unregister_authenticator(&authenticator);
	users_stop();
}

/* And now none does any more. */
static void finish(void)
{
	users_free();
}

AST_SIP_MODULE(.name = "authenticator_file", .load = load, .unload = unload,
	.finish = finish);
