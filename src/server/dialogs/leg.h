/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A leg: a dialog (dialog/dialog.h) with what the server needs to keep it.
 *
 *      dialog_api.c  the public functions: res_sip/dialog.h
 *      leg.c         its life, and telling its usage
 *      incoming.c    requests of the peer
 *      answers.c     our answers to the peer's INVITE: tag, Contact, 2xx until ACK
 *      outgoing.c    requests of ours
 *      inviting.c    what comes back to an INVITE of ours: forks, ACK
 *      hang_up.c     ending one from our side
 *      unsent.c      those as caller that have sent nothing
 *
 * A leg hangs off its call and pins it.  It is counted: by its call until it has ended,
 * by requests that are under way, by whoever has asked for a reference.
 *
 * Threads: the turn of its call, but for the reference count and what is immutable.
 */
#pragma once

#include "server/serving.h"

#include "dialog/dialog.h"
#include "dialog/repeat.h"
#include "res_sip/dialog.h"
#include "session/reliable.h"

struct sip_outgoing;

struct sip_leg {
	struct sip_dialog dialog; /* first: a sip_dialog of the API is a leg */
	_Atomic uint32_t refs;
	/* Immutable. */
	struct sip_server *server;
	uint64_t call_hash;
	struct ast_sip_endpoint *endpoint; /* counted */

	struct sip_call *call;  /* NULL: nothing was sent yet, or it has ended */
	struct sip_leg *next;   /* of its call */
	struct sip_list unsent; /* of its server's; guarded by the unsent_lock */
	bool is_unsent;
	enum ast_sip_dialog_state state;
	enum ast_sip_dialog_cause cause;
	const struct ast_sip_dialog_usage *usage; /* NULL: nobody */
	struct sip_call_site *site; /* of the usage; its owner counts the leg */
	void *token;

	struct sip_flow flow; /* the way that the peer's latest message came; first to the
				 target; listener 0: that is a name */
	uint32_t listener;    /* by name: it leaves by that one; 0: by any */
	bool registered;      /* the first INVITE goes by that flow and no other */
	bool rewrite_contact; /* requests go there, whatever the target says */

	/* As callee: the peer's INVITE, from its arrival to its final answer, and from
	 * its 2xx to the ACK; counted. */
	struct sip_rx_data *invite;
	struct sip_rx_data *accepted;
	struct sip_repeat repeat;

	/* As caller, of our latest INVITE: until its final answer; until its ACK. */
	struct sip_outgoing *inviting;
	struct sip_outgoing *unacknowledged;
	bool defer_ack;

	bool fork;                       /* another leg has sent the INVITE */
	_Atomic bool moved;              /* it has changed places with another */
	struct sip_reliable_in reliable; /* what such a phone has said reliably */
	struct sip_str said; /* and described with that first; owned, ptr NULL: nothing */
	uint32_t said_rseq;  /* in the response of that number */
	bool taken;          /* a fork that the usage has accepted */
	bool terminating;    /* hung up on as soon as that is allowed */
	bool saying_bye;     /* a BYE of ours is under way */
	struct sip_timer again; /* for which there was no memory */
	uint32_t again_ms;
	uint32_t waited_ms; /* in all */
	bool lingers;       /* a fork that ended while our INVITE has no answer */
	bool told_ended;
	struct sip_task end_task;
	bool ending; /* end_task is pushed */
	_Atomic bool terminated;
	struct sip_task terminate_task;
	int terminate_code; /* whoever pushes the task writes it; read when that runs */
};

static inline struct sip_leg *sip_leg_of(struct sip_dialog *dlg)
{
	SIP_ASSERT(dlg != NULL && dlg->magic == sip_dialog_MAGIC);
	return SIP_CONTAINER(dlg, struct sip_leg, dialog);
}

/* ---- leg.c ---- */

size_t sip_leg_size(void);

/** With `dialog` as it was made, which it takes in any case, for the code of `site`
 * (NULL: of the running callback).  NULL: out of memory. */
SIP_MUST_USE struct sip_leg *sip_leg_create(struct sip_server *server,
	struct sip_dialog *dialog, struct ast_sip_endpoint *endpoint,
	struct sip_call_site *site);
struct sip_leg *sip_leg_ref(struct sip_leg *leg);
void sip_leg_unref(struct sip_leg **leg);

/** From now on it is the call's, whose turn it is. */
void sip_leg_enter(struct sip_leg *leg, struct sip_call *call);

/** Told to the usage; nothing happens where there is none. */
void sip_leg_tell_state(struct sip_leg *leg, struct sip_rx_data *message);
bool sip_leg_tell_request(struct sip_leg *leg, struct sip_rx_data *request);
void sip_leg_tell_response(struct sip_leg *leg, struct sip_rx_data *response);

