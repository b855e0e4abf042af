/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Sessions: calls as a service sees them, on top of dialogs (RFC 3261 sections 13 to 15,
 * RFC 3262, RFC 3264, RFC 3311, RFC 4028).
 *
 *     static bool on_rx_request(struct sip_rx_data *request)
 *     {
 *             return ast_sip_session_receive(request, &usage, NULL) == 0;
 *     }                            the service .understands = AST_SIP_SESSION_UNDERSTANDS
 *
 *     static void on_offer(struct ast_sip_session *session, struct sip_str offer)
 *     {
 *             ... ast_sip_session_answer(session, sip_str_of(answer));
 *     }
 *
 * What is left to the service is what the two sides say to each other: a description is
 * offered, and answered or refused.  The core chooses the message that carries it (INVITE
 * and its answers, PRACK, UPDATE, ACK), waits for its turn, tries again where offers have
 * crossed (14.1), acknowledges provisional responses, refreshes the session, and hangs up
 * where nobody refreshes it.
 *
 * A session lives until its usage was told on_ended; who needs it in another place until
 * then clears that place there.
 *
 * Threads: everything of a session runs in the turn of its dialog's work, callbacks too;
 * from anywhere else one may call ast_sip_session_invite() and ast_sip_session_end().
 * Not here: what a description means.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/dialog.h"

SIP_API_BEGIN

struct ast_sip_session;

/** What a service of sessions says in sip_service.understands. */
#define AST_SIP_SESSION_UNDERSTANDS "100rel timer"

/** What to do about provisional responses that are acknowledged (RFC 3262). */
enum ast_sip_session_reliable {
	AST_SIP_SESSION_RELIABLE_YES,      /**< where the peer can or wants to */
	AST_SIP_SESSION_RELIABLE_NO,       /**< unless the peer insists */
	AST_SIP_SESSION_RELIABLE_REQUIRED, /**< a peer that can't is refused (421) */
};

/** Who is told, and what is wanted; borrowed until on_ended.  Each callback may be NULL.
 * Descriptions are borrowed for the call, {NULL, 0} where there is none. */
struct ast_sip_session_usage {
	const char *name; /**< for show; NULL: "session" */
	/**
	 * The peer offers, or (`offer` is {NULL, 0}) asks for an offer: with the INVITE
	 * that began the call, and in its course.  Now or later it wants
	 * ast_sip_session_answer() or ast_sip_session_refuse(); an UPDATE at once.
	 * What one of several phones has offered while it rang was declined, and is told
	 * when it accepts the call: the answer is an offer then, and on_answer() follows.
	 * NULL: refused, 488.
	 */
	void (*on_offer)(struct ast_sip_session *session, struct sip_str offer);
	/** The peer has accepted what we offered. */
	void (*on_answer)(struct ast_sip_session *session, struct sip_str answer);
	/** The peer has refused what we offered within the call, with that status; 0: it
	 * could not be sent, or nobody answered.  The session is what it was before. */
	void (*on_refused)(struct ast_sip_session *session, int status);
	/** 101 to 199 to our INVITE, once each. */
	void (*on_progress)(
		struct ast_sip_session *session, struct sip_rx_data *response);
	/** The call is up: our 2xx was acknowledged, or theirs came.  An offer or answer
	 * with that is told before. */
	void (*on_established)(struct ast_sip_session *session);
	/** Any other request within the call (INFO, REFER ...).  True: taken, and
	 * answered with ast_sip_respond() now or later; false: the core answers 405,
	 * OPTIONS 200. */
	bool (*on_request)(struct ast_sip_session *session, struct sip_rx_data *request);
	/** The last it is told, exactly once: the session is freed when it returns.
	 * ast_sip_session_status() and ast_sip_dialog_cause() say why. */
	void (*on_ended)(struct ast_sip_session *session);

	enum ast_sip_session_reliable reliable;
	/** Seconds that the session lives without a refresh: what is asked for, and the
	 * most that is agreed to.  0: a session timer only where the peer wants one. */
	uint32_t session_expires_s;
	/** The least that is agreed to, in seconds; 0: 90, which is the least there is.
	 */
	uint32_t min_se_s;
};

