/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A work's alarm: its one entry in a reactor's wheel.
 *
 * Whoever has the work's turn wishes a time; the wheel belongs to the owner of
 * its reactor, who is told by a message when that is somebody else.  When the
 * time comes the alarm pushes itself to the work, whose turn then looks at its
 * timers.  An early look is harmless, so a wish is moved forward only.
 *
 * The alarm outlives its work until the reactor has forgotten it.
 */
#pragma once

#include "work/pool.h"
#include "work/wheel.h"

struct sip_alarm {
	struct sip_atomic wish; /* a time; SIP_NEVER: none; 0: the look is pushed */
	struct sip_atomic message_state;
	struct sip_place place;    /* the reactor's owner's */
	struct ast_sip_work *work; /* alive unless the wish is SIP_NEVER */
	struct sip_reactor *reactor;
	struct sip_task look;    /* of the work */
	struct sip_task message; /* of the reactor */
};

/** In the work's turn: look not after `due_us`.  False: out of memory, try again. */
SIP_MUST_USE bool sip_alarm_wish(struct ast_sip_work *work, uint64_t due_us);

/** In turn: no look comes any more.  False: one is on its way, and comes as a task. */
SIP_MUST_USE bool sip_alarm_silence(struct ast_sip_work *work);

/** In turn, silenced: the work goes away. */
void sip_alarm_retire(struct ast_sip_work *work);

/** By the reactor's owner: push the looks of alarms that are due.  True: there was one.
 */
bool sip_alarms_fire(struct sip_reactor *reactor, uint64_t now_us);

/** Stepped: when the first timer of the reactor's works is due, exactly. */
uint64_t sip_alarms_next_timer_us(const struct sip_reactor *reactor);
