/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Provisional responses that are acknowledged (RFC 3262): the numbers, when the
 * next copy is due, and what an acknowledgement is for.
 *
 * It reads no message and sends none.  Threads: the dialog's turn.
 */
#pragma once

#include "base/random.h"
#include "res_sip/session_field.h"

#include <stdbool.h>

/* Answering: of one INVITE.  All zero: nothing was sent. */
struct sip_reliable_out {
	uint32_t rseq;       /* of the latest; 0: none */
	bool outstanding;    /* the latest has no PRACK */
	bool body;           /* ... and had a description */
	uint32_t waits_ms;   /* until the next copy */
	uint32_t elapsed_ms; /* from the first copy to the next one */
};

/** 0 and its RSeq; SIP_ESTATE: the one before is not acknowledged (section 3 forbids it
 * of the first, and it is better never done); SIP_ELIMIT: no number is left. */
SIP_MUST_USE int sip_reliable_send(struct sip_reliable_out *out,
	struct sip_random *random, uint32_t t1_ms, bool body);

/** `waits_ms` are over.  True: send it again, and wait for `waits_ms`; false: 64*T1 have
 * passed, refuse the INVITE (section 3: "SHOULD reject the original request with a 5xx").
 */
bool sip_reliable_again(struct sip_reliable_out *out, uint32_t t1_ms);

/** A PRACK came for the INVITE with `cseq`.  True: it acknowledges the one outstanding;
 * false: answer 481. */
bool sip_reliable_acknowledge(
	struct sip_reliable_out *out, const struct sip_rack *rack, uint32_t cseq);

/* Asking: of one early dialog.  All zero: none came. */
struct sip_reliable_in {
	uint32_t rseq; /* of the latest in order; 0: none */
};

/** One came.  0: in order, acknowledge it; SIP_EEXISTS: a copy, drop it; SIP_ESTATE: one
 * before it is missing, neither acknowledge nor use it (section 4); SIP_EINVALID: no
 * number that RSeq can have. */
SIP_MUST_USE int sip_reliable_receive(struct sip_reliable_in *in, uint32_t rseq);