/** It has ended: the usage is told, and the call lets it go, at the latest with its BYE.
 * Again: nothing happens. */
void sip_leg_end(struct sip_leg *leg, enum ast_sip_dialog_cause cause,
	struct sip_rx_data *message);
/** Likewise in a task of its own: for who is being called by the usage. */
void sip_leg_end_later(struct sip_leg *leg, enum ast_sip_dialog_cause cause);
/** Its BYE is through, or need not be sent any more. */
void sip_leg_bye_over(struct sip_leg *leg);
/** When it has ended: its INVITE was answered after all, or can't be any more. */
void sip_leg_invite_over(struct sip_leg *leg);
/** Our INVITE is through: nothing of that phone can come any more. */
void sip_leg_fork_over(struct sip_leg *leg);

/** sip_calls_on_end(): the server stops. */
void sip_legs_stop(struct sip_call *call);

/* ---- incoming.c ---- */

/** The step "match", where the call has legs: a request with a To tag.  NEXT: no leg
 * knows it, or its sender has to prove himself first (serving->leg is set then). */
enum sip_step_result sip_leg_match(struct sip_rx_data *rdata);
/** Its sender was authenticated: serving->leg gets it, or it is refused. */
void sip_leg_receive_proven(struct sip_rx_data *rdata);
/** The Request-URI is what the Contact of a dialog of ours looks like: its user part is
 * the request's To tag. */
bool sip_leg_is_target(const struct sip_rx_data *rdata);
/** A request for a dialog that would be ours, and that there is not: 481. */
bool sip_leg_unknown(struct sip_rx_data *rdata);

/* ---- answers.c ---- */

/** The Contact of an answer to `rdata`, where it is to have one. */
void sip_leg_put_contact(
	struct sip_builder *b, const struct sip_rx_data *rdata, int status);
/** An answer to a request of the leg went out; sealed. */
void sip_leg_answered(struct sip_rx_data *rdata, struct sip_tx_data *answer);
/** What became of a kept request of the leg. */
void sip_leg_event(struct sip_rx_data *rdata, enum sip_txn_event event);
/** Nobody waits for the ACK of our 2xx any more: what absorbs copies of that INVITE lives
 * on without the leg. */
void sip_leg_accepted_over(struct sip_leg *leg);
/** The ACK of our 2xx came. */
void sip_leg_acknowledged(struct sip_leg *leg);
void sip_leg_init_repeat(struct sip_leg *leg);

/* ---- sessions/session_extension.c ---- */

/** What the usage of a session is called, where the dialog is one's; NULL: nothing. */
const char *sip_session_name(const struct sip_leg *leg);

/* ---- unsent.c ---- */

/** A new leg as caller, with no call yet.  False: the server stops. */
bool sip_unsent_add(struct sip_leg *leg);
/** It has a call, or has ended.  Again: nothing happens. */
void sip_unsent_remove(struct sip_leg *leg);
/** Whose it is is looked at by other threads, too. */
void sip_unsent_set_site(struct sip_leg *leg, struct sip_call_site *site);
/** The owner's code is no longer wanted, and none of it that is running is about to use
 * what it has made: terminate what has sent nothing.  To be called again until nothing
 * of the owner is left. */
void sip_unsent_end_of(struct sip_server *server, const struct sip_owner *owner);
/** The pool has stopped: tasks that end all of them, each in its turn, are pushed. */
void sip_unsent_stop(struct sip_server *server);
/** Nothing runs any more, or ever did: what is left goes, and nobody is told. */
void sip_unsent_drop(struct sip_server *server);

/* ---- hang_up.c ---- */

/** The INVITE that makes it is under way still. */
bool sip_leg_calls(const struct sip_leg *leg);
/** Then: it is cancelled.  What answers it 2xx nevertheless is hung up on. */
void sip_leg_cancel(struct sip_leg *leg);
/** The dialog has ended, and an INVITE of ours is under way in it: which is cancelled
 * where it makes the dialog, and else answered by a peer that has the BYE, or is not. */
void sip_leg_give_up(struct sip_leg *leg);
/** End it in a task of its own, unless that is pushed already. */
void sip_leg_stop_unsent(struct sip_leg *leg);

/** Send a BYE; where there is no memory for it, it is tried again for 64*T1.  The leg is
 * ended by the caller. */
void sip_leg_say_bye(struct sip_leg *leg);
void sip_leg_init_again(struct sip_leg *leg);
void sip_leg_terminate(struct sip_leg *leg);
