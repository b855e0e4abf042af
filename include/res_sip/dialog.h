/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Dialogs (RFC 3261 sections 12 to 15): calls that end here, or begin here.
 *
 *     static bool on_rx_request(struct sip_rx_data *request)       a call comes
 *     {
 *             struct sip_dialog *dlg = ast_sip_create_dialog_uas(endpoint, request);
 *             ...
 *             ast_sip_dialog_set_usage(dlg, &usage, token);
 *             ast_sip_respond(request, 180, NULL);                 or later, or 200
 *             return true;
 *     }
 *
 *     dlg = ast_sip_create_dialog_uac(endpoint, NULL, NULL);       a call is made
 *     ast_sip_dialog_set_usage(dlg, &usage, token);
 *     ast_sip_send_request("INVITE", sdp, dlg);
 *
 * The core writes From, To, Call-ID, CSeq, Route, Contact; sends a 2xx until its ACK has
 * come and a provisional answer each minute; acknowledges each 2xx; answers CANCEL and
 * BYE.  What is left to the usage is what the call is about.
 *
 * A dialog lives until its usage was told ENDED, and as long as somebody has a reference.
 * The module that made it stays in memory as long.
 *
 * Threads: everything of a dialog runs in the turn of its work, callbacks too; from
 * anywhere else it is allowed to send requests, to terminate, and to give up references.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/endpoint.h"
#include "res_sip/message.h"
#include "res_sip/work.h"

SIP_API_BEGIN

struct sip_dialog;

/** How far it is (RFC 3261 section 12). */
enum ast_sip_dialog_state {
	AST_SIP_DIALOG_NEW,       /**< no answer with a To tag yet */
	AST_SIP_DIALOG_EARLY,     /**< a provisional one */
	AST_SIP_DIALOG_CONFIRMED, /**< a 2xx */
	AST_SIP_DIALOG_ENDED,     /**< the last thing that its usage is told */
};

/** Why it has ended. */
enum ast_sip_dialog_cause {
	AST_SIP_DIALOG_NOT_ENDED,
	AST_SIP_DIALOG_HUNG_UP,    /**< the peer sent BYE */
	AST_SIP_DIALOG_TERMINATED, /**< ast_sip_dialog_terminate() */
	AST_SIP_DIALOG_CANCELLED,  /**< the peer sent CANCEL */
	AST_SIP_DIALOG_REFUSED,    /**< a final answer that is no 2xx, sent or received */
	AST_SIP_DIALOG_TIMEOUT,    /**< nobody answered */
	AST_SIP_DIALOG_NO_ACK,     /**< our 2xx was not acknowledged; BYE was sent */
	AST_SIP_DIALOG_GONE,       /**< 408 or 481 to a request within (12.2.1.2) */
	AST_SIP_DIALOG_FAILED,     /**< it could not be sent, or no memory */
	AST_SIP_DIALOG_OTHER_FORK, /**< another fork has answered, this one never will */
	AST_SIP_DIALOG_STOPPED,    /**< the server stops */
};

/** Who is told; borrowed until the dialog has ended.  Each may be NULL.  What they are
 * given is borrowed for the call. */
struct ast_sip_dialog_usage {
	const char *name; /**< for show */
	/** `message` made it so; NULL: none did.  What an answer of the usage's own makes
	 * of it is not told, but ENDED, which comes exactly once, is. */
	void (*on_state)(struct sip_dialog *dlg, enum ast_sip_dialog_state state,
		struct sip_rx_data *message);
	/**
	 * A request within the dialog, in order and never twice; ACK too (nobody answers
	 * it).  True: taken; it is answered with ast_sip_respond(), now or in any later
	 * task of the dialog's work (it is kept already).  False: the core answers, BYE
	 * with 200, anything else with 405.  After BYE comes ENDED, taken or not.
	 */
	bool (*on_request)(struct sip_dialog *dlg, struct sip_rx_data *request);
	/** A response to a request of the dialog, once; before on_state() and before the
	 * request's own completion. */
	void (*on_response)(struct sip_dialog *dlg, struct sip_rx_data *response);
	/** A CANCEL came for that INVITE; the core has answered 487.  Where it was the
	 * first one ENDED follows. */
	void (*on_cancel)(struct sip_dialog *dlg, struct sip_rx_data *invite);
	/**
	 * Another phone has answered the INVITE of `dlg`, too: `fork` is its dialog, with
	 * the same usage and token.  True: it is taken, and is a dialog as any other.
	 * False: the core sees to it.  While nobody has answered 2xx it waits, and where
	 * it is the first to do so it becomes `dlg`, which then has its tags; a further
	 * 2xx is acknowledged and hung up on (13.2.2.4).  Asked again at its 2xx.
	 */
	bool (*on_fork)(struct sip_dialog *dlg, struct sip_dialog *fork,
		struct sip_rx_data *response);
};

/* Making one. */

