/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Admission: requests that begin something wait here while the server is busy, and are
 * refused when they would wait for too long.
 *
 * Each reactor has a lane for the Call-IDs whose home it is.  Only so many new
 * requests at a time are in the works' queue; the others wait in the lane, by classes,
 * while what goes on in calls passes them.  So calls in progress wait for a round of the
 * reactor and not for what everybody wants anew, and who is refused has cost no state.
 *
 * The limit is time, never number: from the arrival at the socket, by the kernel's
 * clock, to the turn that a request can expect at the pace of the last moments.  A burst
 * may wait for all of its class's limit.  Once somebody is refused the queue is not
 * allowed to stand: until a second has passed without a refusal it may take an eighth.
 *
 * Refused is 503 with Retry-After, so long as the answers are within their share of the
 * server's time; beyond that, and above twice the limit, requests are dropped.
 *
 * What was refused stays refused: a late copy gets a 503 as well (refused.h).
 *
 * Threads: any, but for what says otherwise.
 */
#pragma once

#include "server/admission/admission_class.h"

struct sip_admission;

SIP_MUST_USE int sip_admission_create(
	struct sip_server *server, struct sip_admission **admission);

/** After the pool has stopped: nothing waits any more (asserted). */
void sip_admission_destroy(struct sip_admission **admission);

/**
 * On the reactor: a request without a To tag, not ACK and not CANCEL, whose Call-ID is
 * not known.  True: it waits, or is refused and gone.  False: push it now; it has a
 * place.
 */
bool sip_admission_holds(struct sip_admission *admission, struct sip_rx_data *rdata);

/**
 * A CANCEL whose Call-ID is not known: true: its INVITE may wait here; 481 would be no
 * true answer, and the INVITE would ring.  One that came by UDP is gone, counted as
 * dropped: its sender repeats it after T1 (RFC 3261 17.1.2.2), when the INVITE has had
 * its turn.  By a connection it comes once: it is kept until its INVITE is served, or
 * nobody waits.
 */
bool sip_admission_holds_cancel(
	struct sip_admission *admission, struct sip_rx_data *rdata);

/** It could not be pushed. */
void sip_admission_leave(struct sip_admission *admission, struct sip_rx_data *rdata);

/** In its turn: its place is free again. */
void sip_admission_begin(struct sip_admission *admission, struct sip_rx_data *rdata);

/** In its turn, known to be no part of a call: true: it was refused, for it is late, or a
 * copy of one that was. */
bool sip_admission_refused(
	struct sip_admission *admission, struct sip_rx_data *rdata, uint64_t now_us);

/** Likewise of what goes on in a call, which is never late: a copy of what found no room.
 */
bool sip_admission_refused_before(
	struct sip_admission *admission, struct sip_rx_data *rdata, uint64_t now_us);

/** In its turn: no thread was free for it in time, refuse it and its copies. */
void sip_admission_give_up(struct sip_admission *admission, struct sip_rx_data *rdata);

/** A 503 is given for another reason than time: its copies are refused, too. */
void sip_admission_note_refused(
	struct sip_admission *admission, const struct sip_rx_data *rdata);

/* For the console. */
struct sip_admission_figures {
	uint32_t waiting[SIP_CLASSES];
	uint32_t in_works;
	uint32_t pace_ns;  /* between two that begin, of the busiest lane; 0: not known */
	uint32_t shedding; /* lanes */
};
void sip_admission_look(
	struct sip_admission *admission, struct sip_admission_figures *figures);
