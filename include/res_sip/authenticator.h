/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Authentication of requests (RFC 3261 section 22, RFC 7616, RFC 8760).
 *
 * An identifier says who a request claims to be from; the authenticator proves
 * it.  There is one authenticator at a time.
 *
 * Threads: callbacks run in the turn of the request's work, and may block.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/endpoint.h"

SIP_API_BEGIN

/**
 * Data used for creating authentication challenges, filled in by the authenticator's
 * get_authentication_credentials().  Pointers are borrowed for as long as the request
 * lives, unless static.  All zero before the callback.
 */
struct ast_sip_digest_challenge_data {
	const char *realm; /**< MUST be filled in. */
	int is_md5;        /**< MUST be set: which member of `auth` holds the secret. */
	union {
		struct {
			const char *username;
			const char *password;
		} plain;
		const char *md5; /**< hex of MD5(user:realm:password) */
	} auth;
	const char *domain; /**< NULL: no domain parameter */
	const char *opaque; /**< NULL: the core makes one */
	const char *nonce;  /**< NULL: the core makes one */
	/* Beyond the design's own fields: */
	const char *sha256;     /**< hex of SHA-256(user:realm:password); NULL: none */
	const char *sha512_256; /**< likewise */
	const char *algorithms; /**< `SHA-256,MD5`, best first; NULL: `[global]
				   default_auth_algorithms_uas` */
	int stale; /**< the credentials were right for a nonce that no longer holds */
};

/** An interchangeable way of handling digest authentication for SIP. */
struct ast_sip_authenticator {
	/** See ast_sip_requires_authentication(). */
	int (*requires_authentication)(
		struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata);
	/** See ast_sip_authenticate_request().  Where it can't tell it answers the
	 * request (ast_sip_respond_busy()) and returns non-zero: nobody is challenged
	 * then, and no login has failed. */
	int (*authenticate_request)(
		struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata);
	/** See ast_sip_get_authentication_credentials(). */
	int (*get_authentication_credentials)(struct ast_sip_endpoint *endpoint,
		struct ast_sip_digest_challenge_data *challenge);
	/* Beyond the design's own fields: */
	/**
	 * Optional, instead of authenticate_request() where it is not NULL: begin, return
	 * 0, and call ast_sip_authentication_done() once, from any thread.  Not 0: failed
	 * at once.
	 */
	int (*authenticate_request_later)(
		struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata);
	bool may_block;
};

/** 0; -1 (logged): there is one already, a callback is missing, no server. */
SIP_MUST_USE int ast_sip_register_authenticator(struct ast_sip_authenticator *auth);

/** Without one requests cannot be challenged or authenticated: the server answers 503
 * unless
 * `[global] authentication=none`. */
void ast_sip_unregister_authenticator(struct ast_sip_authenticator *auth);

/** Non-zero: the request requires authentication.  0: not, or there is no authenticator.
 */
int ast_sip_requires_authentication(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata);

/** 0: authenticated, or there is no authenticator.  Non-zero: not. */
int ast_sip_authenticate_request(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata);

/** Result of authenticate_request_later(): `result` is 0 or the failure.  Any thread;
 * once. */
void ast_sip_authentication_done(struct sip_rx_data *rdata, int result);

/** 0; -1: no authenticator, or it has nothing to challenge with. */
SIP_MUST_USE int ast_sip_get_authentication_credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge);

/** What ast_sip_check_authentication() found. */
enum ast_sip_check_auth_result {
	AST_SIP_AUTHENTICATION_CHALLENGE_SENT, /**< also after wrong credentials; or it
						  has another answer */
	AST_SIP_AUTHENTICATION_SUCCESS,
	AST_SIP_AUTHENTICATION_FAILED, /**< wrong; nothing to challenge with */
	AST_SIP_AUTHENTICATION_NOT_REQUIRED,
};

/**
 * All of the above in one: asks, authenticates, and challenges where that fails.
 * Asked again for the same request it returns the first result.
 */
enum ast_sip_check_auth_result ast_sip_check_authentication(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata);

/**
 * Challenge the request that the running task serves, with a 401.
 * 0; -1 (logged): no such request, no realm, or it has a final answer.
 */
SIP_MUST_USE int ast_sip_challenge_request(
	struct ast_sip_digest_challenge_data *challenge);

/** Challenge that request: 401, or 407 where it is to be forwarded (RFC 3261
 * section 22.3). */
SIP_MUST_USE int ast_sip_challenge_rx_data(
	struct sip_rx_data *rdata, const struct ast_sip_digest_challenge_data *challenge);

/* For authenticators: credentials and nonces. */

/** The request's Digest credentials for `realm`, from Authorization or
 * Proxy-Authorization; parameters unquoted.  0, or -1: none. */
SIP_MUST_USE int ast_sip_request_credentials(const struct sip_rx_data *rdata,
	const char *realm, struct sip_digest *credentials);

/** What ast_sip_nonce_use() found. */
enum ast_sip_nonce_verdict {
	AST_SIP_NONCE_GOOD,  /**< ours, fresh, this count was not used before */
	AST_SIP_NONCE_COPY,  /**< the same request again (retransmission, fork, spiral):
				good */
	AST_SIP_NONCE_STALE, /**< too old, not ours, of another address or a replay:
				challenge with stale */
};

/**
 * Judge the nonce of credentials whose response was found RIGHT, and count its use; a
 * stale one makes the challenge that follows say so.  RFC 7616 section 3.3.
 */
enum ast_sip_nonce_verdict ast_sip_nonce_use(
	struct sip_rx_data *rdata, const struct sip_digest *credentials);

/**
 * The nonce is one that this server gave to the address that the request came from, in
 * its present run, for that realm; whatever its age.  The sender then reads what is sent
 * there: it is no address that somebody else wrote into his datagrams.
 */
bool ast_sip_nonce_proves_source(
	const struct sip_rx_data *rdata, const struct sip_digest *credentials);

SIP_API_END
