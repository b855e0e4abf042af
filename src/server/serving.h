/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A request on its way through the table of steps (receive.c).
 *
 * Lives in the message's arena.  Threads: the turn of the message's work.
 */
#pragma once

#include "server/settings/snapshot.h"

#include "res_sip/response.h"
#include "res_sip/transaction.h"

/* What a step says. */
enum sip_step_result {
	SIP_STEP_NEXT,
	SIP_STEP_DONE,      /* answered, kept or dropped */
	SIP_STEP_LATER,     /* will be resumed by a task, once */
	SIP_STEP_ELSEWHERE, /* this step again, on a thread that may block */
};

typedef enum sip_step_result sip_step_fn(struct sip_rx_data *rdata);

/* Which side of a call a request comes from, as our signed Route says. */
enum sip_side { SIP_SIDE_NONE, SIP_SIDE_CALLER, SIP_SIDE_CALLEE };

struct sip_dry_run;
struct sip_leg;

struct sip_serving {
	struct sip_dry_run *dry_run;       /* NULL: real; else what happens is recorded */
	struct sip_snapshot *snapshot;     /* counted */
	struct ast_sip_endpoint *endpoint; /* counted; artificial where nobody knew it */
	struct sip_registered *service;    /* who took it; alive by the snapshot */
	void *token;
	struct sip_leg
		*leg; /* counted: of a dialog of ours; NULL: none, or not known yet */
	uint8_t step;
	uint32_t resume; /* index of the identifier or service to go on with */
	bool kept;
	struct sip_owner *keeper; /* whose transaction it is; alive by the snapshot */
	bool answered;            /* a final answer was given */
	bool trusted;
	bool proven;    /* the identifier that found the endpoint proves */
	bool anonymous; /* it was `anonymous` */
	bool denied;    /* the endpoint found may not come from there: access lists */
	bool auth_checked;
	bool stale; /* the next challenge says so */
	bool cancelled;
	_Atomic bool waiting; /* LATER: for ast_sip_authentication_done() */
	int later_result;     /* what it was told */
	enum ast_sip_check_auth_result auth_result;

	/* Where it goes, 16.4; see route.c. */
	bool routed;
	struct ast_sip_route route;
	const struct sip_uri *request_uri; /* the message's, unless `strict` */
	uint8_t own_routes; /* elements of Route from the top that are ours */
	bool strict;        /* the Request-URI was our own Route: the last Route is it */

	uint64_t loop_hash;

	struct sip_timer deadline; /* of a kept request's final answer */
	struct sip_owed_answer {
		uint16_t code;    /* the core's, for which there was no memory; 0: none */
		uint32_t wait_ms; /* until it is tried again */
		const char *name; /* a field that it has; static; NULL: none */
		char value[24];
	} owed;
	struct sip_task over; /* SIP_TXN_ENDED, on its way */
	bool forwarded;       /* it has had a branch */
	uint16_t unanswered;  /* branches without a final answer */
	bool may_try;         /* its first expiry is for a 100 */
	struct sip_rx_data *rdata;
	char to_tag[17];
	uint8_t to_tag_len;

	/* Not cleared, for most requests have none. */
	struct sip_uri last_route; /* the request_uri where `strict` */
	struct sip_uri route_uri;  /* where route.has_route */
};

/** The request's state; made at the first step. */
static inline struct sip_serving *sip_serving_of(const struct sip_rx_data *rdata)
{
	SIP_ASSERT(rdata->serving != NULL);
	return rdata->serving;
}

/** Count what happens to the request, if it happens. */
static inline void sip_serving_count(
	const struct sip_rx_data *rdata, enum sip_counter counter)
{
	if (rdata->serving == NULL || rdata->serving->dry_run == NULL)
		sip_count(rdata->server->counters, counter);
}

/** 0 or SIP_EMEMORY. */
SIP_MUST_USE int sip_serving_begin(struct sip_rx_data *rdata, struct sip_server *server);
/** The message's last reference goes: give back what its state holds. */
void sip_serving_end(struct sip_rx_data *rdata);

/** receive.c: take the request, which is dry, along the table of steps, each with what
 * explains it. */
enum sip_task_result sip_serve_dry(struct sip_rx_data *rdata);

/** receive.c: the transport's user. */
void sip_receive(void *arg, struct sip_rx_data **batch, unsigned count);
void sip_receive_failed(
	void *arg, const struct sip_flow *flow, struct sip_str quote, int error);

/** Go on with the step that said LATER; takes a reference.  Any thread. */
void sip_serving_resume(struct sip_rx_data *rdata);

/** The steps, in files of their own. */
sip_step_fn sip_step_match, sip_step_route, sip_step_admit, sip_step_identify,
	sip_step_authenticate, sip_step_serve;

/** step_admit.c: the step is going to call code that is known to block: ELSEWHERE; or
 * DONE, where it has waited for that for too long and was refused. */
enum sip_step_result sip_step_elsewhere(struct sip_rx_data *rdata);

/** Some LOCAL service says that it would take it; without anybody's word, what has no
 * user part, or that of a dialog of ours, is for us. */
bool sip_serving_is_claimed(struct sip_rx_data *rdata);

/** The request that the current task serves; set around callbacks. */
void sip_serving_set_current(struct sip_rx_data *rdata);

/** Answer from the core itself.  What finds no memory is the peer's to ask again; where
 * the request is kept, which its copies don't tell, it goes as soon as there is some. */
void sip_answer(struct sip_rx_data *rdata, int code, const char *reason);

/** Likewise with one more header field; `name` is static. */
void sip_answer_with(struct sip_rx_data *rdata, int code, const char *reason,
	const char *name, const char *value);

/** 420, where it requires what we do not know.  True: answered. */
bool sip_refuse_unsupported(struct sip_rx_data *rdata);

/** Tell the service that keeps the request; false: there is nobody to tell. */
bool sip_keep_tell(struct sip_rx_data *rdata, enum sip_txn_event event);
/** A provisional or final answer went out: keep.c moves or stops its deadline. */
void sip_keep_answered(struct sip_rx_data *rdata, int code);
/** The core's final answer to it could not be sent: it is tried again, unless another
 * answer is. */
void sip_keep_owe(
	struct sip_rx_data *rdata, int code, const char *name, const char *value);
/** A branch of it has its final answer, or will get none. */
void sip_keep_branch_answered(struct sip_rx_data *rdata);

/** A further 2xx to a forwarded INVITE whose service was told ENDED, on its way back.
 * `txn` is its server transaction (RFC 3261 16.7 step 5). */
void sip_pass_further_2xx(struct sip_txn *txn, struct sip_rx_data *response);

/** What ast_sip_create_forwarded_response() makes. */
SIP_MUST_USE int sip_forwarded_response(struct sip_server *server,
	struct sip_rx_data *response, struct sip_tx_data **tdata);

/** The To tag of our answers to this request: the same for each copy (8.2.7). */
struct sip_str sip_to_tag(struct sip_rx_data *rdata);
/** `tag` is what sip_to_tag() gave for the INVITE that this ACK belongs to. */
bool sip_to_tag_is_ours(struct sip_rx_data *ack);
