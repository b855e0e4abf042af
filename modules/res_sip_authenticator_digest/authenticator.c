/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The default authenticator: Digest with the secrets of the auth sections
 * that the identified endpoint names (RFC 3261 section 22, RFC 8760).
 *
 * An endpoint with auth sections must authenticate, and so must whoever is
 * nobody (the artificial endpoint): he goes through the same steps, against a
 * secret that does not exist.  The response is judged before the nonce: only
 * who knows the secret learns that his nonce was stale.
 *
 * Every failed login is logged here, and nowhere else: who watches the log to
 * block attackers reads `authentication: failed login source=... user=...`.
 * Where the nonce is none that we gave to that address, the reason says so: the
 * sender may be somebody else, and is not to be blocked.
 * A request without credentials is no failure, nor is a stale nonce, nor what could not
 * be judged for want of memory: that is told to come again later (503).
 *
 * Threads: the turn of the request's work; reads memory only.
 */
#include "failures.h"
#include "hashers.h"
#include "judge.h"

#include <res_sip.h>

/* What the callbacks share: idle hashers, and the log lines' limits. */
static struct digest_hashers hashers;
static struct failures failures;
static struct sip_log_limit other_realms;
static struct sip_log_limit faults;

static const char *our_realm(void)
{
	const struct sip_global_config *global = ast_sip_global_options();

	if (global->default_realm != NULL)
		return global->default_realm;
	return global->domain.count > 0 ? global->domain.item[0] : "res_sip";
}

static int requires_authentication(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)rdata;
	return ast_sip_endpoint_is_artificial(endpoint) ||
		ast_sip_endpoint_auth(endpoint, 0) != NULL;
}

static const struct sip_auth_config *section_of(const void *arg, size_t index)
{
	return ast_sip_endpoint_auth(arg, index);
}

static const char *ha1_of(const void *arg, size_t index)
{
	return ast_sip_endpoint_ha1(arg, index);
}

/* Longer names are cut in the log. */
#define NAME_LEN 64

/* The name as one word: it is the attacker's choice, and must not look like a field of
 * ours. */
static struct sip_str one_word(struct sip_str name, char *buf)
{
	size_t len = name.len < NAME_LEN ? name.len : NAME_LEN;

	for (size_t i = 0; i < len; i++) {
		char c = name.ptr[i];
		buf[i] = (char)(c <= ' ' || c == '=' || c == '"' ? '?' : c);
	}
	return (struct sip_str){ buf, len };
}

static void log_failure(const struct sip_rx_data *rdata,
	const struct sip_digest *credentials, const char *reason)
{
	char source[SIP_ADDR_TEXT_LEN];
	char name[NAME_LEN];
	struct sip_str user = one_word(credentials->username, name);
	const struct sip_addr *peer = &sip_rx_data_flow(rdata)->peer;
	bool proven = ast_sip_nonce_proves_source(rdata, credentials);

	sip_log_limited(failures_limit(&failures, peer, proven), SIP_LOG_NOTICE,
		"authentication",
		"failed login source=%s user=%.*s method=%.*s reason=%s%s",
		sip_addr_text(peer, source), SIP_STR_ARG(user),
		SIP_STR_ARG(sip_rx_data_method_text(rdata)), reason,
		proven ? "" : ", source not proven");
}

static enum judgement judge(const struct ast_sip_endpoint *endpoint,
	const struct sip_rx_data *rdata, const struct sip_digest *credentials,
	const char *realm)
{
	const struct judge_case judged = {
		.credentials = credentials,
		.realm = sip_str_of(realm),
		.method = sip_rx_data_method_text(rdata),
		.request_uri = sip_rx_data_request_uri(rdata),
		.offered = &ast_sip_global_options()->default_auth_algorithms_uas,
		.uri_is_ours = ast_sip_uri_is_ours,
		.section = section_of,
		.ha1 = ha1_of,
		.arg = endpoint,
	};
	struct digest_hasher *hasher = digest_hasher_borrow(&hashers);

	if (hasher == NULL)
		return JUDGED_FAULT;
	enum judgement result = judge_credentials(hasher, &judged);
	digest_hasher_give_back(&hashers, hasher);
	return result;
}

/* The field that they were found in. */
static const char *field_of(const struct sip_rx_data *rdata, const char *realm)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_digest credentials;

	while (sip_rx_data_next_header(rdata, SIP_HDR_AUTHORIZATION, &iter)) {
		if (sip_digest_parse(iter.value, &credentials) == 0 &&
			sip_str_equal(credentials.realm, sip_str_of(realm)))
			return "Authorization";
	}
	return "Proxy-Authorization";
}

/* Dry: which realms the credentials are for that are not for ours. */
static void explain_missing(const struct sip_rx_data *rdata, const char *realm)
{
	static const enum sip_hdr_id fields[] = { SIP_HDR_AUTHORIZATION,
		SIP_HDR_PROXY_AUTHORIZATION };

	ast_sip_explain(rdata, &ast_sip_global_options()->source,
		"no credentials for realm %s", realm);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct sip_hdr_iter iter = { 0 };
		struct sip_digest other;

		while (sip_rx_data_next_header(rdata, fields[i], &iter)) {
			if (sip_digest_parse(iter.value, &other) == 0)
				ast_sip_explain(rdata, NULL,
					"there are credentials for realm %.*s",
					SIP_STR_ARG(other.realm));
			else
				ast_sip_explain(rdata, NULL,
					"there are credentials that are no Digest");
		}
	}
}

