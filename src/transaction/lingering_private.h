/* SPDX-License-Identifier: BSD-2-Clause */
/* What lingering.c and lingering_end.c share. */
#pragma once

#include "transaction/call_table.h"
#include "transaction/lingering.h"
#include "transaction/txn_private.h"

/* One ends what is due in its share of the stripes. */
#define SIP_SWEEPERS 8u

struct sip_sweeper {
	struct sip_lingerings *lingerings;
	unsigned number;
	struct ast_sip_work *work;
	struct sip_timer timer;
	struct sip_task task;
	_Atomic bool armed; /* the timer runs, or the task is pushed */
};

struct sip_lingerings {
	struct sip_txns *txns;
	struct sip_calls *calls;
	uint64_t max;           /* transactions, those that linger included; 0: any */
	_Atomic uint64_t total; /* of them, where there is a maximum */
	struct sip_sweeper sweepers[SIP_SWEEPERS];
};

/** To the end of the queue; its stripe is locked. */
void sip_lingering_line_up(
	struct lingering_queue *queue, struct sip_lingering *lingering);

/** Something has been left in that stripe, and will have to end; not locked. */
void sip_lingering_sweep(struct sip_lingerings *lingerings, const struct stripe *stripe);

/** In no bucket and no queue. */
void sip_lingering_free(struct sip_lingerings *lingerings, struct sip_lingering *old);
