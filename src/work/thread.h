/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What a thread knows about itself: as which servant it runs, the reactor it
 * owns, the work whose turn it has, the callbacks it is inside of.
 *
 * Threads that are no servants have one as well; there only callbacks count.
 */
#pragma once

#include "work/pool.h"

#define SIP_FRAMES 32 /* callbacks inside of callbacks */

struct sip_servant;

struct sip_frame {
	struct sip_call_site *site;
	unsigned core_depth; /* of sip_core_enter() around this callback */
	uint64_t began_us;   /* 0: not measured */
};

struct sip_thread {
	struct sip_servant *servant; /* NULL: no servant */
	struct sip_reactor
		*reactor; /* NULL: owns none.  Checked again after each callback */
	struct ast_sip_work *work;
	void (*at_turn_end)(void); /* once; NULL: nothing */
	unsigned line;             /* of tallies, in which it counts; no servant: 0 */
	unsigned core_depth;       /* of sip_core_enter() in the innermost callback */
	unsigned depth;            /* used frames */
	struct sip_dry *dry;       /* NULL: what runs here has effects */
	struct sip_frame frames[SIP_FRAMES];
};

extern _Thread_local struct sip_thread sip_thread;
