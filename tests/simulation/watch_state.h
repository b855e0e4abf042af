/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the rules remember of each request that a server got (an ask) and of each that it
 * sent on (a branch).
 *
 *     watch.c           which message belongs to what
 *     watch_asks.c      answers: one, in time, again on the schedule of timer G
 *     watch_branches.c  requests sent on: timers A, B, E, F; CANCEL; 2xx passed
 *     watch_dialogs.c   calls that end or begin at the server: what comes to it
 *     watch_calls.c     likewise, what it sends
 *     watch_target.c    where that goes
 *     watch_reliable.c  what rings reliably there; watch_sessions.c  session timers
 *     watch_proxy.c     who is called, which answer goes back, CANCEL and ACK in place
 *     watch_who.c       who may do that; nonce counts
 *     watch_contacts.c  what is registered
 *     watch_memory.c    what is forgiven to who has no memory
 *     watch_modules.c   what is done without one of the modules
 *     watch_restart.c   what a server that ended has forgotten
 *     watch_streams.c   connections: what goes by them, what becomes of it
 *     watch_load.c      who waits, who is refused; how late a busy server may be
 */
#pragma once

#include "watch.h"

#include "sim.h"

/* Times are the server's, in milliseconds. */
#define TOLERANCE_US UINT64_C(1000)

#define WATCH_BUCKETS 512

struct branch;
struct sent_ack;
struct talk;

struct ask {
	struct ask *next;  /* in its bucket */
	struct ask *older; /* of all asks */
	unsigned host;
	struct place from;
	struct place via;        /* its connection's other end; .ip 0: it came by UDP */
	struct sip_text request; /* a copy */
	bool is_invite;
	bool is_let_in;       /* with credentials */
	bool is_stateful;     /* it was sent on, or a 100 came */
	uint64_t kept_us;     /* when, first */
	bool is_registered;   /* a REGISTER that had a 200: copies change nothing */
	unsigned code_before; /* of an answer that kept nothing, to an earlier copy */
	uint64_t before_us;   /* when that came */
	uint64_t
		judged_before_us; /* and when it was judged: earlier where that blocked */
	uint64_t first_us;
	uint64_t last_us;         /* when its latest copy came */
	uint64_t copy_us;         /* likewise, of a second or further one */
	uint64_t arrived_us;      /* and when that arrived */
	unsigned unanswered;      /* copies, of what keeps no state */
	uint64_t busy_us;         /* when it first was for want of memory; 0: never */
	uint64_t refused_us;      /* when it was sent away for want of time; 0: never */
	uint64_t refused_from_us; /* and in a round that had begun then */
	uint64_t final_us;        /* 0: no final answer yet */
	uint64_t judged_us;       /* when its turn began that brought that answer */
	unsigned final_code;
	struct slice final_tag;
	uint64_t ack_us;
	uint64_t cancel_us;
	uint64_t due_us; /* timer G; NEVER */
	uint64_t interval_us;
	struct branch *branches;
	struct talk *talk; /* of the server's own; NULL: none */
	bool desk;         /* the INVITE that begins it */
	bool too_low;      /* its CSeq */
	bool acknowledges; /* a PRACK for what is outstanding */
	bool let_in;
};

struct branch {
	struct branch *next;    /* in its bucket */
	struct branch *sibling; /* of the same ask */
	struct branch *older;   /* of all */
	struct ask *ask;
	unsigned host;
	struct place to;
	struct place via;        /* its connection's other end; .ip 0: it goes by UDP */
	bool lost;               /* which ended before an answer came */
	struct sip_text request; /* a copy */
	bool is_invite;
	uint64_t first_us;
	uint64_t round_us;      /* its end by itself is so much earlier: from the round's
				   beginning, at whose end it or its CANCEL was sent */
	uint64_t asked_us;      /* when the request came: its first copy may be lost */
	uint64_t due_us;        /* timers A and E; NEVER: no more */
	uint64_t due_from_us;   /* or as early as that, after a provisional answer */
	uint64_t due_before_us; /* it was stopped */
	uint64_t stopped_us;
	uint64_t interval_us;
	uint64_t provisional_us; /* the first; 0: none */
	uint64_t ringing_us;     /* the latest above 100 */
	uint64_t ringing_before_us;
	uint64_t response_us; /* the latest of all */
	uint64_t final_us;
	uint64_t heard_us; /* or of a copy, where there was no memory for those before */
	unsigned final_code;
	bool doubtful; /* it came when the branch ended by itself, or was lost for want of
			  memory */
	uint64_t acked_us;     /* when the ACK of its refusal was: it was heard */
	uint64_t cancelled_us; /* when its CANCEL was first sent */
	struct talk *talk;     /* of the server's own; NULL: none */
	bool accepted;         /* in that */
	struct talk *first; /* an INVITE that begins a call: who has accepted it first */
};

