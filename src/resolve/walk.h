/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * From a URI to the targets to try: RFC 3263 section 4 as one walk over DNS answers.
 *
 * The walk keeps nothing.  Where an answer is not there yet it goes on with what does
 * not depend on it, so that all that can be asked is asked, and is begun anew when an
 * answer has come: after the third time, NAPTR, SRV and addresses, it is done.
 *
 * Threads: pure but for what `look` does.
 */
#pragma once

#include "base/random.h"
#include "resolve/resolve.h"

/** It waits for an answer; above all errors. */
#define WALK_WAITS 1

/* Beyond those that are handed out, so that there is a choice when some have failed. */
#define WALK_TARGETS_MAX 64

/* Records that are looked at for them: each is compared with all that are known, and many
 * may lead to the same. */
#define WALK_TRIES_MAX 256

/* What a request asks for, checked: no DNS in it. */
struct plan {
	const struct sip_resolve_request *request;
	struct sip_addr addr; /* family AF_UNSPEC: `name` is to be looked up */
	struct sip_str name;
	bool chosen; /* the transport is: the URI says which, or has a port */
	bool secure; /* TLS and WSS only */
	enum sip_transport_kind kind; /* chosen */
};

/** 0; the errors of sip_resolve() that need no DNS.  Borrows `request`. */
SIP_MUST_USE int plan_make(const struct sip_resolve_request *request, struct plan *plan);

/** RFC 3261 19.1.2; RFC 7118 section 4. */
uint16_t plan_usual_port(enum sip_transport_kind kind);

/** Of plan->kind: the request's, or the usual one. */
uint16_t plan_port(const struct plan *plan);

/** 0 and *answer, borrowed until the walk ends; WALK_WAITS; an error. */
typedef int walk_look_fn(void *arg, struct sip_str name, enum sip_dns_type type,
	const struct sip_dns_answer **answer);

/* Large, and made for each request: only the first three fields are to be set. */
struct walk {
	walk_look_fn *look;
	void *arg;
	uint64_t seed; /* of SRV's weights: the same draws each time */

	/* The walk's, and what comes of it. */
	const struct plan *plan;
	struct sip_random random;
	bool waits;
	int failure; /* of the first look-up that failed */
	unsigned tries;
	unsigned count;
	struct sip_target target[WALK_TARGETS_MAX];
};

/** Of a plan with a name: 0 and walk->target[0 .. count), at least one; WALK_WAITS; an
 * error of sip_resolve(), or of a look-up where none led to a target. */
SIP_MUST_USE int walk_run(struct walk *walk, const struct plan *plan);

/** Put the records in the order of their numbers, once, before anybody has it. */
void walk_sort(struct sip_dns_answer *answer);
