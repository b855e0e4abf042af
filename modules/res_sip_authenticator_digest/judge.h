/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Whether Digest credentials are right: everything but the nonce.
 *
 * Threads: any, each with its own hasher.
 */
#pragma once

#include "digest.h"

#include <res_sip/config.h>
#include <res_sip/uri.h>

enum judgement {
	JUDGED_RIGHT,
	JUDGED_WRONG_PASSWORD,
	JUDGED_UNKNOWN_USER, /**< no auth section has that username */
	JUDGED_INCOMPLETE,   /**< username, nonce, uri or response is missing */
	JUDGED_ALGORITHM,    /**< not one that is offered */
	JUDGED_QOP,          /**< not `auth`, or nc or cnonce is missing or malformed */
	JUDGED_URI,          /**< made for another Request-URI */
	JUDGED_FAULT,        /**< OpenSSL refused */
};

/** What is judged; all borrowed. */
struct judge_case {
	const struct sip_digest *credentials;
	struct sip_str realm; /* ours */
	struct sip_str method;
	const struct sip_uri *request_uri;
	const struct sip_config_list *offered; /* algorithms; empty: MD5 */
	bool (*uri_is_ours)(const struct sip_uri *uri);
	/* The auth sections that count, NULL behind the last. */
	const struct sip_auth_config *(*section)(const void *arg, size_t index);
	/* Of that section for our realm, in MD5: 32 hex digits; NULL: it has no password.
	 */
	const char *(*ha1)(const void *arg, size_t index);
	const void *arg; /* of both */
};

/**
 * Judge.  The same sums are made whether the user is known or not, so that the time says
 * nothing.
 */
enum judgement judge_credentials(
	struct digest_hasher *hasher, const struct judge_case *judged);

/** In words, for the log. */
const char *judgement_text(enum judgement judgement);

/**
 * Do the uri of credentials and a Request-URI name the same resource (RFC 7616
 * section 3.4.6)?
 *
 * The user must be the same.  Port, parameters and the scheme's `s` may differ, and one
 * host of ours may stand for another: proxies and phones change those without asking for
 * something else.  A uri that is ours and names no user fits every request: some clients
 * sign the server they send to.  That is their choice: no URI of ours that a request is
 * for lacks a user, those of dialogs neither.  RFC 3261 section 22.4 would let a proxy
 * change the user as well; that is refused, as whoever sees a request pass could then
 * have it go to a number of his choice.
 */
bool judge_uris_agree(const struct sip_uri *credentials_uri,
	const struct sip_uri *request_uri,
	bool (*uri_is_ours)(const struct sip_uri *uri));
