/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A request on its way to several targets: the response context of RFC 3261 section 16.7.
 *
 * Threads: the turn of the call.
 */
#pragma once

#include <res_sip.h>

/* The most targets one request is sent to: more is a mistake in somebody's AOR. */
#define PROXY_TARGETS_MAX 32

/* One place to send a copy to. */
struct target {
	/* The way there.  Its texts are borrowed; what it has in common with the other
	 * targets, and its share of the breadth, come with fork_start(). */
	struct ast_sip_forward how;
	bool reachable; /* false: counts as 503 (16.9) */
	bool silent;    /* it has not answered when it was asked whether it is there */
	const struct ast_sip_contact *contact; /* counted, or NULL */
	/* Flows of one phone (RFC 5626) have one number, and of them one is tried at a
	 * time, the first to begin with; 0: it has registered none. */
	uint32_t phone;
	bool waits; /* it is not the first of its phone */
};

struct targets {
	size_t count;
	bool secure;        /* it was called by a sips: URI */
	bool insecure_left; /* a contact is left out for that */
	bool record_route;
	bool path;        /* of a REGISTER: RFC 3327 */
	uint32_t breadth; /* to be shared by the branches (RFC 5393) */
	struct target item[PROXY_TARGETS_MAX];
};

/** Send the kept request to all targets at once, whose ways are completed; answers it in
 * any case. */
void fork_start(struct sip_rx_data *request, struct targets *targets);

/** What the core says about the kept request. */
void fork_on_txn_state(struct sip_rx_data *request, enum sip_txn_event event);

enum branch_state {
	BRANCH_TRYING,     /* nothing came */
	BRANCH_PROCEEDING, /* something provisional came, if only 100 */
	BRANCH_OVERDUE,    /* timer C: it was told to stop */
	BRANCH_WAITING,    /* for another flow of its phone to fail */
	BRANCH_FINAL,      /* it has its final answer, or will get none */
};

struct branch {
	struct fork *fork;
	struct ast_sip_branch *sent;   /* NULL: never, or over */
	struct ast_sip_timer *timer_c; /* INVITE only */
	struct sip_rx_data *response;  /* its final one, held; NULL: our own code */
	enum branch_state state;
	bool silent;  /* as the target's */
	bool contact; /* of an AOR */
	bool lost;    /* it could not be sent to */
	uint32_t phone;
	struct target *spare; /* of a waiting one; its contact is counted */
	struct sip_addr target;
	int code; /* of its final answer */
};

struct fork {
	struct sip_rx_data *request; /* NULL when its transaction is over */
	size_t references;           /* the request's, and one per transaction */
	size_t started;              /* branches that do not wait */
	size_t pending;              /* of these, those that have no final answer */
	bool answered;               /* a final answer went back */
	bool cancelled;              /* by the caller */
	bool declined;               /* a 6xx came: the others were cancelled */
	bool hurried;                /* only silent ones are left, for a moment */
	bool starting;               /* fork_start() is not through all of them */
	size_t count;
	struct branch branch[];
};

/** 16.7 step 6: the branch whose final answer goes back; NULL: none has one. */
const struct branch *best_branch(const struct fork *fork);

/** Send it: with the challenges of all branches where it is one, 503 as 500; 480 where
 * no contact could be sent to. */
void best_send(struct fork *fork);
