/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The gate of a reactor's handshakes: one of its connections at a time passes and takes a
 * step, in its own turn.  Who comes meanwhile waits, first come first served, and his
 * look is pushed when it is his turn: behind the tasks that wait by then.  So whatever
 * number of handshakes is begun, between two of their steps everything else has its turn.
 *
 * Threads: any.
 */
#pragma once

#include "base/list.h"
#include "base/lock.h"

struct sip_tls;

struct sip_tls_gate {
	struct sip_leaf_lock lock; /* guards what follows, and each one's link and pass */
	struct sip_list waiting;   /* struct sip_tls */
	bool taken;
};

void sip_tls_gate_init(struct sip_tls_gate *gate);
/** Nobody may be in it or wait (asserted). */
void sip_tls_gate_fini(struct sip_tls_gate *gate);

/** True: it has passed, and takes its step.  False: its connection will look when it is
 * its turn. */
SIP_MUST_USE bool sip_tls_gate_enter(struct sip_tls_gate *gate, struct sip_tls *tls);

/** Its step is done, or it will take none: whether it has passed, waits, or neither. */
void sip_tls_gate_leave(struct sip_tls_gate *gate, struct sip_tls *tls);