enum duty_kind {
	DUTY_PASS_2XX,      /* to the caller */
	DUTY_ACKNOWLEDGE,   /* to the callee */
	DUTY_PASS_1XX,      /* to the caller */
	DUTY_CANCEL_OTHERS, /* the branches of an ask that still ring */
	DUTY_REACH_ALL,     /* the phones of the user whom an ask is for */
	DUTY_PASS_ACK,      /* of a 2xx, to the callee */
	DUTY_ACK_2XX,       /* of a call of the server's own */
	DUTY_HANG_UP,       /* such a call, which is not wanted */
	DUTY_PRACK,         /* of a reliable 1xx to such a call */
};

/* What a server owes at this instant. */
struct duty {
	enum duty_kind kind;
	bool done;
	bool optional;
	uint64_t since_us;
	struct ask *ask;
	struct branch *branch;
	struct slice tag;
};

#define DUTIES_MAX 1024

/* A challenge that was sent. */
struct challenged {
	struct challenged *next;
	unsigned host;
	struct place to;
	struct slice nonce;
	int64_t at_us; /* by the server's wall clock, which jumps */
};

/* A nonce count that was accepted. */
struct counted {
	struct counted *next;
	struct slice nonce;
	struct slice nc;
	struct slice call_id;
	struct slice response;
	struct slice method;
	uint32_t cseq;
};

struct binding {
	struct binding *next;
	const struct cast_user *user;
	struct place registered; /* of its URI */
	struct place place;      /* where it is reached */
	struct place via;        /* by which connection; .ip 0: by none */
	uint64_t since_us;
	uint64_t expires_us; /* 0: removed */
	uint64_t told_us;    /* when that was acknowledged, in which call */
	struct slice told_call_id;
	bool unsure; /* a REGISTER for it had no answer, for want of memory */
};

struct watch {
	struct sim *sim;
	struct ask *asks[WATCH_BUCKETS];
	struct branch *branches[WATCH_BUCKETS];
	struct ask *last_ask;
	struct branch *last_branch;
	struct branch *gone_branches; /* of servers that ended since */
	struct duty duty[DUTIES_MAX];
	unsigned duties;
	struct challenged *challenged;
	struct counted *counted;
	struct binding *bindings;
	bool contacts_changed;
	uint64_t arrived_us; /* what is just received */
	struct place via; /* that is just received or sent by a connection: its other end;
			     .ip 0: it is not */
	struct watch_streams *streams; /* NULL: there are none yet */
	struct talk *talks[WATCH_BUCKETS];
	struct talk *last_talk;
	struct sent_ack *sent_acks;
	unsigned dialogs[CAST_HOSTS]; /* there can be so many */
};

unsigned watch_bucket(struct slice branch);

/** `rule` is broken by server `host` in the call of `text`. */
_Noreturn void watch_broken(struct watch *watch, unsigned host, const char *rule,
	const struct sip_text *text, const char *what);

void watch_owe(struct watch *watch, struct duty duty);
/** NULL: nothing of that kind is owed to that branch with that To tag.  Of several that
 * for which there was memory. */
struct duty *watch_owed(struct watch *watch, enum duty_kind kind,
	const struct branch *branch, const struct ask *ask, struct slice tag);

/* ---- asks ---- */

struct ask *watch_find_ask(struct watch *watch, unsigned host,
	const struct sip_text *text, const char *method);
void watch_asked(struct watch *watch, unsigned host, struct place from,
	const struct sip_text *request);
void watch_answered(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *response);
/** It has a transaction from now on. */
void watch_is_kept(const struct watch *watch, struct ask *ask);
/** Of copies that came together one is sent on: what lacked memory before was another. */
void watch_served_after_all(const struct watch *watch, struct ask *ask);
/** Its final answer must have been sent again by now, where it is due. */
void watch_check_again(struct watch *watch, const struct ask *ask);
/** What has timer C was held when that fired, and for longer than the core waits for it
 * after the 64*T1 that a CANCEL has (keep.c): a 500. */
bool watch_is_given_up_by_core(const struct watch *watch, const struct ask *ask);
void watch_asks_end(struct watch *watch);

/* ---- branches ---- */