/* Dry: the auth sections that count, without their secrets. */
static void explain_judgement(const struct ast_sip_endpoint *endpoint,
	const struct sip_rx_data *rdata, const struct sip_digest *credentials,
	enum judgement result)
{
	const struct sip_auth_config *section;

	ast_sip_explain(rdata, NULL, "credentials of %.*s in %s, algorithm %.*s: %s",
		SIP_STR_ARG(credentials->username), field_of(rdata, our_realm()),
		SIP_STR_ARG(credentials->algorithm.ptr != NULL ? credentials->algorithm
							       : SIP_STR("MD5")),
		result == JUDGED_RIGHT ? "the password is right"
				       : judgement_text(result));
	for (size_t i = 0; (section = ast_sip_endpoint_auth(endpoint, i)) != NULL; i++) {
		bool named = section->username != NULL &&
			sip_str_equal(
				sip_str_of(section->username), credentials->username);

		ast_sip_explain(rdata, &section->source, "auth section %s%s %s%s%s",
			section->name, named ? " is for" : " is not for",
			"username=", section->username != NULL ? section->username : "",
			named ? "" : ", as its credentials have another");
	}
	if (result == JUDGED_UNKNOWN_USER)
		ast_sip_explain(rdata, NULL,
			"no auth section of %s has username=\"%.*s\"",
			ast_sip_endpoint_is_artificial(endpoint)
				? "a sender whom nobody knows"
				: ast_sip_endpoint_name(endpoint),
			SIP_STR_ARG(credentials->username));
}

/* A phone that was told another realm fails for ever, and says nothing but 401. */
static void log_other_realm(const struct sip_rx_data *rdata, const char *realm)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_digest other;
	char source[SIP_ADDR_TEXT_LEN];
	char user[NAME_LEN];
	char theirs[NAME_LEN];

	if (!sip_rx_data_next_header(rdata, SIP_HDR_AUTHORIZATION, &iter) ||
		sip_digest_parse(iter.value, &other) != 0)
		return;
	struct sip_str name = one_word(other.username, user);
	struct sip_str other_realm = one_word(other.realm, theirs);
	sip_log_limited(&other_realms, SIP_LOG_NOTICE, "authentication",
		"credentials for another realm source=%s user=%.*s method=%.*s "
		"realm=%.*s ours=%s",
		sip_addr_text(&sip_rx_data_flow(rdata)->peer, source), SIP_STR_ARG(name),
		SIP_STR_ARG(sip_rx_data_method_text(rdata)), SIP_STR_ARG(other_realm),
		realm);
}

/* A challenge would tell who has the right password that it is wrong. */
static void come_later(struct sip_rx_data *rdata)
{
	sip_log_limited(&faults, SIP_LOG_WARNING, "authentication", "not judged: %s",
		judgement_text(JUDGED_FAULT));
	/* Lost, it comes again. */
	SIP_IGNORE(ast_sip_respond_busy(rdata));
}

static int authenticate(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	const char *realm = our_realm();
	struct sip_digest credentials;

	if (ast_sip_request_credentials(rdata, realm, &credentials) != 0) {
		if (ast_sip_is_dry(rdata))
			explain_missing(rdata, realm);
		log_other_realm(rdata, realm);
		return -1;
	}
	enum judgement result = judge(endpoint, rdata, &credentials, realm);
	if (ast_sip_is_dry(rdata))
		explain_judgement(endpoint, rdata, &credentials, result);
	if (result == JUDGED_FAULT) {
		come_later(rdata);
		return -1;
	}
	if (result != JUDGED_RIGHT) {
		log_failure(rdata, &credentials, judgement_text(result));
		return -1;
	}
	return ast_sip_nonce_use(rdata, &credentials) == AST_SIP_NONCE_STALE ? -1 : 0;
}

/*
 * What to challenge with.  The realm is the server's for everybody: one of the endpoint's
 * own would tell known users from unknown ones.
 */
static int get_credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	const struct sip_auth_config *section = ast_sip_endpoint_auth(endpoint, 0);

	if (section == NULL && !ast_sip_endpoint_is_artificial(endpoint))
		return -1;
	challenge->realm = our_realm();
	if (section == NULL) {
		challenge->auth.plain.username = "";
		challenge->auth.plain.password = "";
		return 0;
	}
	challenge->is_md5 = section->auth_type == SIP_AUTH_MD5 ||
		(section->auth_type == SIP_AUTH_DIGEST && section->password == NULL);
	if (challenge->is_md5) {
		challenge->auth.md5 = section->md5_cred;
		challenge->sha256 = section->sha256;
		challenge->sha512_256 = section->sha512_256;
	} else {
		challenge->auth.plain.username = section->username;
		challenge->auth.plain.password = section->password;
	}
	return 0;
}

static struct ast_sip_authenticator authenticator = {
	.requires_authentication = requires_authentication,
	.authenticate_request = authenticate,
	.get_authentication_credentials = get_credentials,
};

static int load(void)
{
	failures_init(&failures);
	if (digest_hashers_init(&hashers) != 0) {
		sip_log(SIP_LOG_ERROR, "authentication",
			"no memory, or OpenSSL without MD5, SHA-256 or SHA-512/256");
		return -1;
	}
	if (ast_sip_register_authenticator(&authenticator) == 0)
		return 0;
	digest_hashers_fini(&hashers);
	return -1;
}

/* A callback that still runs keeps what it borrowed. */
static void unload(void)
{
	ast_sip_unregister_authenticator(&authenticator);
	digest_hashers_fini(&hashers);
}

AST_SIP_MODULE(.name = "res_sip_authenticator_digest", .flags = AST_SIP_MODULE_DRY_SAFE,
	.load = load, .unload = unload);
