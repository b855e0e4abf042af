/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A lane: the places of one reactor's new requests in its works' queue, those who wait
 * for one, by class, and the pace at which places become free.
 *
 * Who waits, who is refused and what that means is admission.c's.
 *
 * Threads: any, but for sip_lane_let_go(), which is the reactor's owner's.
 */
#pragma once

#include "base/lock.h"
#include "server/admission/admission_class.h"

struct sip_lane_queue { /* requests linked by their tasks */
	struct sip_task *first;
	struct sip_task *last;
	uint32_t count;
};

struct sip_lane {
	SIP_CACHE_ALIGNED _Atomic uint64_t pushed; /* into works, in all */
	SIP_CACHE_ALIGNED _Atomic uint64_t begun;  /* of these */
	SIP_CACHE_ALIGNED _Atomic uint32_t count;  /* in the queues below, or on their way
						      from there into works */
	_Atomic uint64_t refused_us; /* when somebody was last, for want of time */
	_Atomic uint32_t pace_ns;    /* between two that begin; 0: not known */
	_Atomic uint32_t places;     /* by the pace */
	struct sip_admission *admission;
	struct sip_reactor *reactor;
	uint16_t number;
	struct sip_task wake;   /* admission's: arms the flush on the reactor */
	struct sip_flush flush; /* admission's, and the reactor's */

	/* The reactor's: measuring the pace. */
	uint64_t looked_us; /* 0: the lane was empty since */
	uint64_t looked_begun;
	uint64_t busy_us;
	uint64_t busy_begun;

	struct sip_leaf_lock lock; /* guards all below, and adding to `count` */
	struct sip_lane_queue queues[SIP_CLASSES];
	struct sip_lane_queue cancels; /* that came by connections, and may be of these */
	bool armed;       /* the flush, or the task that arms it, is on its way */
	unsigned turn;    /* of the order of classes */
	uint64_t answers; /* in thousandths, that may be given now */
	uint64_t answers_at_us;
};

/* What a request's fate depends on. */
struct sip_judging {
	const struct sip_settings *settings;
	enum sip_admission_class class;
	uint64_t now_us;
};

/* What leaves a lane in one round. */
struct sip_lane_leaving {
	struct sip_lane_queue served;
	struct sip_lane_queue late[SIP_CLASSES];
	uint32_t count;                /* of all these */
	struct sip_lane_queue cancels; /* that were kept */
};

void sip_lane_init(struct sip_lane *lane);

/** Nothing waits (asserted). */
void sip_lane_fini(struct sip_lane *lane);

/* ---- places ---- */

/** Requests in works that have not begun. */
uint64_t sip_lane_in_works(const struct sip_lane *lane);

/** Somebody waits: one look.  False: who has left is in his work, or was refused. */
bool sip_lane_holds_any(const struct sip_lane *lane);

/** Nobody waits, and a place is free. */
bool sip_lane_is_open(const struct sip_lane *lane);
void sip_lane_take_place(struct sip_lane *lane, struct sip_rx_data *rdata);
void sip_lane_free_place(struct sip_lane *lane);

/* ---- waiting ---- */

/** Since it arrived. */
uint64_t sip_waited_us(const struct sip_rx_data *rdata, uint64_t now_us);

/** Somebody was refused lately: the queue must not stand. */
bool sip_lane_sheds(const struct sip_lane *lane, uint64_t now_us);

/** Would the request have its turn in time? */
bool sip_lane_is_in_time(struct sip_lane *lane, const struct sip_rx_data *rdata,
	const struct sip_judging *judging);

/** Let it wait, where it has its turn in time; true: *arms says whether the caller is the
 * one to bring about a sip_lane_let_go().  False: it is refused. */
bool sip_lane_wait(struct sip_lane *lane, struct sip_rx_data *rdata,
	const struct sip_judging *judging, bool *arms);

/** A 503 may be given now: it is in the answers' share of the time. */
bool sip_lane_may_answer(struct sip_lane *lane, const struct sip_judging *judging);

/** At the end of a round: those for whom there is a place, those who are too late, and
 * all CANCELs that are kept.  True: others still wait.  `class` of the judging is not
 * looked at.  When those of leaving->count have got where they go, sip_lane_left(). */
bool sip_lane_let_go(struct sip_lane *lane, const struct sip_judging *judging,
	struct sip_lane_leaving *leaving);
void sip_lane_left(struct sip_lane *lane, uint32_t count);

/** Keep a CANCEL until the end of a round; `arms` as of sip_lane_wait().  False: there
 * are too many. */
bool sip_lane_keep_cancel(struct sip_lane *lane, struct sip_rx_data *rdata, bool *arms);

/** Everybody, into leaving->served; nobody waits any more. */
void sip_lane_clear(struct sip_lane *lane, struct sip_lane_leaving *leaving);

/** The first of a queue that is not empty. */
struct sip_rx_data *sip_lane_queue_take(struct sip_lane_queue *queue);