void watch_forwarded(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *request);
void watch_responded(struct watch *watch, unsigned host, const struct sip_text *response);
/** The time at which it ends by itself; NEVER: it does not yet. */
uint64_t watch_branch_end_us(const struct branch *branch);
/** The same, as if no final answer had come. */
uint64_t watch_branch_silent_us(const struct branch *branch);
/** Its final answer may have been lost for want of memory, and so have all copies. */
bool watch_branch_is_unheard(const struct watch *watch, const struct branch *branch);
/** Nothing of it is sent again; nothing where it is over already. */
void watch_stop_branch(struct watch *watch, struct branch *branch);
/** The connection has gone by which it was sent. */
void watch_branch_lost(struct watch *watch, struct branch *branch);
void watch_branches_end(struct watch *watch);
/** Of a 2xx with that tag to an INVITE of the server's own. */
void watch_owe_ack(struct watch *watch, struct branch *invite, struct slice tag);

/* ---- dialogs of the servers' own (watch_dialogs.h) ---- */

/** A request came, for the first time. */
void watch_dialog_asked(struct watch *watch, struct ask *ask);
void watch_dialog_asked_again(struct watch *watch, struct ask *ask);
/** The ACK of a 2xx, perhaps of the server's own. */
void watch_dialog_acknowledged(struct watch *watch, unsigned host, struct place from,
	const struct sip_text *ack);
/** It is for a dialog of that server's, or one that there is not. */
bool watch_is_of_a_talk(
	const struct watch *watch, unsigned host, const struct sip_text *request);
/** It comes from the other side of one. */
bool watch_is_in_talk(const struct ask *ask);
/** And that has not ended. */
bool watch_talk_goes_on(const struct ask *ask);
/** Timer B may have ended its INVITE before anybody answered. */
bool watch_talk_may_be_unknown(const struct talk *talk);
/** The server has ended it perhaps, and found no memory for the BYE so far, which it
 * tries again for 64*T1. */
bool watch_talk_hangs_up(const struct watch *watch, const struct talk *talk);
/** The answer that makes it came at this instant only. */
bool watch_talk_is_new(const struct watch *watch, const struct ask *ask);
/** A first answer, or a provisional one, that no branch has brought. */
void watch_dialog_answered(
	struct watch *watch, struct ask *ask, const struct sip_text *response);
/** That a request of the server's own belongs to; NULL: it is not. */
struct talk *watch_dialog_of(
	struct watch *watch, unsigned host, const struct sip_text *request);
void watch_dialog_sent(struct watch *watch, struct talk *talk, struct branch *branch);
/** When the dialog of such a request has ended, which did not make it; NEVER: it has not,
 * or the request does. */
uint64_t watch_dialog_ended_us(const struct branch *branch);
/** The CANCEL of such an INVITE goes. */
void watch_dialog_cancelled(struct watch *watch, const struct branch *invite);
/** Its connection has ended (8.1.3.1: as a 503). */
void watch_dialog_lost(struct watch *watch, const struct branch *branch);
/** False: it is no ACK of the server's own. */
bool watch_dialog_ack_sent(
	struct watch *watch, unsigned host, const struct sip_text *request);
void watch_dialog_responded(struct watch *watch, struct branch *branch,
	const struct sip_text *response, bool taken);
void watch_dialogs_end(struct watch *watch);
/** The server has ended, and with it its dialogs. */
void watch_forget_talks(struct watch *watch, unsigned host);
/** The branch that it had when it came, in what is the second Via now. */
struct slice watch_sender_branch(const struct sip_text *sent_on);

/* ---- a proxy ---- */

/** A 1xx goes to who sent `ask`. */
void watch_provisional_sent(
	struct watch *watch, const struct ask *ask, const struct sip_text *response);
/** Rule best-answer: a first answer that is no 2xx. */
void watch_refused(
	struct watch *watch, const struct ask *ask, const struct sip_text *response);
/** Rule cancel-has-a-cause: a CANCEL of that branch goes out. */
void watch_cancel_has_cause(struct watch *watch, const struct branch *invite);
/** Rule ack-passed-on: that of a 2xx comes. */
void watch_ack_received(struct watch *watch, unsigned host, struct place from,
	const struct sip_text *ack);
/** Rule ack-from-hop-to-hop: it has a branch of its own. */
void watch_ack_passed(struct watch *watch, unsigned host, const struct sip_text *ack);

/* ---- who ---- */

/** The clock or the configuration have, since its turn began: which blocks, and goes on
 * by what held then, or now. */
bool watch_changed_since(const struct watch *watch, const struct ask *ask);

/** Rules nothing-unauthenticated and nonce-count-once: the server does what `ask` wants.
 */