/* Beginning one. */

/**
 * A call came: an INVITE without a To tag, within on_rx_request().
 *
 * 0: the service has taken it and returns true; on_offer() was called.  -1: it is no such
 * request, or it was answered already: 415 (a body that is no application/sdp), 420, 421,
 * 422, 400, 503; the service returns what ast_sip_session_receive() == 0 says.
 */
SIP_MUST_USE int ast_sip_session_receive(struct sip_rx_data *request,
	const struct ast_sip_session_usage *usage, void *token);

/** A call to make: ast_sip_create_dialog_uac() says to whom.  It sends nothing; who does
 * not invite ends it.  NULL (logged). */
SIP_MUST_USE struct ast_sip_session *ast_sip_create_session(
	struct ast_sip_endpoint *endpoint, const char *uri, const char *request_user,
	const struct ast_sip_session_usage *usage, void *token);

/** Call with that offer ({NULL, 0}: ask for one).  0; -1 (logged): the session was used
 * before, or out of memory: end it. */
SIP_MUST_USE int ast_sip_session_invite(
	struct ast_sip_session *session, struct sip_str offer);

/* In its course. */

/**
 * Answer their INVITE provisionally, with 101 to 199; `answer` may be {NULL, 0}.
 *
 * Reliably, where both sides want it.  One that is sent while the one before has no
 * PRACK goes out after it; the latest takes the place of one that still waits.
 * 0; -1 (logged): there is no INVITE to answer, or out of memory.
 */
SIP_MUST_USE int ast_sip_session_progress(
	struct ast_sip_session *session, int code, struct sip_str answer);

/**
 * Answer what was offered, or offer what was asked for: 200 to their INVITE, UPDATE or
 * PRACK, ACK or PRACK to their response.  {NULL, 0}: what was said last, by
 * ast_sip_session_progress() above all; an early answer that was acknowledged is never
 * said again.
 * 0; -1 (logged): nothing waits for it, nothing was said, or out of memory (then it still
 * waits).
 */
SIP_MUST_USE int ast_sip_session_answer(
	struct ast_sip_session *session, struct sip_str answer);

/** Refuse it with `code`, 300 to 699; their first INVITE: the call ends.  An offer in a
 * response can't be refused: the call ends.  0; -1 (logged): nothing waits for it. */
SIP_MUST_USE int ast_sip_session_refuse(struct ast_sip_session *session, int code);

/**
 * Offer something else: another address, a hold.  An UPDATE before the call is up, else
 * an INVITE, as soon as nothing else is under way; on_answer() or on_refused() follows.
 * The latest takes the place of one that still waits.
 * 0; -1 (logged): it has ended, or the peer takes no UPDATE yet, or out of memory.
 */
SIP_MUST_USE int ast_sip_session_offer(
	struct ast_sip_session *session, struct sip_str offer);

/** End it in the way its state asks for: ast_sip_dialog_terminate().  Any thread. */
void ast_sip_session_end(struct ast_sip_session *session, int code);

/* What it is; in its turn. */

/** Its dialog, borrowed as long as the session lives. */
struct sip_dialog *ast_sip_session_dialog(const struct ast_sip_session *session);
/** What the service gave with it. */
void *ast_sip_session_token(const struct ast_sip_session *session);
/** Something else instead. */
void ast_sip_session_set_token(struct ast_sip_session *session, void *token);
/** The final status of our INVITE, or of theirs; 0: none yet. */
int ast_sip_session_status(const struct ast_sip_session *session);
/** It was hung up on because nobody refreshed it in time. */
bool ast_sip_session_expired(const struct ast_sip_session *session);
/** Seconds between refreshes as agreed upon; 0: none.  *ours (may be NULL): we send them.
 */
uint32_t ast_sip_session_interval_s(const struct ast_sip_session *session, bool *ours);

SIP_API_END