/**
 * A call to `uri` (NULL: the first contact of the endpoint's AORs), from the endpoint's
 * from_user and from_domain.  `request_user` (NULL: none) stands in the place of the
 * URI's user part.  Any thread.  It sends nothing; who does not send INVITE terminates
 * it.  What nobody does either with ends with its module, when that is unloaded
 * (TERMINATED), or with the server, when it stops (STOPPED).  NULL (logged): no such
 * contact or listener, no server, or it stops, out of memory.
 */
SIP_MUST_USE struct sip_dialog *ast_sip_create_dialog_uac(
	struct ast_sip_endpoint *endpoint, const char *uri, const char *request_user);

/**
 * For an INVITE without a To tag, within on_rx_request(); `endpoint` NULL: the request's.
 * The request is kept (ast_sip_keep_request()) and the answers to it get the dialog's tag
 * and Contact; the service returns true.  The events of the request come to the usage.
 * NULL: no INVITE, a To tag, answered already, out of memory (503 was sent); no Contact
 * in it that a request can be sent to (400 was sent).
 */
SIP_MUST_USE struct sip_dialog *ast_sip_create_dialog_uas(
	struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata);

/** Before anything was sent or answered. */
void ast_sip_dialog_set_usage(
	struct sip_dialog *dlg, const struct ast_sip_dialog_usage *usage, void *token);

/**
 * Let a dialog of ast_sip_create_dialog_uac() run in `work`, which is that of another
 * call, whose turn it is: ast_sip_current_work(), in which the two legs of a call then
 * never overlap.  Before anything was sent on it.
 * 0; -1 (logged): `work` is no call's or not the current one, too late, out of memory.
 */
SIP_MUST_USE int ast_sip_dialog_set_work(
	struct sip_dialog *dlg, struct ast_sip_work *work);

/** Its work; NULL until the first request is sent, and once it has ended. */
struct ast_sip_work *ast_sip_dialog_work(const struct sip_dialog *dlg);

/* Ending one. */

/**
 * End it in the way that its state asks for: CANCEL, BYE, or `code` (300 to 699; 0: 603)
 * to an INVITE that has no final answer.  A 2xx that crosses with the CANCEL is
 * acknowledged and hung up on; a BYE waits for the ACK of our 2xx (section 15).  ENDED is
 * told in a task of its own.  Any thread; again, or too late: nothing happens.
 */
void ast_sip_dialog_terminate(struct sip_dialog *dlg, int code);

/** One more reference; returns dlg.  Any thread. */
struct sip_dialog *ast_sip_dialog_ref(struct sip_dialog *dlg);
/** Give one back.  NULL is allowed.  Any thread. */
void ast_sip_dialog_unref(struct sip_dialog *dlg);

/* Within. */

/**
 * In a callback about a 2xx to INVITE: its ACK, which goes out by itself when the
 * callback returns, waits for ast_sip_dialog_ack().
 */
void ast_sip_dialog_defer_ack(struct sip_dialog *dlg);

/**
 * Acknowledge the latest 2xx with a body (NULL: without), now; in the dialog's turn.  Its
 * copies get the same ACK again, for half a minute.  0; -1 (logged): none waits, or no
 * memory.
 */
SIP_MUST_USE int ast_sip_dialog_ack(
	struct sip_dialog *dlg, const char *type, const void *body, size_t len);

/* What it is; in its turn. */

/** Its state. */
enum ast_sip_dialog_state ast_sip_dialog_state(const struct sip_dialog *dlg);
/** Why it has ended; AST_SIP_DIALOG_NOT_ENDED before. */
enum ast_sip_dialog_cause ast_sip_dialog_cause(const struct sip_dialog *dlg);
bool ast_sip_dialog_is_uac(const struct sip_dialog *dlg);    /**< we have called */
bool ast_sip_dialog_is_secure(const struct sip_dialog *dlg); /**< sips (12.1.1) */
/** An INVITE of ours has no final answer yet. */
bool ast_sip_dialog_inviting(const struct sip_dialog *dlg);
/** An INVITE of the peer's has no final answer yet. */
bool ast_sip_dialog_invited(const struct sip_dialog *dlg);
/** Whose call it is; borrowed. */
struct ast_sip_endpoint *ast_sip_dialog_endpoint(const struct sip_dialog *dlg);
/** What its usage keeps with it; NULL before. */
void *ast_sip_dialog_token(const struct sip_dialog *dlg);
/** Keep something else. */
void ast_sip_dialog_set_token(struct sip_dialog *dlg, void *token);
/** Its Call-ID; lives as long as the dialog, as the tags do. */
struct sip_str ast_sip_dialog_call_id(const struct sip_dialog *dlg);
/** Our tag. */
struct sip_str ast_sip_dialog_local_tag(const struct sip_dialog *dlg);
/** ptr NULL: not known yet, or a peer of RFC 2543. */
struct sip_str ast_sip_dialog_remote_tag(const struct sip_dialog *dlg);
/** A URI: where its requests go. */
struct sip_str ast_sip_dialog_remote_target(const struct sip_dialog *dlg);
/** The dialog that the request belongs to, borrowed; NULL: none. */
struct sip_dialog *ast_sip_dialog_of(const struct sip_rx_data *rdata);

SIP_API_END