void watch_accepted(struct watch *watch, struct ask *ask);
/** A copy of it is not known by its nonce any more: that is too old by the server's
 * clock, or so many other requests were let in with it since (the last eight are known).
 */
bool watch_is_nonce_forgotten(const struct watch *watch, const struct ask *ask);
/** It has a To tag, and comes from a side of a call that was let in. */
bool watch_is_in_call(const struct watch *watch, const struct ask *ask);
void watch_challenged(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *response);
/** Its source has sent wrong passwords, and may be left without an answer. */
bool watch_may_be_ignored(const struct watch *watch, const struct ask *ask);

/* ---- restarts ---- */

/** It was sent by a server that has ended since. */
bool watch_was_forgotten(const struct watch *watch, const struct sip_text *request);

/** What its caller is told where it could not be sent. */
unsigned watch_unreachable_code(const struct watch *watch, const struct branch *branch);

/* ---- streams ---- */

/** The server has no connection any more whose other end is there. */
bool watch_is_lost(const struct watch *watch, unsigned host, struct place via);

/* ---- modules ---- */

/** One of that server's modules is not there, or was loaded since then. */
bool watch_lacked(const struct watch *watch, unsigned number, uint64_t since_us);
/** Rule module-absent: what serves `ask` is there. */
void watch_has_modules(struct watch *watch, const struct ask *ask, bool sent_on);
/** The same for what was refused. */
void watch_refused_without(
	struct watch *watch, const struct ask *ask, const struct sip_text *response);

/* ---- memory ---- */

/** In that call it did not get all of its memory at some instant since then. */
bool watch_starved(const struct watch *watch, unsigned host, struct slice call_id,
	uint64_t since_us);
/** A phone has accepted, and that was not passed on for want of memory perhaps.  Its next
 * copy is: the search is over all the same, and the others are cancelled. */
bool watch_lost_2xx(const struct ask *ask);
/** It did not when that came to it in that call, or had its turn. */
bool watch_starved_at(
	const struct watch *watch, unsigned host, struct slice call_id, uint64_t us);
/** At the end of such an instant: bindings may be what nobody was told, and a branch has
 * perhaps not got its response. */
void watch_doubt(struct watch *watch);

/** It began before, at an instant without memory for its first copy, and what goes now is
 * one of timer A: which goes on until a provisional answer comes that the CANCEL can
 * follow (9.1). */
bool watch_was_begun(const struct watch *watch, const struct ask *ask);
/** A CANCEL of that INVITE goes, and is one of timer E perhaps: its first copies were
 * lost. */
void watch_doubt_beginning(
	const struct watch *watch, const struct branch *invite, struct branch *cancel);

/* ---- load ---- */

/** When what had to happen at `us` in that call (.len 0: in none) must have happened:
 * then, or when the server had time for it. */
uint64_t watch_settled_us(
	const struct watch *watch, unsigned host, struct slice call_id, uint64_t us);
/** What happened since then, in that call, counts as of this instant. */
uint64_t watch_instant_us(const struct watch *watch, unsigned host, struct slice call_id);
/** Nobody was free for it for as long as somebody is waited for at least. */
bool watch_missed_spare(const struct watch *watch, const struct ask *ask);
/** It begins something, and waits for its turn perhaps. */
bool watch_may_wait(const struct watch *watch, const struct ask *ask);
/** Rules waits-no-longer and refused-stays-refused: what `ask` wants is done now. */
void watch_has_turn(struct watch *watch, const struct ask *ask);
/** Rules refused-under-load-only, refusal-says-when, a-call-goes-on: a 503 of the
 * server's own. */
void watch_turned_away(
	struct watch *watch, struct ask *ask, const struct sip_text *response);
/** It was so lately, and still is (decision 072). */
bool watch_was_turned_away(const struct watch *watch, const struct ask *ask);
/** It was dropped perhaps, for it began something and too much came. */
bool watch_may_be_dropped(struct watch *watch, const struct ask *ask);

/* ---- contacts ---- */

/** Until the next 200 nobody knows whether it is there, and until when. */
void watch_doubt_binding(struct watch *watch, const struct cast_user *user,
	struct place registered, struct place place);

/** A 200 to a REGISTER. */
void watch_registered(
	struct watch *watch, struct ask *ask, const struct sip_text *response);
/** Rules of the registrar, against what the server's location says at this instant. */
void watch_contacts(struct watch *watch);
/** Rule reaches-only-who-is-there: a request outside of all dialogs goes to `to`. */
void watch_reached(struct watch *watch, struct ask *ask, struct place to);
/** Rule reaches-all-who-are-there. */
void watch_reached_all(struct watch *watch, const struct ask *ask);
